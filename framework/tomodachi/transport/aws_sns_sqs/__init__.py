"""The SNS+SQS transport: decorators for handlers, functions to publish and send.

`names`, `attributes`, `policies`, `disposition`, `duplicates` and `messages` decide; `clients`,
`topics`, `queues`, `subscriptions` and `topology` set AWS up; `consumer`, `dispatcher`, `deletes` and
`heartbeat` receive; `publisher` and `sender` send; `messaging` holds a service's state.
"""

from __future__ import annotations

from tomodachi.envelope.message_envelope import MessageEnvelopeProtocol
from tomodachi.transport.aws_sns_sqs.decorators import (
    aws_sns_sqs,
    aws_sns_sqs_publish,
    aws_sns_sqs_publish_batch,
    aws_sns_sqs_send_message,
    awssnssqs,
    awssnssqs_publish,
    awssnssqs_send_message,
    sns_publish,
    sqs_send_message,
)
from tomodachi.transport.aws_sns_sqs.defaults import (
    DEAD_LETTER_QUEUE_DEFAULT,
    DLQ_MESSAGE_RETENTION_PERIOD_DEFAULT,
    DRAIN_MESSAGE_PAYLOAD,
    FILTER_POLICY_DEFAULT,
    MAX_NUMBER_OF_CONSUMED_MESSAGES,
    MAX_RECEIVE_COUNT_DEFAULT,
    MESSAGE_ENVELOPE_DEFAULT,
    MESSAGE_PROTOCOL_DEFAULT,
    MESSAGE_RETENTION_PERIOD_DEFAULT,
    MESSAGE_TOPIC_ATTRIBUTES,
    MESSAGE_TOPIC_PREFIX,
    QUEUE_NAME_PREFIX,
    VISIBILITY_TIMEOUT_DEFAULT,
)
from tomodachi.transport.aws_sns_sqs.errors import (
    AWSSNSSQSConnectionException,
    AWSSNSSQSException,
    AWSSNSSQSInternalServiceError,
    AWSSNSSQSInternalServiceErrorException,
    AWSSNSSQSInternalServiceException,
    InvalidHandlerArgument,
    InvalidName,
    PublishBatchFailed,
    QueueDoesNotExistError,
)
from tomodachi.transport.aws_sns_sqs.formatters import (
    MessageBodyFormatter,
    MessageBodyFormatterContext,
    MessageBodyFormatterProtocol,
)
from tomodachi.transport.aws_sns_sqs.publish_api import PublishBatchEntry
from tomodachi.transport.aws_sns_sqs.transport import AWSSNSSQSTransport
from tomodachi.transport.aws_sns_sqs.user_types import (
    AnythingButFilterPolicyDict,
    ExistsFilterPolicyDict,
    FilterPolicyDictType,
    FilterPolicyDictValueType,
    MessageAttributesType,
    NumericFilterPolicyDict,
    PrefixFilterPolicyDict,
)

publish = AWSSNSSQSTransport.publish
send_message = AWSSNSSQSTransport.send_message

SET_CONTEXTVAR_VALUES = False
"""Deprecated: set to True before a service starts to find receipt handle, queue URL and receive count
in context variables while a handler runs."""

__all__ = [
    "DEAD_LETTER_QUEUE_DEFAULT",
    "DLQ_MESSAGE_RETENTION_PERIOD_DEFAULT",
    "DRAIN_MESSAGE_PAYLOAD",
    "FILTER_POLICY_DEFAULT",
    "MAX_NUMBER_OF_CONSUMED_MESSAGES",
    "MAX_RECEIVE_COUNT_DEFAULT",
    "MESSAGE_ENVELOPE_DEFAULT",
    "MESSAGE_PROTOCOL_DEFAULT",
    "MESSAGE_RETENTION_PERIOD_DEFAULT",
    "MESSAGE_TOPIC_ATTRIBUTES",
    "MESSAGE_TOPIC_PREFIX",
    "QUEUE_NAME_PREFIX",
    "SET_CONTEXTVAR_VALUES",
    "VISIBILITY_TIMEOUT_DEFAULT",
    "AWSSNSSQSConnectionException",
    "AWSSNSSQSException",
    "AWSSNSSQSInternalServiceError",
    "AWSSNSSQSInternalServiceErrorException",
    "AWSSNSSQSInternalServiceException",
    "AWSSNSSQSTransport",
    "AnythingButFilterPolicyDict",
    "ExistsFilterPolicyDict",
    "FilterPolicyDictType",
    "FilterPolicyDictValueType",
    "InvalidHandlerArgument",
    "InvalidName",
    "MessageAttributesType",
    "MessageBodyFormatter",
    "MessageBodyFormatterContext",
    "MessageBodyFormatterProtocol",
    "MessageEnvelopeProtocol",
    "NumericFilterPolicyDict",
    "PrefixFilterPolicyDict",
    "PublishBatchEntry",
    "PublishBatchFailed",
    "QueueDoesNotExistError",
    "aws_sns_sqs",
    "aws_sns_sqs_publish",
    "aws_sns_sqs_publish_batch",
    "aws_sns_sqs_send_message",
    "awssnssqs",
    "awssnssqs_publish",
    "awssnssqs_send_message",
    "publish",
    "send_message",
    "sns_publish",
    "sqs_send_message",
]
