"""The SNS, SQS and STS clients of one service.

Endpoints, region and credentials come from the service's options; two services in one process share
nothing but botocore's data models.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import aiobotocore
import botocore
from botocore.exceptions import BotoCoreError

from tomodachi.helpers.aiobotocore_connector import ClientConnector, default_config
from tomodachi.helpers.aws_credentials import Credentials
from tomodachi.helpers.botocore_events import unnoticed
from tomodachi.transport.aws_sns_sqs import retries
from tomodachi.transport.aws_sns_sqs.direct import DirectCalls, ObservedSession
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSConnectionException
from tomodachi.transport.aws_sns_sqs.form_encoding import encode_form
from tomodachi.transport.aws_sns_sqs.retries import RetryPolicy
from tomodachi.transport.uses import Uses
from tomodachi.version import __version__

if TYPE_CHECKING:
    from aiobotocore.config import AioConfig
    from types_aiobotocore_sns import SNSClient
    from types_aiobotocore_sqs import SQSClient
    from types_aiobotocore_sts import STSClient

    from tomodachi.options import Options

T = TypeVar("T")

PUBLISH_REFUSED_ATTEMPTS = 3

# Every handler's long poll holds a connection of the SQS client for as long as it waits.
_POOL = {"sns": 50, "sqs": 500, "sts": 5}

_USER_AGENT = (
    f"tomodachi/{__version__} aiobotocore/{aiobotocore.__version__} botocore/{botocore.__version__}"
)


def _config(service_name: str) -> AioConfig:
    return default_config(
        max_pool_connections=_POOL[service_name],
        # `retries.py` tries again instead, and what is sent is built by this package.
        retries={"total_max_attempts": 1, "mode": "standard"},
        parameter_validation=False,
        # botocore would put a longer one together, twice for each call.
        user_agent=_USER_AGENT,
        http_session_cls=ObservedSession,
    )


@unnoticed
def _encode_form(params: dict[str, Any], **_: Any) -> None:
    # The body of the query protocol is a dict; that of the JSON protocol is text already.
    if isinstance(params.get("body"), dict):
        params["body"] = encode_form(params["body"])


class Clients:
    """Clients of one service, each made when it is first asked for.

    Args:
        options: Of the service.
        policy: Which calls are tried again.
        over: Whether the service has stopped already.

    Attributes:
        policy: The same.
        publishing: The same for messages that are published or sent.
    """

    def __init__(
        self, options: Options, policy: RetryPolicy | None = None, *, over: bool = False
    ) -> None:
        self._options = options
        self.policy = policy or RetryPolicy()
        self.publishing = replace(self.policy, refused_attempts=PUBLISH_REFUSED_ATTEMPTS)
        self._connector = ClientConnector(_config)
        self._direct: dict[str, DirectCalls] = {}
        self._uses = Uses(self._close, over=over)

    async def get(self, name: str) -> Any:
        """The client of "sns", "sqs" or "sts".

        Raises:
            AWSSNSSQSConnectionException: region or credentials are missing or cannot be.
        """
        client = self._connector.get_client(name)
        if client is not None:
            return client
        try:
            client = await self._connector.create_client(name, credentials_for(name, self._options))
        except (BotoCoreError, ValueError) as error:
            msg = f"Invalid credentials [{name}] to AWS ({error})"
            raise AWSSNSSQSConnectionException(msg, log_level="WARNING") from error
        # Under one id, so that callers who waited for the same client register it once.
        client.meta.events.register("before-call", _encode_form, unique_id="tomodachi-form")
        return client

    async def direct(self, name: str) -> DirectCalls:
        """The frequent calls of the "sns" or "sqs" client; raises as `get` does."""
        direct = self._direct.get(name)
        if direct is None:
            client = await self.get(name)

            async def credentials() -> Any:
                return await self._connector.signing_credentials(name)

            direct = DirectCalls(client, credentials, self._connector.listeners)
            # Callers who waited for the same client share what it learns.
            direct = self._direct.setdefault(name, direct)
        return direct

    async def sns(
        self,
        operation: Callable[[SNSClient], Awaitable[T]],
        what: str,
        policy: RetryPolicy | None = None,
    ) -> T:
        """Make a call to SNS with the service's retries.

        Args:
            operation: Makes the call once.
            what: What it is for, as `retries.call` takes it, which says what is raised.
            policy: In place of the service's.
        """
        return await self._call("sns", operation, what, policy)

    async def sqs(
        self,
        operation: Callable[[SQSClient], Awaitable[T]],
        what: str,
        policy: RetryPolicy | None = None,
    ) -> T:
        """Make a call to SQS, as `sns` does."""
        return await self._call("sqs", operation, what, policy)

    async def sts(
        self,
        operation: Callable[[STSClient], Awaitable[T]],
        what: str,
        policy: RetryPolicy | None = None,
    ) -> T:
        """Make a call to STS, as `sns` does."""
        return await self._call("sts", operation, what, policy)

    async def _call(
        self,
        name: str,
        operation: Callable[[Any], Awaitable[T]],
        what: str,
        policy: RetryPolicy | None,
    ) -> T:
        async def once() -> T:
            return await operation(await self.get(name))

        return await self._retried(name, once, what, policy)

    async def call_directly(
        self,
        name: str,
        operation: str,
        params: Mapping[str, Any],
        what: str,
        policy: RetryPolicy | None = None,
    ) -> Any:
        """Make one of the calls that `DirectCalls` knows, "Publish" of "sns" say, as `sns` does."""

        async def once() -> Any:
            return await (await self.direct(name)).call(operation, params)

        return await self._retried(name, once, what, policy)

    async def _retried(
        self, name: str, once: Callable[[], Awaitable[T]], what: str, policy: RetryPolicy | None
    ) -> T:
        async with self._uses:
            return await retries.call(once, what, name, policy or self.policy)

    async def close(self) -> None:
        """The service has stopped: close every client, now or behind the calls that run."""
        await self._uses.end()

    async def _close(self) -> None:
        self._direct.clear()
        await self._connector.close()


def credentials_for(name: str, options: Options) -> Credentials:
    """What the options say about an AWS service; STS falls back to the endpoint of SNS."""
    own, urls = options.aws_sns_sqs, options.aws_endpoint_urls
    endpoint = {"sns": urls.sns, "sqs": urls.sqs, "sts": urls.sts or urls.sns}[name]
    return Credentials(
        region_name=own.region_name or None,
        aws_access_key_id=own.aws_access_key_id or None,
        aws_secret_access_key=own.aws_secret_access_key or None,
        aws_session_token=own.aws_session_token or None,
        endpoint_url=endpoint or None,
    )
