"""Decorators made by an invoker: what they leave of the method, and what they register."""

from __future__ import annotations

import inspect

import pytest

import tomodachi
from tomodachi.invoker import FUNCTION_ATTRIBUTE, INVOKER_TASK_START_KEYWORD, Invoker
from tomodachi.options import Options


class Post(Invoker):
    """A third-party transport."""

    @classmethod
    async def handler(cls, obj, context, func, address=None, *, copies=1):
        first = "post" not in context
        context.setdefault("post", []).append((address, copies, func))

        async def start():
            context["post_started"] = context.get("post_started", 0) + 1

        return start if first else None


post = Post.decorator(Post.handler)


class Office(tomodachi.Service):
    @post("lane 1", copies=2)
    async def deliver(self, letter, stamp="blue"):
        """Delivers."""
        return (letter, stamp)

    @post
    async def bare(self):
        return "bare"

    @post()
    def synchronous(self, letter):
        return letter


async def test_handler_called_directly_runs_the_original():
    office = Office()
    assert await office.deliver("a", stamp="red") == ("a", "red")
    assert await office.bare() == "bare"
    assert await office.synchronous("b") == "b"


def test_wrapper_carries_the_documented_attributes():
    wrapper = Office.deliver
    assert inspect.iscoroutinefunction(wrapper)
    assert getattr(wrapper, FUNCTION_ATTRIBUTE) is True
    assert wrapper.func is wrapper.__wrapped__
    assert wrapper.cls_func == Post.handler
    assert (wrapper.args, wrapper.kwargs) == (("lane 1",), {"copies": 2})
    assert (wrapper.__name__, wrapper.__doc__) == ("deliver", "Delivers.")
    assert (Office.bare.args, Office.synchronous.args) == ((), ())


async def test_start_keyword_registers_instead():
    office = Office()
    start = await office.deliver(**{INVOKER_TASK_START_KEYWORD: True})
    assert await office.bare(**{INVOKER_TASK_START_KEYWORD: True}) is None
    assert office.context["post"] == [
        ("lane 1", 2, Office.deliver.func),
        (None, 1, Office.bare.func),
    ]
    await start()
    assert office.context["post_started"] == 1


def test_context_of_the_invoker_is_the_services():
    office = Office()
    assert Invoker.context[office] is office.context
    assert Invoker.context[Office()] is not office.context


def test_options_come_out_of_the_context_in_whatever_form():
    options = Options()
    assert Invoker.options({"options": options}) is options
    context = {"options": {"http.port": 1}}
    assert Invoker.options(context).http.port == 1
    assert context["options"] is Invoker.options(context)
    assert Invoker.options({}) == Options()


async def test_what_a_registration_raises_reaches_the_caller():
    class Broken(Invoker):
        @classmethod
        async def handler(cls, obj, context, func):
            raise ValueError(func.__name__)

    class Service(tomodachi.Service):
        @Broken.decorator(Broken.handler)
        async def cracked(self): ...

    with pytest.raises(ValueError, match="cracked"):
        await Service().cracked(**{INVOKER_TASK_START_KEYWORD: True})
