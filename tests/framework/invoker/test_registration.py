"""Which handlers a class has, in which order, and what the transports are given to call."""

from __future__ import annotations

import functools

import pytest

import tomodachi
from tomodachi.invoker import (
    FUNCTION_ATTRIBUTE,
    INVOKER_TASK_START_KEYWORD,
    Invoker,
    handler_methods,
    register,
)


class Recorder(Invoker):
    @classmethod
    async def handler(cls, obj, context, func, key):
        context.setdefault("registered", {})[key] = func

        async def start():
            context.setdefault("started", []).append(key)

        return start


record = Recorder.decorator(Recorder.handler)


def shout(func):
    @functools.wraps(func)
    async def wrapper(self, *args, **kwargs):
        return str(await func(self, *args, **kwargs)).upper()

    return wrapper


class Zebra(tomodachi.Service):
    @record("z")
    async def zulu(self): ...

    @record("a")
    async def alpha(self): ...

    async def not_a_handler(self): ...

    @shout
    @record("m")
    async def mike(self): ...


class Yak(Zebra):
    @record("y")
    async def yankee(self): ...

    @record("b")
    async def alpha(self): ...


def names(cls: type) -> list[str]:
    return [method.__name__ for method in handler_methods(cls)]


def test_handlers_come_in_the_order_of_their_lines():
    assert names(Zebra) == ["zulu", "alpha", "mike"]


def test_inherited_handlers_of_the_same_file_keep_their_lines():
    assert names(Yak) == ["zulu", "mike", "yankee", "alpha"]


def test_handlers_inherited_from_another_file_come_first_by_name():
    elsewhere = type("Elsewhere", (Zebra,), {"__module__": "elsewhere"})
    assert names(elsewhere) == ["alpha", "mike", "zulu"]


async def register_all(service):
    starts = [await register(service, method) for method in handler_methods(type(service))]
    return [start for start in starts if start is not None]


async def test_stacked_decorators_all_register_the_function_below():
    class Stacked(tomodachi.Service):
        @record("outer")
        @record("inner")
        async def both(self, x):
            return x

    service = Stacked()
    (start,) = await register_all(service)
    registered = service.context["registered"]
    assert list(registered) == ["outer", "inner"]
    assert registered["outer"] is registered["inner"]
    assert await registered["outer"](service, 5) == 5
    await start()
    assert sorted(service.context["started"]) == ["inner", "outer"]


async def test_each_decorator_registers_the_nearest_wrapper_below_it():
    class Between(tomodachi.Service):
        @record("loud")
        @shout
        @record("quiet")
        async def say(self, word):
            return word

    service = Between()
    await register_all(service)
    registered = service.context["registered"]
    assert await registered["loud"](service, "hi") == "HI"
    assert await registered["quiet"](service, "hi") == "hi"


async def test_a_wrapper_above_all_decorators_is_what_transports_call():
    class Above(tomodachi.Service):
        @shout
        @record("x")
        async def say(self, word):
            return word

    service = Above()
    await register_all(service)
    assert await service.context["registered"]["x"](service, "hi") == "HI"


async def test_registration_runs_no_code_of_users_wrappers():
    ran = []

    def noisy(func):
        @functools.wraps(func)
        async def wrapper(self, *args, **kwargs):
            ran.append(kwargs)
            return await func(self, *args, **kwargs)

        return wrapper

    class Noisy(tomodachi.Service):
        @noisy
        @record("x")
        async def say(self): ...

    await register_all(Noisy())
    assert ran == []


async def test_a_wrapper_that_a_third_party_marked_registers_itself():
    def by_hand(func):
        @functools.wraps(func)
        async def wrapper(self, *args, **kwargs):
            if kwargs.get(INVOKER_TASK_START_KEYWORD):
                self.registered = func.__name__
                return None
            return await func(self, *args, **kwargs)

        setattr(wrapper, FUNCTION_ATTRIBUTE, True)
        return wrapper

    class ThirdParty(tomodachi.Service):
        @by_hand
        async def say(self): ...

    service = ThirdParty()
    assert await register_all(service) == []
    assert service.registered == "say"


@pytest.mark.parametrize("place", ["above", "below"])
async def test_tomodachi_decorators_count_as_wrappers(place):
    @tomodachi.decorator
    async def refuse(self, *args):
        return "refused"

    async def say(self): ...

    method = refuse(record("x")(say)) if place == "above" else record("x")(refuse(say))
    cls = type("Decorated", (tomodachi.Service,), {"say": method})
    service = cls()
    await register_all(service)
    assert await service.context["registered"]["x"](service) == "refused"
    assert await service.say() == "refused"
