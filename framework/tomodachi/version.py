"""The version of the installed distribution."""

from __future__ import annotations

from importlib import metadata

_DISTRIBUTION = "tomodachi-testkit"


def _version() -> str:
    try:
        return metadata.version(_DISTRIBUTION)
    except metadata.PackageNotFoundError:
        # Run from a source tree that was never installed.
        return "0.0.0.dev0"


def _version_info(version: str) -> tuple[int | str, ...]:
    return tuple(int(part) if part.isdecimal() else part for part in version.split("."))


__version__ = _version()
__version_info__ = _version_info(__version__)
__build_time__ = ""
