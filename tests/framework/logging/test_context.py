from __future__ import annotations

import asyncio

import pytest

import tomodachi
from tomodachi import logging


def test_get_context_names_the_logger_and_its_values():
    logger = logging.get_logger("x").bind(a=1)

    assert logging.get_context("x") == {"logger": "x", "a": 1}
    assert logging.get_context(logger) == {"logger": "x", "a": 1}
    assert logging.get_context({"logger": "y"}) == {"logger": "y"}


def test_a_context_gives_its_values_as_attributes_and_none_for_unknown_ones():
    """As 0.29.0's, which custom logger classes are called with."""
    context = logging.get_context(logging.get_logger("x").bind(a=1))

    assert (context.name, context.logger, context.a, context["a"]) == ("x", "x", 1, 1)
    assert (context.nope, context["nope"], context.get("nope", 2)) == (None, None, 2)
    assert not hasattr(context, "__nope__")


def test_something_that_is_no_logger_cannot_be_bound():
    with pytest.raises(TypeError, match="not a logger: 5"):
        logging.bind_logger(5)


def test_without_a_name_the_logger_is_that_of_the_task(json_lines):
    logging.get_logger().info("first")
    logging.bind_logger(logging.get_logger("handler").bind(handler="h"))
    logging.get_logger().info("second")

    first, second = json_lines()
    assert first["logger"] == "default"
    assert (second["logger"], second["handler"]) == ("handler", "h")


async def test_children_see_what_the_parent_bound_before_and_never_the_reverse(json_lines):
    async def child() -> None:
        logging.get_logger("x").bind(child=True)
        logging.get_logger("x").info("child")

    logging.get_logger("x").bind(parent=True)
    await asyncio.create_task(child())
    logging.get_logger("x").info("parent")

    child_line, parent_line = json_lines()
    assert (child_line["parent"], child_line["child"]) == (True, True)
    assert "child" not in parent_line


def test_binding_a_dict_names_the_logger_and_brings_its_values(json_lines):
    logging.bind_logger({"logger": "tomodachi.http.handler", "handler": "h"})
    logging.get_logger().info("m")

    (line,) = json_lines()
    assert (line["logger"], line["handler"]) == ("tomodachi.http.handler", "h")
    assert tomodachi.context("service.logger") == "tomodachi.http.handler"


def test_reset_forgets_the_logger_and_its_values(json_lines):
    logging.bind_logger(logging.get_logger("x").bind(a=1))
    logging.reset_context()
    logging.get_logger().info("m")

    assert logging.get_context("x") == {"logger": "x"}
    assert json_lines()[0]["logger"] == "default"
