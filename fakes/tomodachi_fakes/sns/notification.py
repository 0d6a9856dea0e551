"""How a published message looks when it arrives: envelopes, raw bodies, confirmation messages.

An envelope is written the way SNS writes it (two blanks, `" : "`), with the parts that all
subscriptions share rendered and signed once. FIFO topics add `SequenceNumber` and sign nothing.
What is accepted for publishing is `message.py`'s matter, who gets it `fan_out.py`'s.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html; recorded
answers of AWS.
"""

from __future__ import annotations

import base64
import datetime
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tomodachi_fakes.sns.message_attributes import FOR_PHONES_AND_DEVICES
from tomodachi_fakes.sns.signing import string_to_sign

if TYPE_CHECKING:
    from tomodachi_fakes.sns.message import Message
    from tomodachi_fakes.sns.signing import Signer
    from tomodachi_fakes.sns.state import Subscription

_text = json.JSONEncoder(ensure_ascii=False).encode
_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def timestamp(at: float) -> str:
    """`at` as SNS writes it: UTC with milliseconds ("2012-04-25T21:49:25.719Z")."""
    moment = datetime.datetime.fromtimestamp(round(at * 1000) // 1000, datetime.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{round(at * 1000) % 1000:03d}Z"


def unsubscribe_url(base_url: str, subscription_arn: str) -> str:
    """The URL at the foot of a notification."""
    return f"{base_url}/?Action=Unsubscribe&SubscriptionArn={quote(subscription_arn, safe=':/')}"


def subscribe_url(base_url: str, subscription: Subscription) -> str:
    """The URL that a confirmation message asks to visit."""
    topic = quote(subscription.topic_arn, safe=":/")
    return f"{base_url}/?Action=ConfirmSubscription&TopicArn={topic}&Token={subscription.token}"


def certificate_url(base_url: str, signer: Signer) -> str:
    """Where the signing certificate is served."""
    return f"{base_url}/{signer.certificate_name()}"


def envelope_attributes(message: Message) -> dict[str, dict[str, str]]:
    """Message attributes in the envelope's form, `{"Type": ..., "Value": ...}`, binary as base64."""
    return {
        name: {"Type": attribute["DataType"], "Value": _value(attribute)}
        for name, attribute in message.attributes.items()
    }


def sqs_attributes(message: Message) -> dict[str, dict[str, Any]]:
    """Message attributes in SQS's form, for raw delivery.

    Those that tell how to send a text or a push stay behind: SQS has no attributes of such names.
    """
    return {
        name: dict(attribute)
        for name, attribute in message.attributes.items()
        if not name.startswith(FOR_PHONES_AND_DEVICES)
    }


def _value(attribute: dict[str, Any]) -> str:
    if "BinaryValue" in attribute:
        return base64.b64encode(attribute["BinaryValue"]).decode()
    return str(attribute["StringValue"])


@dataclass(slots=True)
class Envelope:
    """The envelope of one message body, split around the one line that differs by subscription.

    Attributes:
        fields: The signed fields and what belongs to them, by name; for other renderings.
    """

    fields: dict[str, str]
    attributes: dict[str, dict[str, str]]
    base_url: str
    _head: str
    _tail: str

    def text(self, subscription_arn: str) -> str:
        """The JSON text for one subscription."""
        url = unsubscribe_url(self.base_url, subscription_arn)
        return f'{self._head}  "UnsubscribeURL" : {_text(url)}{self._tail}'

    def lambda_event(self, subscription_arn: str) -> str:
        """The event that a function is invoked with.

        Source: recorded answers of AWS; the keys end in `Url` here.
        """
        fields = dict(self.fields)
        notification: dict[str, Any] = {
            "Type": fields.pop("Type"),
            "MessageId": fields.pop("MessageId"),
            "TopicArn": fields.pop("TopicArn"),
            "Subject": fields.pop("Subject", None),
            "Message": fields.pop("Message"),
        }
        if "SigningCertURL" in fields:
            fields["SigningCertUrl"] = fields.pop("SigningCertURL")
        notification |= fields
        notification["UnsubscribeUrl"] = unsubscribe_url(self.base_url, subscription_arn)
        notification["MessageAttributes"] = self.attributes
        record = {
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "Sns": notification,
        }
        return _compact({"Records": [record]})


def envelope(message: Message, body: str, *, signature_version: str, signer: Signer) -> Envelope:
    """The envelope of `message` with `body`, which may depend on the protocol."""
    fields = {"Type": "Notification", "MessageId": message.message_id}
    if message.sequence_number is not None:
        fields["SequenceNumber"] = message.sequence_number
    fields["TopicArn"] = message.topic_arn
    if message.subject is not None:
        fields["Subject"] = message.subject
    fields["Message"] = body
    fields["Timestamp"] = timestamp(message.published_at)
    if message.replayed:
        fields["Replayed"] = "true"
    if message.sequence_number is None:
        fields |= _signature_fields(fields, message.base_url, signature_version, signer)
    attributes = envelope_attributes(message)
    return Envelope(fields, attributes, message.base_url, _head(fields), _tail(attributes))


def confirmation(
    subscription: Subscription,
    *,
    kind: str,
    message_id: str,
    now: float,
    signature_version: str,
    signer: Signer,
) -> str:
    """A `SubscriptionConfirmation` or `UnsubscribeConfirmation` message (`kind`) as JSON text."""
    fields = {
        "Type": kind,
        "MessageId": message_id,
        "Token": subscription.token,
        "TopicArn": subscription.topic_arn,
        "Message": _confirmation_text(kind, subscription),
        "SubscribeURL": subscribe_url(subscription.base_url, subscription),
        "Timestamp": timestamp(now),
    }
    fields |= _signature_fields(fields, subscription.base_url, signature_version, signer)
    return _head(fields).removesuffix(",\n") + "\n}"


def _confirmation_text(kind: str, subscription: Subscription) -> str:
    if kind == "SubscriptionConfirmation":
        return (
            f"You have chosen to subscribe to the topic {subscription.topic_arn}.\n"
            "To confirm the subscription, visit the SubscribeURL included in this message."
        )
    return (
        f"You have chosen to deactivate subscription {subscription.arn}.\n"
        "To cancel this operation and restore the subscription, visit the SubscribeURL included "
        "in this message."
    )


def _signature_fields(
    fields: dict[str, str], base_url: str, version: str, signer: Signer
) -> dict[str, str]:
    return {
        "SignatureVersion": version,
        "Signature": signer.sign(string_to_sign(fields), version),
        "SigningCertURL": certificate_url(base_url, signer),
    }


def _head(fields: dict[str, str]) -> str:
    return "{\n" + "".join(f'  "{name}" : {_text(value)},\n' for name, value in fields.items())


def _tail(attributes: dict[str, dict[str, str]]) -> str:
    if not attributes:
        return "\n}"
    lines = ",\n".join(
        f"    {_text(name)} : {_compact(value)}" for name, value in attributes.items()
    )
    return f',\n  "MessageAttributes" : {{\n{lines}\n  }}\n}}'
