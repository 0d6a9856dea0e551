"""Our own TOML. Source: docs/svc-fake-broker.md, "Resources that exist from the start"."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from tests.fakes.definitions.support_files import brokers

from tomodachi_fakes.definitions.files import read_file
from tomodachi_fakes.definitions.place import DefinitionsError

WHOLE = """
region = "eu-west-1"
account = "111122223333"

[[kms.keys]]
alias = "alias/orders"
description = "for orders"
tags = { team = "parcels" }

[[sqs.queues]]
name = "orders"
visibility_timeout = 45
kms_master_key_id = "alias/orders"
dead_letter_queue = "orders-dead"
max_receive_count = 3
tags = { team = "parcels" }

[[sqs.queues]]
name = "orders-dead"
message_retention_period = 1209600

[[sqs.queues]]
name = "steps.fifo"
content_based_deduplication = true

[[sns.topics]]
name = "order-created"
display_name = "Orders"

[[sns.topics]]
name = "steps.fifo"

[[sns.subscriptions]]
topic = "order-created"
queue = "orders"
raw_message_delivery = true
filter_policy = { kind = ["parcel"] }
dead_letter_queue = "orders-dead"

[[sns.subscriptions]]
topic = "order-created"
protocol = "email"
endpoint = "someone@example.com"

[[amqp.vhosts]]
name = "shop"
description = "of the shop"

[[amqp.users]]
name = "app"
password = "secret"
tags = ["management"]

[[amqp.permissions]]
user = "app"
vhost = "shop"
configure = "^app"

[[amqp.exchanges]]
name = "orders"
type = "topic"
vhost = "shop"

[[amqp.queues]]
name = "orders"
vhost = "shop"
type = "quorum"

[[amqp.queues]]
name = "audit"
vhost = "shop"
durable = false
arguments = { x-max-length = 10 }

[[amqp.bindings]]
source = "orders"
destination = "orders"
routing_key = "order.#"
vhost = "shop"

[[amqp.policies]]
name = "short"
vhost = "shop"
pattern = "^audit"
definition = { message-ttl = 1000 }
apply_to = "queues"
priority = 2

[[amqp.operator_policies]]
name = "cap"
vhost = "shop"
pattern = ".*"
definition = { max-length = 5 }

[[amqp.vhost_limits]]
vhost = "shop"
max_queues = 7

[[amqp.topic_permissions]]
user = "app"
vhost = "shop"
exchange = "orders"
write = "^order"
"""
PLACE = {"account": "111122223333", "region": "eu-west-1"}


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "resources.toml"
    file.write_text(text)
    return file


async def test_queues_topics_and_keys_of_a_file_are_there(tmp_path: Path) -> None:
    async with brokers() as taken:
        taken.take(written(tmp_path, WHOLE))
        orders = taken.queue("orders", **PLACE)
        assert (orders["VisibilityTimeout"], orders["KmsMasterKeyId"]) == ("45", "alias/orders")
        dead = "arn:aws:sqs:eu-west-1:111122223333:orders-dead"
        assert taken.dead_letter_queue("orders", **PLACE) == (dead, 3)
        assert taken.queue("steps.fifo", **PLACE)["ContentBasedDeduplication"] == "true"
        (key,) = taken.aws("kms", "ListKeys", **PLACE)["Keys"]
        described = taken.aws("kms", "DescribeKey", KeyId="alias/orders", **PLACE)["KeyMetadata"]
        assert (described["KeyId"], described["Description"]) == (key["KeyId"], "for orders")
        assert len(taken.aws("sns", "ListTopics", **PLACE)["Topics"]) == 2


async def test_subscriptions_of_a_file_deliver_what_their_filter_lets_through(
    tmp_path: Path,
) -> None:
    async with brokers() as taken:
        taken.take(written(tmp_path, WHOLE))
        topic = "arn:aws:sns:eu-west-1:111122223333:order-created"
        for kind in ("letter", "parcel"):
            attribute = {"kind": {"DataType": "String", "StringValue": kind}}
            taken.aws(
                "sns", "Publish", TopicArn=topic, Message=kind, MessageAttributes=attribute, **PLACE
            )
        (message,) = taken.aws("sqs", "ReceiveMessage", QueueUrl="orders", **PLACE)["Messages"]
        assert message["Body"] == "parcel"
        mailed, queued = sorted(
            taken.aws("sns", "ListSubscriptionsByTopic", TopicArn=topic, **PLACE)["Subscriptions"],
            key=lambda one: str(one["Protocol"]),
        )
        assert (mailed["Protocol"], queued["Protocol"]) == ("email", "sqs")
        attributes = taken.aws(
            "sns", "GetSubscriptionAttributes", SubscriptionArn=queued["SubscriptionArn"], **PLACE
        )["Attributes"]
        assert json.loads(attributes["RedrivePolicy"]) == {
            "deadLetterTargetArn": "arn:aws:sqs:eu-west-1:111122223333:orders-dead"
        }


async def test_rabbitmq_of_a_file_is_there(tmp_path: Path) -> None:
    async with brokers() as taken:
        taken.take(written(tmp_path, WHOLE))
        amqp = taken.broker.amqp
        assert amqp is not None
        shop, app = amqp.vhosts["shop"], amqp.users["app"]
        assert (shop.description, app.tags) == ("of the shop", ("management",))
        assert app.accepts("secret")
        assert app.permissions["shop"].configure == "^app"
        assert app.topic_permissions["shop", "orders"].write == "^order"
        assert (shop.queues["orders"].kind, shop.queues["audit"].durable) == ("quorum", False)
        routed = amqp.publish("orders", "order.created", b"x", now=0.0, vhost="shop")
        assert routed.queues == 1
        assert shop.policies["short"].definition == {"message-ttl": 1000}
        assert shop.operator_policies["cap"].definition == {"max-length": 5}


async def test_the_example_of_the_documentation_is_taken_in(tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "svc-fake-broker.md").read_text()
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    async with brokers() as taken:
        taken.take(written(tmp_path, example))
        assert taken.queue("orders", region="eu-west-1")["VisibilityTimeout"] == "45"
        assert taken.broker.amqp is not None
        assert taken.broker.amqp.vhosts["shop"].queues["orders"].kind == "quorum"


async def test_a_file_that_is_taken_twice_changes_nothing(tmp_path: Path) -> None:
    """What is there stays: with --persist, the file is read again at every start."""
    async with brokers() as taken:
        file = written(tmp_path, WHOLE)
        taken.take(file)
        url = taken.aws("sqs", "GetQueueUrl", QueueName="orders", **PLACE)["QueueUrl"]
        changed = {"VisibilityTimeout": "7"}
        taken.aws("sqs", "SetQueueAttributes", QueueUrl=url, Attributes=changed, **PLACE)
        taken.take(file)
        assert taken.queue("orders", **PLACE)["VisibilityTimeout"] == "7"
        topic = "arn:aws:sns:eu-west-1:111122223333:order-created"
        listed = taken.aws("sns", "ListSubscriptionsByTopic", TopicArn=topic, **PLACE)
        assert len(listed["Subscriptions"]) == 2
        assert len(taken.aws("kms", "ListKeys", **PLACE)["Keys"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[sqs.queues]\n", "resources.toml: this is no TOML:"),
        ("[[sqs.queues]]\n", "resources.toml: sqs.queues[0]: name is missing; add it"),
        ('[[sqs.queues]]\nname = ""', "sqs.queues[0].name: an empty text is no name"),
        ("[[sqs.queues]]\nname = 7", "sqs.queues[0].name: 7 is not a text"),
        ('[[sqs.queues]]\nname = "q"\ntags = { a = 1 }', "sqs.queues[0].tags.a: 1 is no text"),
        ('[[sqs.queues]]\nname = "q"\nvisibility_timeot = 1', "did you mean visibility_timeout?"),
        ('[[sqs.queues]]\nname = "q"\ndelay_seconds = 1.5', "delay_seconds: 1.5 is no text, whole"),
        ('[[sqs.queues]]\nname = "q"\nmax_receive_count = 3', "belong together; give both"),
        (
            '[[sqs.queues]]\nname = "q"\n' * 2,
            "sqs.queues[1]: 'q' is the name of sqs.queues[0], too",
        ),
        (
            '[[sns.topics]]\nname = "t"\n' * 2,
            "sns.topics[1]: 't' is the name of sns.topics[0], too",
        ),
        ('[[sqs.topics]]\nname = "t"', "sqs.topics: unknown key; known here: queues"),
        ("queues = []", "resources.toml: queues: unknown key; known here: account, amqp, kms"),
        ("[sqs]\nqueues = 1", "sqs.queues: 1 is not a list"),
        ("sqs = 1", "resources.toml: sqs: 1 is not a table"),
        ('[[amqp.queues]]\nname = "amq.q"', "amqp.queues[0].name: 'amq.q': names that begin with"),
        ('[[amqp.exchanges]]\nname = "amq.x"', "amqp.exchanges[0].name: 'amq.x': names that"),
        ('[[amqp.queues]]\nname = "q"\ndurable = 1', "amqp.queues[0].durable: 1 is not true or"),
        ('[[amqp.policies]]\nname = "p"\npattern = "x"\npriority = true', "True is not a whole"),
        ('[[sns.subscriptions]]\ntopic = "t"', "say where to: either queue, or protocol"),
    ],
)
def test_a_mistake_is_named_with_its_file_key_and_value(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(DefinitionsError) as caught:
        read_file(written(tmp_path, text))
    assert str(caught.value).startswith(str(tmp_path))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[sqs.queues]]\nname = "q"\nvisibility_timeout = 50000',
            "sqs.queues[0]: CreateQueue is refused, as AWS would refuse it: InvalidAttributeValue",
        ),
        (
            '[[sqs.queues]]\nname = "q"\ndead_letter_queue = "none"\nmax_receive_count = 1',
            "sqs.queues[0]: SetQueueAttributes is refused",
        ),
        (
            '[[sns.subscriptions]]\ntopic = "t"\nqueue = "q"',
            "sns.subscriptions[0]: there is no topic 't'; of this file are none",
        ),
        (
            '[[sns.topics]]\nname = "t"\n[[sns.subscriptions]]\ntopic = "t"\nqueue = "q"',
            "sns.subscriptions[0]: there is no queue 'q'; declare it in this file",
        ),
        (
            '[[amqp.queues]]\nname = "q"\nvhost = "v"',
            "amqp.queues[0]: 'q' is refused, as RabbitMQ would refuse it: no_such_vhost v",
        ),
        (
            '[[amqp.queues]]\nname = "q"\narguments = { x-max-length = "5" }',
            "amqp.queues[0]: 'q' is refused, as RabbitMQ would refuse it: PRECONDITION_FAILED",
        ),
        (
            '[[amqp.bindings]]\nsource = "x"\ndestination = "q"',
            "amqp.bindings[0]: 'x' is refused, as RabbitMQ would refuse it: no exchange 'x'",
        ),
    ],
)
async def test_what_aws_or_rabbitmq_would_refuse_is_named(
    tmp_path: Path, text: str, message: str
) -> None:
    async with brokers() as taken:
        with pytest.raises(DefinitionsError) as caught:
            taken.take(written(tmp_path, text))
    assert message in str(caught.value)


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    text = '[[amqp.users]]\nname = "u"\npassword = 12345'
    with pytest.raises(DefinitionsError) as caught:
        read_file(written(tmp_path, text))
    assert "amqp.users[0].password: the value is not a text" in str(caught.value)
    assert "12345" not in str(caught.value)


async def test_what_has_no_broker_is_left_out_and_told(tmp_path: Path) -> None:
    async with brokers(aws_port=None) as taken:
        taken.take(written(tmp_path, WHOLE))
        assert taken.notes == ["SNS, SQS and KMS of the files are left out: started without AWS"]
    async with brokers(amqp_port=None) as taken:
        taken.take(written(tmp_path, WHOLE))
        assert taken.notes == ["RabbitMQ's definitions are left out: started without AMQP"]
