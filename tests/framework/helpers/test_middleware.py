"""Middlewares around a handler: what each is called with, and what reaches the handler."""

from __future__ import annotations

import contextvars

import pytest

from tomodachi.helpers.middleware import MiddlewareChain, name_of

VALUES = {"message": "M", "topic": "T", "receipt_handle": "R"}


async def handler(self, data, **kwargs):
    """The handler's docstring."""


async def run(*middlewares, routine=None, values=VALUES, positions=("service", "M", "T")):
    async def answer(**added):
        return added

    return await MiddlewareChain(handler, middlewares).run(routine or answer, positions, values)


async def test_no_middlewares_means_the_handler_alone():
    assert await run() == {}
    assert len(MiddlewareChain(handler, [])) == 0


async def test_first_is_outermost_and_the_outermost_value_is_the_result():
    order = []

    def noting(name):
        async def middleware(func):
            order.append(f"{name} in")
            result = await func()
            order.append(f"{name} out")
            return f"{name}({result})"

        return middleware

    async def routine():
        order.append("handler")
        return "h"

    assert await run(noting("a"), noting("b"), routine=routine) == "a(b(h))"
    assert order == ["a in", "b in", "handler", "b out", "a out"]


def takes_one(func, /):
    return ("next",)


def takes_two(func, service):
    return ("next", service)


def takes_three(func, service, anything):
    return ("next", service, anything)


def takes_all(func, service, message, topic, context):
    return ("next", service, message, topic, context)


def takes_any(*args):
    return ("next", *args[1:])


def takes_two_and_any(func, service, *args):
    return ("next", service, *args)


def takes_default_and_any(func, service=None, *args):
    return ("next", service, *args)


def takes_named_default(func, service, message=None):
    return ("next", service, message)


def takes_a_known_name(func, topic):
    return ("next", topic)


@pytest.mark.parametrize(
    ("middleware", "expected"),
    [
        (takes_one, ("next",)),
        (takes_two, ("next", "service")),
        (takes_three, ("next", "service", "M")),
        (takes_all, ("next", "service", "M", "T", {})),
        (takes_any, ("next", "service", "M", "T", {})),
        (takes_two_and_any, ("next", "service", "M", "T", {})),
        (takes_default_and_any, ("next", None)),
        (takes_named_default, ("next", "service", "M")),
        (takes_a_known_name, ("next", "T")),
    ],
)
async def test_required_parameters_are_counted_and_filled_by_position(middleware, expected):
    """As many as are declared; all, with `*args` and no defaults."""
    assert await run(middleware) == expected


async def test_transport_values_go_to_those_who_name_them_or_take_any():
    async def names(func, *, receipt_handle, topic="-"):
        return receipt_handle, topic, await func()

    async def takes_any_keyword(func, service, **kwargs):
        return kwargs

    assert await run(names) == ("R", "T", {})
    assert await run(takes_any_keyword) == VALUES


async def test_a_value_filled_by_position_is_not_passed_by_name_as_well():
    async def middleware(func, service, message, **kwargs):
        return message, kwargs

    assert await run(middleware) == ("M", {"topic": "T", "receipt_handle": "R"})


async def test_extra_keywords_go_to_every_following_middleware_and_the_handler():
    async def first(func):
        return await func(a=1, b=2)

    async def unaware(func):
        return await func()

    async def second(func, *, a, **kwargs):
        assert a == 1
        assert kwargs == {**VALUES, "b": 2}
        return await func(b=3, c=4)

    assert await run(first, unaware, second) == {"a": 1, "b": 3, "c": 4}


async def test_positions_given_to_next_and_transport_names_are_dropped_silently():
    async def middleware(func):
        return await func("positional", "ignored", message="other", topic="other", own=1)

    async def following(func, *, message):
        return message, await func()

    assert await run(middleware, following) == ("M", {"own": 1})


async def test_context_is_one_dict_for_one_message():
    seen = []

    async def first(func, service, message, topic, context):
        context["first"] = True
        await func()
        seen.append(context)

    async def second(func, service, message, topic, context):
        seen.append(dict(context))
        context["second"] = True

    chain = MiddlewareChain(handler, [first, second])
    for _ in range(2):
        await chain.run(handler, ("s", "m", "t"), {})
    assert seen == [{"first": True}, {"first": True, "second": True}] * 2


async def test_not_calling_next_short_circuits():
    async def gate(func):
        return "shut"

    async def routine():
        raise AssertionError("the handler runs")

    assert await run(gate, routine=routine) == "shut"


async def test_next_may_be_called_again():
    calls = []

    async def retry(func):
        try:
            return await func(attempt=1)
        except ValueError:
            return await func(attempt=2)

    async def routine(attempt):
        calls.append(attempt)
        if attempt == 1:
            raise ValueError
        return "ok"

    assert await run(retry, routine=routine) == "ok"
    assert calls == [1, 2]


async def test_exceptions_pass_outwards_and_may_be_turned_into_values():
    passed = []

    async def catches(func):
        try:
            await func()
        except ValueError as error:
            return f"caught {error}"

    async def passes(func):
        try:
            return await func()
        except ValueError:
            passed.append(True)
            raise

    async def routine():
        raise ValueError("boom")

    assert await run(catches, passes, routine=routine) == "caught boom"
    assert passed == [True]
    with pytest.raises(ValueError, match="boom"):
        await run(passes, routine=routine)


async def test_next_bears_the_handlers_name_at_every_level():
    names = []

    async def middleware(func):
        names.append((func.__name__, func.__doc__, func.__wrapped__))
        return await func()

    await run(middleware, middleware)
    assert names == [("handler", "The handler's docstring.", handler)] * 2


class Callable_:  # noqa: N801 - what its name in the log will be
    __slots__ = ()

    async def __call__(self, func, service, *, topic):
        return "object", service, topic

    async def method(self, func, service, **kwargs):
        return "method", service, sorted(kwargs)


async def test_callable_objects_and_bound_methods_are_middlewares():
    """Objects need not allow attributes: nothing is cached on them."""
    one = Callable_()
    assert await run(one) == ("object", "service", "T")
    assert await run(one.method) == ("method", "service", ["message", "receipt_handle", "topic"])
    assert (name_of(one), name_of(one.method)) == ("Callable_", "method")


def test_a_middleware_may_say_its_name_itself():
    """As in tomodachi 0.29.0, a `name` comes before `__name__` and before the class's name."""

    class Limits(Callable_):
        name = "limits"

    assert name_of(Limits()) == "limits"


async def test_context_variables_reach_inwards_and_not_outwards():
    variable = contextvars.ContextVar("v", default="unset")
    seen = {}

    async def outer(func):
        variable.set("outer")
        await func()
        seen["outer after"] = variable.get()

    async def inner(func):
        seen["inner"] = variable.get()
        variable.set("inner")
        await func()
        seen["inner after"] = variable.get()

    async def routine():
        seen["handler"] = variable.get()
        variable.set("handler")

    await run(outer, inner, routine=routine)
    assert seen == {
        "inner": "outer",
        "handler": "inner",
        "inner after": "inner",
        "outer after": "outer",
    }
    assert variable.get() == "unset"


async def test_entering_is_told_the_name_inside_the_middlewares_context():
    variable = contextvars.ContextVar("w", default="")

    async def reads(func):
        return variable.get(), await func()

    async def routine():
        return variable.get()

    chain = MiddlewareChain(handler, [reads], entering=variable.set)
    assert await chain.run(routine, (), {}) == ("reads", "reads")
    assert variable.get() == ""
