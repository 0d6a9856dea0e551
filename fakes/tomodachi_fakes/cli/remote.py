"""Talking to a running broker: its control API over HTTP, with the standard library alone."""

from __future__ import annotations

import http.client
import json
import os
from typing import Any
from urllib.parse import urlencode, urlsplit

from tomodachi_fakes.errors import FakesError
from tomodachi_fakes.servers.environment import reachable

_PREFIX = "SVC_FAKE_BROKER_"
_MANAGEMENT_PORT = "15672"
_WAITS_S = 600.0


class NotRunning(FakesError):
    """No broker answers where one was looked for."""

    def __init__(self, url: str, reason: object) -> None:
        super().__init__(
            f"no broker answers at {url} ({reason}). Start one with `svc-fake-broker`, or say where "
            "it is: --url http://127.0.0.1:15672, or the management port of its READY line."
        )


class Refused(FakesError):
    """The broker answered, but would not do it."""

    def __init__(self, status: int, content: Any) -> None:
        self.status = status
        self.content = content
        text = content.get("error", content) if isinstance(content, dict) else content
        if isinstance(content, dict) and isinstance(content.get("reason"), str):
            text = f"{text}: {content['reason']}"
        super().__init__(str(text))


def default_url() -> str:
    """Where a broker is that was started with the same variables."""
    given = os.environ.get(f"{_PREFIX}URL")
    if given:
        return given
    host = os.environ.get(f"{_PREFIX}HOST", "127.0.0.1")
    port = os.environ.get(f"{_PREFIX}MANAGEMENT_PORT", _MANAGEMENT_PORT)
    return f"http://{reachable(host)}:{port}"


class Remote:
    """A running broker."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, given: dict[str, Any] | None = None) -> Any:
        """A control call; `given` are its parameters, without those that are None.

        Raises:
            NotRunning: nobody answers.
            Refused: the answer is an error.
        """
        fields = {name: value for name, value in (given or {}).items() if value is not None}
        target = f"/_broker/{path}"
        if method == "GET":
            query = urlencode(fields)
            return self._json(self.send("GET", f"{target}?{query}" if query else target))
        headers = {"Content-Type": "application/json"}
        return self._json(self.send(method, target, json.dumps(fields).encode(), headers))

    def _json(self, answer: tuple[int, bytes]) -> Any:
        status, body = answer
        content = json.loads(body) if body else None
        if status >= http.client.BAD_REQUEST:
            raise Refused(status, content)
        return content

    def send(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """One request; its status and body.

        Raises:
            NotRunning: nobody answers.
            FakesError: the URL is none.
        """
        address = urlsplit(self.url)
        if address.scheme != "http" or not address.hostname:
            msg = f"{self.url!r} is no URL of a broker; one is http://127.0.0.1:15672"
            raise FakesError(msg)
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=_WAITS_S)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotRunning(self.url, error) from error
        finally:
            connection.close()
