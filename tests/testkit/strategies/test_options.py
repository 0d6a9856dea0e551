"""The option strategies stay inside the lattice they promise."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from tomodachi.options import KEYS, Options, OptionsInterface
from tomodachi_testkit.strategies.options import (
    FALSY,
    UNSET,
    accepts,
    falsy_options,
    invalid_values,
    lattice,
    option_values,
    options,
)

KEY = st.sampled_from(sorted(KEYS))


@pytest.mark.parametrize("key", KEYS)
def test_lattice_has_unset_falsy_valid_and_invalid_points(key):
    points = lattice(key)
    assert points[: 1 + len(FALSY)] == (UNSET, *FALSY)
    assert any(accepts(key, point) for point in points[1:])
    assert any(not accepts(key, point) for point in points)


@given(key=KEY, data=st.data())
def test_option_values_are_valid_or_invalid_as_asked(key, data):
    assert accepts(key, data.draw(option_values(key)))
    assert not accepts(key, data.draw(option_values(key, valid=False)))


@given(settings=falsy_options(["http.port", "amqp.port"], valid=None))
def test_falsy_options_set_only_the_keys_asked_for(settings):
    assert set(settings) <= {"http.port", "amqp.port"}
    assert UNSET not in settings.values()


@given(o=options(["http.port"]))
def test_options_change_only_the_keys_asked_for(o):
    changed = {key for key, value in o.asdict().items() if value != KEYS[key].default}
    assert isinstance(o, Options)
    assert changed <= {"http.port"}


def test_every_falsy_value_that_a_kms_key_accepts_is_drawn():
    key = "aws_sns_sqs.sqs_kms_master_key_id"
    for wanted in (None, "", False):
        found = find(falsy_options([key]), lambda s, w=wanted: key in s and s[key] is w)
        assert found == {key: wanted}


def test_invalid_values_of_an_unknown_key_are_a_key_error():
    with pytest.raises(KeyError):
        invalid_values("http.nope")


def annotated_keys(section, prefix=""):
    """Dotted names of what the classes of options declare, found without `KEYS`."""
    for name in inspect.get_annotations(type(section)):
        value = getattr(section, name)
        if isinstance(value, OptionsInterface):
            yield from annotated_keys(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def test_the_lattice_covers_every_option_key():
    keys = set(annotated_keys(Options()))
    assert "amqp.qos.queue_prefetch_count" in keys
    assert keys == set(KEYS)
    assert all(find(falsy_options([key]), lambda s, k=key: k in s) for key in keys)
