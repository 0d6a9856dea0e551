"""The queues a service consumes from or sends to: finding, creating and configuring them.

URLs are remembered per service. Which attributes a queue should have is decided in `policies.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from tomodachi import logging
from tomodachi.transport.aws_sns_sqs import names
from tomodachi.transport.aws_sns_sqs.defaults import DLQ_MESSAGE_RETENTION_PERIOD_DEFAULT
from tomodachi.transport.aws_sns_sqs.errors import (
    AWSSNSSQSException,
    InvalidName,
    QueueDoesNotExistError,
)
from tomodachi.transport.aws_sns_sqs.policies import WantedQueue, queue_changes
from tomodachi.transport.aws_sns_sqs.retries import error_code, error_text, given_up

if TYPE_CHECKING:
    from types_aiobotocore_sqs import SQSClient
    from types_aiobotocore_sqs.literals import QueueAttributeFilterType

    from tomodachi.transport.aws_sns_sqs.clients import Clients

_MISSING = frozenset({
    "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "NonExistentQueue",
})  # fmt: skip
_READ_ATTRIBUTES: Final[Sequence[QueueAttributeFilterType]] = (
    "QueueArn", "Policy", "RedrivePolicy", "VisibilityTimeout", "MessageRetentionPeriod",
    "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds",
)  # fmt: skip
_FIFO_ATTRIBUTES = {
    "FifoQueue": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "messageGroup",
    "FifoThroughputLimit": "perMessageGroupId",
}


def is_missing_queue(error: BaseException) -> bool:
    """Whether a failed call says that there is no such queue."""
    return isinstance(error, QueueDoesNotExistError) or (
        error_code(error).rpartition("#")[2] in _MISSING
    )


@dataclass(slots=True)
class Queue:
    """A queue on SQS.

    Attributes:
        name: Its name, without account or region.
        url: Its URL.
        arn: Its ARN.
        attributes: Its attributes as they are now, as far as the transport reads them.
    """

    name: str
    url: str
    arn: str
    attributes: dict[str, str] = field(default_factory=dict)


class Queues:
    """The queues of one service."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._logger = logging.get_logger("tomodachi.awssnssqs")
        self._urls: dict[tuple[str, str | None], str] = {}

    async def url(self, name: str, account: str | None = None) -> str:
        """The URL of a queue by its full name.

        Args:
            name: With prefix.
            account: Account that owns it; None for the service's own.

        Raises:
            QueueDoesNotExistError: there is none; it is botocore's `QueueDoesNotExist` as well.
            AWSSNSSQSException: SQS refused, or could not be reached.
        """
        known = self._urls.get((name, account))
        if known is not None:
            return known
        params: dict[str, Any] = {"QueueName": name}
        if account:
            params["QueueOwnerAWSAccountId"] = account

        async def ask(sqs: SQSClient) -> str:
            try:
                return (await sqs.get_queue_url(**params))["QueueUrl"]
            except ClientError as error:
                if is_missing_queue(error):
                    raise _does_not_exist(sqs, error, name) from error
                raise

        what = "Unable to get queue url"
        try:
            url = self._urls[name, account] = await self._clients.sqs(ask, what)
        except QueueDoesNotExistError:
            raise
        except ClientError as error:
            raise given_up(error, what, "sqs") from error
        return url

    async def url_of_arn(self, queue_arn: str) -> str:
        """The URL of a queue by its ARN; raises as `url` does."""
        arn = names.parse_arn(queue_arn)
        if arn is None or arn.service != "sqs":
            msg = f"Invalid SQS ARN ({queue_arn})"
            raise InvalidName(msg)
        return await self.url(arn.name, arn.account)

    def forget(self) -> None:
        """Look every URL up again."""
        self._urls.clear()

    async def ensure(self, name: str, *, fifo: bool, retention_s: int | None = None) -> Queue:
        """The queue of this name, created if it is not there.

        Args:
            name: With prefix.
            fifo: Whether it has to be a FIFO queue.
            retention_s: Retention period of a queue that is created.

        Raises:
            AWSSNSSQSException: it is not of the wanted kind, or cannot be created or read.
        """
        if fifo != name.endswith(names.FIFO_SUFFIX):
            msg = (
                f"Queue [sqs] type mismatch ({name}): the name of a FIFO queue ends in .fifo and "
                "no other does; pass fifo=True, or another queue name."
            )
            raise AWSSNSSQSException(msg)
        try:
            url = await self.url(name)
        except AWSSNSSQSException as error:
            # Who may not look queues up may still create one, which answers with the existing.
            if not isinstance(error.__cause__, ClientError):
                raise
            url = await self._create(name, fifo=fifo, retention_s=retention_s)
        return await self.read(name, url)

    async def existing(self, queue_arn: str, *, what: str = "queue") -> Queue:
        """The queue of an ARN, which has to be there.

        Raises:
            AWSSNSSQSException: it is not, or cannot be read.
        """
        try:
            url = await self.url_of_arn(queue_arn)
        except QueueDoesNotExistError as error:
            msg = f"AWS SQS {what} with specific ARN ({queue_arn}) does not exist"
            raise AWSSNSSQSException(msg) from error
        return Queue(queue_arn.rpartition(":")[2], url, queue_arn)

    async def _create(self, name: str, *, fifo: bool, retention_s: int | None) -> str:
        attributes = dict(_FIFO_ATTRIBUTES) if fifo else {}
        if retention_s is not None:
            attributes["MessageRetentionPeriod"] = str(retention_s)
        what = "Unable to create queue"
        try:
            answer = await self._clients.sqs(
                lambda sqs: sqs.create_queue(QueueName=name, Attributes=attributes),  # type: ignore[arg-type]  # names are a literal type there
                what,
            )
        except ClientError as error:
            raise given_up(error, what, "sqs") from error
        url = self._urls[name, None] = answer["QueueUrl"]
        return url

    async def read(self, name: str, url: str) -> Queue:
        """A queue with its ARN and attributes.

        Raises:
            AWSSNSSQSException: they cannot be read.
        """
        what = "Unable to get queue attributes"
        try:
            answer = await self._clients.sqs(
                lambda sqs: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=_READ_ATTRIBUTES),
                what,
            )
        except ClientError as error:
            raise given_up(error, what, "sqs") from error
        attributes: dict[str, str] = dict(answer.get("Attributes", {}).items())
        return Queue(name, url, attributes.get("QueueArn", ""), attributes)

    async def configure(self, queue: Queue, wanted: WantedQueue) -> None:
        """Bring a queue's attributes to what is wanted; nothing is sent when nothing differs.

        Raises:
            AWSSNSSQSException: SQS refused.
        """
        changes = queue_changes(wanted, queue.attributes)
        if not changes:
            return
        for name in changes if queue.attributes.get("Policy") else ():
            # Of a queue that is new, there is nothing to tell.
            self._logger.info(f"Updating '{name}' attribute on SQS queue '{queue.arn}'")  # noqa: G004 - of the line
        what = "Unable to set queue attributes"
        try:
            await self._clients.sqs(
                lambda sqs: sqs.set_queue_attributes(QueueUrl=queue.url, Attributes=changes),  # type: ignore[arg-type]  # as above
                what,
            )
        except ClientError as error:
            raise given_up(error, what, "sqs") from error
        queue.attributes |= changes

    async def ensure_dead_letter(
        self, name_or_arn: str, prefix: str | None, *, fifo: bool
    ) -> Queue:
        """The dead-letter queue of a name (created if needed) or of an ARN (which has to exist)."""
        if names.is_queue_arn(name_or_arn):
            return await self.existing(name_or_arn, what="dead-letter queue")
        name = names.named_queue(name_or_arn, prefix)
        return await self.ensure(name, fifo=fifo, retention_s=DLQ_MESSAGE_RETENTION_PERIOD_DEFAULT)


def _does_not_exist(client: Any, error: ClientError, name: str) -> QueueDoesNotExistError:
    """An error that is caught both as ours and as the client's own `QueueDoesNotExist`."""
    botocore_class = client.exceptions.QueueDoesNotExist

    class QueueDoesNotExist(QueueDoesNotExistError, botocore_class):  # type: ignore[misc, valid-type]  # made at run time
        def __init__(self) -> None:
            Exception.__init__(self, f"The SQS queue '{name}' does not exist ({error_text(error)})")
            self._log_level = "INFO"
            self.response = error.response
            self.operation_name = error.operation_name

    return QueueDoesNotExist()
