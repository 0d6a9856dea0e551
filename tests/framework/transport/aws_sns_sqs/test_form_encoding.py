"""Forms are encoded as the standard library, and so botocore, encodes them."""

from __future__ import annotations

from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.aws_sns_sqs.form_encoding import encode_form

FIELDS = st.dictionaries(st.text(max_size=20), st.text(max_size=40) | st.integers(), max_size=5)


@given(FIELDS)
def test_a_form_is_encoded_as_botocore_would(fields: dict[str, str | int]) -> None:
    assert encode_form(fields) == urlencode(fields).encode()


def test_json_is_escaped_whole() -> None:
    every = "".join(map(chr, range(128)))
    assert encode_form({"Message": every}) == urlencode({"Message": every}).encode()
