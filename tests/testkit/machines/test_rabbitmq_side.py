"""`AMQPMachine` beside a real RabbitMQ: the same octets, the same answers, or a ledger that says why."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from tests.testkit.support_rabbitmq import names_in, needed

from tomodachi_fakes.amqp.model.queue import Queue
from tomodachi_testkit import real_brokers
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.machines import AMQPMachine
from tomodachi_testkit.machines.amqp_wire import Said
from tomodachi_testkit.machines.ledger import SHIPPED, Ledger
from tomodachi_testkit.machines.rabbitmq_side import VARIABLE, View, nearest_profile

SHORT = settings(max_examples=10, stateful_step_count=30, deadline=None, derandomize=True)


class BothAMQPMachine(AMQPMachine):
    broker = "both"


@pytest.fixture
def rabbitmq(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A RabbitMQ on which no example may leave anything."""
    own_name, names = real_brokers.own_name, []

    def noted() -> str:
        names.append(own_name())
        return names[-1]

    monkeypatch.setattr(real_brokers, "own_name", noted)
    monkeypatch.setenv(VARIABLE, needed("SVC_TEST_RABBITMQ"))
    management = needed("SVC_TEST_RABBITMQ_MANAGEMENT")
    yield
    left = asyncio.run(names_in(management))
    assert names
    assert [name for name in left if name.startswith(tuple(names))] == []


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@pytest.mark.usefixtures("rabbitmq")
class TestBothAMQP(BothAMQPMachine.TestCase):
    settings = SHORT


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@pytest.mark.usefixtures("rabbitmq")
def test_the_fake_takes_the_profile_of_the_server_and_names_of_its_own() -> None:
    with BothAMQPMachine.replay() as state:
        assert state.second is not None
        assert state.core.profile.version.startswith(state.second.profile)
        names = list(state.queues)
        assert [name.partition("-")[2] for name in names] == list(AMQPMachine.queues)
        assert len({name.partition("-")[0] for name in names}) == 1
        state.publish_to_queue(channel=(0, 2), which=0, ttl_ms=None, priority=None)
        state.get(channel=(1, 1), which=0, no_ack=True)


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@pytest.mark.usefixtures("rabbitmq")
def test_a_fake_that_answers_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomodachi_testkit.machines.rabbitmq_side._PATIENCE_S", 0.3)
    purge = Queue.purge

    def purge_one_too_many(self: Queue, now: float) -> int:
        return purge(self, now) + 1

    monkeypatch.setattr(Queue, "purge", purge_one_too_many)
    with pytest.raises(AssertionError) as caught, BothAMQPMachine.replay() as state:
        state.purge(which=0)
    told = str(caught.value)
    assert "the fake said ([('queue.purge-ok', {'message_count': 1}" in told
    assert "RabbitMQ ([('queue.purge-ok', {'message_count': 0}" in told


@pytest.mark.slow
@pytest.mark.real_rabbitmq
@pytest.mark.usefixtures("rabbitmq")
def test_numbers_of_messages_and_consumers_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tomodachi_testkit.machines.rabbitmq_side._PATIENCE_S", 0.3)
    with BothAMQPMachine.replay() as state:
        assert state.second is not None
        name = next(iter(state.queues))
        with pytest.raises(AssertionError, match=r"\(2, 0\) on the fake, and \(0, 0\) on RabbitMQ"):
            state.second.agree({name: (2, 0)})


def test_without_a_url_the_machine_runs_on_the_fake_unless_its_class_wants_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(AMQPMachine, "is_compared", classmethod(lambda cls: True))
    with AMQPMachine.replay() as state:
        assert state.second is None
    with pytest.raises(TestkitError, match="set SVC_AMQP_URL"), BothAMQPMachine.replay():
        pass


def said(name: str, channel: int = 1, **values: Any) -> Said:
    return Said(channel, name, values, {})


def ack(tag: int, *, multiple: bool = False) -> Said:
    return said("basic.ack", delivery_tag=tag, multiple=multiple)


def test_gathered_confirms_are_as_good_as_single_ones() -> None:
    """https://www.rabbitmq.com/docs/confirms: `multiple` is at the broker's discretion."""
    single, gathered, missing = View(), View(), View()
    single.take([ack(1), said("basic.return"), ack(2), ack(3)])
    gathered.take([said("basic.return"), ack(3, multiple=True)])
    missing.take([said("basic.return"), ack(3)])
    assert single == gathered
    assert single != missing
    assert "channel 1: the fake said" in single.differences(missing)[0]


def test_tags_are_counted_anew_when_a_channel_is_opened_again() -> None:
    one, other = View(), View()
    one.take([ack(1), said("channel.open-ok"), ack(1)])
    other.take([ack(1), said("channel.open-ok")])
    assert one != other


def test_times_of_deaths_are_not_compared() -> None:
    one, other = View(), View()
    for view, time in ((one, 1), (other, 2)):
        death = {"queue": "q", "reason": "expired", "time": time}
        view.take([Said(1, "basic.deliver", {}, {"headers": {"x-death": [death]}}, b"x")])
    assert one == other


@pytest.mark.parametrize(
    ("version", "profile"),
    [("3.10.8", "3.10"), ("3.13.7", "3.10"), ("4.1.2", "4.0"), ("4.3.0", "4.3"), ("3.8.1", "3.10")],
)
def test_the_nearest_profile_is_no_newer_than_the_server(version: str, profile: str) -> None:
    assert nearest_profile(version) == profile


def test_what_rabbitmq_is_not_asked_stands_in_the_shipped_ledger() -> None:
    ledger = Ledger.read(SHIPPED / "rabbitmq.toml")
    assert {entry.second for entry in ledger.entries} == {"not asked"}
    assert all(entry.source.startswith("https://www.rabbitmq.com/") for entry in ledger.entries)
