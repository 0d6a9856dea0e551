"""botocore clients whose requests end in a `Cloud` in the same process: no socket, no real time.

Everything between a user's call and the bytes of an answer is the real client's: parameter checks,
serialisers, parsers, error classes.
"""

from __future__ import annotations

import io
from typing import Any

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.loaders import Loader

from tomodachi_fakes.aws.http import Held, HttpRequest, HttpResponse
from tomodachi_fakes.aws.overlay import apply_overlay
from tomodachi_fakes.cloud import Cloud
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds

START = 1_767_225_600.0  # 2026-01-01T00:00:00Z
ACCOUNT = "111111111111"


class QueryLoader(Loader):
    """A loader whose SQS speaks the query protocol, as SDKs did before 2023."""

    def load_service_model(self, service_name: str, type_name: str, api_version: Any = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        if (service_name, type_name) == ("sqs", "service-2") and "jsonVersion" in model["metadata"]:
            metadata = model["metadata"]
            for name in ("jsonVersion", "targetPrefix", "awsQueryCompatible"):
                del metadata[name]
            metadata |= {"protocol": "query", "protocols": ["query"]}
            apply_overlay("sqs", model)
        return model


class InProcess:
    """A cloud, the time in it, and clients of it.

    Attributes:
        cloud: The services; `renew` puts new ones in their place.
        now: Unix time of the next request.
    """

    def __init__(self) -> None:
        self._clients: dict[tuple[str, str, str, str], Any] = {}
        self._loaders = {"json": Loader(), "query": QueryLoader()}
        self.renew()

    def renew(self) -> None:
        """Start again with nothing, at the first second of 2026."""
        self.now = START
        self.events = EventLog()
        self.faults = FaultPlan()
        self.cloud = Cloud(ids=SeededIds(7), events=self.events, faults=self.faults)

    def client(
        self,
        service: str,
        protocol: str = "json",
        region: str = "eu-west-1",
        account: str = ACCOUNT,
    ) -> Any:
        """A botocore client."""
        key = (service, protocol, region, account)
        if key not in self._clients:
            self._clients[key] = self._new_client(*key)
        return self._clients[key]

    def client_of_session(self, service: str, credentials: dict[str, Any]) -> Any:
        """A client with temporary credentials as STS gave them."""
        return self._connected(
            service,
            "json",
            region_name="eu-west-1",
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def unsigned_client(self, service: str) -> Any:
        """A client without credentials."""
        config = Config(signature_version=UNSIGNED)
        return self._connected(service, "json", config, region_name="eu-west-1")

    def _new_client(self, service: str, protocol: str, region: str, account: str) -> Any:
        return self._connected(
            service,
            protocol,
            region_name=region,
            aws_access_key_id=account,
            aws_secret_access_key="secret",
        )

    def _connected(
        self, service: str, protocol: str, config: Config | None = None, **given: Any
    ) -> Any:
        session = botocore.session.Session()
        session.register_component("data_loader", self._loaders[protocol])
        client = session.create_client(
            service,
            endpoint_url="http://aws.test",
            config=Config(retries={"total_max_attempts": 1}).merge(config or Config()),
            **given,
        )
        client.meta.events.register("before-send.*.*", self.send)
        return client

    def send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answer what a client would send; the hook of clients that are made here."""
        path, _, query = request.url.removeprefix("http://aws.test").partition("?")
        headers = {"host": "aws.test"}
        for name, value in request.headers.items():
            headers[name.lower()] = value.decode() if isinstance(value, bytes) else value
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        response = self.handle(HttpRequest(request.method, path or "/", query, headers, body))
        found = HTTPHeaders()
        found["content-type"] = response.content_type
        for name, value in response.headers.items():
            found[name] = value
        return AWSResponse(request.url, response.status, found, _Raw(response.body))

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Answer a request; one that waits moves the time until it has its answer."""
        answer = self.cloud.handle(request, now=self.now)
        if isinstance(answer, HttpResponse):
            return answer
        return self._wait(answer)

    def _wait(self, held: Held) -> HttpResponse:
        while True:
            for wake in self.cloud.take_wakes():
                if wake.waiter_id == held.waiter_id:
                    return held.render(wake.output)
            deadline = self.cloud.next_deadline()
            assert deadline is not None, "a call waits and nothing will ever answer it"
            self.now = max(self.now, deadline)
            self.cloud.advance(now=self.now)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds
        self.cloud.advance(now=self.now)


class _Raw(io.BytesIO):
    def stream(self, **_: Any) -> Any:
        while chunk := self.read(65_536):
            yield chunk
