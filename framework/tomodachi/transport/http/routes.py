"""Decides which route answers a method and a path.

A route is a regular expression that must match the whole decoded path, and one method (`*` for any).
Routes are tried in the order of registration and the first whose pattern and method match wins, so
the table only takes shortcuts that can't change who wins: patterns without any special character are
looked up in a dict, no expression registered after such a hit is tried, and an expression that begins
with literal text is tried only for paths that begin with it. So a service may have a hundred thousand
routes; what a single expression costs is its author's to mind.

What is done with the route found (handlers, static files, websockets) is left to the caller, who
hangs it on the route as `endpoint`.

No dataclass is made here or in the modules around: each takes longer than most of a service's start.
"""

from __future__ import annotations

import re
from bisect import insort
from collections.abc import Callable, Iterable, Iterator
from heapq import merge
from math import inf
from operator import itemgetter
from typing import Any, Generic, NamedTuple, TypeVar

E = TypeVar("E")

ANY_METHOD = "*"
_SPECIAL = frozenset(".^$*+?{}[]|()")
_QUANTIFIERS = ("*", "+", "?", "{")
_ESCAPES_AND_SETS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
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
    text, rest = _split_literal(pattern)
    return None if rest else text


def literal_prefix(pattern: str) -> str:
    """What every path that `pattern` (without anchors) matches begins with; empty if unknown."""
    if _has_alternatives(pattern):
        return ""
    text, rest = _split_literal(pattern)
    return text[:-1] if rest.startswith(_QUANTIFIERS) else text


def _split_literal(pattern: str) -> tuple[str, str]:
    text: list[str] = []
    position = 0
    while position < len(pattern):
        character = pattern[position]
        if character in _SPECIAL:
            break
        if character == "\\":
            character = pattern[position + 1 : position + 2]
            if not character or character.isalnum() or not character.isascii():
                break
            position += 1
        text.append(character)
        position += 1
    return "".join(text), pattern[position:]


def _has_alternatives(pattern: str) -> bool:
    depth = 0
    for character in _ESCAPES_AND_SETS.sub("", pattern):
        depth += (character == "(") - (character == ")")
        if character == "|" and depth == 0:
            return True
    return False


class Route(NamedTuple, Generic[E]):
    """One pattern with the methods it answers; `order` is its rank among all routes."""

    order: int
    methods: frozenset[str]
    pattern: str
    regex: re.Pattern[str]
    literal: str | None
    endpoint: E


# (order, fullmatch, route): what the hot loop needs, without attribute look-ups
_Expression = tuple[int, Callable[[str], re.Match[str] | None], Route[E]]


class _MethodTable(Generic[E]):
    __slots__ = ("expressions", "first_expression", "lengths", "literals")

    def __init__(self) -> None:
        self.literals: dict[str, Route[E]] = {}
        # expressions by their literal prefix, and the lengths that these prefixes have
        self.expressions: dict[str, list[_Expression[E]]] = {}
        self.lengths: list[int] = []
        self.first_expression: float = inf

    def add(self, route: Route[E]) -> None:
        if route.literal is not None:
            self.literals.setdefault(route.literal, route)
            return
        prefix = literal_prefix(route.pattern)
        self.first_expression = min(self.first_expression, route.order)
        self.expressions.setdefault(prefix, []).append((route.order, route.regex.fullmatch, route))
        if len(prefix) not in self.lengths:
            insort(self.lengths, len(prefix))

    def find(self, path: str) -> tuple[Route[E], Groups] | None:
        literal = self.literals.get(path)
        if literal is not None and literal.order <= self.first_expression:
            return literal, NO_GROUPS
        for order, fullmatch, route in self._candidates(path):
            if literal is not None and order > literal.order:
                break
            match = fullmatch(path)
            if match is not None:
                return route, match.groupdict()
        return None if literal is None else (literal, NO_GROUPS)

    def _candidates(self, path: str) -> Iterable[_Expression[E]]:
        found = []
        for length in self.lengths:
            expressions = self.expressions.get(path[:length])
            if expressions is not None:
                found.append(expressions)
        if len(found) == 1:
            return found[0]
        return merge(*found, key=itemgetter(0)) if found else ()


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

    def resolve(self, method: str, path: str) -> tuple[Route[E], Groups] | None:
        """The first route whose pattern and method match, with its named groups."""
        return self._tables.get(method, self._other_methods).find(path)

    def allowed(self, path: str) -> frozenset[str]:
        """The methods that are answered for a path; none if no pattern matches it."""
        return frozenset(method for method, table in self._tables.items() if table.find(path))

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
