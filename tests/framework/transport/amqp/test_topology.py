"""What a consumer needs on the broker, and what happens when the broker refuses."""

from __future__ import annotations

from typing import Any

import pytest
from tests.framework.transport.amqp.support_rig import Rig

import tomodachi
from tomodachi.transport.amqp import (
    AmqpException,
    AmqpExclusiveQueueLockedException,
    AmqpTooManyConsumersException,
    AmqpTransport,
)


def consuming(*args: Any, **kwargs: Any) -> type[Any]:
    class Consumes(tomodachi.Service):
        name = "consumes"
        uuid = "0f0f"

        @tomodachi.amqp(*args, **kwargs)
        async def handle(self, message: str) -> None:
            """Takes a message."""

    return Consumes


async def test_queues_are_durable_and_shared_by_name(rig: Rig) -> None:
    await rig.start(consuming("a.*", queue_name="q"))
    [declared] = rig.peer.named("Queue.Declare")
    assert declared.queue == "q"
    assert declared.durable
    assert not declared.exclusive
    assert not declared.auto_delete
    assert not rig.peer.named("Basic.Consume")[0].no_ack


@pytest.mark.parametrize(
    ("ttl", "arguments"),
    [(60, {"x-expires": 60_000}), (60.5, {"x-expires": 60_500}), (0, {}), (None, {})],
)
async def test_queue_ttl_is_the_queue_s_expiry(
    rig: Rig, ttl: Any, arguments: dict[str, int]
) -> None:
    """https://www.rabbitmq.com/docs/ttl#queue-ttl: milliseconds.

    Seen with 0.29.0: a fraction counts, and a queue that has another expiry can't be declared.
    """
    await rig.start(consuming("a.*", queue_name="q"), queue_ttl=ttl)
    assert rig.peer.named("Queue.Declare")[0].arguments == arguments


async def test_by_default_an_unused_queue_lives_for_a_day(rig: Rig) -> None:
    await rig.start(consuming("a.*", queue_name="q"))
    assert rig.peer.named("Queue.Declare")[0].arguments == {"x-expires": 86_400_000}


async def test_amq_topic_is_not_declared(rig: Rig) -> None:
    await rig.start(consuming("a.*", queue_name="q"))
    assert rig.peer.named("Exchange.Declare") == []
    assert rig.peer.named("Queue.Bind")[0].exchange == "amq.topic"


async def test_other_exchanges_are_declared_as_durable_topics(rig: Rig) -> None:
    await rig.start(consuming("a.*", exchange_name="media", queue_name="q"))
    [declared] = rig.peer.named("Exchange.Declare")
    assert (declared.exchange, declared.exchange_type) == ("media", "topic")
    assert declared.durable
    assert not declared.auto_delete
    assert rig.peer.named("Queue.Bind")[0].exchange == "media"


async def test_the_option_s_exchange_is_that_of_handlers_without_one(rig: Rig) -> None:
    await rig.start(consuming("a.*", queue_name="q"), exchange_name="media")
    assert rig.peer.named("Queue.Bind")[0].exchange == "media"


async def test_prefixes_are_put_before_keys_and_queue_names(rig: Rig) -> None:
    await rig.start(
        consuming("a.*", queue_name="q"), routing_key_prefix="dev.", queue_name_prefix="dev-"
    )
    [bind] = rig.peer.named("Queue.Bind")
    assert (bind.queue, bind.routing_key) == ("dev-q", "dev.a.*")


async def test_binding_keys_are_encoded(rig: Rig) -> None:
    await rig.start(consuming("å.#", queue_name="q"))
    assert rig.peer.named("Queue.Bind")[0].routing_key == "___c3a5_.#"


@pytest.mark.parametrize("competing", [None, False])
async def test_a_handler_without_a_queue_name_has_a_queue_of_its_own(
    rig: Rig, competing: Any
) -> None:
    service = await rig.start(consuming("a.*", competing=competing), queue_name_prefix="dev-")
    name = AmqpTransport.get_queue_name("a.*", "handle", "0f0f", competing, service.context)
    assert name.startswith("dev-")
    assert len(name) == 4 + 64
    assert rig.peer.named("Queue.Declare")[0].queue == name


async def test_competing_handlers_without_a_queue_name_share_one_by_key(rig: Rig) -> None:
    service = await rig.start(consuming("a.*", competing=True))
    name = AmqpTransport.get_queue_name("a.*", "anything", "any uuid", True, service.context)
    assert rig.peer.named("Queue.Declare")[0].queue == name


@pytest.mark.parametrize("how", [{}, {"competing": False}, {"queue_name": "q", "competing": False}])
async def test_a_queue_for_one_consumer_that_has_one_fails_the_start(
    rig: Rig, how: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """The words, and the fields that say which handler it is, are those of 0.29.0."""
    cls = consuming("a.*", **how)
    own = AmqpTransport.get_queue_name("a.*", "handle", "0f0f", False, {"options": {}})
    rig.peer.consumer_counts = {own: 1, "q": 1}
    text = r'Max consumers \(1\) for queue \[amqp\] ".*" has been reached'
    with pytest.raises(AmqpTooManyConsumersException, match=text):
        await rig.start(cls)
    logged = str(next(r for r in caplog.records if "Max consumers" in r.getMessage()).__dict__)
    for field in ("'wrapped_handler': 'handle'", "'routing_key': 'a.*'", "'exchange_name': 'amq."):
        assert field in logged


@pytest.mark.parametrize("how", [{"competing": True}, {"queue_name": "q"}])
async def test_a_queue_for_competing_consumers_may_have_others(rig: Rig, how: Any) -> None:
    service = await rig.start(consuming("a.*", **how))
    rig.peer.consumer_counts = dict.fromkeys([rig.peer.consumer.queue], 3)
    await rig.stop()
    await rig.start(type(service))
    assert len(rig.peer.consumers) == 1


async def test_the_consumer_of_a_lost_connection_does_not_keep_us_from_our_queue(rig: Rig) -> None:
    """The broker may hold it until it notices that the connection is gone."""
    await rig.start(consuming("a.*"))
    rig.peer.consumer_counts = {rig.peer.consumer.queue: 1}
    rig.peer.hang_up()
    await rig.clock.advance(1)
    assert len(rig.peer.consumers) == 1


async def test_a_queue_that_is_another_connection_s_alone_has_its_own_exception(rig: Rig) -> None:
    text = "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q'"
    with (
        rig.peer.refusing("Queue.Declare", 405, text),
        pytest.raises(AmqpExclusiveQueueLockedException, match="405 RESOURCE_LOCKED"),
    ):
        await rig.start(consuming("a.*", queue_name="q"))


@pytest.mark.parametrize(
    ("method", "code", "text", "what"),
    [
        ("Exchange.Declare", 403, "ACCESS_REFUSED - exchange name 'amq.x' ...", "declare exchange"),
        (
            "Exchange.Declare",
            406,
            "PRECONDITION_FAILED - inequivalent arg",
            "change type of existing exchange",
        ),
        ("Queue.Declare", 406, "PRECONDITION_FAILED - inequivalent arg", "declare queue"),
        ("Queue.Bind", 404, "NOT_FOUND - no exchange 'amq.x'", "bind queue"),
    ],
)
async def test_a_refusal_is_told_and_logged_in_the_broker_s_words(
    rig: Rig, method: str, code: int, text: str, what: str, caplog: pytest.LogCaptureFixture
) -> None:
    rig.peer.refusals[method] = (code, text)
    with pytest.raises(AmqpException) as caught:
        await rig.start(consuming("a.*", exchange_name="amq.x", queue_name="q"))
    assert f"Unable to {what} [amqp]" in str(caught.value)
    assert f"({code} {text})" in str(caught.value)
    assert str(caught.value) in [r.getMessage() for r in caplog.records if r.levelname == "WARNING"]


async def test_a_name_that_the_library_cannot_send_is_refused(rig: Rig) -> None:
    with pytest.raises(AmqpException, match="AMQP does not allow that"):
        await rig.start(consuming("a.*", exchange_name="me dia/*", queue_name="q"))


@pytest.mark.parametrize("how", [{"queue_name": "q" * 256}, {"exchange_name": "e" * 256}])
async def test_names_over_255_octets_are_refused(rig: Rig, how: Any) -> None:
    with pytest.raises(AmqpException, match="takes 256 octets"):
        await rig.start(consuming("a.*", **how))


async def test_row_8_a_queue_that_a_restart_leaves_behind_is_named_at_start(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    class Anonymous(tomodachi.Service):
        name = "anonymous"

        @tomodachi.amqp("a.*")
        async def handle(self, message: str) -> None:
            """Takes a message."""

    await rig.start(Anonymous)
    [record] = [r for r in caplog.records if "leaves it behind" in r.getMessage()]
    assert record.levelname == "WARNING"
    assert record.__dict__["logger.context"]["queue_name"] == rig.peer.consumer.queue
    assert "queue_name or competing=True, or the service a uuid" in record.getMessage()


@pytest.mark.parametrize("how", [{"competing": True}, {"competing": False}, {"queue_name": "q"}])
async def test_row_8_nothing_is_said_where_somebody_chose(
    rig: Rig, caplog: pytest.LogCaptureFixture, how: Any
) -> None:
    class Anonymous(tomodachi.Service):
        name = "anonymous"

        @tomodachi.amqp("a.*", **how)
        async def handle(self, message: str) -> None:
            """Takes a message."""

    await rig.start(Anonymous)
    assert "leaves it behind" not in caplog.text


async def test_row_8_nothing_is_said_of_a_service_with_a_uuid(
    rig: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    await rig.start(consuming("a.*"))
    assert "leaves it behind" not in caplog.text


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("amq.x", 403, 'Unable to declare exchange [amqp] "amq.x", starts with reserved "amq." ('),
        ("mine", 403, 'Unable to declare exchange [amqp] "mine" ('),
        ("mine", 406, 'Unable to change type of existing exchange [amqp] "mine" ('),
        ("mine", 507, 'Unable to change type of existing exchange [amqp] "mine" ('),
    ],
)
async def test_a_refused_exchange_is_logged_in_upstream_s_words(
    rig: Rig, caplog: pytest.LogCaptureFixture, name: str, code: int, text: str
) -> None:
    rig.peer.refusals["Exchange.Declare"] = (code, "the broker's reason")
    with pytest.raises(AmqpException):
        await rig.start(consuming("a.*", exchange_name=name, queue_name="q"))
    assert text in caplog.text
