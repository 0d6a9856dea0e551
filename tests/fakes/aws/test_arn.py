"""ARNs are read whole or not at all."""

from __future__ import annotations

import pytest

from tomodachi_fakes.aws.arn import Arn, parse_arn, partition_of, role_at


def test_parts_are_kept_and_written_back() -> None:
    text = "arn:aws:sns:eu-west-1:111111111111:topic:subscription"

    parsed = parse_arn(text)

    assert parsed == Arn("aws", "sns", "eu-west-1", "111111111111", "topic:subscription")
    assert str(parsed) == text


@pytest.mark.parametrize(
    "text", ["", "x", "arn:aws:sqs:r:1", "nra:aws:sqs:r:1:q", "arn:aws:sqs:r:1:", "arn::sqs:r:1:q"]
)
def test_what_is_no_arn(text: str) -> None:
    assert parse_arn(text) is None


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_partition_of_a_region(region: str, partition: str) -> None:
    assert partition_of(region) == partition


@pytest.mark.parametrize(
    ("text", "is_role"),
    [
        ("arn:aws:iam::111111111111:role/r", True),
        ("arn:aws-cn:iam::111111111111:role/path/of/r", True),
        ("arn:aws:iam::111111111111:role/", False),
        ("arn:aws:iam::111111111111:user/r", False),
        ("arn:aws:iam::1111:role/r", False),
        ("arn:aws:iam:eu-west-1:111111111111:role/r", False),
        ("arn:aws:sts::111111111111:assumed-role/r/s", False),
        ("r", False),
    ],
)
def test_arn_of_a_role(text: str, is_role: bool) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html (ARNs of roles)."""
    assert (role_at(text) is not None) is is_role
