"""Makes a client's frequent calls directly where nobody can tell the difference, else by botocore.

botocore makes a call itself if anybody listens to its events or has wrapped its methods (tracing,
stubs, in-process mocks), if its debug log is on, for the first call of each kind, and for every call
whose pattern could not be learnt. Errors are read and raised as botocore does.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import botocore.parsers
from botocore.awsrequest import AWSPreparedRequest

from tomodachi.helpers import clock, entropy
from tomodachi.helpers.botocore_events import LIBRARIES, Listeners
from tomodachi.transport.aws_sns_sqs.direct.operations import OPERATIONS
from tomodachi.transport.aws_sns_sqs.direct.pattern import Pattern
from tomodachi.transport.aws_sns_sqs.direct.session import ObservedSession, observed_requests

_ERROR_STATUS = 300
_botocore_log = logging.getLogger("botocore.endpoint")

# Gives what requests are signed with now, refreshed if need be; None for a client that cannot sign.
Credentials = Callable[[], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class _Learnt:
    pattern: Pattern
    session: ObservedSession


class DirectCalls:
    """The frequent calls of one client.

    Args:
        client: An SNS or SQS client whose HTTP session is an `ObservedSession`.
        credentials: Of the client.
        listeners: Who listens to its events.
    """

    def __init__(self, client: Any, credentials: Credentials, listeners: Listeners) -> None:
        self._client = client
        self._credentials = credentials
        self._listeners = listeners
        self._learnt: dict[str, _Learnt | None] = {}
        self._dated: tuple[int, str] = (0, "")
        self._plain_method: Any = None

    async def call(self, name: str, params: Mapping[str, Any]) -> Any:
        """What the client's method answers, without `ResponseMetadata`.

        Args:
            name: "Publish", "PublishBatch", "SendMessage", "ReceiveMessage", "DeleteMessage" or
                "DeleteMessageBatch".
            params: Of the method.

        Raises:
            botocore.exceptions.ClientError: AWS answered with an error.
            botocore.exceptions.BotoCoreError: it gave no answer.
        """
        if not self._is_unobserved():
            return await self._by_botocore(name, params)
        if name not in self._learnt:
            return await self._learn(name, params)
        learnt = self._learnt[name]
        credentials = await self._credentials() if learnt is not None else None
        if learnt is None or credentials is None or not learnt.pattern.fits(credentials):
            return await self._by_botocore(name, params)
        return await self._directly(name, params, learnt, credentials)

    def _is_unobserved(self) -> bool:
        return (
            not self._listeners.others
            and self._client_is_plain()
            and not _botocore_log.isEnabledFor(logging.DEBUG)
        )

    def _client_is_plain(self) -> bool:
        method = type(self._client)._make_api_call
        if method is not self._plain_method and is_botocore_s(method):
            self._plain_method = method
        return method is self._plain_method

    async def _by_botocore(self, name: str, params: Mapping[str, Any]) -> Any:
        return await getattr(self._client, OPERATIONS[name].method)(**params)

    async def _learn(self, name: str, params: Mapping[str, Any]) -> Any:
        with observed_requests() as sent:
            answer = await self._by_botocore(name, params)
        self._learnt[name] = None
        credentials = await self._credentials()
        if len(sent) == 1 and credentials is not None:
            one = sent[0]
            body = OPERATIONS[name].encode(params)
            headers = dict(one.request.headers.items())
            pattern = Pattern.learn(one.request.url, headers, body, credentials)
            if pattern is not None and one.request.body == body:
                self._learnt[name] = _Learnt(pattern, one.session)
        return answer

    async def _directly(
        self, name: str, params: Mapping[str, Any], learnt: _Learnt, credentials: Any
    ) -> Any:
        operation = OPERATIONS[name]
        body = operation.encode(params)
        headers = learnt.pattern.headers(
            body, credentials, at=self._now(), invocation_id=str(entropy.uuid4())
        )
        request = AWSPreparedRequest("POST", learnt.pattern.url, headers, body, False)  # type: ignore[arg-type]  # any mapping will do
        response = await learnt.session.send(request)
        content = await response.content
        if response.status_code >= _ERROR_STATUS:
            raise await self._error(name, response, content)
        return operation.decode(content)

    def _now(self) -> str:
        second = int(clock.now())
        if self._dated[0] != second:
            self._dated = (second, f"{clock.utcnow():%Y%m%dT%H%M%SZ}")
        return self._dated[1]

    async def _error(self, name: str, response: Any, content: bytes) -> Exception:
        """The exception that botocore raises for an answer."""
        service = self._client.meta.service_model
        operation = service.operation_model(name)
        answer = {
            "headers": response.headers,
            "status_code": response.status_code,
            "body": content,
            "context": {"operation_name": name},
        }
        parser = botocore.parsers.create_parser(service.resolved_protocol)
        parsed = parser.parse(answer, operation.output_shape)
        code = parsed.get("Error", {}).get("Code")
        shape = service.shape_for_error_code(code) if code else None
        if shape is not None:
            parsed.update(parser.parse(answer, shape))
        # botocore's handlers know which class of SQS's older error codes is meant.
        context: dict[str, Any] = {}
        await self._client.meta.events.emit(
            f"after-call.{service.service_id.hyphenize()}.{name}",
            http_response=response,
            parsed=parsed,
            model=operation,
            context=context,
        )
        error_class = self._client.exceptions.from_code(context.get("error_code_override") or code)
        error: Exception = error_class(parsed, name)
        return error


def is_botocore_s(method: Any) -> bool:
    """Whether a client's method is as the library has it; tools that trace calls put others there."""
    while isinstance(method, FunctionType):
        if method.__globals__["__name__"].partition(".")[0] not in LIBRARIES:
            return False
        if not hasattr(method, "__wrapped__"):
            return True
        method = method.__wrapped__
    return False
