"""The dict in which transports find a service's settings and keep their state."""

from __future__ import annotations

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.invoker import service_context


class Settings(tomodachi.Service):
    name = "settings"
    uuid = "u"
    message_envelope = JsonBase
    http_middleware = ("m",)
    context = {"given": 1}  # noqa: RUF012 - as a user may write it

    @property
    def costly(self):
        raise AssertionError("properties are not read")

    async def method(self): ...

    @staticmethod
    def static(): ...


def test_attributes_are_copied_and_methods_are_not():
    service = Settings()
    service.own = "o"
    context = service_context(service)
    expected = {
        "name": "settings",
        "uuid": "u",
        "options": Settings.options,
        "message_envelope": JsonBase,
        "http_middleware": ("m",),
        "own": "o",
        "given": 1,
    }
    assert {key: context[key] for key in expected} == expected
    absent = {"method", "static", "costly", "log", "logger", "context", "__doc__"}
    assert not absent & set(context)


def test_it_is_one_dict_per_instance_and_brought_up_to_date():
    one, two = Settings(), Settings()
    context = service_context(one)
    context["state"] = "kept"
    one.name = "changed"
    assert service_context(one) is context is one.context
    assert (context["name"], context["state"]) == ("changed", "kept")
    assert "state" not in service_context(two)
    assert Settings.context == {"given": 1}
