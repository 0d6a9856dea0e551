"""Access to options: by attribute, by item, by dotted path, as a flat dict, as text.

A section holds option values and further sections. It knows its dotted prefix and, once it is part of
an `Options`, its parent, because some older spellings live in a section other than their own.
"""

from __future__ import annotations

import sys
from collections.abc import ItemsView, Iterator, Mapping
from typing import Any, ClassVar, dataclass_transform

from tomodachi.helpers.deprecation import warn_deprecated
from tomodachi.helpers.nearest import nearest
from tomodachi.options.fields import KeySpec, Rule
from tomodachi.options.legacy import LEGACY_KEYS

_MISSING: Any = object()
# The only older section that is no section today.
_LEGACY_SECTION = "aws"


def option(*, default: Any, rule: Rule, secret: bool = False) -> Any:
    """Declare an option in a section's class body."""
    return (default, rule, secret)


def section(*, default: Any = None) -> Any:
    """Declare a nested section in a class body; `default` is for type checkers only."""
    return default


@dataclass_transform(kw_only_default=True, field_specifiers=(option, section))
class OptionsInterface:
    """A section of options."""

    _prefix: ClassVar[str] = ""
    _specs: ClassVar[dict[str, KeySpec]] = {}
    _sections: ClassVar[dict[str, type[OptionsInterface]]] = {}

    def __init_subclass__(cls, prefix: str = "", **sections: type[OptionsInterface]) -> None:
        """Read the class body's options and remember the nested sections."""
        cls._prefix = prefix
        cls._sections = sections
        cls._specs = {}
        dot = f"{prefix}." if prefix else ""
        for name, value in list(cls.__dict__.items()):
            if isinstance(value, tuple) and len(value) == len(("default", "rule", "secret")):
                cls._specs[name] = KeySpec(dot + name, *value)
                delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        self.__dict__["_parent"] = None
        for name, spec in self._specs.items():
            default = spec.default
            self.__dict__[name] = default.copy() if isinstance(default, list) else default
        for name, kind in self._sections.items():
            self._adopt(name, kind())
        # Sections first: a dotted key given beside a section refines it, in whatever order.
        for name in sorted(values, key=lambda key: key not in self._sections):
            self._take(name, values[name])

    # --- what a constructor accepts -------------------------------------------------------------

    def _take(self, name: str, value: Any) -> None:
        if name in self._sections:
            self._take_section(name, value)
        elif isinstance(value, Mapping) and self._dotted(name) == _LEGACY_SECTION:
            self._take_legacy_section(name, value)
        else:
            self[name] = value

    def _take_section(self, name: str, value: Any) -> None:
        if isinstance(value, OptionsInterface):
            self._adopt(name, value)
            return
        if not isinstance(value, Mapping):
            msg = (
                f"{type(self).__qualname__}() argument after ** must be a mapping: option section "
                f"{self._dotted(name)!r} was given {value!r}; pass a dict or an instance of its class"
            )
            raise TypeError(msg)
        for key in sorted(value, key=lambda key: key not in self._sections[name]._sections):
            self.__dict__[name]._take(key, value[key])

    def _take_legacy_section(self, name: str, value: Mapping[str, Any]) -> None:
        known = [key for key in value if f"{self._dotted(name)}.{key}" in LEGACY_KEYS]
        unknown = [key for key in value if key not in known]
        if unknown and known:
            msg = f"Invalid attribute(s) in dict: {', '.join(unknown)}"
            raise AttributeError(msg, name=unknown[0], obj=self)
        if unknown:
            raise self._unknown(name)
        for key in known:
            self[f"{name}.{key}"] = value[key]

    def _adopt(self, name: str, value: OptionsInterface) -> None:
        if not isinstance(value, self._sections[name]):
            msg = (
                f"option section {self._dotted(name)!r} must be an instance of "
                f"{self._sections[name].__qualname__} or a dict, not {value!r}"
            )
            raise TypeError(msg)
        value.__dict__["_parent"] = self
        self.__dict__[name] = value

    # --- one name -------------------------------------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        """Reached for names that are no option of this section: older spellings, or nothing."""
        if name.startswith("_") and name not in self._specs:
            raise self._unknown(name)
        targets = self._legacy_targets(name)
        if not targets:
            raise self._unknown(name)
        root = self._root_for(name, targets)
        _warn_of_legacy(self._dotted(name), targets)
        return root[targets[0]]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an option, a section (an instance or a dict), or an older spelling of an option."""
        if name in self._specs:
            self.__dict__[name] = self._specs[name].check(_normal(name, value))
        elif name in self._sections:
            if not isinstance(value, OptionsInterface):
                self._adopt(name, self._sections[name]())
            self._take_section(name, value)
        else:
            targets = self._legacy_targets(name)
            if not targets:
                raise self._unknown(name)
            root = self._root_for(name, targets)
            _warn_of_legacy(self._dotted(name), targets)
            for target in targets:
                root[target] = value

    def _legacy_targets(self, name: str) -> tuple[str, ...]:
        return LEGACY_KEYS.get(self._dotted(name), ())

    def _root_for(self, name: str, targets: tuple[str, ...]) -> OptionsInterface:
        root = self
        while root._parent is not None:
            root = root._parent
        if root._prefix:
            # A section on its own can hold only what has not moved elsewhere.
            inside = f"{root._prefix}."
            if all(target.startswith(inside) for target in targets):
                return _Relative(root)
            msg = (
                f"'{name}' deprecated attribute has moved and OptionsInterface has no parent: "
                f"set {', '.join(targets)} on tomodachi.Options instead"
            )
            raise AttributeError(msg, name=name, obj=self)
        return root

    def _unknown(self, name: str) -> AttributeError:
        msg = f"'{type(self).__name__}' object has no attribute '{name}'"
        error = AttributeError(msg, name=name, obj=self)
        # From Python 3.12 on, tracebacks say so by themselves, also in logs.
        if sys.version_info < (3, 12) and (near := nearest(name, self.keys())):
            error.add_note(f"Did you mean: '{near}'?")
        return error

    def _dotted(self, name: str) -> str:
        return f"{self._prefix}.{name}" if self._prefix else name

    # --- dotted paths ---------------------------------------------------------------------------

    def __getitem__(self, path: str) -> Any:
        """The value at a dotted path."""
        holder, name = self._walk(path)
        return getattr(holder, name)

    def __setitem__(self, path: str, value: Any) -> None:
        """Set the value at a dotted path."""
        holder, name = self._walk(path)
        setattr(holder, name, value)

    def _walk(self, path: str) -> tuple[OptionsInterface, str]:
        holder = self
        head, dot, rest = path.partition(".")
        while dot and head in holder._sections:
            holder = holder.__dict__[head]
            head, dot, rest = rest.partition(".")
        if not dot:
            return holder, head
        # An older section ("aws.region_name") has no object of its own: the path is the name.
        if holder._legacy_targets(f"{head}.{rest}"):
            return holder, f"{head}.{rest}"
        raise holder._unknown(head)

    def get(self, path: str, default: Any = _MISSING) -> Any:
        """The value at a dotted path, or `default` for an unknown one.

        Raises:
            AttributeError: the path is unknown and no default was given.
        """
        try:
            return self[path]
        except AttributeError:
            if default is _MISSING:
                raise
            return default

    # --- as a mapping ---------------------------------------------------------------------------

    def keys(self) -> list[str]:
        """The names of this section's options and sections."""
        return [*self._specs, *self._sections]

    def asdict(self, *, prefix: str = "") -> dict[str, Any]:
        """Every option as a flat dict of dotted keys, each right after `prefix` (`"http."`)."""
        flat = {prefix + name: self.__dict__[name] for name in self._specs}
        for name in self._sections:
            flat |= self.__dict__[name].asdict(prefix=f"{prefix}{name}.")
        return flat

    def items(self) -> ItemsView[str, Any]:
        """Dotted keys and their values."""
        return self.asdict().items()

    def __iter__(self) -> Iterator[str]:
        """Iterate over `keys()`."""
        return iter(self.keys())

    def __len__(self) -> int:
        """How many `keys()` there are."""
        return len(self.keys())

    def __contains__(self, path: object) -> bool:
        """Whether a dotted path names an option or a section, in today's or an older spelling."""
        if not isinstance(path, str):
            return False
        try:
            holder, name = self._walk(path)
        except AttributeError:
            return False
        return name in holder.keys() or bool(holder._legacy_targets(name))  # noqa: SIM118 - a method

    def __eq__(self, other: object) -> bool:
        """Options are equal when they are of one kind and every value is equal."""
        if type(self) is not type(other) or not isinstance(other, OptionsInterface):
            return NotImplemented
        return self.asdict() == other.asdict()

    __hash__ = None  # type: ignore[assignment]  # mutable, hence unhashable

    def __repr__(self) -> str:
        """Every section with its keys; secrets are hidden."""
        return "\n".join(self._blocks()) if self._prefix == "" else "\n".join(self._lines(0))

    def _blocks(self) -> list[str]:
        return ["\n".join(self.__dict__[name]._lines(0)) for name in self._sections]

    def _lines(self, depth: int) -> list[str]:
        pad, mark = "  " * depth, "·" if depth else "∴"
        name = type(self).__qualname__
        title = self._prefix.rpartition(".")[2]
        lines = [f'{pad}{mark} {title} <class: "{name}" -- prefix: "{self._prefix}">:']
        lines += [f"{pad}  | {key} = {self._shown(key)}" for key in self._specs]
        for key in self._sections:
            lines += self.__dict__[key]._lines(depth + 1)[:-1]
        return [*lines, ""]

    def _shown(self, key: str) -> str:
        value = self.__dict__[key]
        if self._specs[key].secret and value:
            value = "****"
        return f'"{value}"' if isinstance(value, str) else repr(value)


class _Relative(OptionsInterface):
    """A parentless section seen under its full dotted prefix."""

    def __init__(self, inner: OptionsInterface) -> None:
        self.__dict__["_inner"] = inner

    def __getitem__(self, path: str) -> Any:
        inner = self.__dict__["_inner"]
        return inner[path.removeprefix(f"{inner._prefix}.")]

    def __setitem__(self, path: str, value: Any) -> None:
        inner = self.__dict__["_inner"]
        inner[path.removeprefix(f"{inner._prefix}.")] = value


def _warn_of_legacy(key: str, targets: tuple[str, ...]) -> None:
    warn_deprecated(f"The option '{key}' is deprecated: use {', '.join(targets)} instead.")


def _normal(name: str, value: Any) -> Any:
    # Upstream stores [] for both; "no network" has one form.
    return [] if name == "real_ip_from" and value in (None, "") else value
