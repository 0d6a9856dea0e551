"""Decides how middlewares are strung together around a handler, and what each is called with.

A middleware's signature is read once, when its chain is made; transports make one chain for each
handler. What the rules are:

* the first argument is the next callable, which bears the handler's name;
* by position come as many of (next, service, request or message, topic or routing key, context) as
  the middleware has required positional parameters; all of them if it has `*args` and no defaults;
* such a parameter that bears the name of something the transport knows gets that instead, so that
  `(func, request)` and `(func, service, topic)` are what they look like;
* what the transport knows is passed by name, to middlewares that name it or have `**kwargs`;
* keywords given to the next callable go to every following middleware that takes them, and to the
  handler; those that the transport knows can't be replaced, and are dropped;
* each level sees context variables set above it, and keeps those it sets from the levels above.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tomodachi.helpers.isolation import Isolated

# A middleware is whatever the user wrote; its signature is what this module reads.
Middleware = Callable[..., Any]
Routine = Callable[..., Awaitable[Any]]

_NAMES = ("__name__", "__qualname__", "__doc__", "__module__")


class MiddlewareSignature(NamedTuple):
    """What a middleware asks for.

    Attributes:
        positions: How many arguments it gets by position at most; None for all there are.
        names: Names it may be passed values for; those filled by position are left out.
        any_keyword: Whether it has `**kwargs`.
        positional: Every name that a value by position fills, in order.
    """

    positions: int | None
    positional: tuple[str, ...]
    names: frozenset[str]
    any_keyword: bool

    @staticmethod
    def of(middleware: Middleware) -> MiddlewareSignature:
        """Read the signature of a function, a bound method or a callable object."""
        parameters = inspect.signature(middleware).parameters.values()
        by_position = [
            p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        required = [p for p in by_position if p.default is p.empty]
        any_position = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        takes_all = any_position and len(required) == len(by_position)
        return MiddlewareSignature(
            positions=None if takes_all else len(required),
            positional=tuple(p.name for p in required),
            names=frozenset(
                p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)
            ),
            any_keyword=any(p.kind is p.VAR_KEYWORD for p in parameters),
        )

    def bind(
        self, arguments: Sequence[Any], values: Mapping[str, Any]
    ) -> tuple[Sequence[Any], dict[str, Any]]:
        """Arguments for one call, out of those by position and those by name."""
        args = arguments if self.positions is None else arguments[: self.positions]
        filled = self.positional[: len(args)]
        if not values.keys().isdisjoint(filled[1:]):
            named = (values.get(name, given) for name, given in zip(filled, args, strict=False))
            args = (args[0], *tuple(named)[1:], *args[len(filled) :])
        kwargs = {
            name: value
            for name, value in values.items()
            if (self.any_keyword or name in self.names) and name not in filled
        }
        return args, kwargs


class MiddlewareChain:
    """Middlewares around one handler, the first outermost; made once, called for each message.

    Args:
        handler: The user's function, whose name and docstring the next callables bear.
        middlewares: Functions, bound methods or callable objects.
        entering: Called with a middleware's name, inside its own context, before it runs; for the
            logger that is in force there.
    """

    __slots__ = ("_entering", "_levels", "_marks", "_names")

    def __init__(
        self,
        handler: Callable[..., object],
        middlewares: Sequence[Middleware],
        *,
        entering: Callable[[str], object] | None = None,
    ) -> None:
        # What functools.wraps would copy for each call, read once.
        self._names = {name: getattr(handler, name) for name in _NAMES if hasattr(handler, name)}
        self._marks = {**getattr(handler, "__dict__", {}), "__wrapped__": handler}
        self._levels = [(one, MiddlewareSignature.of(one), name_of(one)) for one in middlewares]
        self._entering = entering

    def __len__(self) -> int:
        """How many middlewares there are."""
        return len(self._levels)

    async def run(
        self, routine: Routine, arguments: Sequence[Any], values: Mapping[str, Any]
    ) -> Any:
        """Call the outermost middleware, and through it the others and the handler.

        Args:
            routine: Calls the handler; gets the keywords that middlewares added.
            arguments: What middlewares get by position between the next callable and the context:
                service, request or message, topic or routing key.
            values: What the transport knows, by name.

        Returns:
            What the outermost middleware returned; the handler's value if there is none.
        """
        if not self._levels:
            return await routine()
        return await self._call(0, _Call(routine, tuple(arguments), values, {}), {})

    async def _call(self, level: int, call: _Call, extra: dict[str, Any]) -> Any:
        if level == len(self._levels):
            return await Isolated(_awaited(call.routine, (), extra))
        middleware, signature, name = self._levels[level]
        following = self._next(level + 1, call, extra)
        args, kwargs = signature.bind(
            (following, *call.arguments, call.context), {**extra, **call.values}
        )
        return await Isolated(_awaited(middleware, args, kwargs, self._entering, name))

    def _next(self, level: int, call: _Call, extra: dict[str, Any]) -> Routine:
        async def following(*_ignored: Any, **added: Any) -> Any:
            own = {name: value for name, value in added.items() if name not in call.values}
            return await self._call(level, call, {**extra, **own})

        for name, value in self._names.items():
            setattr(following, name, value)
        following.__dict__.update(self._marks)
        return following


class _Call(NamedTuple):
    routine: Routine
    arguments: tuple[Any, ...]
    values: Mapping[str, Any]
    context: dict[str, Any]


async def execute_middlewares(
    func: Callable[..., object],
    routine_func: Routine,
    middlewares: Sequence[Middleware],
    *args: Any,
    **values: Any,
) -> Any:
    """Run `middlewares` around one call; for callers without a chain made beforehand.

    Args:
        func: The user's function.
        routine_func: Calls it; gets `args`, `values`, and the keywords that middlewares added.
        middlewares: First outermost.
        args: Service, request or message, and so on, as middlewares get them by position.
        values: What the transport knows, by name.
    """

    async def routine(**added: Any) -> Any:
        return await routine_func(*args, **{**added, **values})

    return await MiddlewareChain(func, middlewares).run(routine, args, values)


def name_of(middleware: Middleware) -> str:
    """A middleware's name in logs: its attribute `name`, a function's own, or the class's."""
    own = getattr(middleware, "name", None) or getattr(middleware, "__name__", None)
    return str(own or type(middleware).__name__)


async def _awaited(
    function: Middleware,
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    entering: Callable[[str], object] | None = None,
    name: str = "",
) -> Any:
    if entering is not None:
        entering(name)
    result = function(*args, **kwargs)
    return await result if inspect.isawaitable(result) else result
