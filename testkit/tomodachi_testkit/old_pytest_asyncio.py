"""Tells a project with a pytest-asyncio older than its hook for loops (1.4) what it needs.

Source: https://pytest-asyncio.readthedocs.io/en/stable/reference/changelog.html
"""

from __future__ import annotations

import pytest

_TEXT = (
    "this pytest-asyncio asks no plugin for a loop, so the testkit cannot move the test's time: "
    "pip install 'pytest-asyncio>=1.4', or mark the test with @pytest.mark.svc(clock='real')."
)


def refuse(config: pytest.Config) -> None:
    """Fail the test that runs, if pytest-asyncio is so old.

    Raises:
        pytest.fail.Exception: it is.
    """
    if asks_for_no_loop(config):
        raise pytest.fail.Exception(_TEXT, pytrace=False) from None


def asks_for_no_loop(config: pytest.Config) -> bool:
    """Whether there is a pytest-asyncio without the hook."""
    asks = getattr(config.hook, "pytest_asyncio_loop_factories", None)
    return config.pluginmanager.has_plugin("asyncio") and (asks is None or not asks.has_spec())
