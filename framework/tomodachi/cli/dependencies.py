"""Which of the libraries that the runtime is built on are installed, in which version."""

from __future__ import annotations

from importlib import metadata

NEEDED = ("aioamqp", "aiobotocore", "aiohttp", "botocore")
"""The distributions that a service can't do without."""

DEPENDENCIES = (
    *NEEDED,
    "protobuf",
    "uvloop",
    "opentelemetry-api",
    "opentelemetry-sdk",
    "opentelemetry-instrumentation",
)
"""The distributions that `--dependency-versions` lists, if they are installed."""


def versions() -> dict[str, str | None]:
    """The installed version of each dependency, None for an absent one."""
    return {name: _version(name) for name in DEPENDENCIES}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
