"""Brokers in a thread: synchronous clients use them as they use the real ones."""

from __future__ import annotations

import os
import socket
from threading import active_count

import boto3
import pika
import pytest

import tomodachi_fakes
from tomodachi_fakes import BackgroundBrokers, BrokerSettings, run_brokers
from tomodachi_fakes.control.parameters import ControlError
from tomodachi_fakes.errors import PortInUse


def test_boto3_and_pika_use_the_brokers_of_the_environment(fake_brokers: BackgroundBrokers) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="from boto3")
    assert [message["body"] for message in fake_brokers.peek("q")] == ["from boto3"]
    sqs.close()

    with pika.BlockingConnection(pika.URLParameters(os.environ["AMQP_URL"])) as connection:
        channel = connection.channel()
        channel.queue_declare("aq")
        fake_brokers.publish("from the test", exchange="", routing_key="aq")
        _, _, body = channel.basic_get("aq", auto_ack=True)
    assert body == b"from the test"


def test_each_test_begins_with_nothing(fake_brokers: BackgroundBrokers) -> None:
    """Whatever order the tests of this module run in."""
    assert fake_brokers.queues() == []
    assert fake_brokers.call("GET", "events") == []
    boto3.client("sqs").create_queue(QueueName="left-behind")
    fake_brokers.add_fault("sqs.*", "error", times=0)
    fake_brokers.reset()
    assert fake_brokers.queues() == []
    assert boto3.client("sqs").list_queues().get("QueueUrls") is None


def test_time_moves_when_it_is_moved(fake_brokers: BackgroundBrokers) -> None:
    boto3.client("sqs").create_queue(QueueName="q")
    fake_brokers.send("q", "later", delay_s=600)
    fake_brokers.advance(600)
    assert [message["state"] for message in fake_brokers.peek("q")] == ["ready"]


def test_a_message_is_waited_for(fake_brokers: BackgroundBrokers) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody='{"id": 1}')
    sqs.send_message(QueueUrl=url, MessageBody='{"id": 7}')
    (found,) = fake_brokers.wait_for("q", body_json={"id": 7})
    assert found["body"] == '{"id": 7}'
    with pytest.raises(TimeoutError, match=r"2 of 3 messages came to 'q' within 0 s"):
        fake_brokers.wait_for("q", count=3, timeout_s=0)


def test_a_snapshot_is_gone_back_to(fake_brokers: BackgroundBrokers) -> None:
    boto3.client("sqs").create_queue(QueueName="q")
    fake_brokers.send("q", "1")
    snapshot = fake_brokers.snapshot()
    fake_brokers.send("q", "2")
    fake_brokers.restore(snapshot)
    assert [message["body"] for message in fake_brokers.peek("q")] == ["1"]


def test_what_cannot_be_done_is_raised_where_it_was_asked(fake_brokers: BackgroundBrokers) -> None:
    with pytest.raises(ControlError, match="no queue 'nowhere'"):
        fake_brokers.peek("nowhere")
    with pytest.raises(ZeroDivisionError):
        fake_brokers.ask(lambda broker: 1 / 0)


def test_brokers_end_with_their_block() -> None:
    before = active_count()
    with run_brokers(amqp_port=None, management_port=0) as brokers:
        port = brokers.broker.management_port
        assert brokers.amqp_url == ""
        assert "AMQP_URL" not in brokers.environment()
        assert brokers.environment()["RABBITMQ_MANAGEMENT_URL"] == brokers.management_url
    assert active_count() == before
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_port_that_is_taken_is_told_where_the_brokers_were_asked_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)), run_brokers(aws_port=port):
            pytest.fail("it ran")


def test_settings_are_those_of_the_brokers() -> None:
    with run_brokers(BrokerSettings(region="eu-north-1"), account="123456789012") as brokers:
        assert brokers.environment()["AWS_REGION"] == "eu-north-1"
        assert brokers.broker.settings.account == "123456789012"


def test_the_package_names_what_is_public() -> None:
    for name in tomodachi_fakes.__all__:
        assert getattr(tomodachi_fakes, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        tomodachi_fakes.nothing  # noqa: B018 - reading it is the test
