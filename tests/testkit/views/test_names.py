"""Short names: as they are, with a service's prefix, or an error that helps."""

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


def test_the_longest_prefix_is_taken_off() -> None:
    assert without_prefix("dev-shop-orders", ["dev-", "dev-shop-"]) == "orders"
    assert without_prefix("orders", ["", "dev-"]) == "orders"
