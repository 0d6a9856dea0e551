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

    reads = 0

    @property
    def message_middleware(self):
        """As tomodachi 0.29.0 takes settings too: read when the first handler is registered."""
        type(self).reads += 1
        return ("made",)

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
        "message_middleware": ("made",),
        "own": "o",
        "given": 1,
    }
    assert {key: context[key] for key in expected} == expected
    absent = {"method", "static", "log", "context", "__doc__"}
    assert not absent & set(context)


def test_it_is_one_dict_per_instance_and_brought_up_to_date():
    one, two = Settings(), Settings()
    context = service_context(one)
    context["state"] = "kept"
    one.name = "changed"
    reads = Settings.reads
    assert service_context(one) is context is one.context
    assert Settings.reads == reads
    assert (context["name"], context["state"]) == ("changed", "kept")
    assert "state" not in service_context(two)
    assert Settings.context == {"given": 1}
