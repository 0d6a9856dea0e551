from __future__ import annotations

import sys

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
    event = {"exc_info": raised()}
    assert logging.add_exception_info(None, "error", dict(event))["exc_message"] == "no luck"
    full = logging.add_stacktrace_info(None, "error", dict(event))
    assert "exc_info" not in full
    assert full["stacktrace"][0]["function_name"] == "raised"
    assert logging.add_exception_info(None, "info", {"a": 1}) == {"a": 1}


def test_exc_info_outside_of_an_exception_adds_nothing(json_lines):
    assert sys.exc_info()[0] is None
    logging.get_logger("x").error("m", exc_info=True)

    assert "exception" not in json_lines()[0]


def test_locations_are_relative_below_the_working_directory_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert location(str(tmp_path / "a" / "b.py"), 3) == "./a/b.py:3"
    assert location("/elsewhere/b.py", 3) == "/elsewhere/b.py:3"
    assert location("<string>", 3) == "<string>:3"
