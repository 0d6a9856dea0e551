"""What a handler's decorator and the service's options make of AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

import tomodachi
from tomodachi.transport import aws_sns_sqs as transport

KEYS = [
    "alias/aws/sqs",
    "arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab",
]
SETTERS = ("sqs.SetQueueAttributes", "sns.SetTopicAttributes", "sns.SetSubscriptionAttributes")


def consumer(*args: Any, **arguments: Any) -> type[tomodachi.Service]:
    class Service(tomodachi.Service):
        uuid = "fixed"

        def __init__(self) -> None:
            self.seen: list[Any] = []

        @tomodachi.aws_sns_sqs(*args, **arguments)
        async def handler(self, message: Any) -> None:
            self.seen.append(message)

    return Service


def policy_source(attributes: dict[str, str]) -> Any:
    statement = json.loads(attributes["Policy"])["Statement"][0]
    return statement["Condition"]["ArnEquals"]["aws:SourceArn"]


async def theirs(aws: Any) -> str:
    """The ARN of a queue that somebody else made; whose account it is, it does not tell."""
    await (await aws.client("sqs")).create_queue(QueueName="theirs")
    return "arn:aws:sqs:eu-west-1:000000000000:theirs"


# --- queues -------------------------------------------------------------------------------------


async def test_queue_topic_policy_and_subscription_are_made(aws: Any) -> None:
    await aws.start(consumer("t", queue_name="q"), topic_prefix="a-", queue_name_prefix="b-")
    attributes = await aws.queue_attributes("b-q")
    assert policy_source(attributes) == "arn:aws:sns:eu-west-1:000000000000:a-t"
    (subscription,) = await aws.subscription_attributes("a-t")
    assert subscription["Endpoint"] == attributes["QueueArn"]
    assert subscription["Protocol"] == "sqs"


async def test_starting_again_changes_nothing(aws: Any) -> None:
    service = consumer(
        "t",
        queue_name="q",
        dead_letter_queue_name="dlq",
        max_receive_count=3,
        visibility_timeout=50,
        filter_policy={"a": ["b"]},
    )
    options = {"sqs_kms_master_key_id": KEYS[0], "sns_kms_master_key_id": "alias/aws/sns"}
    await aws.start(service, **options)
    await aws.stop()
    before = dict(aws.operations)
    await aws.start(service, **options)
    creators = ("sqs.CreateQueue", "sns.CreateTopic")
    for operation in (*SETTERS, *creators):
        assert aws.operations[operation] == before.get(operation, 0), operation
    assert len(await aws.subscription_attributes("t")) == 1


async def test_what_changes_on_a_queue_that_is_there_is_logged(
    aws: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Upstream's text."""
    caplog.set_level("INFO")
    await aws.start(consumer("t", queue_name="q"))
    assert "Updating" not in caplog.text
    await aws.stop()
    await aws.start(consumer("t", queue_name="q", visibility_timeout=77))
    arn = "arn:aws:sqs:eu-west-1:000000000000:q"
    assert f"Updating 'VisibilityTimeout' attribute on SQS queue '{arn}'" in caplog.text
    assert "'Policy'" not in caplog.text


async def test_a_fifo_handler_has_fifo_queue_topic_and_dead_letter_queue(aws: Any) -> None:
    await aws.start(
        consumer(
            "t",
            queue_name="q.fifo",
            fifo=True,
            dead_letter_queue_name="d.fifo",
            max_receive_count=2,
        )
    )
    attributes = await aws.queue_attributes("q.fifo")
    assert attributes["FifoQueue"] == "true"
    assert attributes["ContentBasedDeduplication"] == "false"
    assert attributes["DeduplicationScope"] == "messageGroup"
    assert attributes["FifoThroughputLimit"] == "perMessageGroupId"
    assert (await aws.queue_attributes("d.fifo"))["FifoQueue"] == "true"
    assert (await aws.topic_attributes("t.fifo"))["FifoTopic"] == "true"


@pytest.mark.parametrize(
    "arguments",
    [
        {"queue_name": "q.fifo"},
        {"queue_name": "q", "fifo": True},
        {"fifo": True, "dead_letter_queue_name": "d", "max_receive_count": 2},
        {"dead_letter_queue_name": "d.fifo", "max_receive_count": 2},
    ],
)
async def test_a_queue_s_suffix_and_the_fifo_flag_go_together(
    aws: Any, arguments: dict[str, Any]
) -> None:
    """Specification 6.3, step 2; 0.29.0 fails likewise."""
    with pytest.raises(transport.AWSSNSSQSException, match="type mismatch"):
        await aws.start(consumer("t", **arguments))


async def test_a_fifo_queue_given_by_its_arn_needs_no_flag_and_is_handled_in_order(
    aws: Any,
) -> None:
    """Seen with 0.29.0, which looks at the queue's name alone."""
    client = await aws.client("sqs")
    await client.create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true"})
    arn = "arn:aws:sqs:eu-west-1:000000000000:q.fifo"
    service = await aws.start(consumer(queue_name=arn))
    for number in range(3):
        body = json.dumps({"Message": str(number)})
        await aws.send("q.fifo", body, MessageGroupId="g", MessageDeduplicationId=str(number))
    await aws.until(lambda: len(service.seen) == 3)
    assert service.seen == ["0", "1", "2"]


async def test_a_queue_may_be_given_by_its_arn(aws: Any) -> None:
    service = await aws.start(
        consumer("t", queue_name=await theirs(aws)), queue_name_prefix="mine-"
    )
    await aws.publish("t", "x")
    await aws.until(lambda: service.seen)


async def test_a_queue_given_by_its_arn_has_to_exist(aws: Any) -> None:
    arn = "arn:aws:sqs:eu-west-1:000000000000:nobody"
    with pytest.raises(transport.AWSSNSSQSException, match=r"specific ARN .* does not exist"):
        await aws.start(consumer("t", queue_name=arn))


async def test_without_a_name_the_queue_is_called_by_topic_handler_and_uuid(aws: Any) -> None:
    await aws.start(consumer("t"))
    name = transport.AWSSNSSQSTransport.get_queue_name(
        "t", "handler", "fixed", None, {"options": tomodachi.Options()}, fifo=False
    )
    assert aws.left(name) == 0


async def test_an_empty_queue_name_is_refused_and_not_made_up(aws: Any) -> None:
    """Seen with 0.29.0."""
    with pytest.raises(transport.AWSSNSSQSException, match=r"Queue name \(\)"):
        await aws.start(consumer("t", queue_name=""))


async def test_a_named_queue_that_is_not_competing_is_refused(aws: Any) -> None:
    with pytest.raises(
        transport.AWSSNSSQSException, match="predefined queue name must be competing"
    ):
        await aws.start(consumer("t", queue_name="q", competing=False))


@pytest.mark.parametrize(
    ("uuid", "arguments", "warned"),
    [
        ("", {}, True),
        ("fixed", {}, False),
        ("", {"competing": True}, False),
        ("", {"queue_name": "q"}, False),
    ],
)
async def test_row_8_a_queue_that_a_restart_leaves_behind_is_warned_of(
    aws: Any, caplog: Any, uuid: str, arguments: dict[str, Any], warned: bool
) -> None:
    class Service(tomodachi.Service):
        @tomodachi.aws_sns_sqs("t", **arguments)
        async def handler(self) -> None: ...

    if uuid:
        Service.uuid = uuid
    await aws.start(Service)
    assert ("stays behind when it ends" in caplog.text) is warned
    assert not warned or "competing=True" in caplog.text


# --- visibility, redrive, KMS -------------------------------------------------------------------


@pytest.mark.parametrize("topic", ["t", None])
async def test_row_6_every_queue_option_counts_with_and_without_a_topic(
    aws: Any, topic: str | None
) -> None:
    await aws.start(
        consumer(
            topic,
            queue_name="q",
            visibility_timeout=77,
            dead_letter_queue_name="dlq",
            max_receive_count=4,
        ),
        sqs_kms_master_key_id=KEYS[0],
        sqs_kms_data_key_reuse_period=600,
    )
    attributes = await aws.queue_attributes("q")
    assert attributes["VisibilityTimeout"] == "77"
    redrive = json.loads(attributes["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"].endswith(":dlq")
    assert str(redrive["maxReceiveCount"]) == "4"
    assert attributes["KmsMasterKeyId"] == KEYS[0]
    assert attributes["KmsDataKeyReusePeriodSeconds"] == "600"
    assert (await aws.queue_attributes("dlq"))["MessageRetentionPeriod"] == "1209600"


async def test_a_dead_letter_queue_of_none_takes_the_redrive_policy_away(aws: Any) -> None:
    with_policy = consumer("t", queue_name="q", dead_letter_queue_name="d", max_receive_count=2)
    await aws.start(with_policy)
    await aws.stop()
    await aws.start(consumer("t", queue_name="q"))
    await aws.stop()
    assert "RedrivePolicy" in await aws.queue_attributes("q")
    await aws.start(consumer("t", queue_name="q", dead_letter_queue_name=None))
    assert not (await aws.queue_attributes("q")).get("RedrivePolicy")


async def test_a_dead_letter_queue_may_be_given_by_its_arn(aws: Any) -> None:
    arn = "arn:aws:sqs:eu-west-1:000000000000:grave"
    service = consumer("t", queue_name="q", dead_letter_queue_name=arn, max_receive_count=2)
    with pytest.raises(transport.AWSSNSSQSException, match="dead-letter queue with specific ARN"):
        await aws.start(service)
    await (await aws.client("sqs")).create_queue(QueueName="grave")
    await aws.start(service)
    assert arn in (await aws.queue_attributes("q"))["RedrivePolicy"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"dead_letter_queue_name": "d"},
        {"max_receive_count": 3},
        {"visibility_timeout": 43_201},
        {"filter_policy": "{"},
        {"on_exception": "ignore"},
        {"topic": 7},
    ],
)
async def test_a_wrong_argument_stops_the_service_from_starting(
    aws: Any, arguments: dict[str, Any]
) -> None:
    with pytest.raises(transport.AWSSNSSQSException):
        await aws.start(consumer(arguments.pop("topic", "t"), queue_name="q", **arguments))


async def existing(aws: Any, key: str | None) -> None:
    attributes = {"KmsMasterKeyId": key} if key else {}
    await (await aws.client("sqs")).create_queue(QueueName="q", Attributes=attributes)
    await (await aws.client("sns")).create_topic(Name="t", Attributes=attributes)


@pytest.mark.parametrize(
    ("before", "option", "after"),
    [
        (None, None, ""), (None, "", ""), (None, False, ""), (None, KEYS[0], KEYS[0]),
        (KEYS[1], None, KEYS[1]), (KEYS[1], "", ""), (KEYS[1], False, ""),
        (KEYS[1], KEYS[0], KEYS[0]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("is_new", [True, False])
async def test_kms_of_queues_and_topics_in_its_three_states(
    aws: Any, before: str | None, option: Any, after: str, is_new: bool
) -> None:
    """Options table: None changes nothing, "" and False turn encryption off, a key is set."""
    if is_new:
        before, after = None, (option or "")
    else:
        await existing(aws, before)
    await aws.start(
        consumer("t", queue_name="q"), sqs_kms_master_key_id=option, sns_kms_master_key_id=option
    )
    assert (await aws.queue_attributes("q")).get("KmsMasterKeyId", "") == after
    assert (await aws.topic_attributes("t")).get("KmsMasterKeyId", "") == after


# --- subscriptions ------------------------------------------------------------------------------


async def test_a_filter_policy_decides_what_arrives(aws: Any) -> None:
    service = await aws.start(consumer("t", queue_name="q", filter_policy={"kind": ["a"]}))
    for kind in ("b", "a"):
        await tomodachi.sns_publish(service, kind, topic="t", message_attributes={"kind": kind})
    await aws.until(lambda: service.seen)
    await aws.settle()
    assert service.seen == ["a"]


async def test_a_filter_policy_is_changed_on_a_subscription_that_is_there(aws: Any) -> None:
    for policy in ({"kind": ["a"]}, {"kind": ["b"]}, '{"kind": ["c"]}'):
        await aws.start(consumer("t", queue_name="q", filter_policy=policy))
        await aws.stop()
        (subscription,) = await aws.subscription_attributes("t")
        expected = json.loads(policy) if isinstance(policy, str) else policy
        assert json.loads(subscription["FilterPolicy"]) == expected


async def test_no_filter_policy_leaves_the_one_there_is_and_none_takes_it_away(aws: Any) -> None:
    await aws.start(consumer("t", queue_name="q", filter_policy={"kind": ["a"]}))
    await aws.stop()
    await aws.start(consumer("t", queue_name="q"))
    await aws.stop()
    assert "FilterPolicy" in (await aws.subscription_attributes("t"))[0]
    await aws.start(consumer("t", queue_name="q", filter_policy=None))
    assert json.loads((await aws.subscription_attributes("t"))[0].get("FilterPolicy", "{}")) == {}


async def test_two_handlers_of_one_queue_let_both_topics_in(aws: Any) -> None:
    class Service(tomodachi.Service):
        @tomodachi.aws_sns_sqs("order-a", queue_name="q")
        async def first(self) -> None: ...

        @tomodachi.aws_sns_sqs("order-b", queue_name="q")
        async def second(self) -> None: ...

    await aws.start(Service)
    assert policy_source(await aws.queue_attributes("q")).endswith(":order-*")


async def test_the_queue_policy_options_stand_in_for_the_source(aws: Any) -> None:
    await aws.start(consumer("t", queue_name="q"), queue_policy="arn:aws:sns:*:*:t*")
    assert policy_source(await aws.queue_attributes("q")) == "arn:aws:sns:*:*:t*"


# --- topics -------------------------------------------------------------------------------------


async def test_row_9_a_topic_with_a_dot_is_encoded_on_subscribe_and_publish(aws: Any) -> None:
    class Service(consumer("order.created v2", queue_name="q")):  # type: ignore[misc]  # made at run time
        pass

    service = await aws.start(Service, topic_prefix="dev.")
    await tomodachi.sns_publish(service, "x", topic="order.created v2")
    await aws.until(lambda: service.seen)
    assert await aws.topic_attributes("dev___2e_order___2e_created___20_v2")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("topic", "competing", "queue"),
    [
        ("a.*", None, "41d30daedbf47d20e7af9d6a4f75c4210ca9fe0b40816211882292f1848a1d62"),
        ("a.#", True, "506052c79c9384e325c29bcb8f4751ded971543cd5599ce6744142d62c648314"),
    ],
)
async def test_the_queue_of_a_wildcard_topic_is_called_as_the_original_calls_it(
    aws: Any, topic: str, *, competing: bool | None, queue: str
) -> None:
    """A service that moves here finds its queue and what waits there; names recorded with 0.29.0."""

    class Service(tomodachi.Service):
        uuid = "uuid-1"

        @tomodachi.aws_sns_sqs(topic, competing=competing)
        async def h_w1(self, message: Any) -> None: ...

    await aws.start(Service)
    assert await aws.queue_attributes(queue)


async def test_row_10_a_wildcard_topic_is_subscribed_on_every_page_of_topics(aws: Any) -> None:
    client = await aws.client("sns")
    for number in range(150):
        await client.create_topic(Name=f"n___2e_{number:03}")
    service = await aws.start(consumer("n.*", queue_name="q"))
    assert aws.operations["sns.ListTopics"] > 1
    for name in ("n___2e_000", "n___2e_149"):
        await aws.publish(name, name)
    await aws.until(lambda: len(service.seen) == 2)
    assert policy_source(await aws.queue_attributes("q")).endswith(":n___2e_*")


async def test_row_10_topics_made_later_are_subscribed_too(aws: Any) -> None:
    service = await aws.start(consumer("order.#", queue_name="q"))
    assert service.seen == []
    client = await aws.client("sns")
    await client.create_topic(Name="order___2e_created___2e_v1")
    await client.create_topic(Name="other")
    await aws.pass_time(61)
    await aws.publish("order___2e_created___2e_v1", "x")
    await aws.until(lambda: service.seen)
    assert aws.operations["sns.Subscribe"] == 1


async def test_row_10_a_failing_listing_is_tried_again(aws: Any, caplog: Any) -> None:
    service = await aws.start(consumer("order.#", queue_name="q"))
    await (await aws.client("sns")).create_topic(Name="order___2e_created")
    aws.fail("sns.ListTopics", times=1, code="AuthorizationError", status=403)
    await aws.pass_time(61)
    assert "topics could not be listed" in caplog.text
    await aws.pass_time(61)
    await aws.publish("order___2e_created", "x")
    await aws.until(lambda: service.seen)


async def test_a_topic_that_may_not_be_created_but_exists_is_used_as_it_is(
    aws: Any, caplog: Any
) -> None:
    await existing(aws, KEYS[1])
    aws.fail("sns.SetTopicAttributes", times=None, code="AuthorizationError", status=403)
    await aws.start(consumer("t", queue_name="q"), sns_kms_master_key_id=KEYS[0])
    assert "using existing topic and skipping topic attribute updates" in caplog.text


@pytest.mark.parametrize("operation", ["sts.GetCallerIdentity", "sns.GetTopicAttributes"])
async def test_a_topic_that_may_not_be_looked_up_is_created(aws: Any, operation: str) -> None:
    queue = await theirs(aws)
    aws.fail(operation, times=1, code="AuthorizationError", status=403)
    service = await aws.start(consumer("t", queue_name=queue))
    assert aws.operations[operation] == 1
    await aws.publish("t", "x")
    await aws.until(lambda: service.seen)


async def test_a_queue_of_the_service_s_own_names_the_account_so_that_sts_is_not_asked(
    aws: Any,
) -> None:
    """GetQueueUrl without QueueOwnerAWSAccountId finds the caller's own queues only.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueUrl.html
    """
    await aws.start(consumer("t", queue_name="q"))
    await aws.stop()
    await aws.start(consumer("t", queue_name="q"))
    assert aws.operations["sns.CreateTopic"] == 1
    assert aws.operations["sts.GetCallerIdentity"] == 0


@pytest.mark.parametrize("before", [None, KEYS[1]])
@pytest.mark.parametrize("option", [KEYS[0], ""])
@pytest.mark.parametrize("denied", ["sts.GetCallerIdentity", "sns.GetTopicAttributes"])
async def test_a_topic_that_may_not_be_looked_up_gets_its_attributes_all_the_same(
    aws: Any, denied: str, option: str, before: str | None
) -> None:
    """Seen with 0.29.0: CreateTopic says that it is there, and what it has is not asked for."""
    await existing(aws, before)
    queue = await theirs(aws)
    fault = aws.fail(denied, times=None, code="AuthorizationError", status=403)
    await aws.start(consumer("t", queue_name=queue), sns_kms_master_key_id=option)
    aws.faults.remove(fault)
    assert (await aws.topic_attributes("t")).get("KmsMasterKeyId", "") == option


@pytest.mark.parametrize(
    ("operation", "text"),
    [
        ("sns.CreateTopic", r"Unable to create topic \[sns\] on AWS"),
        ("sqs.CreateQueue", r"Unable to create queue \[sqs\] on AWS"),
        ("sqs.GetQueueAttributes", r"Unable to get queue attributes \[sqs\] on AWS"),
        ("sqs.SetQueueAttributes", r"Unable to set queue attributes \[sqs\] on AWS"),
        ("sns.Subscribe", r"Unable to subscribe to topic \[sns\] on AWS"),
    ],
)
async def test_a_refusal_stops_the_service_from_starting_and_is_logged(
    aws: Any, caplog: Any, operation: str, text: str
) -> None:
    aws.fail(operation, times=None, code="AccessDenied", status=403, message="you may not")
    with pytest.raises(
        transport.AWSSNSSQSException, match=text + r" \(.*\(AccessDenied\).*: you may not\)"
    ):
        await aws.start(consumer("t", queue_name="q"))
    assert "you may not" in caplog.text


async def test_a_start_survives_trouble_that_passes(aws: Any) -> None:
    for operation in ("sqs.CreateQueue", "sns.CreateTopic", "sns.Subscribe"):
        aws.fail(operation, times=2, code="ThrottlingException", status=400)
    service = await aws.start(consumer("t", queue_name="q"))
    await aws.publish("t", "x")
    await aws.until(lambda: service.seen)
