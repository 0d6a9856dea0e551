"""Instances of services: options that are assigned, and the deprecated ways to log."""

from __future__ import annotations

import logging

import pytest

import tomodachi


class Plain(tomodachi.Service):
    name = "plain"


def test_a_dict_assigned_to_options_is_converted_with_a_warning():
    service = Plain()
    with pytest.deprecated_call():
        service.options = {"http.port": 5}
    assert service.options.http.port == 5
    assert Plain.options.http.port == 9700


def test_anything_else_assigned_to_options_is_refused():
    with pytest.raises(ValueError, match="Invalid value for 'options' attribute: 5"):
        Plain().options = 5


def test_assigning_discovery_warns():
    with pytest.deprecated_call(match="discovery"):
        Plain().discovery = []


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (("hello",), {}, ("INFO", "hello")),
        (("warning", "hello"), {}, ("WARNING", "hello")),
        (("other", "hello"), {}, ("INFO", "hello")),
        (("other", "ERROR", "hello"), {}, ("ERROR", "hello")),
        ((), {"lvl": "debug", "msg": "hello"}, ("DEBUG", "hello")),
        ((), {"level": "critical", "name": "other", "message": "hello"}, ("CRITICAL", "hello")),
    ],
)
def test_log_takes_level_name_and_message_in_many_ways(args, kwargs, expected, caplog):
    with caplog.at_level(logging.DEBUG), pytest.deprecated_call(match="logger"):
        Plain().log(*args, **kwargs)
    record = caplog.records[-1]
    assert (record.levelname, record.getMessage()) == expected
    if "other" in (*args, *kwargs.values()):
        assert record.name == "other"


def test_log_setup_does_nothing_and_says_so():
    before = list(logging.root.handlers)
    with pytest.deprecated_call(match="log_setup"):
        Plain().log_setup("name", level="DEBUG", filename="/nowhere/at/all")
    assert logging.root.handlers == before
