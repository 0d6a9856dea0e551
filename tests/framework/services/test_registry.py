"""Running services, by name."""

from __future__ import annotations

import pytest

import tomodachi


@pytest.fixture(autouse=True)
def no_services():
    tomodachi._clear_services()
    yield
    tomodachi._clear_services()


def test_no_name_means_the_service_registered_last():
    assert tomodachi.get_service() is None
    first, second = object(), object()
    tomodachi._set_service("first", first)
    tomodachi._set_service("second", second)
    assert tomodachi.get_service() is second
    assert tomodachi.get_service("first") is first
    assert tomodachi.get_service("third") is None
    assert tomodachi.get_services() == [first, second]
    assert tomodachi.get_instance is tomodachi.get_service


def test_a_service_of_the_same_name_takes_the_place_and_is_last():
    old, other, new = object(), object(), object()
    for name, service in (("a", old), ("b", other), ("a", new)):
        tomodachi._set_service(name, service)
    assert tomodachi.get_services() == [other, new]


def test_unset_spares_another_instance_of_the_name():
    old, new = object(), object()
    tomodachi._set_service("a", new)
    from tomodachi.services.registry import unset_service

    unset_service("a", old)
    assert tomodachi.get_service("a") is new
    tomodachi._unset_service("a")
    tomodachi._unset_service("a")
    assert tomodachi.get_services() == []
