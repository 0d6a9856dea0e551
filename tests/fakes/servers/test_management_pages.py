"""What a RabbitMQ's management port has to read and to take along is there, in our words."""

from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.servers.management_pages import page

pytestmark = pytest.mark.source("https://www.rabbitmq.com/docs/management-cli")


def asked(path: str) -> Any:
    return page(HttpRequest("GET", path, "", {}, b""))


@pytest.mark.parametrize("path", ["/api", "/api/", "/cli", "/cli/"])
def test_a_folder_leads_to_its_page(path: str) -> None:
    """As a RabbitMQ 3.10.8 answers: 301."""
    target = f"{path.rstrip('/')}/index.html"
    found = asked(path)
    assert (found.status, found.headers["Location"]) == (301, target)
    assert (asked(target).status, asked(target).content_type) == (200, "text/html")


def test_the_page_about_the_api_names_every_path() -> None:
    text = asked("/api/index.html").body.decode()
    for path in ("/api/overview", "/api/queues/{vhost}/{queue}", "/api/definitions"):
        assert f"<td>{path}</td>" in text
    assert "PUT, DELETE" in text


def test_the_tool_is_a_file_that_python_can_run() -> None:
    found = asked("/cli/rabbitmqadmin")
    assert (found.status, found.content_type) == (200, "application/octet-stream")
    assert found.body.startswith(b"#!/usr/bin/env python3\n")
    compile(found.body, "rabbitmqadmin", "exec")


def test_nothing_else_is_there() -> None:
    for path in ("/cli/rabbitmqctl", "/client", "/apis", "/cli/index.htm"):
        assert asked(path) is None
