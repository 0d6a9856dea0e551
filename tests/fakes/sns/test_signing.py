from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from tests.fakes.sns.support_sns import envelopes, make_queue, number, subscribe
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.sns.signing import string_to_sign

SIGNED = {
    "Notification": ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"],
    "SubscriptionConfirmation": [
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ],
}


def verify(aws: InProcess, envelope: dict[str, Any]) -> None:
    """Verify as the developer guide says: fetch the certificate, rebuild the text, check it.

    Source: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message-verify-message-signature.html
    """
    path = envelope["SigningCertURL"].removeprefix("http://aws.test")
    pem = aws.cloud.sns.certificate(path)
    assert pem is not None
    key = x509.load_pem_x509_certificate(pem).public_key()
    assert isinstance(key, RSAPublicKey)
    text = "".join(
        f"{name}\n{envelope[name]}\n" for name in SIGNED[envelope["Type"]] if name in envelope
    )
    digest = hashes.SHA256() if envelope["SignatureVersion"] == "2" else hashes.SHA1()
    key.verify(base64.b64decode(envelope["Signature"]), text.encode(), PKCS1v15(), digest)


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "A subject"])
def test_a_verifier_accepts_notifications(
    aws: InProcess, sns: Any, sqs: Any, topic: str, version: str, subject: str | None
) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    sns.set_topic_attributes(
        TopicArn=topic, AttributeName="SignatureVersion", AttributeValue=version
    )

    sns.publish(
        TopicArn=topic,
        Message='quotes " and\nlines and ünïcode',
        MessageAttributes={"attr": number("1")},
        **({"Subject": subject} if subject else {}),
    )

    (envelope,) = envelopes(sqs, url)
    assert envelope["SignatureVersion"] == version
    assert ("Subject" in envelope) is (subject is not None)
    verify(aws, envelope)


def test_a_verifier_accepts_confirmations(aws: InProcess, sns: Any, topic: str) -> None:
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://localhost:1/")

    (post,) = aws.cloud.take_http()

    verify(aws, json.loads(post.body))


def test_a_changed_message_is_not_accepted(aws: InProcess, sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    subscribe(sns, topic)
    sns.publish(TopicArn=topic, Message="original")
    (envelope,) = envelopes(sqs, url)

    with pytest.raises(InvalidSignature):
        verify(aws, envelope | {"Message": "changed"})


def test_only_the_certificate_itself_is_served(aws: InProcess) -> None:
    certificate = aws.cloud.sns.certificate

    assert certificate("/SimpleNotificationService-0000.pem") is None
    assert certificate("/other") is None


def test_an_absent_subject_is_left_out_of_the_signed_text() -> None:
    fields = {
        "Type": "Notification",
        "MessageId": "id",
        "TopicArn": "arn",
        "Message": "hello",
        "Timestamp": "now",
    }

    assert string_to_sign(fields) == (
        "Message\nhello\nMessageId\nid\nTimestamp\nnow\nTopicArn\narn\nType\nNotification\n"
    )
