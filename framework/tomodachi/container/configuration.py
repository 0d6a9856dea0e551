"""Merges configuration files' values onto a service instance (deprecated; options took their place)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tomodachi.errors import TomodachiError
from tomodachi.helpers.dict import merge_dicts
from tomodachi.options import KEYS, Options


class InvalidConfigurationError(TomodachiError, ValueError):
    """A configured value does not fit the service's options."""


def setup_configuration(service: Any, configuration: Mapping[str, Any]) -> None:
    """Set each value on the instance: dicts are merged, lists joined, options set key by key.

    Raises:
        InvalidConfigurationError: an option is unknown or can't have the value.
    """
    for key, value in configuration.items():
        current = getattr(service, key, None)
        if key == "options" and isinstance(value, Mapping):
            service.options = _with(current, value)
        elif isinstance(current, dict | list) and isinstance(value, type(current)):
            setattr(service, key, merge_dicts({key: current}, {key: value})[key])
        else:
            setattr(service, key, value)


def check_context_options(service: Any) -> None:
    """Compare what a `context` of the service's class says of an option in two ways.

    Raises:
        InvalidConfigurationError: `"http.port"` and `"http": {"port": ...}` differ.
    """
    options = (getattr(service, "context", None) or {}).get("options")
    if not isinstance(options, Mapping):
        return
    for key, value in options.items():
        found: Any = options
        *sections, name = key.split(".")
        for section in sections:
            found = found.get(section, {})
        if found.get(name, value) != value:
            msg = f"Mismatching options for {key!r}: {value!r} and {found[name]!r} differ"
            raise InvalidConfigurationError(msg)


def _with(current: Options | None, values: Mapping[str, Any]) -> Options:
    # The instance gets options of its own: those it had may be its class's.
    options = copy.deepcopy(current) if current is not None else Options()
    try:
        for key, value in values.items():
            _set(options, key, value)
    except (AttributeError, TypeError, ValueError) as error:
        msg = f"failed to setup options: {error}"
        raise InvalidConfigurationError(msg) from error
    return options


def _set(options: Options, key: str, value: Any) -> None:
    if isinstance(value, Mapping) and key not in KEYS:
        for name, inner in value.items():
            _set(options, f"{key}.{name}", inner)
    else:
        options[key] = value
