"""Decides which values of a message or request a handler is called with, and how.

A handler's signature is read once, when the handler is registered; a call then only looks names up.
What the values are (the request, regex groups, the envelope's keys) is the transports' business, and
so is calling the handler.

Three rules hold for every transport:

* a value is passed only to a parameter that names it. A handler of messages with `*args` gets the
  message and its topic or routing key there, and with `**kwargs` everything else that the transport
  knows; for requests neither is filled;
* values that a middleware adds are passed to a parameter that names them or else to `**kwargs`;
* a `functools.wraps` wrapper that takes `*args` or `**kwargs` stands for what it wraps: the names
  the wrapped function asks for are given to the wrapper.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple


class HandlerArguments(NamedTuple):
    """What a handler asks for; make one with `of` when the handler is registered.

    Attributes:
        required: Parameters after `self` that have no default, in order; passed by position.
        optional: Parameters after `self` that have a default, in order; passed by name for a request.
        keyword_only: Names after `*`.
        defaults: Every default, of positional and keyword-only parameters.
        names: Every name a value may be passed for.
        takes_any_keyword: Whether the handler itself has `**kwargs`.
        takes_any_position: Whether the handler itself has `*args`.
        positional_only: How many of `required` and `optional` can't be passed by name.
        by_place: Names of the first parameters that get a message and its topic or routing key if
            nothing else is known for them; None for those that don't.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...]
    keyword_only: tuple[str, ...]
    # A default is whatever the user wrote.
    defaults: Mapping[str, Any]
    names: frozenset[str]
    takes_any_keyword: bool
    positional_only: int = 0
    takes_any_position: bool = False
    by_place: tuple[str | None, ...] = ()

    @staticmethod
    def of(
        func: Callable[..., object], callback_kwargs: Collection[str] | None = None
    ) -> HandlerArguments:
        """Read the signature of `func`, whose first parameter is the service instance.

        Args:
            func: The outermost function of the handler that is not an invoker's own wrapper.
            callback_kwargs: Names besides those of the signature (deprecated way of messaging
                handlers to say which keywords they want). They are None where nothing is known for
                them, whatever the default, and other parameters are filled by their place.
        """
        read = _read(func)
        if not callback_kwargs:
            return read
        added = tuple(name for name in callback_kwargs if name not in read.names)
        positional = (*read.required, *read.optional)
        return read._replace(
            keyword_only=(*read.keyword_only, *added),
            defaults={**read.defaults, **dict.fromkeys(callback_kwargs)},
            names=read.names.union(added),
            by_place=tuple(None if name in callback_kwargs else name for name in positional),
        )

    @property
    def names_in_order(self) -> tuple[str, ...]:
        """Every parameter after `self` that has a name: required, optional, keyword-only."""
        return (*self.required, *self.optional, *self.keyword_only)

    @property
    def first(self) -> str | None:
        """The name of the first parameter after `self`, which gets the message or request."""
        if self.required:
            return self.required[0]
        return self.optional[0] if self.optional else None

    def bind(
        self, values: Mapping[str, Any], fallbacks: Sequence[Any] = ()
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments for one call; every required parameter must be found.

        Args:
            values: What the transport knows, by name.
            fallbacks: What the first, second, ... required parameters get if their name is unknown.

        Raises:
            IndexError: a required parameter has no value.
        """
        args = [
            values[name] if name in values else self._fallback(name, position, fallbacks)
            for position, name in enumerate(self.required)
        ]
        kwargs = {
            name: values[name]
            for name in (*self.optional, *self.keyword_only)
            if name in values and name in self.names
        }
        if self.positional_only > len(self.required):
            self._move_to_positions(args, kwargs)
        return args, kwargs

    def bind_or_none(
        self, values: Mapping[str, Any], first: Sequence[Any] = ()
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments for one call, with None for what is missing and has no default.

        Every positional parameter gets its value by position, as a `tomodachi.decorator` on the
        handler expects it.

        Args:
            values: What the transport knows, by name.
            first: One value for the first parameter whatever its name; empty if there is none.
        """
        given = dict.fromkeys((*self.required, *self.keyword_only))
        given.update(self.defaults)
        for name in self.names:
            if name in values:
                given[name] = values[name]
        leading = self.first
        if first and leading is not None:
            given[leading] = first[0]
        args = [given.pop(name) for name in (*self.required, *self.optional)]
        return args, given

    def bind_message(
        self,
        known: Mapping[str, Any],
        keys: Mapping[str, Any],
        first: Sequence[Any],
        by_position: Sequence[Any],
        *,
        added: Mapping[str, Any] | None = None,
    ) -> tuple[list[Any], dict[str, Any]]:
        """Arguments for one call with a message; see `bind_or_none`.

        Args:
            known: What the transport knows, by name; whatever has no parameter goes to `**kwargs`.
            keys: What the envelope has, by name; beats `known`, and goes to parameters only.
            first: One value for the first parameter, unless its name is among `known`; empty if there
                is none.
            by_position: Message and topic or routing key: `*args` gets those of them whose places no
                parameter has.
            added: What middlewares give, by name; beats `keys`, and goes to `**kwargs`, too.
        """
        if added:
            known, keys = {**added, **known}, {**keys, **added}
        if self.by_place:
            placed = dict(zip(self.by_place, by_position, strict=False))
            keys = {**{name: placed[name] for name in placed if name and name not in known}, **keys}
        first = () if self.first in known else first
        args, kwargs = self.bind_or_none({**known, **keys}, first)
        if self.takes_any_position and not self.optional:
            args.extend(by_position[len(self.required) :])
        if self.takes_any_keyword:
            kwargs.update((name, value) for name, value in known.items() if name not in self.names)
        return args, kwargs

    def _fallback(self, name: str, position: int, fallbacks: Sequence[Any]) -> object:
        if position < len(fallbacks):
            return fallbacks[position]
        msg = f"no value for the handler's required parameter '{name}': the transport knows none"
        raise IndexError(msg)

    def _move_to_positions(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        moved = self.optional[: self.positional_only - len(self.required)]
        args.extend(kwargs.pop(name, self.defaults[name]) for name in moved)


def _read(func: Callable[..., object]) -> HandlerArguments:
    spec = inspect.getfullargspec(func)
    positional = tuple(spec.args[1:])
    split = max(len(positional) - len(spec.defaults or ()), 0)
    optional = positional[split:]
    own = HandlerArguments(
        required=positional[:split],
        optional=optional,
        keyword_only=tuple(spec.kwonlyargs),
        defaults=dict(zip(reversed(optional), reversed(spec.defaults or ()), strict=False))
        | (spec.kwonlydefaults or {}),
        names=frozenset((*positional, *spec.kwonlyargs)),
        takes_any_keyword=spec.varkw is not None,
        positional_only=_positional_only(func),
        takes_any_position=spec.varargs is not None,
    )
    wrapped = getattr(func, "__wrapped__", None)
    if wrapped is None or not (spec.varargs or spec.varkw):
        return own
    return _standing_for(own, _read(wrapped), takes_any_positional=spec.varargs is not None)


def _standing_for(
    own: HandlerArguments, wrapped: HandlerArguments, *, takes_any_positional: bool
) -> HandlerArguments:
    required, keyword_only, defaults = own.required, own.keyword_only, own.defaults
    same_start = wrapped.required[: len(required)] == required
    if takes_any_positional and not own.optional and same_start:
        required = wrapped.required
    if own.takes_any_keyword:
        known = {*required, *own.optional, *keyword_only}
        asked = (*wrapped.required, *wrapped.optional, *wrapped.keyword_only)
        keyword_only += tuple(name for name in asked if name not in known)
        defaults = {**wrapped.defaults, **defaults}
    names = frozenset((*required, *own.optional, *keyword_only))
    any_keyword = own.takes_any_keyword and wrapped.takes_any_keyword
    any_position = own.takes_any_position and wrapped.takes_any_position
    return HandlerArguments(
        required,
        own.optional,
        keyword_only,
        defaults,
        names,
        any_keyword,
        own.positional_only,
        any_position,
    )


def _positional_only(func: Callable[..., object]) -> int:
    code = getattr(func, "__code__", None)
    return max(code.co_posonlyargcount - 1, 0) if code is not None else 0
