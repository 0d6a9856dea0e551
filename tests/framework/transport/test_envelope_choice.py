"""Which envelope a decorator or a call means; what 0.29.0 does is the source."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tomodachi.transport.envelope_choice import choose_envelope

NOT_GIVEN = "not given"


def chosen(
    service: Any, context: dict[str, Any], given: Any = NOT_GIVEN, older: Any = NOT_GIVEN
) -> Any:
    return choose_envelope(service, context, given, older, not_given=NOT_GIVEN)


def test_the_service_s_own_envelope_as_it_is_now_is_meant_unless_another_is_given() -> None:
    service = SimpleNamespace(message_envelope="now", message_protocol="older")
    context = {"message_envelope": "at the start"}
    assert chosen(service, context) == "now"
    assert chosen(service, context, "given") == "given"
    assert chosen(service, context, None) is None


def test_an_envelope_of_none_is_a_choice_and_the_older_attribute_does_not_stand_in() -> None:
    service = SimpleNamespace(message_envelope=None, message_protocol="older")
    assert chosen(service, {"message_envelope": "at the start"}) is None


@pytest.mark.parametrize(
    ("service", "context", "envelope"),
    [
        (SimpleNamespace(message_protocol="older"), {}, "older"),
        (object(), {"message_envelope": "context"}, "context"),
        (object(), {"message_protocol": "older"}, "older"),
        (object(), {}, None),
    ],
)
def test_older_names_and_the_context_stand_in_for_what_is_missing(
    service: Any, context: dict[str, Any], envelope: Any
) -> None:
    assert chosen(service, context) == envelope


def test_the_older_keyword_is_taken_and_deprecated() -> None:
    service = SimpleNamespace(message_envelope="own")
    with pytest.deprecated_call(match="message_protocol is deprecated"):
        assert chosen(service, {}, older="older") == "older"
    with pytest.deprecated_call():
        assert chosen(service, {}, "given", "older") == "given"
