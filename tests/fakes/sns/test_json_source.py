from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tomodachi_fakes.sns.json_source import JsonSyntaxError, Node, location, parse

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def plain(node: Node) -> Any:
    if node.is_object:
        return {name: plain(member) for name, member in node.value}
    if node.is_array:
        return [plain(item) for item in node.value]
    return node.value


@pytest.mark.slow
@given(documents, st.sampled_from([None, 2]))
def test_reads_what_the_standard_library_writes(document: Any, indent: int | None) -> None:
    assert plain(parse(json.dumps(document, indent=indent))) == document


@pytest.mark.slow
@settings(deadline=None)
@given(documents, st.data())
def test_every_proper_prefix_of_an_object_is_an_error(document: Any, data: st.DataObject) -> None:
    text = json.dumps({"key": document})
    end = data.draw(st.integers(0, len(text) - 1))

    with pytest.raises(JsonSyntaxError):
        parse(text[:end])


@given(st.text(alphabet='{}[]",:0123456789.-+eEtruefalsn \\u', max_size=30))
def test_accepts_exactly_what_the_standard_library_accepts(text: str) -> None:
    try:
        expected = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    except ValueError:
        with pytest.raises(JsonSyntaxError):
            parse(text)
    else:
        assert plain(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "No content to map due to end-of-input"),
        ('{"a" 1}', "Unexpected character ('1' (code 49)): was expecting a colon"),
        ("{1: 2}", "Unexpected character ('1' (code 49)): was expecting double-quote"),
        ('{"a": 1 "b"}', "was expecting comma to separate Object entries"),
        ("[1 2]", "was expecting comma to separate Array entries"),
        ("[1", "expected close marker for Array"),
        ('{"a": 1', "expected close marker for Object"),
        ('{"a": "b', "Unexpected end-of-input or illegal character in VALUE_STRING"),
        ("[nul]", "Unrecognized token 'nul'"),
        ("1 x", "Unrecognized token 'x'"),
        ("[" * 200, "Document nesting depth (101) exceeds the maximum allowed (100)"),
    ],
)
def test_errors_say_what_was_expected(text: str, message: str) -> None:
    with pytest.raises(JsonSyntaxError) as caught:
        parse(text)
    assert message in str(caught.value)


def test_positions_are_counted_from_one_in_lines_and_columns() -> None:
    assert location("ab\ncd", 0) == "line: 1, column: 1"
    assert location("ab\ncd", 4) == "line: 2, column: 2"


def test_a_name_is_seen_with_the_whole_of_a_number_but_the_start_of_a_string() -> None:
    """The parser behind SNS looks one token ahead, and reads strings only when they are asked for."""
    text = '{"a":123,"b":"xyz","c":[1]}'
    seen = {name: text[: node.seen_at] for name, node in parse(text).value}

    assert seen["a"].endswith("123")
    assert seen["b"].endswith('"b":"')
    assert seen["c"].endswith('"c":[')


def test_a_number_of_thousands_of_digits_is_read() -> None:
    assert parse("9" * 10_000).value == float("inf")
    assert parse("9" * 50).value == int("9" * 50)
