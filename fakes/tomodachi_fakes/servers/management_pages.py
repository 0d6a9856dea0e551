"""What the management port has to read and to take along: a page about its API, and the command line tool.

`/api` and `/cli` lead to their pages, as a RabbitMQ's do; no login is asked for. The tool is the file
`rabbitmqadmin.py` beside this module, as it is.

Source: https://www.rabbitmq.com/docs/management#http-api, https://www.rabbitmq.com/docs/management-cli; a RabbitMQ
3.10.8's answers
"""

from __future__ import annotations

from html import escape
from pathlib import Path

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse
from tomodachi_fakes.management.routes import ROUTES

_HTML = "text/html"
_LED_ON = {"/api": "/api/index.html", "/cli": "/cli/index.html"}
_TOOL = "/cli/rabbitmqadmin"
_HEAD = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head><body>\n<h1>{title}</h1>\n'
_END = "</body></html>\n"
_ABOUT_THE_TOOL = (
    f'<p>Download it from <a href="{_TOOL}">{_TOOL}</a>. It is one file and needs only Python:</p>\n'
    "<pre>curl -O http://localhost:15672/cli/rabbitmqadmin\npython3 rabbitmqadmin list queues name messages</pre>\n"
)


def page(request: HttpRequest) -> HttpResponse | None:
    """What is at a path; None when nothing is."""
    path = request.path
    if (target := _LED_ON.get(path.rstrip("/"))) is not None:
        return HttpResponse(301, "", b"", {"Location": target})
    if path == "/api/index.html":
        return _html("RabbitMQ's management API", _about_the_api())
    if path == "/cli/index.html":
        return _html("rabbitmqadmin", _ABOUT_THE_TOOL)
    if path == _TOOL:
        tool = Path(__file__).with_name("rabbitmqadmin.py").read_bytes()
        return HttpResponse(200, "application/octet-stream", tool)
    return None


def _html(title: str, body: str) -> HttpResponse:
    return HttpResponse(200, _HTML, f"{_HEAD.format(title=title)}{body}{_END}".encode())


def _about_the_api() -> str:
    """Every path with its methods; a virtual host's name is written with `%2F` for `/`."""
    rows = [
        f"<tr><td>{escape(', '.join(route.handlers))}</td>"
        f"<td>/api/{escape('/'.join(route.segments))}</td></tr>\n"
        for route in ROUTES
    ]
    text = (
        "<p>What svc-fake-broker answers, in JSON. Log in by HTTP's basic authentication (guest, guest); "
        "write the <code>/</code> in names as <code>%2F</code>. What each call takes and gives is told in "
        '<a href="https://www.rabbitmq.com/docs/http-api-reference">RabbitMQ\'s reference</a>.</p>\n'
    )
    return f"{text}<table>\n<tr><th>Methods</th><th>Path</th></tr>\n{''.join(rows)}</table>\n"
