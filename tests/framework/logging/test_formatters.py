from __future__ import annotations

import logging as stdlib

import pytest

from tomodachi import logging


def raised(message: str = "no luck") -> BaseException:
    try:
        raise ValueError(message)
    except ValueError as error:
        return error


def test_console_line_is_time_level_message_logger_values(printed):
    printed("console")
    logging.get_logger("orders").warning("late", order_id=7, why="two words", items=[1, "x"])

    assert printed() == [
        "2023-11-14T22:13:20.250000Z [warning  ] late                           [orders] "
        "order_id=7 why=two words items=[1, 'x']"
    ]


def test_a_console_line_tells_the_exception_and_puts_the_traceback_below(printed):
    printed("no_color_console")
    logging.get_logger("x").error("failed", exc_info=raised(), order_id=7)

    first, *rest = printed()
    assert "order_id=7 exc_type=ValueError exc_message=no luck" in first
    assert "tb_function_name=raised tb_location=<./tests/framework/logging/" in first
    assert rest[0] == "Traceback (most recent call last):"
    assert rest[-1] == "ValueError: no luck"


def test_places_are_set_off_once(printed):
    """0.29.0: `<place>`, but not around what begins so already, or is empty."""
    printed("no_color_console")
    logging.get_logger("x").info("m", tb_location="a.py:1", error_location="<stdin>:1")
    logging.get_logger("x").info("m", tb_location="")

    first, second = printed()
    assert first.endswith("tb_location=<a.py:1> error_location=<stdin>:1")
    assert second.endswith("tb_location=")


def test_values_that_json_does_not_know_are_shown_by_their_repr(json_lines):
    circular: list[object] = []
    circular.append(circular)
    logging.get_logger("x").info("m", a={1, 2}, b=b"x", c={(1, 2): 3})
    logging.get_logger("x").info("m", d=circular, e=1)

    first, second = json_lines()
    assert (first["a"], first["b"], first["c"]) == ("{1, 2}", "b'x'", "{(1, 2): 3}")
    assert (second["d"], second["e"]) == ("[[...]]", 1)


class Unprintable(Exception):
    def __repr__(self) -> str:
        raise RuntimeError

    __str__ = __repr__


@pytest.mark.parametrize("logger_type", ["console", "json"])
def test_a_value_or_exception_that_cannot_be_printed_does_not_cost_the_line(printed, logger_type):
    printed(logger_type)
    logging.get_logger("x").info("m", value=Unprintable(), other=1)
    logging.get_logger("x").error("n", exc_info=Unprintable())

    text = "\n".join(printed())
    assert "<unprintable Unprintable: RuntimeError in __repr__>" in text
    assert "<unprintable Unprintable: RuntimeError in __str__>" in text


def test_python_format_prints_no_values(printed):
    printed("python")
    logging.get_logger("x").info("m", a=1)
    stdlib.getLogger("library").warning("n")

    assert [line.partition(" ")[2] for line in printed()] == [
        "[info     ] m                              [x]",
        "[warning  ] n                              [library]",
    ]


def test_disabled_format_writes_nothing(printed):
    printed("disabled")
    logging.get_logger("x").critical("m")

    assert printed() == []


def test_stack_info_is_printed(printed):
    printed("console")
    logging.get_logger("x").info("m", stack_info=True)

    assert "Stack (most recent call last):" in printed()
    assert any("test_stack_info_is_printed" in line for line in printed())
