"""What an option may hold; what it refuses, and how it says so (row 19)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.errors import TomodachiError
from tomodachi.options import KEYS, InvalidOptionValue, Options
from tomodachi_testkit.strategies.options import UNSET, accepts, invalid_values, lattice

SECONDS = [key for key, spec in KEYS.items() if spec.rule.allowed.startswith("whole seconds")]


@pytest.mark.parametrize("key", KEYS)
def test_default_is_acceptable(key: str):
    assert accepts(key, KEYS[key].default)


@pytest.mark.parametrize("key", KEYS)
def test_every_point_of_the_lattice_is_kept_or_refused_where_it_is_set(key: str):
    assert invalid_values(key)
    for value in lattice(key):
        if value is UNSET or accepts(key, value):
            Options(**({} if value is UNSET else {key: value}))
            continue
        with pytest.raises(InvalidOptionValue) as caught:
            Options(**{key: value})
        assert caught.value.key == key
        assert key in str(caught.value)
        assert KEYS[key].rule.allowed in str(caught.value)
        if not KEYS[key].secret:
            assert repr(value) in str(caught.value)


@pytest.mark.parametrize("key", KEYS)
def test_a_refused_value_leaves_the_option_as_it_was(key: str):
    o = Options()
    with pytest.raises(InvalidOptionValue):
        o[key] = invalid_values(key)[0]
    assert o == Options()


def test_error_is_a_value_error_and_one_of_ours():
    assert issubclass(InvalidOptionValue, ValueError)
    assert issubclass(InvalidOptionValue, TomodachiError)


def test_error_text():
    with pytest.raises(InvalidOptionValue) as caught:
        Options(http=Options.HTTP(port="80"))
    assert str(caught.value) == (
        "Bad value for option http.port: '80'. "
        "Allowed: an integer 0..65535, or None; 0 and None take a free port."
    )


@pytest.mark.parametrize("key", SECONDS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), "--5", "1.5", "", b"5", 1j])
def test_seconds_must_be_a_number_of_them(key: str, value: object):
    with pytest.raises(InvalidOptionValue):
        Options(**{key: value})


@pytest.mark.parametrize("key", SECONDS)
@given(seconds=st.integers(-5, 10**6))
def test_seconds_may_be_integers_or_their_text(key: str, seconds: int):
    for value in (seconds, str(seconds), float(seconds)):
        assert Options(**{key: value})[key] == value


@given(port=st.integers())
def test_ports_have_sixteen_bits(port: int):
    if 0 <= port <= 65_535:
        assert Options(**{"http.port": port}).http.port == port
    else:
        with pytest.raises(InvalidOptionValue):
            Options(**{"http.port": port})
