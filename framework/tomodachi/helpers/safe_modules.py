"""Modules that a hot reload leaves alone: the standard library, the runtime, what it is built on.

Those hold state that outlives a service (event loops, loggers, registries of classes), and none of
them changes while a developer edits a service.
"""

from __future__ import annotations

import sys

SAFE_MODULES: set[str] = set(sys.stdlib_module_names) | {
    "__main__",
    "_pytest",
    "aioamqp",
    "aiobotocore",
    "aiohappyeyeballs",
    "aiohttp",
    "aioitertools",
    "aiosignal",
    "anyio",
    "attr",
    "attrs",
    "boto3",
    "botocore",
    "cryptography",
    "dateutil",
    "frozenlist",
    "google",
    "httptools",
    "idna",
    "jmespath",
    "multidict",
    "numpy",
    "opentelemetry",
    "pamqp",
    "prometheus_client",
    "propcache",
    "pytest",
    "sentry_sdk",
    "structlog",
    "tomodachi",
    "tomodachi_fakes",
    "tomodachi_testkit",
    "tzlocal",
    "urllib3",
    "uvloop",
    "watchfiles",
    "wrapt",
    "yarl",
}
"""Top-level names; a module is safe when the first part of its dotted name is here."""


def is_safe(module_name: str) -> bool:
    """Whether a reload leaves this module alone."""
    return module_name.partition(".")[0] in SAFE_MODULES
