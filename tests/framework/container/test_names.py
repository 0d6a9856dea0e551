"""Names of services that have none."""

from __future__ import annotations

import pytest

import tomodachi
from tomodachi.container import ServiceContainer


@pytest.fixture(autouse=True)
def _no_services():
    tomodachi._clear_services()
    yield
    tomodachi._clear_services()


def unnamed(module: str, class_name: str) -> tomodachi.Service:
    instance = type(class_name, (tomodachi.Service,), {"__module__": module})()
    instance.name = ""
    return instance


@pytest.mark.parametrize(
    ("module", "class_name", "name"),
    [
        ("svc.orders", "OrderService", "svc-orders-order-service"),
        ("a.b.c_d", "My_Thing", "b-c-d-my--thing"),
        ("app.service", "HTTPProxy2Go", "h-t-t-p-proxy2-go"),
        ("services.app", "Orders", "orders"),
        ("src.app", "App", "service"),
        ("orders", "Orders", "orders-orders"),
        ("__main__", "X", "--main---x"),
    ],
)
def test_a_name_is_made_of_module_and_class(module, class_name, name):
    """What 0.29.0 answers; modules called `app.service` and the like are left out."""
    instance = unnamed(module, class_name)
    assert ServiceContainer.assign_service_name(instance) == name
    assert (instance.name, type(instance).name) == (name, name)


def test_services_of_one_name_are_numbered_the_first_of_them_too():
    """As 0.29.0 does when the second comes."""
    services = [unnamed("app.service", "Orders") for _ in range(3)]
    for service in services:
        tomodachi._set_service(ServiceContainer.assign_service_name(service), service)
    assert [service.name for service in services] == ["orders-0001", "orders-0002", "orders-0003"]
    assert tomodachi.get_service("orders-0001") is services[0]
    assert tomodachi.get_service("orders") is None
