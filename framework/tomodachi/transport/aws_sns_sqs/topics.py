"""The topics a service publishes or subscribes to: finding, creating and updating them.

ARNs are remembered per service, under the topic's full name; callers that ask for the same topic at
once share one look-up. Nothing is created that is there already: SNS is asked for the topic's
attributes first. The account is that of a queue of the service's own, or STS names it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from tomodachi import logging
from tomodachi.transport.aws_sns_sqs import names
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException
from tomodachi.transport.aws_sns_sqs.retries import (
    RetryPolicy,
    error_code,
    error_text,
    given_up,
)

if TYPE_CHECKING:
    from types_aiobotocore_sns import SNSClient

    from tomodachi.transport.aws_sns_sqs.clients import Clients

_FIFO_ATTRIBUTES = {"FifoTopic": "true", "ContentBasedDeduplication": "false"}
_DENIED = frozenset({"AuthorizationError", "AccessDenied", "AccessDeniedException"})
_NOT_FOUND = frozenset({"NotFound", "NotFoundException"})
# Without the account there is another way, so the look-up is not worth a long wait.
_ACCOUNT_POLICY = RetryPolicy(attempts=2)
_FIND = "Unable to find topic"
_CREATE = "Unable to create topic"


@dataclass(frozen=True, slots=True)
class WantedTopic:
    """A topic and the attributes it should have.

    Attributes:
        name: Full name, encoded, with prefix.
        attributes: Attributes to create it with, or to change; a KMS key id of "" turns encryption
            off.
        overwrite: Whether to change the attributes of a topic that is there.
    """

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    overwrite: bool = False

    @property
    def fifo(self) -> bool:
        """Whether it is a FIFO topic."""
        return self.name.endswith(names.FIFO_SUFFIX)


def attribute_text(value: Any) -> str:
    """An attribute as SNS wants it: "true" for True, JSON for dicts."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


class Topics:
    """The topics of one service."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._arns: dict[str, str] = {}
        self._ensuring: dict[str, asyncio.Task[str]] = {}
        self._account: str | None = None
        self._logger = logging.get_logger("tomodachi.awssnssqs")

    def known_arn(self, name: str) -> str | None:
        """The ARN of a topic by its full name, if it has been found before."""
        return self._arns.get(name)

    def forget(self) -> None:
        """Look every topic up again."""
        self._arns.clear()

    def learn_account(self, queue_arn: str) -> None:
        """The service owns this queue, so its topics are in the same account; STS need not be asked."""
        arn = names.parse_arn(queue_arn)
        if arn is not None and arn.account:
            self._account = arn.account

    async def ensure(self, wanted: WantedTopic) -> str:
        """The ARN of a topic, which is created or updated as needed.

        Raises:
            AWSSNSSQSException: SNS refused, or could not be reached.
        """
        task = self._ensuring.get(wanted.name)
        if task is None:
            task = asyncio.ensure_future(self._ensure(wanted))
            self._ensuring[wanted.name] = task
            task.add_done_callback(lambda _: self._ensuring.pop(wanted.name, None))
        return await asyncio.shield(task)

    async def find(self, name: str) -> str | None:
        """The ARN of a topic that is there; None for one that is not, or can't be looked up."""
        known = self._arns.get(name)
        if known is not None:
            return known
        found = await self._look_up(name)
        return None if found is None else found[0]

    async def all_arns(self) -> list[str]:
        """The ARN of every topic of the account and region, through all pages of ListTopics.

        Raises:
            AWSSNSSQSException: SNS refused, or could not be reached.
        """
        arns: list[str] = []
        params: dict[str, str] = {}
        what = "Unable to list topics"
        while True:
            try:
                page = await self._clients.sns(
                    lambda sns, page=params: sns.list_topics(**page),  # type: ignore[misc]  # bound now
                    what,
                )
            except ClientError as error:
                raise given_up(error, what, "sns") from error
            arns += [topic["TopicArn"] for topic in page.get("Topics", [])]
            if not page.get("NextToken"):
                return arns
            params = {"NextToken": page["NextToken"]}

    async def _ensure(self, wanted: WantedTopic) -> str:
        found = await self._look_up(wanted.name)
        if found is None:
            arn = await self._create(wanted)
        else:
            arn = found[0]
            await self._update(wanted, *found)
        self._arns[wanted.name] = arn
        return arn

    # --- finding --------------------------------------------------------------------------------

    async def _look_up(self, name: str) -> tuple[str, dict[str, str]] | None:
        account = await self._own_account()
        if account is None:
            return None

        async def attributes(sns: SNSClient) -> tuple[str, dict[str, str]]:
            meta = sns.meta
            arn = f"arn:{meta.partition}:sns:{meta.region_name}:{account}:{name}"
            answer = await sns.get_topic_attributes(TopicArn=arn)
            return arn, dict(answer.get("Attributes", {}))

        try:
            return await self._clients.sns(attributes, _FIND)
        except ClientError as error:
            if error_code(error) in _NOT_FOUND | _DENIED:
                return None
            raise given_up(error, _FIND, "sns") from error

    async def _own_account(self) -> str | None:
        if self._account is None:
            try:
                answer = await self._clients.sts(
                    lambda sts: sts.get_caller_identity(),
                    "Unable to find account",
                    _ACCOUNT_POLICY,
                )
            except (ClientError, AWSSNSSQSException) as error:
                # CreateTopic answers with the ARN of a topic that exists, so this is no end.
                self._logger.debug("account could not be looked up", reason=error_text(error))
                return None
            self._account = answer["Account"]
        return self._account

    # --- creating -------------------------------------------------------------------------------

    async def _create(self, wanted: WantedTopic) -> str:
        # It may be there all the same, where it could not be looked up: then "" is a wish, too.
        attributes = {**(_FIFO_ATTRIBUTES if wanted.fifo else {}), **wanted.attributes}
        try:
            return await self._create_topic(wanted.name, attributes)
        except ClientError as error:
            if "already exists with different" not in error_text(error):
                raise given_up(error, _CREATE, "sns") from error
        return await self._create_as_it_is(wanted)

    async def _create_as_it_is(self, wanted: WantedTopic) -> str:
        attributes = {"FifoTopic": "true"} if wanted.fifo else {}
        try:
            arn = await self._create_topic(wanted.name, attributes)
        except ClientError as error:
            raise given_up(error, _CREATE, "sns") from error
        await self._update(wanted, arn, await self._attributes(arn))
        return arn

    async def _attributes(self, arn: str) -> dict[str, str] | None:
        """What a topic has; None where the service may not look."""
        try:
            answer = await self._clients.sns(
                lambda sns: sns.get_topic_attributes(TopicArn=arn), _FIND
            )
        except ClientError as error:
            if error_code(error) in _DENIED:
                return None
            raise given_up(error, _FIND, "sns") from error
        return dict(answer.get("Attributes", {}))

    async def _create_topic(self, name: str, attributes: dict[str, str]) -> str:
        answer = await self._clients.sns(
            lambda sns: sns.create_topic(Name=name, Attributes=attributes), _CREATE
        )
        return answer["TopicArn"]

    # --- updating -------------------------------------------------------------------------------

    async def _update(
        self, wanted: WantedTopic, arn: str, current: Mapping[str, str] | None
    ) -> None:
        changes = wanted.attributes
        if current is not None:
            changes = topic_changes(changes, current)
        if not changes:
            return
        text = f"Already existing SNS topic '{arn}' has different topic attributes"
        self._logger.info(text)
        if not wanted.overwrite:
            text = f"Will not overwrite existing attributes on SNS topic '{arn}'"
            self._logger.warning(text)
            return
        try:
            await self._set_attributes(arn, changes)
        except ClientError as error:
            if error_code(error) not in _DENIED:
                raise given_up(error, "Unable to set topic attributes", "sns") from error
            text = (
                f"Not authorized to update SNS topic '{arn}' - using existing topic and "
                f"skipping topic attribute updates ({error_text(error)})"
            )
            self._logger.warning(text)

    async def _set_attributes(self, arn: str, changes: Mapping[str, str]) -> None:
        for key, value in changes.items():
            self._logger.info(_change_text(arn, key, value))
            await self._clients.sns(
                lambda sns, key=key, value=value: sns.set_topic_attributes(  # type: ignore[misc]  # bound now, the loop moves on
                    TopicArn=arn, AttributeName=key, AttributeValue=value
                ),
                "Unable to set topic attributes",
            )


def topic_changes(wanted: Mapping[str, str], current: Mapping[str, str]) -> dict[str, str]:
    """The wanted attributes that differ from the current ones; JSON is compared by what it says."""
    return {
        name: value
        for name, value in wanted.items()
        if _meaning(current.get(name, "")) != _meaning(value)
    }


def _meaning(text: str) -> Any:
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _change_text(arn: str, key: str, value: str) -> str:
    if key == "KmsMasterKeyId" and value == "":
        return (
            f"SNS topic attribute 'KmsMasterKeyId' on SNS topic '{arn}' will be updated to "
            "disable server-side encryption"
        )
    return f"Updating '{key}' attribute on SNS topic '{arn}'"
