"""Deprecation warnings name the line of the service, not of the runtime."""

from __future__ import annotations

import pytest

import tomodachi


def of_options_constructor():
    tomodachi.Options(**{"aws.region_name": "x"})


def of_nested_dict():
    tomodachi.Options(aws={"region_name": "x"})


def of_option_assigned():
    tomodachi.Options()["aws.region_name"] = "x"


def of_option_read():
    _ = tomodachi.Options().aws_sns_sqs.kms_master_key_id


def of_class_attribute():
    type("Old", (tomodachi.Service,), {"message_protocol": None})


def of_dict_options():
    type("Old", (tomodachi.Service,), {"options": {"http": {}}})


def of_instance_options():
    type("New", (tomodachi.Service,), {})().options = {}


def of_decorator():
    tomodachi.service(type("Plain", (), {}))


def of_log():
    type("New", (tomodachi.Service,), {})().log("x")


def of_protocol():
    _ = tomodachi.protocol.JsonBase


@pytest.mark.parametrize(
    "use",
    [
        of_options_constructor,
        of_nested_dict,
        of_option_assigned,
        of_option_read,
        of_class_attribute,
        of_dict_options,
        of_instance_options,
        of_decorator,
        of_log,
        of_protocol,
    ],
)
def test_a_warning_names_the_line_that_uses_the_older_form(use):
    with pytest.warns(DeprecationWarning, match="deprecated") as caught:
        use()
    first = use.__code__.co_firstlineno
    assert {warning.filename for warning in caught} == {__file__}
    assert {warning.lineno for warning in caught} == {first + 1}
