"""Gives modules further names: importing either gives the same module object."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _AliasLoader:
    """Loads the module of the current name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self._name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # The import system has just put the other name's spec on the module.
        module.__spec__ = self._spec


class ImportFinder:
    """Knows modules by their other names.

    Args:
        module_name_mapping: Other name to the module's own, both in full.
    """

    def __init__(self, module_name_mapping: Mapping[str, str]) -> None:
        self.module_name_mapping = module_name_mapping

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the import system asks for."""
        name = self.module_name_mapping.get(fullname)
        if name is None:
            return None
        # Both only look like their base classes, which take longer to import than all of this package.
        return ModuleSpec(fullname, _AliasLoader(name))  # type: ignore[arg-type]


def _install_import_finder(module_name_mapping: Mapping[str, str]) -> None:
    # A reload of the module that calls this must not leave a second finder behind.
    known = [getattr(finder, "module_name_mapping", None) for finder in sys.meta_path]
    if module_name_mapping not in known:
        sys.meta_path.insert(0, ImportFinder(module_name_mapping))
