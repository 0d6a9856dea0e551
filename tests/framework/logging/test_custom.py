from __future__ import annotations

import logging as stdlib
import sys
import types

import pytest

from tomodachi import logging

calls: list[tuple[str, tuple[object, ...], dict[str, object]]] = []


class UsersLogger:
    """What a user's logger class looks like: made for a context, methods by level."""

    def __init__(self, context: dict[str, object]) -> None:
        self.context = dict(context)

    def info(self, message: str, /, **values: object) -> None:
        calls.append(("info", (message, self.context), values))

    def exception(self, message: str, /, **values: object) -> None:
        calls.append(("exception", (message, self.context), values))


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    calls.clear()


@pytest.fixture
def custom(printed):
    printed("custom")
    return printed


def test_a_class_is_called_with_the_context_and_gets_message_and_values(custom):
    logging.set_custom_logger_factory(UsersLogger)
    logging.get_logger("x").bind(request=1)
    logging.get_logger("x").info("m", a=2)

    ((method, (message, context), values),) = calls
    assert (method, message) == ("info", "m")
    assert context == {"logger": "x", "request": 1}
    assert values == {
        "logger": "x",
        "request": 1,
        "a": 2,
        "timestamp": "2023-11-14T22:13:20.250000Z",
    }
    assert custom() == []


def test_an_exception_reaches_the_method_of_that_name(custom):
    logging.set_custom_logger_factory(UsersLogger)
    try:
        raise ValueError
    except ValueError:
        logging.get_logger("x").exception("m")

    assert calls[0][0] == "exception"
    assert calls[0][2]["exc_info"][0] is ValueError


def test_records_of_other_libraries_reach_the_custom_logger_too(custom):
    logging.set_custom_logger_factory(UsersLogger)
    stdlib.getLogger("library").info("%s", "m")

    assert calls[0][1] == ("m", {"logger": "library"})


@pytest.mark.parametrize("method", ["new", "bind"])
def test_an_object_makes_loggers_by_new_or_bind(custom, method):
    factory = types.SimpleNamespace(**{method: lambda **context: UsersLogger(context)})
    logging.set_custom_logger_factory(factory)
    logging.get_logger("x").info("m")

    assert calls[0][1] == ("m", {"logger": "x"})


def test_a_module_makes_loggers_by_get_logger(custom, monkeypatch):
    module = types.ModuleType("users_loggers")
    module.get_logger = lambda name: UsersLogger({"named": name})
    monkeypatch.setitem(sys.modules, "users_loggers", module)
    logging.set_custom_logger_factory("users_loggers")
    logging.get_logger("x").info("m")

    assert calls[0][1] == ("m", {"named": "x"})


@pytest.mark.parametrize("takes_a_name", [True, False])
def test_what_get_logger_gives_is_made_anew_with_the_context_if_it_can(custom, takes_a_name):
    """As structlog's module: `get_logger()` gives a logger with `new`."""

    class Base:
        @staticmethod
        def new(**context: object) -> UsersLogger:
            return UsersLogger(context)

    get_logger = (lambda _: Base) if takes_a_name else (lambda: Base)
    logging.set_custom_logger_factory(types.SimpleNamespace(get_logger=get_logger))
    logging.get_logger("x").bind(a=1).info("m")

    assert calls[0][1] == ("m", {"logger": "x", "a": 1})


def test_structlog_gets_an_event_value_under_the_name_it_was_given(custom, capsys):
    """Its methods call the message `event`: 0.29.0 hands `event_` and `class_` over as they are."""
    logging.set_custom_logger_factory("structlog")
    logging.get_logger("x").info("m", event_="lifecycle.setup", class_="c")

    out = capsys.readouterr().out
    assert "event_=lifecycle.setup" in out.replace("\x1b[0m", "").replace("\x1b[35m", "")


def test_an_exception_among_the_values_is_handed_over_as_it_was_given(custom):
    logging.set_custom_logger_factory(UsersLogger)
    error = ValueError()
    logging.get_logger("x").info({"a": 1}, error=error, stack_info=True)

    ((method, (message, _), values),) = calls
    assert (method, message, values["error"]) == ("info", {"a": 1}, error)
    assert "exc_info" not in values
    assert values["stack_info"] is True


def test_values_called_like_a_lines_own_reach_a_custom_logger(custom):
    """0.29.0 drops them from its own lines alone; the logger is the line's."""
    logging.set_custom_logger_factory(UsersLogger)
    logging.get_logger("x").info("m", message="hello", level="high", logger="other")

    values = calls[0][2]
    assert (values["message"], values["level"], values["logger"]) == ("hello", "high", "x")


def test_a_level_between_two_goes_to_the_method_of_the_lower_one(custom):
    logging.set_custom_logger_factory(UsersLogger)
    logging.get_logger("x").log(25, "m")

    assert calls[0][0] == "info"


def test_the_runtimes_own_logging_is_no_custom_logger(custom):
    """0.29.0 goes back to the console format."""
    logging.set_custom_logger_factory("tomodachi.logging")

    assert (logging.TOMODACHI_CUSTOM_LOGGER, logging.TOMODACHI_LOGGER_TYPE) == (None, "console")


def test_row_16_an_import_path_may_name_an_attribute_with_capitals(custom, monkeypatch):
    """Row 16: the path keeps its case."""
    module = types.ModuleType("users_loggers")
    module.UsersLogger = UsersLogger
    monkeypatch.setitem(sys.modules, "users_loggers", module)
    logging.set_custom_logger_factory("users_loggers.UsersLogger")
    logging.get_logger("x").info("m")

    assert calls[0][0] == "info"
    assert logging.TOMODACHI_CUSTOM_LOGGER is UsersLogger


def test_the_standard_librarys_module_prints_the_standard_way(custom):
    logging.set_custom_logger_factory(stdlib)
    logging.get_logger("x").info("m", a=1)

    assert [line[28:] for line in custom()] == ["[info     ] m                              [x]"]


def test_a_custom_logger_that_ends_in_the_standard_library_does_not_go_round_in_circles(custom):
    class Through:
        def __init__(self, context: dict[str, object]) -> None:
            pass

        def info(self, message: str, **values: object) -> None:
            stdlib.getLogger("behind").info(message)

    logging.set_custom_logger_factory(Through)
    logging.get_logger("x").info("m")

    assert [line[28:] for line in custom()] == [
        "[info     ] m                              [behind]"
    ]


def test_a_factory_that_cannot_make_loggers_is_refused():
    with pytest.raises(TypeError, match="Invalid custom logger factory: 5"):
        logging.set_custom_logger_factory(5)
    with pytest.raises(ModuleNotFoundError, match="nope"):
        logging.set_custom_logger_factory("nope.module")


def test_a_factory_may_give_standard_loggers_under_other_names(custom):
    """Values reach a standard logger as its `extra`."""
    logging.set_custom_logger_factory(
        types.SimpleNamespace(get_logger=lambda name: stdlib.getLogger(f"app.{name}"))
    )
    records: list[stdlib.LogRecord] = []
    keep = stdlib.Handler()
    keep.emit = records.append
    stdlib.getLogger("app").addHandler(keep)
    try:
        logging.get_logger("x").error("m", a=1, exc_info=ValueError("no"))
    finally:
        stdlib.getLogger("app").removeHandler(keep)

    (record,) = records
    assert (record.name, record.levelname, record.getMessage()) == ("app.x", "ERROR", "m")
    assert record.extra["a"] == 1
    assert record.exc_info[0] is ValueError


def test_a_path_whose_module_lacks_the_attribute_is_an_import_error():
    with pytest.raises(ModuleNotFoundError, match=r"json\.nope"):
        logging.set_custom_logger_factory("json.nope")


def test_the_custom_format_without_a_factory_says_what_is_missing():
    record = stdlib.LogRecord("x", 20, "p", 1, "m", (), None)
    with pytest.raises(TypeError, match="Give the import path"):
        logging.CustomLoggerFormatter.format(record)
