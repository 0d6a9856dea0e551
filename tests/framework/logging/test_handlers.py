from __future__ import annotations

import io
import logging as stdlib
import sys

import pytest

from tomodachi import logging


def ours() -> list[stdlib.Handler]:
    handlers = stdlib.getLogger().handlers
    return [handler for handler in handlers if isinstance(handler, logging.StderrHandler)]


def test_configure_puts_one_handler_on_the_root_logger_once():
    stdlib.getLogger().handlers.clear()
    logging.configure(log_level="WARNING")
    logging.configure(log_level="DEBUG")

    assert ours() == [logging.DefaultHandler]
    assert stdlib.getLogger().level == stdlib.WARNING
    logging.configure(log_level=stdlib.DEBUG, force=True)
    assert ours() == [logging.DefaultHandler]
    assert stdlib.getLogger().level == stdlib.DEBUG


def test_configure_leaves_a_root_logger_with_handlers_alone_unless_forced():
    """0.29.0 hands its handler to `logging.basicConfig`, which does so."""
    root, users = stdlib.getLogger(), stdlib.NullHandler()
    root.handlers[:] = [users]
    root.setLevel(stdlib.ERROR)

    logging.configure(log_level="DEBUG")
    assert (root.handlers, root.level) == ([users], stdlib.ERROR)
    logging.configure(log_level="DEBUG", force=True)
    assert (root.handlers, root.level) == ([logging.DefaultHandler], stdlib.DEBUG)


def test_remove_handlers_empties_the_runtimes_own_loggers_and_no_others():
    """As in 0.29.0: a module that is loaded anew adds its handlers anew."""
    handler = stdlib.NullHandler()
    for name in ("tomodachi", "tomodachi.http", "tomodachi_like"):
        stdlib.getLogger(name).addHandler(handler)

    logging.remove_handlers()

    assert stdlib.getLogger("tomodachi").handlers == []
    assert stdlib.getLogger("tomodachi.http").handlers == []
    assert stdlib.getLogger("tomodachi_like").handlers == [handler]
    stdlib.getLogger("tomodachi_like").removeHandler(handler)


def test_without_an_argument_the_chosen_format_stays():
    """0.29.0 re-applies the format in force, so that a service file may choose it itself."""
    logging.set_default_formatter("json")
    logging.set_default_formatter()
    assert logging.TOMODACHI_LOGGER_TYPE == "json"
    logging.set_default_formatter(stdlib.Formatter())
    assert logging.TOMODACHI_LOGGER_TYPE == "python"


def test_the_handler_has_two_names_and_goes_away_again():
    logging.configure(force=True)
    assert logging.DefaultRootLoggerHandler is logging.DefaultHandler
    stdlib.getLogger().addHandler(logging.StderrHandler())

    logging.remove_handlers()

    assert ours() == []


def test_configure_refuses_an_unknown_level():
    with pytest.raises(ValueError, match="Invalid log level: 'loud'"):
        logging.configure(log_level="loud")


def test_lines_go_to_what_standard_error_is_at_the_time(monkeypatch):
    logging.configure(force=True)
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    logging.get_logger("x").info("one")
    monkeypatch.setattr(sys, "stderr", second)
    logging.get_logger("x").info("two")

    assert "one" in first.getvalue()
    assert "two" not in first.getvalue()
    assert "two" in second.getvalue()


def test_a_formatter_that_raises_is_reported_and_does_not_reach_the_caller(capsys):
    class Broken(stdlib.Formatter):
        def format(self, record: stdlib.LogRecord) -> str:
            raise RuntimeError("broken formatter")

    logging.set_default_formatter(formatter=Broken())
    logging.configure(force=True)
    logging.get_logger("x").info("m")

    assert "broken formatter" in capsys.readouterr().err


@pytest.mark.parametrize(
    "chosen",
    [
        {"logger_type": "json"},
        {"formatter": logging.JSONFormatter},
    ],
)
def test_a_format_is_chosen_by_name_or_formatter(capsys, chosen):
    logging.set_default_formatter(**chosen)
    logging.configure(force=True)
    logging.get_logger("x").info("m")

    assert capsys.readouterr().err.startswith('{"timestamp": ')
    assert logging.TOMODACHI_LOGGER_TYPE == "json"


def test_bad_choices_are_refused():
    with pytest.raises(TypeError, match="Invalid combination of arguments"):
        logging.set_default_formatter("json", formatter=logging.JSONFormatter)
    with pytest.raises(ValueError, match="Invalid logger type: 'xml'"):
        logging.set_default_formatter("xml")


def test_an_unknown_name_of_the_module_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nope'"):
        _ = logging.nope


class Records(stdlib.Handler):
    """Keeps what it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[stdlib.LogRecord] = []

    def emit(self, record: stdlib.LogRecord) -> None:
        self.records.append(record)


def test_a_line_is_the_same_with_a_record_and_without(json_lines):
    """As long as nobody else reads it no record is made; a value may be the line's time."""
    values = {
        "a": 1,
        "b": [None, True, 1.5, float("inf")],
        "timestamp": "yesterday",
        "é": object,
        "big": 2**70,
    }
    logger = logging.get_logger("tomodachi.test.direct")
    logger.info("x", **values)
    other = Records()
    logger.addHandler(other)
    try:
        logger.info("x", **values)
    finally:
        logger.removeHandler(other)

    first, second = json_lines()
    assert first == second
    assert list(first) == list(second)
    assert len(other.records) == 1


def test_a_filter_a_level_or_a_handler_anywhere_on_the_way_is_honoured(json_lines):
    logger = logging.get_logger("tomodachi.test.direct")
    logger.addFilter(lambda record: record.getMessage() != "hidden")
    logging.DefaultHandler.addFilter(refuse := lambda record: record.getMessage() != "secret")
    other = Records()
    logger.parent.addHandler(other)
    try:
        logger.info("hidden")
        logger.info("secret")
    finally:
        logger.filters.clear()
        logging.DefaultHandler.removeFilter(refuse)
        logger.parent.removeHandler(other)
    logging.DefaultHandler.setLevel("ERROR")
    try:
        logger.info("unimportant")
    finally:
        logging.DefaultHandler.setLevel("NOTSET")
    logger.info("shown")

    assert [record.getMessage() for record in other.records] == ["secret"]
    assert [line["message"] for line in json_lines()] == ["shown"]


def test_a_logger_that_does_not_propagate_keeps_its_lines(json_lines):
    logger = stdlib.getLogger("tomodachi.test.own")
    logger.propagate = False
    logger.addHandler(other := Records())
    try:
        logging.get_logger("tomodachi.test.own").info("m")
    finally:
        logger.propagate = True
        logger.removeHandler(other)

    assert [record.getMessage() for record in other.records] == ["m"]
    assert json_lines() == []


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_row_16_colour_appears_on_a_terminal_only(monkeypatch):
    """Row 16: colour only on a terminal; a stream that replaces another is asked anew."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    logging.set_default_formatter("console")
    logging.configure(force=True)
    for stream, colored in ((Terminal(), True), (io.StringIO(), False), (Terminal(), True)):
        monkeypatch.setattr(sys, "stderr", stream)
        logging.get_logger("x").info("one")
        assert ("\033[" in stream.getvalue()) == colored


def test_the_environment_is_asked_about_colours_when_a_format_is_chosen(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    logging.configure(force=True)
    monkeypatch.setenv("NO_COLOR", "1")
    logging.set_default_formatter("console")
    logging.get_logger("x").info("one")
    assert "\033[" not in terminal.getvalue()
