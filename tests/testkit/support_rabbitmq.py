"""The RabbitMQ that tests run on, and what is in it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import aiohttp
import pytest


def needed(variable: str) -> str:
    """The URL that an environment variable holds; without it the test is skipped, but not in CI."""
    url = os.environ.get(variable, "")
    if not url and os.environ.get("CI"):
        pytest.fail(f"CI must set {variable}")
    if not url:
        pytest.skip(f"set {variable} to the URL of a RabbitMQ 3.10")
    return url


async def names_in(management_url: str) -> set[str]:
    """The names of everything that tests make, as the management API lists them."""
    parts = urlsplit(management_url)
    user = aiohttp.encode_basic_auth(parts.username or "", parts.password or "")
    base, headers = f"http://{parts.hostname}:{parts.port}", {"Authorization": user}
    found = set()
    async with aiohttp.ClientSession(base, headers=headers) as session:
        for kind in ("vhosts", "queues", "exchanges", "permissions"):
            async with session.get(f"/api/{kind}") as answer:
                for row in await answer.json():
                    found |= {str(row.get("vhost", "")), str(row.get("name", ""))}
    return found
