from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from botocore.session import Session
from tests.fakes.sns.support_errors import PLANNED
from tests.fakes.sns.support_sns import (
    ACCOUNT,
    REGION,
    envelopes,
    make_queue,
    queue_arn,
    refusal,
    subscribe,
)
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.sns import errors
from tomodachi_fakes.sns.service import SnsService

MODEL = Session().get_service_model("sns")


def test_every_operation_of_the_model_is_there() -> None:
    assert sorted(SnsService.operations) == sorted(MODEL.operation_names)


def test_every_error_of_the_model_is_there_with_its_status() -> None:
    modelled = {
        shape.metadata.get("error", {}).get("code", shape.name): shape.metadata.get(
            "error", {}
        ).get("httpStatusCode", 400)
        for shape in MODEL.error_shapes
    }
    ours = {
        error.code: error.status
        for _, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, AwsError) and error.__module__ == errors.__name__
    }

    assert {code: ours.get(code) for code in modelled} == modelled


@pytest.mark.parametrize("code", sorted(PLANNED))
def test_errors_of_aws_itself_can_be_injected(
    aws: InProcess, sns: Any, topic: str, code: str
) -> None:
    status = PLANNED[code]
    aws.faults.add(
        Fault("sns.Publish", FaultKind.ERROR, code=code, status=status, message="as planned")
    )

    with pytest.raises(sns.exceptions.ClientError) as caught:
        sns.publish(TopicArn=topic, Message="hello")

    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert sns.publish(TopicArn=topic, Message="hello")["MessageId"]


def test_restore_goes_back_to_the_snapshot(aws: InProcess, sns: Any, sqs: Any, topic: str) -> None:
    url = make_queue(sqs)
    arn = subscribe(sns, topic, FilterPolicy='{"a": [{"exists": false}]}')
    snapshot = aws.cloud.snapshot()
    sns.unsubscribe(SubscriptionArn=arn)
    sns.create_topic(Name="later")
    sns.delete_topic(TopicArn=topic)

    aws.cloud.restore(snapshot)

    assert [item["TopicArn"] for item in sns.list_topics()["Topics"]] == [topic]
    sns.publish(TopicArn=topic, Message="hello")
    assert [item["Message"] for item in envelopes(sqs, url)] == ["hello"]


def test_reset_forgets_one_account_or_all(aws: InProcess, sns: Any, topic: str) -> None:
    other = aws.client("sns", account="222222222222")
    theirs = other.create_topic(Name="theirs")["TopicArn"]

    aws.cloud.reset(ACCOUNT)
    assert sns.list_topics()["Topics"] == []
    assert [item["TopicArn"] for item in other.list_topics()["Topics"]] == [theirs]

    aws.cloud.reset()
    assert other.list_topics()["Topics"] == []


def test_peeks_change_nothing(aws: InProcess, sns: Any, topic: str) -> None:
    arn = subscribe(sns, topic)
    service = aws.cloud.sns

    assert [item.name for item in service.topics()] == ["topic"]
    found = service.topic(topic)
    assert found is not None
    assert list(found.subscriptions) == [arn]
    subscription = service.subscription(arn)
    assert subscription is not None
    assert subscription.endpoint == queue_arn("queue")
    assert service.subscription("nothing") is None
    assert service.next_deadline() is None


def test_an_idle_sns_waits_for_nothing(aws: InProcess, sns: Any, topic: str) -> None:
    make_queue(aws.client("sqs"))
    subscribe(sns, topic)
    sns.publish(TopicArn=topic, Message="hello")

    assert aws.cloud.sns.next_deadline() is None


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("get_topic_attributes", {"TopicArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:queue"}),
        ("get_topic_attributes", {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:a:b"}),
        ("get_subscription_attributes", {"SubscriptionArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:a"}),
        ("unsubscribe", {"SubscriptionArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:a"}),
    ],
)
def test_arns_of_other_things_are_invalid(sns: Any, operation: str, params: dict[str, str]) -> None:
    assert refusal(getattr(sns, operation), **params)[0] == "InvalidParameter"


def test_the_seed_decides_every_id(aws: InProcess) -> None:
    def run() -> str:
        aws.renew()
        sns, sqs = aws.client("sns"), aws.client("sqs")
        url = make_queue(sqs)
        subscribe(sns, sns.create_topic(Name="t")["TopicArn"])
        sns.publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:t", Message="hello")
        return json.dumps(envelopes(sqs, url))

    assert run() == run()
