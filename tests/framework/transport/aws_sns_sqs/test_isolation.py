"""Two services in one process, and where clients get region, credentials and endpoints from."""

from __future__ import annotations

from typing import Any

import pytest

import tomodachi
from tomodachi.transport import aws_sns_sqs as transport
from tomodachi.transport.aws_sns_sqs.clients import credentials_for


class Named(tomodachi.Service):
    uuid = "fixed"

    def __init__(self) -> None:
        self.seen: list[Any] = []

    @tomodachi.aws_sns_sqs("t", queue_name="q")
    async def handler(self, message: Any) -> None:
        self.seen.append(message)


async def test_row_20_two_services_in_one_process_do_not_touch_one_another(aws: Any) -> None:
    one = await aws.start(
        Named, region_name="eu-west-1", aws_access_key_id="111111111111", topic_prefix="a-"
    )
    two = await aws.start(
        Named, region_name="us-east-2", aws_access_key_id="222222222222", queue_name_prefix="b-"
    )
    await tomodachi.sns_publish(one, "first", topic="t")
    await tomodachi.sns_publish(two, "second", topic="t")
    await aws.until(lambda: one.seen and two.seen)
    await aws.settle()
    assert (one.seen, two.seen) == (["first"], ["second"])
    arns = {queue.arn for queue in aws.cloud.sqs.queues()}
    assert arns == {
        "arn:aws:sqs:eu-west-1:111111111111:q",
        "arn:aws:sqs:us-east-2:222222222222:b-q",
    }
    topics = {topic.arn for topic in aws.cloud.sns.topics()}
    assert topics == {
        "arn:aws:sns:eu-west-1:111111111111:a-t",
        "arn:aws:sns:us-east-2:222222222222:t",
    }


async def test_row_20_stopping_one_service_leaves_the_other_running(aws: Any) -> None:
    first = aws.prepare(Named)
    await first.start()
    two = await aws.start(Named, topic_prefix="b-", queue_name_prefix="b-")
    await first.stop()
    await tomodachi.sns_publish(two, "x", topic="t")
    await aws.until(lambda: two.seen)


async def test_row_22_the_session_token_is_sent(aws: Any) -> None:
    service = await aws.start(Named, aws_session_token="token-1")
    client = await transport.AWSSNSSQSTransport.create_client("sqs", service.context)
    seen: list[Any] = []
    client.meta.events.register("before-send", lambda request, **_: seen.append(request))
    await client.list_queues()
    assert seen[0].headers["X-Amz-Security-Token"] == b"token-1"


def test_row_22_credentials_have_a_session_token() -> None:
    options = tomodachi.Options(aws_sns_sqs={"aws_session_token": "t"})
    assert credentials_for("sqs", options)["aws_session_token"] == "t"


def test_the_sts_endpoint_falls_back_to_that_of_sns() -> None:
    options = tomodachi.Options(aws_endpoint_urls={"sns": "http://sns", "sqs": "http://sqs"})
    found = {name: credentials_for(name, options).endpoint_url for name in ("sns", "sqs", "sts")}
    assert found == {"sns": "http://sns", "sqs": "http://sqs", "sts": "http://sns"}
    options.aws_endpoint_urls.sts = "http://sts"
    assert credentials_for("sts", options).endpoint_url == "http://sts"


def test_empty_texts_leave_the_choice_to_the_machine() -> None:
    options = tomodachi.Options(aws_sns_sqs={"region_name": "", "aws_access_key_id": ""})
    assert set(credentials_for("sqs", options).asdict().values()) == {None}


@pytest.mark.parametrize(
    "wrong",
    [{"aws_secret_access_key": None}, {"region_name": "not a region"}],
)
async def test_credentials_that_cannot_be_stop_the_service_from_starting(
    aws: Any, caplog: Any, monkeypatch: pytest.MonkeyPatch, wrong: dict[str, Any]
) -> None:
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(
        transport.AWSSNSSQSConnectionException, match=r"Invalid credentials \[sns\]"
    ):
        await aws.start(Named, **wrong)
    assert caplog.text.count("Invalid credentials [sns] to AWS") == 1


async def test_an_unknown_access_key_is_told_in_aws_s_words(aws: Any) -> None:
    aws.fail(
        "sqs.*",
        times=None,
        code="InvalidClientTokenId",
        status=403,
        message="The security token included in the request is invalid.",
    )
    with pytest.raises(transport.AWSSNSSQSException, match="The security token included"):
        await aws.start(Named)
