"""Amazon Resource Names: `arn:<partition>:<service>:<region>:<account>:<resource>`.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from dataclasses import dataclass

_PARTS = 6
_ACCOUNT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Arn:
    """A parsed ARN; `resource` is everything after the fifth colon."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    def __str__(self) -> str:
        return ":".join(
            ("arn", self.partition, self.service, self.region, self.account, self.resource)
        )


def parse_arn(text: str) -> Arn | None:
    """The parts of `text`, or None when it is no ARN."""
    parts = text.split(":", _PARTS - 1)
    if len(parts) != _PARTS or parts[0] != "arn" or not (parts[1] and parts[2] and parts[5]):
        return None
    return Arn(*parts[1:])


def role_at(text: str) -> Arn | None:
    """The parts of a role's ARN (`arn:aws:iam::<account>:role/<path and name>`), or None."""
    arn = parse_arn(text)
    if arn is None or arn.service != "iam" or arn.region:
        return None
    is_account = len(arn.account) == _ACCOUNT_DIGITS and arn.account.isdecimal()
    path, _, name = arn.resource.rpartition("/")
    return arn if is_account and name and f"{path}/".startswith("role/") else None


def partition_of(region: str) -> str:
    """The partition a region belongs to ("aws", "aws-cn", "aws-us-gov")."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
