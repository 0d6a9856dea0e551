from __future__ import annotations

import copy
import logging as stdlib
import pickle
import subprocess
import sys

import pytest
import structlog

from tomodachi import logging


def test_a_line_has_timestamp_logger_level_message_and_then_its_values_in_order(json_lines):
    logging.get_logger("orders").info("placed", order_id=7, amount=1.5)

    (line,) = json_lines()
    assert list(line) == ["timestamp", "logger", "level", "message", "order_id", "amount"]
    assert line == {
        "timestamp": "2023-11-14T22:13:20.250000Z",
        "logger": "orders",
        "level": "info",
        "message": "placed",
        "order_id": 7,
        "amount": 1.5,
    }


@pytest.mark.parametrize(
    ("method", "level"),
    [
        ("debug", "debug"),
        ("info", "info"),
        ("warning", "warning"),
        ("warn", "warning"),
        ("error", "error"),
        ("critical", "critical"),
        ("fatal", "critical"),
    ],
)
def test_every_method_logs_at_its_level(json_lines, method, level):
    getattr(logging.get_logger("x"), method)("m")

    assert [line["level"] for line in json_lines()] == [level]


def test_the_message_may_be_left_out(json_lines):
    logging.get_logger("x").info(status_code=200)

    assert [(line["message"], line["status_code"]) for line in json_lines()] == [("", 200)]


def test_a_value_of_three_dots_is_left_out_and_reserved_words_lose_their_underscore(json_lines):
    logging.get_logger("x").info("m", absent=..., event_="lifecycle", class_="Service")

    (line,) = json_lines()
    assert "absent" not in line
    assert (line["event"], line["class"]) == ("lifecycle", "Service")


def test_values_called_like_a_lines_own_give_way_but_for_the_time(json_lines):
    """As in 0.29.0: searches by level and logger must be able to rely on them."""
    own = {"message": "b", "logger": "other", "level": "other", "timestamp": "yesterday"}
    logging.get_logger("x").info("m", **own, kept=1)

    assert json_lines() == [
        {"timestamp": "yesterday", "logger": "x", "level": "info", "message": "m", "kept": 1}
    ]


def test_a_message_that_is_no_text_is_told_as_what_it_is_in_json(json_lines):
    """0.29.0 puts what it was given into the line."""
    logging.get_logger("x").info({"a": [1]})
    logging.get_logger("x").info(5)

    assert [line["message"] for line in json_lines()] == [{"a": [1]}, 5]


def test_positional_arguments_are_kept_beside_the_message(json_lines):
    logging.get_logger("x").info("of %s", "two")

    assert [(line["message"], line["positional_args"]) for line in json_lines()] == [
        ("of %s", ["two"])
    ]


def test_bind_adds_values_to_every_logger_of_that_name_in_the_task(json_lines):
    held = logging.get_logger("x")
    logging.get_logger("x").bind(request=1)
    held.info("a")
    logging.get_logger("y").info("b")

    assert [line.get("request") for line in json_lines()] == [1, None]


def test_a_loggers_own_values_take_the_place_of_what_was_bound_to_its_name_before(json_lines):
    """0.29.0: a loop that binds other values for every message does not gather them."""
    held = logging.get_logger("x")
    held.bind(order=1)
    held.bind(user=2).info("a")
    logging.get_logger("x").bind(more=3).info("b")

    first, second = json_lines()
    assert "order" not in first
    assert (second["user"], second["more"]) == (2, 3)


@pytest.mark.parametrize("method", ["bind", "new"])
def test_bind_and_new_may_name_another_logger_and_bind_to_its_name(json_lines, method):
    """0.29.0 makes the loggers of lifecycle handlers so."""
    getattr(logging.get_logger("x"), method)(logger="y", a=1).info("m")
    logging.get_logger("y").info("n")
    logging.get_logger("x").info("o")

    assert [(line["logger"], line.get("a")) for line in json_lines()] == [
        ("y", 1),
        ("y", 1),
        ("x", None),
    ]


def test_the_logger_that_bind_gives_keeps_its_values_when_the_context_is_reset(json_lines):
    bound = logging.get_logger("x").bind(request=1)
    logging.reset_context()
    bound.info("a")
    logging.get_logger("x").info("b")

    assert [line.get("request") for line in json_lines()] == [1, None]


def test_new_starts_without_the_values_of_the_logger(json_lines):
    bound = logging.get_logger("x").bind(request=1)
    logging.reset_context()
    bound.new(other=2).info("a")

    (line,) = json_lines()
    assert "request" not in line
    assert line["other"] == 2


def test_new_forgets_what_was_bound_to_the_name(json_lines):
    """As structlog's `new`, and as 0.29.0 does it: nothing bound before reaches the line, nor a later one."""
    logging.get_logger("x").bind(request=1).new(other=2).info("a")
    logging.get_logger("x").info("b")

    assert [(line.get("request"), line.get("other")) for line in json_lines()] == [
        (None, 2),
        (None, None),
    ]


def test_new_keeps_the_values_of_the_logger_of_the_task(json_lines):
    """0.29.0: a handler's own values stay on the lines of the loggers that it makes."""
    logging.bind_logger(logging.get_logger("x").bind(handler="h"))
    logging.get_logger().new(other=2).info("a")

    (line,) = json_lines()
    assert (line["handler"], line["other"]) == ("h", 2)


def test_unbind_takes_values_off_and_complains_about_unknown_ones(json_lines):
    bound = logging.get_logger("x").bind(a=1, b=2)
    bound.unbind("a").info("m")
    with pytest.raises(KeyError, match="nope"):
        bound.unbind("nope")

    (line,) = json_lines()
    assert "a" not in line
    assert line["b"] == 2


def test_a_logger_is_a_structlog_bound_logger_with_the_standard_librarys_api():
    logger = logging.get_logger("tomodachi.test.api")

    assert isinstance(logger, structlog.stdlib.BoundLogger)
    assert isinstance(logger, logging.LoggerProtocol)
    assert logging.getLogger is logging.get_logger
    assert logger.name == "tomodachi.test.api"
    assert logger.parent is stdlib.getLogger("tomodachi.test").parent or logger.propagate
    logger.setLevel("ERROR")
    try:
        assert logger.getEffectiveLevel() == stdlib.ERROR
        assert not logger.isEnabledFor(stdlib.WARNING)
    finally:
        logger.setLevel(stdlib.NOTSET)


def test_levels_decide_before_anything_is_formatted(json_lines):
    logging.configure(log_level="WARNING", force=True)

    class Unprintable:
        def __repr__(self) -> str:
            raise AssertionError

    logging.get_logger("x").info("m", value=Unprintable())

    assert json_lines() == []


def test_log_takes_numbers_and_names_and_refuses_others(json_lines):
    logging.get_logger("x").log(stdlib.ERROR, "a")
    logging.get_logger("x").log("warning", "b")
    with pytest.raises(ValueError, match="Invalid log level: 'loud'"):
        logging.get_logger("x").log("loud", "c")

    assert [line["level"] for line in json_lines()] == ["error", "warning"]


async def test_asynchronous_methods_of_structlog_log_too(json_lines):
    await logging.get_logger("x").ainfo("m", a=1)

    assert [(line["message"], line["a"]) for line in json_lines()] == [("m", 1)]


def test_records_tell_the_place_of_the_call():
    records: list[stdlib.LogRecord] = []

    class Keep(stdlib.Handler):
        def emit(self, record: stdlib.LogRecord) -> None:
            records.append(record)

    root = stdlib.getLogger()
    root.addHandler(Keep())
    root.setLevel(stdlib.DEBUG)

    def through_a_wrapper() -> None:
        logging.get_logger("x").info("b", stacklevel=2)

    logging.get_logger("x").info("a", value=1)
    through_a_wrapper()

    assert {record.funcName for record in records} == {"test_records_tell_the_place_of_the_call"}
    assert records[0].pathname == __file__
    assert records[0].getMessage() == "a"
    assert records[0].__dict__["logger.context"] == {"value": 1}
    # The time is that of the clock in force.
    assert (records[0].created, records[0].msecs) == (1_700_000_000.25, 250.0)


def test_filters_and_handlers_of_the_standard_library_apply(json_lines):
    logger = logging.get_logger("tomodachi.test.filtered")
    secret = stdlib.Filter("elsewhere")
    logger.addFilter(secret)
    logger.info("hidden")
    logger.removeFilter(secret)
    logger.info("shown")

    assert [line["message"] for line in json_lines()] == ["shown"]


def test_a_logger_can_be_copied_with_its_values(json_lines):
    bound = logging.get_logger("x").bind(a=1)
    logging.reset_context()
    copy.deepcopy(bound).info("m")
    pickle.loads(pickle.dumps(bound)).info("n")

    assert [line["a"] for line in json_lines()] == [1, 1]


def test_structlog_is_not_imported_for_logging_and_still_recognises_a_logger():
    """It brings `rich` along where that is installed: too much for every start of a service."""
    code = (
        "import sys, tomodachi\n"
        "logger = tomodachi.get_logger('x')\n"
        "assert not {'structlog', 'rich'} & set(sys.modules)\n"
        "import structlog\n"
        "assert isinstance(logger, structlog.stdlib.BoundLogger)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""


async def test_what_structlogs_loggers_offer_besides_is_there(json_lines):
    logger = logging.get_logger("x")

    assert logger.is_enabled_for(stdlib.INFO) is logger.isEnabledFor(stdlib.INFO)
    assert logger.get_effective_level() == logger.getEffectiveLevel()
    await logger.aexception("m", exc_info=ValueError("v"))
    await logger.alog("warning", "n")
    assert logger.bind(a=1) == logger.bind(a=1) != logger

    assert [(line["level"], line["message"]) for line in json_lines()] == [
        ("error", "m"),
        ("warning", "n"),
    ]


def test_lines_of_ready_made_values_tell_their_time_and_place(caplog):
    """As the access log's, which OpenTelemetry's records name the place of."""
    caplog.set_level(stdlib.INFO)
    logging.get_logger("x").log_values(stdlib.INFO, "c", {"value": 1}, created=1.5)
    (record,) = caplog.records
    assert (record.pathname, record.funcName) == (
        __file__,
        "test_lines_of_ready_made_values_tell_their_time_and_place",
    )
    assert (record.created, record.msecs) == (1.5, 500.0)
    assert record.__dict__["logger.context"] == {"value": 1}
