"""`@tomodachi.decorator`."""

from __future__ import annotations

import inspect
from types import FunctionType

import pytest

import tomodachi


@tomodachi.decorator
async def check(self, *args, **kwargs):
    self.seen = (args, kwargs)
    return self.verdict


@tomodachi.decorator()
def check_sync(self, *args, **kwargs):
    return self.verdict


@tomodachi.decorator(include_function=True)
async def check_function(func, self, *args, **kwargs):
    self.seen = func.__name__
    return self.verdict


class Guarded(tomodachi.Service):
    verdict = None

    @check
    async def handler(self, request, *, page: int = 1) -> str:
        """Handles."""
        return f"{request} {page}"

    @check_sync
    def synchronous(self, request):
        return request

    @check_function
    async def named(self, request):
        return request


@pytest.mark.parametrize("verdict", [True, None])
async def test_true_and_none_let_the_handler_run(verdict):
    service = Guarded()
    service.verdict = verdict
    assert await service.handler("r", page=2) == "r 2"
    assert service.seen == (("r",), {"page": 2})
    assert await service.synchronous("s") == "s"
    assert await service.named("n") == "n"
    assert service.seen == "named"


@pytest.mark.parametrize("verdict", [False, 0, "", (403, "no"), {"status": 403}, 1])
async def test_anything_else_is_the_result(verdict):
    service = Guarded()
    service.verdict = verdict
    for handler in (service.handler, service.synchronous, service.named):
        assert await handler("r") == verdict


def test_it_pretends_to_be_the_handler():
    handler = Guarded.handler
    assert isinstance(handler, FunctionType)
    assert inspect.iscoroutinefunction(handler)
    assert inspect.getfullargspec(handler).args == ["self", "request"]
    assert inspect.getfullargspec(handler).kwonlydefaults == {"page": 1}
    assert (handler.__name__, handler.__qualname__) == ("handler", "Guarded.handler")
    assert handler.__doc__ == "Handles."
    assert handler.__annotations__["return"] == "str"
    assert handler.__wrapped__.__code__ is handler.__code__


async def test_decorators_stack():
    class Twice(tomodachi.Service):
        @check_function
        @check
        async def handler(self, x):
            return x

    service = Twice()
    service.verdict = True
    assert await service.handler(7) == 7
    assert service.seen == ((7,), {})
