"""A pytest-asyncio that asks plugins for no loop is named, and so is the way out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tomodachi_testkit.old_pytest_asyncio import asks_for_no_loop


def test_an_old_pytest_asyncio_is_told_to_be_replaced(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """pytest-asyncio 1.4 asks plugins for a loop; those before it do not."""
    monkeypatch.setattr(
        "tomodachi_testkit.old_pytest_asyncio.asks_for_no_loop", lambda config: True
    )
    pytester.makeconftest(
        """
import asyncio
import pytest

@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    asyncio.run(pyfuncitem.obj(svc=pyfuncitem.funcargs["svc"]))
    return True
"""
    )
    pytester.makepyfile("async def test_it(svc):\n    pass\n")
    result = pytester.runpytest_inprocess("-p", "no:asyncio", "-p", "no:xdist")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*pip install 'pytest-asyncio>=1.4'*"])
    assert "NotVirtual" not in result.stdout.str()


class _Specified:
    def has_spec(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("has_plugin", "hook", "expected"),
    [
        (True, SimpleNamespace(pytest_asyncio_loop_factories=_Specified()), False),
        (True, SimpleNamespace(), True),
        (False, SimpleNamespace(), False),
    ],
)
def test_a_pytest_asyncio_that_has_no_hook_for_loops_is_old(
    has_plugin: bool, hook: object, expected: bool
) -> None:
    manager = SimpleNamespace(has_plugin=lambda name: has_plugin and name == "asyncio")
    config: Any = SimpleNamespace(hook=hook, pluginmanager=manager)
    assert asks_for_no_loop(config) is expected
