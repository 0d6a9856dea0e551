"""What a restart does to imported code: check that it can be compiled, and forget it.

Only modules whose source lies below the watched roots are forgotten: libraries keep their state, and
so does the runtime. Forgotten modules are imported anew by the importer.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path

from tomodachi.helpers.safe_modules import is_safe
from tomodachi.services.meta import TOMODACHI_CLASSES

_LIBRARIES = ("site-packages", "dist-packages")


def check_syntax(files: Iterable[str]) -> None:
    """Compile the Python files among `files`, without running them or writing anything.

    Raises:
        SyntaxError: one can't be compiled; the exception names the file and line.
    """
    for name in files:
        path = Path(name)
        if path.suffix == ".py" and path.is_file():
            with tokenize.open(path) as source:
                compile(source.read(), str(path), "exec", dont_inherit=True)


def source_files(roots: Iterable[str]) -> set[str]:
    """The source files of the loaded modules that `forget_modules` would forget."""
    return {file for _, file in _loaded_below(roots)}


def forget_modules(roots: Iterable[str], changed: Iterable[str] = ()) -> list[str]:
    """Drop the modules below `roots`, and the service classes in them; the modules' names.

    Args:
        roots: The watched directories.
        changed: Files that have changed. Their cached bytecode goes too: it is compared with the
            source by whole seconds and size, and two quick edits can agree in both.
    """
    names = [name for name, _ in _loaded_below(roots)]
    for name in names:
        del sys.modules[name]
    TOMODACHI_CLASSES[:] = [cls for cls in TOMODACHI_CLASSES if cls.__module__ not in names]
    for file in changed:
        if file.endswith(".py"):
            Path(importlib.util.cache_from_source(file)).unlink(missing_ok=True)
    importlib.invalidate_caches()
    return names


def _loaded_below(roots: Iterable[str]) -> list[tuple[str, str]]:
    below = [Path(root).resolve() for root in roots]
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or is_safe(name):
            continue
        path = Path(file).resolve()
        own = path.suffix == ".py" and not any(part in _LIBRARIES for part in path.parts)
        if own and any(path.is_relative_to(root) for root in below):
            found.append((name, str(path)))
    return found
