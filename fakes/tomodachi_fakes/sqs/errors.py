"""Errors of SQS, with AWS's codes and texts.

A class named after a modelled error takes its query code and status from the service model; the
classes at the end are codes that AWS sends although its model does not list them.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/CommonErrors.html and
the errors of each action.
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sqs import limits


class QueueDoesNotExist(AwsError):
    """The queue is unknown or was deleted; the text depends on the protocol.

    Of another account's queue SQS does not say which of the two reasons it is:
    https://github.com/fluent/fluent-plugin-s3/issues/342
    """

    code = "QueueDoesNotExist"

    def __init__(self, protocol: str = "json", *, anothers: bool = False) -> None:
        reason = " for this wsdl version" if protocol == "query" else ""
        if anothers:
            reason = " or you do not have access to it"
        super().__init__(f"The specified queue does not exist{reason}.")


class QueueNameExists(AwsError):
    """CreateQueue names a queue that has another value for an attribute."""

    code = "QueueNameExists"

    def __init__(self, attribute: str) -> None:
        super().__init__(
            "A queue already exists with the same name and a different value for attribute "
            f"{attribute}"
        )


class QueueDeletedRecently(AwsError):
    """CreateQueue within 60 s of DeleteQueue."""

    code = "QueueDeletedRecently"
    message = (
        "You must wait 60 seconds after deleting a queue before you can create another with the "
        "same name."
    )


class PurgeQueueInProgress(AwsError):
    """A second PurgeQueue within 60 s."""

    code = "PurgeQueueInProgress"

    def __init__(self, queue: str) -> None:
        super().__init__(f"Only one PurgeQueue operation on {queue} is allowed every 60 seconds.")


class InvalidAddress(AwsError):
    """A queue URL that no queue can have."""

    code = "InvalidAddress"

    def __init__(self, address: str) -> None:
        super().__init__(f"The address {address} is not valid for this endpoint.")


class InvalidAttributeName(AwsError):
    """An attribute that does not exist, or not for this queue type."""

    code = "InvalidAttributeName"

    @classmethod
    def unknown(cls, name: str) -> InvalidAttributeName:
        """The usual text."""
        return cls(f"Unknown Attribute {name}.")


class InvalidAttributeValue(AwsError):
    """A value outside an attribute's range."""

    code = "InvalidAttributeValue"

    @classmethod
    def of(cls, name: str, reason: str = "") -> InvalidAttributeValue:
        """The usual text."""
        return cls(
            f"Invalid value for the parameter {name}." + (f" Reason: {reason}" if reason else "")
        )


class ReceiptHandleIsInvalid(AwsError):
    """A receipt handle that this queue never gave."""

    code = "ReceiptHandleIsInvalid"

    def __init__(self, handle: str, text: str = "") -> None:
        super().__init__(
            text or f'The input receipt handle "{handle}" is not a valid receipt handle.'
        )

    @classmethod
    def for_queue(cls, handle: str) -> ReceiptHandleIsInvalid:
        """A handle that another queue gave."""
        return cls(handle, f'The receipt handle "{handle}" is not valid for this queue.')


class MessageNotInflight(AwsError):
    """The message is visible again, so its visibility timeout cannot be changed."""

    code = "MessageNotInflight"
    message = "The specified message isn't in flight."


class OverLimit(AwsError):
    """Too many messages in flight, or too much of something else."""

    code = "OverLimit"


class InvalidMessageContents(AwsError):
    """The body, or a text attribute, holds a character that SQS does not carry."""

    code = "InvalidMessageContents"

    def __init__(self, character: str, where: str = "body") -> None:
        super().__init__(
            f"Invalid binary character '#x{ord(character):X}' was found in the message {where}, "
            "the set of allowed characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | "
            "[#x10000-#x10FFFF]."
        )


class UnsupportedOperation(AwsError):
    """The operation does not apply to this queue or task."""

    code = "UnsupportedOperation"


class ResourceNotFound(AwsError):
    """A move task's queue or handle does not exist."""

    code = "ResourceNotFoundException"

    def __init__(self, parameter: str) -> None:
        super().__init__(
            f"The resource that you specified for the {parameter} parameter doesn't exist."
        )


class EmptyBatchRequest(AwsError):
    """A batch without entries."""

    code = "EmptyBatchRequest"

    def __init__(self, entry: str) -> None:
        super().__init__(f"There should be at least one {entry} in the request.")


class TooManyEntriesInBatchRequest(AwsError):
    """A batch of more than ten entries."""

    code = "TooManyEntriesInBatchRequest"

    def __init__(self, count: int) -> None:
        super().__init__(
            f"Maximum number of entries per request are {limits.MAX_BATCH_ENTRIES}. "
            f"You have sent {count}."
        )


class BatchEntryIdsNotDistinct(AwsError):
    """Two entries of a batch share an id."""

    code = "BatchEntryIdsNotDistinct"

    def __init__(self, entry_id: str) -> None:
        super().__init__(f"Id {entry_id} repeated.")


class InvalidBatchEntryId(AwsError):
    """An entry's id has other characters or is too long."""

    code = "InvalidBatchEntryId"
    message = (
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
        "It can be at most 80 letters long."
    )


class BatchRequestTooLong(AwsError):
    """The messages of a batch are too long together."""

    code = "BatchRequestTooLong"

    def __init__(self, size_bytes: int) -> None:
        super().__init__(
            f"Batch requests cannot be longer than {limits.MAX_MESSAGE_BYTES} bytes. "
            f"You have sent {size_bytes} bytes."
        )


class KmsDisabled(AwsError):
    """The queue's key is disabled."""

    code = "KmsDisabled"


class KmsInvalidState(AwsError):
    """The queue's key is pending deletion."""

    code = "KmsInvalidState"


class KmsAccessDenied(AwsError):
    """The caller may not use the queue's key."""

    code = "KmsAccessDenied"


class KmsNotFound(AwsError):
    """The queue's key or alias was deleted."""

    code = "KmsNotFound"


class KmsInvalidKeyUsage(AwsError):
    """The queue's key is not one for symmetric encryption."""

    code = "KmsInvalidKeyUsage"


class InvalidParameterValue(AwsError):
    """A parameter outside its range; AWS's model does not list this code."""

    code = "InvalidParameterValueException"
    query_code = "InvalidParameterValue"
    namespace = "com.amazon.coral.service"

    @classmethod
    def of(cls, value: object, parameter: str, reason: str) -> InvalidParameterValue:
        """The usual text."""
        return cls(f"Value {value} for parameter {parameter} is invalid. Reason: {reason}")


class NotForQueueType(InvalidParameterValue):
    """A parameter that only queues of the other type have.

    Attributes:
        in_batch: What an entry of a batch is told instead.

    Source: https://github.com/aws/aws-sdk-js/issues/3187
    """

    in_batch = "The request include parameter that is not valid for this queue type"

    def __init__(self, value: object, parameter: str) -> None:
        super().__init__(
            f"Value {value} for parameter {parameter} is invalid. Reason: {self.in_batch}."
        )


class MissingParameter(AwsError):
    """A parameter that this queue needs is absent or empty."""

    code = "MissingRequiredParameterException"
    query_code = "MissingParameter"
    namespace = "com.amazon.coral.service"

    def __init__(self, parameter: str) -> None:
        super().__init__(f"The request must contain the parameter {parameter}.")


class StorageFull(AwsError):
    """The fake holds as much as it may; AWS has no such bound, so this is a failure of the server."""

    code = "ServiceUnavailable"
    namespace = "com.amazon.coral.service"
    status = 503
    sender_fault = False

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"All queues together hold the {limit} characters that this fake may keep. "
            "Receive and delete messages, purge queues, or raise max_stored."
        )


class AccessDenied(AwsError):
    """A policy does not allow the caller this action."""

    code = "AccessDeniedException"
    query_code = "AccessDenied"
    namespace = "com.amazon.coral.service"
    status = 403

    @classmethod
    def silently(cls, caller: str, action: str, arn: str) -> AccessDenied:
        """No policy mentions the caller."""
        return cls(
            f"User: {caller} is not authorized to perform: sqs:{action.lower()} on resource: "
            f"{arn} because no resource-based policy allows the sqs:{action.lower()} action"
        )

    @classmethod
    def explicitly(cls, caller: str, action: str, arn: str) -> AccessDenied:
        """A policy denies the caller."""
        return cls(
            f"User: {caller} is not authorized to perform: sqs:{action.lower()} on resource: "
            f"{arn} with an explicit deny in a resource-based policy"
        )
