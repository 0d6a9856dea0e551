"""A headless Chromium for tests of what a browser does."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, async_playwright


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The one that SVC_TEST_CHROMIUM names, or that is on the path; without one, CI fails and others skip."""
    path = os.environ.get("SVC_TEST_CHROMIUM") or shutil.which("chromium")
    if path is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("there is no chromium; SVC_TEST_CHROMIUM names one")
    async with async_playwright() as playwright:
        # As root, as in a container, Chromium does not start within its own sandbox.
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()
