"""The dashboard in a real headless Chromium, and the brokers that it shows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page
from tests.fakes.control.support_site import Site, running_site
from tests.support_chromium import chromium


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def page(site: Site, browser: Browser) -> AsyncIterator[Page]:
    """The dashboard's first view. What the page complains of on the console fails the test."""
    context = await browser.new_context()
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    await page.goto(f"{site.broker.management_url}/")
    await page.get_by_role("heading", name="Overview").wait_for()
    yield page
    await context.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    # What the control API refuses is a complaint to the browser, and an answer to the page.
    url = said.location["url"]
    is_answer = "/_broker/" in url and "/_broker/dashboard/" not in url
    return said.type in ("error", "warning") and not is_answer
