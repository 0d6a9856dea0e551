"""GetCallerIdentity says who calls; nothing else is there, and says so."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.fakes.support_boto import InProcess


def test_identity_is_the_access_keys() -> None:
    aws = InProcess()

    mine = aws.client("sts", account="123456789012").get_caller_identity()
    default = aws.client("sts", account="AKIAEXAMPLE").get_caller_identity()

    assert (mine["Account"], mine["Arn"]) == ("123456789012", "arn:aws:iam::123456789012:root")
    assert (default["Account"], default["UserId"]) == ("000000000000", "AKIAEXAMPLE")


def test_other_operations_are_named_as_not_implemented() -> None:
    with pytest.raises(ClientError, match=r"sts\.GetSessionToken is not implemented"):
        InProcess().client("sts").get_session_token()
