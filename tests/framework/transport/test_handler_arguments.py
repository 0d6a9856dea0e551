"""Which values a handler is called with."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tomodachi.transport.handler_arguments import HandlerArguments

VALUES = {"request": "R", "number": "7", "status_code": 404}


def called(func: Any, values: dict[str, Any], *fallbacks: Any) -> Any:
    args, kwargs = HandlerArguments.of(func).bind(values, fallbacks)
    return func("self", *args, **kwargs)


def called_or_none(func: Any, values: dict[str, Any], *first: Any) -> Any:
    args, kwargs = HandlerArguments.of(func).bind_or_none(values, first)
    return func("self", *args, **kwargs)


def test_a_message_is_handed_over_by_position_also_to_parameters_with_a_default() -> None:
    """So that a `tomodachi.decorator` finds them where it does with tomodachi 0.29.0."""

    def handler(self, data, topic="none", *, message_uuid=None):
        """Never called."""

    known = {"data": 5, "topic": "T", "message_uuid": "U"}
    arguments = HandlerArguments.of(handler)
    assert arguments.bind_or_none(known) == ([5, "T"], {"message_uuid": "U"})
    assert arguments.bind_or_none({"data": 5}) == ([5, "none"], {"message_uuid": None})


def test_required_parameters_get_values_by_name() -> None:
    def handler(self, number, request):
        return number, request

    assert called(handler, VALUES) == ("7", "R")


def test_the_first_unknown_required_parameter_gets_the_fallback() -> None:
    def handler(self, anything, number):
        return anything, number

    assert called(handler, VALUES, "R") == ("R", "7")


def test_a_second_unknown_required_parameter_is_an_error_that_names_it() -> None:
    def handler(self, one, two):
        return one, two

    with pytest.raises(IndexError, match="'two'"):
        called(handler, VALUES, "R")


def test_defaults_are_respected_and_known_names_override_them() -> None:
    def handler(self, request, number="none", other="kept"):
        return request, number, other

    assert called(handler, VALUES) == ("R", "7", "kept")


def test_keyword_only_parameters_are_passed() -> None:
    def handler(self, *, request, missing=None):
        return request, missing

    assert called(handler, VALUES) == ("R", None)


def test_known_values_are_not_poured_into_any_keyword() -> None:
    def handler(self, request, **kwargs):
        return request, kwargs

    assert called(handler, VALUES) == ("R", {})


def test_a_handler_without_parameters_gets_nothing() -> None:
    def handler(self):
        return "called"

    assert called(handler, VALUES, "R") == "called"


def test_positional_only_parameters_are_passed_by_position() -> None:
    def handler(self, request, number="none", other="kept", /):
        return request, number, other

    assert called(handler, VALUES) == ("R", "7", "kept")


def test_a_wrapper_that_takes_anything_stands_for_what_it_wraps() -> None:
    def handler(self, request, number, *, status_code=0):
        return request, number, status_code

    @functools.wraps(handler)
    def wrapper(self, *args, **kwargs):
        return handler(self, *args, **kwargs)

    assert called(wrapper, VALUES) == ("R", "7", 404)


def test_a_wrapper_with_its_own_parameters_is_asked_for_them() -> None:
    """Section 4: the outermost wrapper's signature is the one that counts."""

    def handler(self, number):
        return number

    @functools.wraps(handler)
    def wrapper(self, request):
        return request, handler(self, "fixed")

    assert called(wrapper, VALUES) == ("R", "fixed")


def test_a_wrapper_with_a_leading_parameter_passes_the_rest_on() -> None:
    def handler(self, request, number):
        return request, number

    @functools.wraps(handler)
    def wrapper(self, request, **kwargs):
        return handler(self, request, **kwargs)

    assert called(wrapper, VALUES) == ("R", "7")


def test_missing_message_values_become_none() -> None:
    """Section 6.5, step 3: missing data is never an error."""

    def handler(self, data, metadata, *, service, topic="none"):
        return data, metadata, service, topic

    assert called_or_none(handler, {"data": 1}) == (1, None, None, "none")


def test_the_raw_message_goes_to_the_first_parameter_whatever_its_name() -> None:
    def handler(self, payload, queue_url=None):
        return payload, queue_url

    assert called_or_none(handler, {"queue_url": "q"}, "raw") == ("raw", "q")


def test_the_raw_message_goes_to_a_first_parameter_with_a_default() -> None:
    def handler(self, payload=None):
        return payload

    assert called_or_none(handler, {}, "raw") == "raw"


def test_callback_kwargs_are_asked_for_beside_the_names_of_the_signature() -> None:
    """Section 4.2: a value is passed if a parameter or one of these names it; seen with 0.29.0."""

    def handler(self, data, *, queue_url="default", **kwargs):
        return data, queue_url, kwargs

    arguments = HandlerArguments.of(handler, ("data", "topic"))
    args, kwargs = arguments.bind_or_none({"data": 1, "topic": "t", "queue_url": "q"})
    assert handler("self", *args, **kwargs) == (1, "q", {"topic": "t"})


KNOWN = {"message": "M", "topic": "t", "queue_url": "q"}


def test_callback_kwargs_stand_in_for_the_signature_s_names_and_defaults() -> None:
    """Section 6.5, step 3: they override the signature's names; seen with 0.29.0."""

    def handler(self, one, two="default", three="default", *, named="default", other="default"):
        return one, two, three, named, other

    arguments = HandlerArguments.of(handler, ("named", "three"))
    args, kwargs = arguments.bind_message(KNOWN, {}, (), ("M", "t"))
    assert handler("self", *args, **kwargs) == ("M", "t", None, None, "default")
    args, kwargs = arguments.bind_message(KNOWN, {"one": 1, "named": 2}, (), ("M", "t"))
    assert handler("self", *args, **kwargs) == (1, "t", None, 2, "default")


def test_what_a_middleware_adds_beats_what_the_envelope_has() -> None:
    """Section 9: what the transport knows alone can't be overridden; seen with 0.29.0."""

    def handler(self, data, topic, **kwargs):
        return data, topic, kwargs

    arguments = HandlerArguments.of(handler)
    added = {"data": "changed", "more": 5}
    args, kwargs = arguments.bind_message({"topic": "t"}, {"data": 1}, (), ("M", "t"), added=added)
    assert handler("self", *args, **kwargs) == ("changed", "t", {"more": 5})


def called_with_message(func: Any, *first: Any) -> Any:
    arguments = HandlerArguments.of(func)
    args, kwargs = arguments.bind_message(KNOWN, {"data": 1}, first, ("M", "t"))
    return func("self", *args, **kwargs)


def test_a_handler_of_messages_gets_all_that_the_transport_knows_in_its_kwargs() -> None:
    def handler(self, topic, *, data, **kwargs):
        return topic, data, kwargs

    assert called_with_message(handler) == ("t", 1, {"message": "M", "queue_url": "q"})


def test_a_first_parameter_that_is_named_like_something_known_gets_that() -> None:
    def handler(self, topic, message):
        return topic, message

    assert called_with_message(handler, "M") == ("t", "M")


def test_kwargs_of_a_handler_without_envelope_have_the_message_too() -> None:
    def handler(self, anything, **kwargs):
        return anything, kwargs

    assert called_with_message(handler, "M") == ("M", KNOWN)


@pytest.mark.parametrize(
    ("handler", "rest"),
    [
        (lambda self, *args: args, ("M", "t")),
        (lambda self, data, *args: args, ("t",)),
        (lambda self, data, topic, *args: args, ()),
        (lambda self, data=None, *args: args, ()),
    ],
)
def test_args_of_a_handler_of_messages_are_the_message_and_topic_that_no_parameter_has(
    handler: Any, rest: tuple[str, ...]
) -> None:
    assert called_with_message(handler) == rest


def test_a_wrapper_gets_only_what_the_handler_it_wraps_asks_for() -> None:
    def handler(self, data):
        return data

    @functools.wraps(handler)
    def wrapper(self, *args, **kwargs):
        return handler(self, *args, **kwargs)

    assert called_with_message(wrapper) == 1
