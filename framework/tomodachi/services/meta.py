"""Decides what becomes of a class that extends `tomodachi.Service`: registration and defaults.

Only leaves are services to start: a class loses its mark when another one extends it.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Mapping
from typing import Any

from tomodachi.helpers.context_variables import context
from tomodachi.helpers.deprecation import warn_deprecated

CLASS_ATTRIBUTE = "_tomodachi_class_is_service_class"
TOMODACHI_CLASSES: list[type] = []
DEFAULT_NAME = "service"

# What a class was given for want of its own; inherited, so that subclasses can tell.
_GENERATED_UUID = "_tomodachi_generated_uuid"
_GENERATED_OPTIONS = "_tomodachi_generated_options"
_LOGGER = "_tomodachi_service_logger"


class TomodachiServiceMeta(type):
    """Metaclass of services."""

    def __new__(
        mcs, name: str, bases: tuple[type, ...], attributes: dict[str, Any], **kwargs: Any
    ) -> TomodachiServiceMeta:
        """Make the class; give it what it lacks, if it extends something."""
        cls = super().__new__(mcs, name, bases, attributes, **kwargs)
        if bases:
            _mark(cls, bases)
            _give_names(cls)
            _give_options(cls)
            if hasattr(cls, "discovery"):
                warn_of_discovery()
            if "message_protocol" in attributes:
                _warn_of_message_protocol()
        if not hasattr(cls, "logger"):
            # mypy does not see attributes that are made here.
            cls.logger = _logger_property()  # type: ignore[attr-defined]
        TOMODACHI_CLASSES.append(cls)
        return cls


def _mark(cls: type, bases: tuple[type, ...]) -> None:
    setattr(cls, CLASS_ATTRIBUTE, True)
    for base in bases:
        if CLASS_ATTRIBUTE in base.__dict__:
            delattr(base, CLASS_ATTRIBUTE)


def _give_names(cls: Any) -> None:
    inherited = getattr(cls, "uuid", None)
    # A uuid that was made up for a base is not shared: it names queues, and the queues of two
    # different services must differ.
    if not inherited or inherited == getattr(cls, _GENERATED_UUID, None):
        cls.uuid = str(uuid.uuid4())
        setattr(cls, _GENERATED_UUID, cls.uuid)
    if not getattr(cls, "name", None):
        cls.name = DEFAULT_NAME


def _give_options(cls: Any) -> None:
    from tomodachi.options import Options

    generated = getattr(cls, _GENERATED_OPTIONS, None)
    if not getattr(cls, "options", None):
        generated = cls.options = Options()
    elif generated is not None and cls.options is generated:
        # What a base got for want of any is not shared: the settings of two services differ.
        generated = cls.options = copy.deepcopy(generated)
    else:
        cls.options = as_options(cls.options)
    setattr(cls, _GENERATED_OPTIONS, generated)


def as_options(value: object) -> Any:
    """`value` as an `Options` object: itself, or made of a dict (deprecated).

    Raises:
        ValueError: it is neither.
    """
    from tomodachi.options import Options

    if isinstance(value, Options):
        return value
    if isinstance(value, Mapping):
        warn_deprecated(
            "Using a dict as the 'options' attribute of a service is deprecated: "
            "use tomodachi.Options(...) instead."
        )
        return Options(**value)
    msg = f"Invalid value for 'options' attribute: {value!r} is no tomodachi.Options object."
    raise ValueError(msg)


def warn_of_discovery() -> None:
    """Warn that service discovery by attribute is deprecated."""
    warn_deprecated("The 'discovery' attribute of a service is deprecated.")


def _warn_of_message_protocol() -> None:
    warn_deprecated(
        "The 'message_protocol' attribute of a service is deprecated: use 'message_envelope' instead."
    )


def _logger_property() -> property:
    def getter(self: Any) -> Any:
        logger = self.__dict__.get(_LOGGER)
        if logger is None:
            from tomodachi import logging

            return logging.get_logger(context("service.logger"))
        return logger

    def setter(self: Any, logger: Any) -> None:
        self.__dict__[_LOGGER] = logger

    def deleter(self: Any) -> None:
        self.__dict__.pop(_LOGGER, None)

    return property(getter, setter, deleter, "The service's logger, or the context's.")
