"""Decides which route answers a method and a path.

A route is a regular expression that must match the whole decoded path, and one method (`*` for any).
Routes are tried in the order of registration and the first whose pattern and method match wins, so
the table only takes shortcuts that can't change who wins: patterns without any special character are
looked up in a dict, and no expression registered after such a hit is tried.

What is done with the route found (handlers, static files, websockets) is left to the caller, who
hangs it on the route as `endpoint`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

E = TypeVar("E")

ANY_METHOD = "*"
_SPECIAL = frozenset(".^$*+?{}[]|()")
Groups = dict[str, str | None]
NO_GROUPS: Groups = {}


def normalise_methods(method: object) -> tuple[str, ...]:
    """Upper-cased method names of a decorator's `method` argument.

    Raises:
        TypeError: `method` is neither a name nor a list or tuple of names.
    """
    names = method if isinstance(method, list | tuple) else (method,)
    for name in names:
        if not isinstance(name, str):
            msg = (
                f"Invalid method '{name}' for route: give a name such as 'GET', or a list of names"
            )
            raise TypeError(msg)
    return tuple(name.upper() for name in names)


def strip_anchors(url: str) -> str:
    """The pattern without one leading `^` and one trailing `$`; an escaped dollar sign stays."""
    pattern = url.removeprefix("^")
    if pattern.endswith("$") and not _ends_in_escape(pattern[:-1]):
        pattern = pattern[:-1]
    return pattern


def _ends_in_escape(text: str) -> bool:
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1


def compile_pattern(url: str) -> re.Pattern[str]:
    """Compile a route's url so that it has to match a whole path.

    Raises:
        ValueError: the url is not a regular expression.
    """
    try:
        return re.compile(f"^{strip_anchors(url)}$")
    except re.error as error:
        msg = f"Bad http route pattern '{url}': {error}"
        raise ValueError(msg) from error


def literal_path(pattern: str) -> str | None:
    """The only path that `pattern` (without anchors) matches, if it has no special characters."""
    path: list[str] = []
    characters = iter(pattern)
    for character in characters:
        if character in _SPECIAL:
            return None
        if character == "\\":
            escaped = next(characters, "a")
            if escaped.isalnum() or not escaped.isascii():
                return None
            path.append(escaped)
        else:
            path.append(character)
    return "".join(path)


@dataclass(frozen=True, slots=True)
class Route(Generic[E]):
    """One pattern with the methods it answers; `order` is its rank among all routes."""

    order: int
    methods: frozenset[str]
    pattern: str
    regex: re.Pattern[str]
    literal: str | None
    endpoint: E


@dataclass(frozen=True, slots=True)
class NotFound:
    """No pattern matches the path."""


@dataclass(frozen=True, slots=True)
class MethodNotAllowed:
    """Patterns match the path, but none of them answers the method."""

    allowed: frozenset[str]


@dataclass(slots=True)
class _MethodTable(Generic[E]):
    literals: dict[str, Route[E]] = field(default_factory=dict)
    # (order, fullmatch, route): what the hot loop needs, without attribute look-ups
    expressions: list[tuple[int, Callable[[str], re.Match[str] | None], Route[E]]] = field(
        default_factory=list
    )

    def add(self, route: Route[E]) -> None:
        if route.literal is not None:
            self.literals.setdefault(route.literal, route)
        else:
            self.expressions.append((route.order, route.regex.fullmatch, route))


class RouteTable(Generic[E]):
    """Routes in the order of registration, indexed by method."""

    def __init__(self) -> None:
        self._routes: list[Route[E]] = []
        self._tables: dict[str, _MethodTable[E]] = {}
        self._other_methods: _MethodTable[E] = _MethodTable()

    def __len__(self) -> int:
        return len(self._routes)

    def __iter__(self) -> Iterator[Route[E]]:
        return iter(self._routes)

    def add(self, method: str, url: str, endpoint: E) -> Route[E]:
        """Append a route; one for GET answers HEAD too.

        Raises:
            ValueError: the url is not a regular expression.
        """
        methods = frozenset(("GET", "HEAD")) if method == "GET" else frozenset((method,))
        regex, pattern = compile_pattern(url), strip_anchors(url)
        literal = literal_path(pattern)
        route = Route(len(self._routes), methods, pattern, regex, literal, endpoint)
        self._routes.append(route)
        self._index(route)
        return route

    def resolve(
        self, method: str, path: str
    ) -> tuple[Route[E], Groups] | NotFound | MethodNotAllowed:
        """The first route whose pattern and method match, with its named groups."""
        table = self._tables.get(method, self._other_methods)
        literal = table.literals.get(path)
        for order, fullmatch, route in table.expressions:
            if literal is not None and order > literal.order:
                break
            match = fullmatch(path)
            if match is not None:
                return route, match.groupdict()
        if literal is not None:
            return literal, NO_GROUPS
        return self._refusal(path)

    def _refusal(self, path: str) -> NotFound | MethodNotAllowed:
        matching = [route for route in self._routes if route.regex.fullmatch(path)]
        if not matching:
            return NotFound()
        return MethodNotAllowed(frozenset().union(*(route.methods for route in matching)))

    def _index(self, route: Route[E]) -> None:
        if ANY_METHOD in route.methods:
            for table in (*self._tables.values(), self._other_methods):
                table.add(route)
            return
        for method in route.methods:
            if method not in self._tables:
                self._tables[method] = table = _MethodTable()
                for earlier in self._routes[: route.order]:
                    if ANY_METHOD in earlier.methods:
                        table.add(earlier)
            self._tables[method].add(route)


# Any: what an endpoint is, is the shell's business.
AnyRoute = Route[Any]
