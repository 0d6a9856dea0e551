from __future__ import annotations

import sys

import pytest

from tomodachi import logging
from tomodachi.logging.exceptions import location


def raised(message: str = "no luck") -> BaseException:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


class Thing:
    def fail(self) -> None:
        raise ValueError("no luck")


def raised_in_a_method() -> None:
    Thing().fail()


def test_json_tells_the_exception_in_fields(json_lines):
    try:
        raised_in_a_method()
    except ValueError:
        logging.get_logger("x").exception("failed")

    (line,) = json_lines()
    assert line["level"] == "error"
    assert line["exception"] == "ValueError('no luck')"
    assert (line["exc_type"], line["exc_message"]) == ("ValueError", "no luck")
    assert line["tb_function_name"] == "Thing.fail"
    assert line["tb_module_name"] == line["stacktrace"][-1]["module_name"]
    assert [frame["function_name"] for frame in line["stacktrace"]] == [
        "test_json_tells_the_exception_in_fields",
        "raised_in_a_method",
        "Thing.fail",
    ]
    assert line["tb_location"].startswith("./tests/framework/logging/test_exceptions.py:")


def test_a_deep_stack_keeps_its_fifty_innermost_frames(json_lines):
    def deeper(depth: int) -> None:
        if depth == 0:
            Thing().fail()
        deeper(depth - 1)

    try:
        deeper(80)
    except ValueError:
        logging.get_logger("x").exception("failed")

    stack = json_lines()[0]["stacktrace"]
    assert len(stack) == logging.MAX_STACKTRACE_DEPTH == 50
    assert stack[-1]["function_name"] == "Thing.fail"


def test_the_processors_for_structlog_chains_fill_an_event_with_the_exception():
    """As 0.29.0's processors of these names do."""
    error = raised()
    for event in ({"exc_info": error}, {"error": error}, {"exc": error, "exc_message": "mine"}):
        filled = logging.add_exception_info(None, "error", dict(event))
        assert filled["exception"] is error
        assert filled["exc_info"] == (ValueError, error, error.__traceback__)
        assert filled["exc_message"] == event.get("exc_message", "no luck")
        assert not {"error", "exc"} & set(filled)
        full = logging.add_stacktrace_info(None, "error", filled)
        assert full["stacktrace"][0]["function_name"] == "raised"
    assert logging.add_exception_info(None, "info", {"a": 1}) == {"a": 1}
    assert logging.add_stacktrace_info(None, "info", {"a": 1}) == {"a": 1}


def test_the_processor_takes_the_exception_that_is_being_handled_for_the_method_exception():
    error = ValueError("no luck")
    try:
        raise error
    except ValueError:
        filled = logging.add_exception_info(None, "exception", {})
        untouched = logging.add_exception_info(None, "warning", {})

    assert filled["exception"] is error
    assert untouched == {}


@pytest.mark.parametrize("key", ["exception", "exc", "error"])
def test_an_exception_among_the_values_is_told_as_one(json_lines, printed, key):
    """0.29.0 looks for it under these names; other values of such a name are values."""
    logging.get_logger("x").warning("late", **{key: raised()}, order_id=7)
    logging.get_logger("x").warning("late", **{key: "no exception"})

    first, second = json_lines()
    assert first["exception"] == "ValueError('no luck')"
    assert (first["exc_type"], first["order_id"], first["level"]) == ("ValueError", 7, "warning")
    assert key == "exception" or key not in first
    assert second[key] == "no exception"
    assert "exc_type" not in second


def test_an_exception_as_message_shows_its_text_and_is_told_as_one(json_lines):
    logging.get_logger("x").error(raised())

    (line,) = json_lines()
    assert (line["message"], line["exc_type"], line["exc_message"]) == (
        "no luck",
        "ValueError",
        "no luck",
    )


def test_an_exception_that_was_never_raised_has_an_unknown_place(json_lines):
    logging.get_logger("x").error("m", error=ValueError("v"))

    (line,) = json_lines()
    place = ("tb_module_name", "tb_function_name", "tb_location")
    assert [line[key] for key in place] == ["<unknown>"] * 3
    assert line["stacktrace"] == []


def test_the_type_of_an_exception_is_its_name_alone(json_lines):
    """As 0.29.0: `__name__`, not the qualified one."""

    class Inner(Exception):
        pass

    logging.get_logger("x").error("m", exc_info=Inner())

    assert json_lines()[0]["exc_type"] == "Inner"


def test_exc_info_outside_of_an_exception_adds_nothing(json_lines):
    assert sys.exc_info()[0] is None
    logging.get_logger("x").error("m", exc_info=True)

    assert "exception" not in json_lines()[0]


def test_locations_are_relative_below_the_working_directory_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert location(str(tmp_path / "a" / "b.py"), 3) == "./a/b.py:3"
    assert location("/elsewhere/b.py", 3) == "/elsewhere/b.py:3"
    assert location("<string>", 3) == "<string>:3"
