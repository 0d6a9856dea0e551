"""Decides under which name a service file is imported, and from where.

A file is imported as `<directory>.<file>`, so that its relative imports work; where that package name
is taken by something else it is loaded on its own, as `<file>`.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from tomodachi import logging
from tomodachi.errors import TomodachiError
from tomodachi.exit_code import set_exit_code

_MISSING_FILE = 2


class ServicePackageError(TomodachiError, ImportError):
    """The directory of a service file bears the name of a module that is needed for itself."""


class ServiceImporter:
    """Imports service files."""

    @classmethod
    def import_service_file(cls, file_name: str, no_exec: bool = False) -> ModuleType:  # noqa: FBT001
        """Import a service file, with or without `.py`, relative to the working directory.

        Args:
            file_name: The path.
            no_exec: Only compile the file: finds syntax errors, runs nothing.

        Raises:
            FileNotFoundError: there is no such file; an OSError.
            ServicePackageError: its directory is called like a module of the standard library.
            Exception: whatever the file raises when it is executed.
        """
        logger = logging.get_logger("tomodachi.importer")
        path = service_path(file_name)
        named = f"{file_name.removesuffix('.py')}.py"
        if not path.is_file():
            logger.error("no such service file", file_path=named)
            set_exit_code(_MISSING_FILE)
            msg = f"No such service file: {path}"
            raise FileNotFoundError(msg)
        try:
            return cls.import_module(str(path), no_exec=no_exec)
        except ImportError as error:
            if str(error) == "attempted relative import with no known parent package":
                raise _name_taken(path) from error
            if not isinstance(error, ServicePackageError):
                logger.warning("unable to load service file", file_path=named)
            raise
        except Exception:
            logger.error("unable to load service file", file_path=named)  # noqa: TRY400 - the caller tells the exception
            raise

    @classmethod
    def import_module(cls, file_name: str, no_exec: bool = False) -> ModuleType:  # noqa: FBT001
        """Import a file as `import_service_file` does, without its log lines.

        Raises:
            ImportError: the file is none that Python can import.
            ServicePackageError: its directory is called like a module of the standard library.
        """
        path = service_path(file_name)
        _add_to_path(str(Path.cwd()), str(path.parent.parent))
        spec = _spec_of(path)
        if no_exec:
            compile(path.read_bytes(), str(path), "exec")
            return importlib.util.module_from_spec(spec)
        return _load(spec)


def service_path(file_name: str) -> Path:
    """The absolute path of a service file that may have been named without `.py`."""
    path = Path(file_name)
    if path.suffix != ".py" and not path.is_file():
        path = Path(f"{file_name}.py")
    return path if path.is_absolute() else Path.cwd() / path


def _add_to_path(*entries: str) -> None:
    for entry in entries:
        if entry not in sys.path:
            sys.path.insert(0, entry)


def _spec_of(path: Path) -> ModuleSpec:
    _refuse_names_of_the_standard_library(path)
    name = f"{path.parent.name}.{path.stem}"
    if not _can_be_package(path.parent):
        # Where the name alone is another module's, one that no import can ask for.
        name = f"{path.parent.name}/{path.stem}" if _is_taken(path) else path.stem
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        msg = f"{path} is no Python file"
        raise ImportError(msg)
    return spec


def _refuse_names_of_the_standard_library(path: Path) -> None:
    directory = path.parent.name
    if directory == path.stem and directory in sys.stdlib_module_names:
        spec = importlib.util.find_spec(directory)
        if spec is None or spec.submodule_search_locations is None:
            raise _name_taken(path)


def _name_taken(path: Path) -> ServicePackageError:
    directory = path.parent.name
    logging.get_logger("tomodachi.importer").warning(
        "invalid service package name or parent name may conflict with builtin python modules"
        " - change parent folder name",
        package_name=directory,
        file_path=str(path),
    )
    return ServicePackageError(f"the folder '{directory}' is called like another module: rename it")


def _is_taken(path: Path) -> bool:
    """Whether a module that is not this file has the file's name."""
    loaded = sys.modules.get(path.stem)
    if loaded is None:
        return path.stem in sys.stdlib_module_names
    return getattr(loaded, "__file__", None) != str(path)


def _can_be_package(directory: Path) -> bool:
    """Whether `import <directory's name>` gives this directory."""
    name = directory.name
    if not name or "." in name or name in sys.stdlib_module_names:
        return False
    try:
        package = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return False
    return any(Path(entry).resolve() == directory.resolve() for entry in _locations(package))


def _locations(package: ModuleType) -> list[str]:
    return list(getattr(package, "__path__", ()))


def _load(spec: ModuleSpec) -> ModuleType:
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(spec.name)
    sys.modules[spec.name] = module
    try:
        # `_spec_of` gives no spec without a loader.
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except BaseException:
        if before is None:
            del sys.modules[spec.name]
        else:
            sys.modules[spec.name] = before
        raise
    return sys.modules[spec.name]
