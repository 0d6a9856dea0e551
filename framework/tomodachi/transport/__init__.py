"""Transports: HTTP, SNS + SQS, AMQP and schedules; each is imported when it is first asked for.

`awssnssqs` is an older spelling of `aws_sns_sqs`, and the same module object.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from tomodachi._importer import _install_import_finder

if TYPE_CHECKING:
    from types import ModuleType

_MODULES = ("amqp", "aws_sns_sqs", "awssnssqs", "http", "schedule")

_install_import_finder({f"{__name__}.awssnssqs": f"{__name__}.aws_sns_sqs"})


def __getattr__(name: str) -> ModuleType:
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return importlib.import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted((*globals(), *_MODULES))
