"""Registration of service methods with transports: the base class of transports and its machinery.

`base.py` makes decorators, `registration.py` decides what is registered and in which order,
`service_context.py` builds the dict that transports work with, `lifecycle.py` lets them take part in
start and stop.
"""

from __future__ import annotations

from tomodachi.invoker.attributes import (
    FUNCTION_ATTRIBUTE,
    INVOKER_TASK_START_KEYWORD,
    START_ATTRIBUTE,
)
from tomodachi.invoker.base import Invoker, InvokerDecorator
from tomodachi.invoker.decorator import decorator
from tomodachi.invoker.registration import StartFunction, handler_methods, register
from tomodachi.invoker.service_context import service_context

__all__ = [
    "FUNCTION_ATTRIBUTE",
    "INVOKER_TASK_START_KEYWORD",
    "START_ATTRIBUTE",
    "Invoker",
    "InvokerDecorator",
    "StartFunction",
    "decorator",
    "handler_methods",
    "register",
    "service_context",
]
