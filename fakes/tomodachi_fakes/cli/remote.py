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


class NotABroker(FakesError):
    """Something answers there, but no `svc-fake-broker`: a RabbitMQ has the same port, for example."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"what answers at {url} is no svc-fake-broker. Say where yours is: --url with the management "
            "port of its READY line, or its AWS port."
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
    host = os.environ.get(f"{_PREFIX}HOST") or "127.0.0.1"
    port = os.environ.get(f"{_PREFIX}MANAGEMENT_PORT") or _MANAGEMENT_PORT
    return f"http://{reachable(host)}:{port}"


class Remote:
    """A running broker."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def call(self, method: str, path: str, given: dict[str, Any] | None = None) -> Any:
        """A control call; `given` are its parameters, without those that are None.

        Raises:
            NotRunning: nobody answers.
            NotABroker: what answers is something else.
            Refused: the answer is an error.
        """
        fields = {name: value for name, value in (given or {}).items() if value is not None}
        target = f"/_broker/{path}"
        if method == "GET":
            query = urlencode(fields)
            return self.control_answer(self.send("GET", f"{target}?{query}" if query else target))
        headers = {"Content-Type": "application/json"}
        return self.control_answer(self.send(method, target, json.dumps(fields).encode(), headers))

    def control_answer(self, answer: tuple[int, bytes]) -> Any:
        """What the control API answered.

        Raises:
            NotABroker: that was something else.
            Refused: the answer is an error.
        """
        status, body = answer
        content = self.content(status, body)
        if status < http.client.BAD_REQUEST:
            return content
        # RabbitMQ's errors have a reason, the control API's have none.
        is_foreign = not isinstance(content, dict) or "reason" in content
        if is_foreign and status != http.client.INTERNAL_SERVER_ERROR:
            raise NotABroker(self.url)
        raise Refused(status, content)

    def content(self, status: int, body: bytes) -> Any:
        """What an answer in JSON says, or the text in which a broker says why there is none.

        Raises:
            NotABroker: it is neither.
        """
        try:
            return json.loads(body)
        except ValueError as error:
            text = body.decode("utf-8", "replace").strip()
            if status >= http.client.BAD_REQUEST and text and not text.startswith("<"):
                return text
            raise NotABroker(self.url) from error

    def send(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        headers: dict[str, str] | None = None,
        *,
        within_s: float = _WAITS_S,
    ) -> tuple[int, bytes]:
        """One request; its status and body.

        Raises:
            NotRunning: nobody answers within that time.
            FakesError: the URL is none.
        """
        connection = http.client.HTTPConnection(*_address(self.url), timeout=within_s)
        try:
            connection.request(method, target, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotRunning(self.url, error) from error
        finally:
            connection.close()


def _address(url: str) -> tuple[str, int | None]:
    """Host and port of a broker's URL.

    Raises:
        FakesError: it is none.
    """
    try:
        address = urlsplit(url)
        host, port = address.hostname, address.port
    except ValueError:
        host, port = None, None
    if not host or address.scheme != "http":
        msg = f"{url!r} is no URL of a broker; one is http://127.0.0.1:15672"
        raise FakesError(msg)
    return host, port
