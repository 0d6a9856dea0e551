"""What a change does to imported code: it is compiled, forgotten and imported anew.

Only modules whose source lies below the watched roots are forgotten: libraries keep their state, and
so does the runtime. What can't be imported changes nothing, so that the services before it go on.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tokenize
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

from tomodachi.errors import TomodachiError
from tomodachi.helpers.safe_modules import is_safe
from tomodachi.importer import ServiceImporter
from tomodachi.importer.importer import service_path
from tomodachi.launcher.import_errors import log_import_error, syntax_error_location
from tomodachi.services.meta import TOMODACHI_CLASSES


class ReloadError(TomodachiError):
    """Changed code can't be imported; the error has been logged, and is the cause.

    Attributes:
        location: The place of a syntax error, "" for other errors.
    """

    def __init__(self, location: str) -> None:
        super().__init__(f"changed code can't be imported {location}".rstrip())
        self.location = location


def imported_anew(
    service_files: Iterable[str], roots: Iterable[str], changed: Iterable[str]
) -> list[ModuleType]:
    """The modules of service files, with everything below `roots` imported anew.

    Args:
        service_files: As the command line names them.
        roots: The watched directories.
        changed: Files that have changed.

    Raises:
        ReloadError: they can't be imported; what was loaded before still is.
    """
    files, roots, changed = list(service_files), list(roots), set(changed)
    loaded, classes = dict(sys.modules), TOMODACHI_CLASSES[:]
    try:
        check_syntax([*map(str, map(service_path, files)), *(changed & source_files(roots))])
        forget_modules(roots, changed)
        return [ServiceImporter.import_service_file(file) for file in files]
    except (Exception, SystemExit) as error:
        log_import_error(error, "tomodachi.watcher")
        forget_modules(roots)
        sys.modules.update(loaded)
        TOMODACHI_CLASSES[:] = classes
        raise ReloadError(syntax_error_location(error)) from error


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
    roots = list(roots)
    names = [*(name for name, _ in _loaded_below(roots)), *_namespace_packages_below(roots)]
    for name in names:
        del sys.modules[name]
    TOMODACHI_CLASSES[:] = [cls for cls in TOMODACHI_CLASSES if cls.__module__ not in names]
    for file in changed:
        if file.endswith(".py"):
            Path(importlib.util.cache_from_source(file)).unlink(missing_ok=True)
    importlib.invalidate_caches()
    return names


def _namespace_packages_below(roots: list[str]) -> list[str]:
    """Packages without a file of their own, which hold the modules in them as attributes."""
    found = []
    for name, module in list(sys.modules.items()):
        if getattr(module, "__file__", None) is None and not is_safe(name):
            places = [Path(place).resolve() for place in getattr(module, "__path__", ())]
            if places and all(_is_own(place, roots) for place in places):
                found.append(name)
    return found


def _is_own(path: Path, roots: Iterable[str]) -> bool:
    """Whether a path lies in a watched root, and is of no library that lies there too."""
    return not any(part in _LIBRARIES for part in path.parts) and any(
        path.is_relative_to(Path(root).resolve()) for root in roots
    )


def _loaded_below(roots: Iterable[str]) -> list[tuple[str, str]]:
    roots = list(roots)
    found = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if not file or is_safe(name):
            continue
        path = Path(file).resolve()
        if path.suffix == ".py" and _is_own(path, roots):
            found.append((name, str(path)))
    return found
