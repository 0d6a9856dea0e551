"""`@tomodachi.service`, deprecated."""

from __future__ import annotations

import pytest

import tomodachi


def test_a_plain_class_becomes_a_service():
    with pytest.deprecated_call(match="extend tomodachi.Service"):

        @tomodachi.service
        class Plain:
            name = "plain"

            def answer(self):
                return 42

    assert issubclass(Plain, tomodachi.Service)
    assert Plain.__name__ == "Plain"
    assert (Plain.name, Plain().answer()) == ("plain", 42)
    assert Plain.__dict__[tomodachi.CLASS_ATTRIBUTE] is True


def test_a_service_class_stays_as_it_is():
    class Already(tomodachi.Service):
        pass

    with pytest.deprecated_call():
        assert tomodachi.service(Already) is Already
