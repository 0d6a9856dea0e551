"""Transports: HTTP, SNS + SQS, AMQP and schedules; each is imported when it is first asked for.

`awssnssqs` is an older spelling of `aws_sns_sqs`, and the same module object.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

_MODULES = ("amqp", "aws_sns_sqs", "awssnssqs", "http", "schedule")
_NAME, _OLD_NAME = f"{__name__}.aws_sns_sqs", f"{__name__}.awssnssqs"


class _OldNameLoader:
    """Loads the module of the current name."""

    def __init__(self) -> None:
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(_NAME)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just put the old name's spec on the module.
        module.__spec__ = self._spec


class _OldNameFinder:
    """Knows one module: the old name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != _OLD_NAME:
            return None
        # Both only look like their base classes, which take longer to import than all of this package.
        return ModuleSpec(fullname, _OldNameLoader())  # type: ignore[arg-type]


# A reload of this module must not leave a second finder behind.
if not any(type(finder).__name__ == _OldNameFinder.__name__ for finder in sys.meta_path):
    sys.meta_path.insert(0, _OldNameFinder())


def __getattr__(name: str) -> ModuleType:
    if name not in _MODULES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return importlib.import_module(f"{__name__}.{name}")


def __dir__() -> list[str]:
    return sorted((*globals(), *_MODULES))
