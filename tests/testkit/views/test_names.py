"""Short names: as they are, with a service's prefix, or an error that helps."""

from typing import Any

import pytest

from tomodachi_testkit.views.names import NoSuchName, find, without_prefix


def test_the_exact_name_wins_over_a_prefixed_one() -> None:
    known = [("orders", 1), ("shop-orders", 2)]
    assert find("queue", "orders", ["shop-"], known) == 1


def test_a_services_prefix_is_tried() -> None:
    assert find("queue", "orders", ["", "shop-"], [("shop-orders", 2)]) == 2


def test_an_unknown_name_is_answered_with_the_nearest_and_all_there_are() -> None:
    with pytest.raises(NoSuchName, match=r"no queue 'ordres'\. Did you mean 'orders'\?") as caught:
        find("queue", "ordres", [], [("orders", 1), ("zebra", 2)])
    assert "'orders', 'zebra'" in str(caught.value)
    assert "a test makes its own with svc.sqs.create_queue('ordres')" in str(caught.value)


def test_the_nearest_name_is_told_without_a_services_prefix() -> None:
    with pytest.raises(NoSuchName, match=r"Did you mean 'orders'\? There are: 'shop-eu-orders'"):
        find("queue", "ordres", ["shop-eu-"], [("shop-eu-orders", 1)])


def test_names_are_found_without_fifo_behind_them() -> None:
    """The runtime puts ".fifo" behind the names of FIFO topics and queues."""
    known = [("orders.fifo", 1), ("shop-jobs.fifo", 2)]
    assert find("queue", "orders", [], known) == 1
    assert find("queue", "jobs", ["shop-"], known) == 2
    assert find("queue", "jobs.fifo", ["shop-"], known) == 2


async def test_a_drain_of_a_queue_that_there_is_not_says_so(svc: Any) -> None:
    """It would have nothing to do, and the test would think that it was done."""
    await svc.sqs.create_queue("jobs")
    await svc.amqp.declare_queue("mails")
    await svc.drain("jobs", "mails")
    assert "mails" in svc.amqp
    assert [queue.name for queue in svc.amqp] == ["mails"]
    with pytest.raises(NoSuchName, match=r"no queue 'mail'\. Did you mean 'mails'\?"):
        await svc.drain("jobs", "mail")


async def test_an_exchange_that_there_is_not_is_told_with_those_there_are(svc: Any) -> None:
    await svc.amqp.declare_exchange("jobs")
    await svc.amqp.declare_queue("resize")
    for call in (svc.amqp.publish("job", "x", 1), svc.amqp.bind("resize", "job", "x")):
        with pytest.raises(NoSuchName, match=r"no exchange 'job'\. Did you mean 'jobs'\?"):
            await call


def test_the_longest_prefix_is_taken_off() -> None:
    assert without_prefix("dev-shop-orders", ["dev-", "dev-shop-"]) == "orders"
    assert without_prefix("orders", ["", "dev-"]) == "orders"
