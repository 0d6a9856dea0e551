"""Key policies: their form, the one that every key begins with, and whom one denies the use of its key.

What a policy does not allow is not refused: users and roles, whom AWS's key policies name, do not exist
here. An explicit deny is meant as it is written.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html and key-policy-default.html
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.keys import KeyUse
from tomodachi_fakes.aws.policy import Decision, PolicyRequest, evaluate
from tomodachi_fakes.kms.errors import MalformedPolicy

if TYPE_CHECKING:
    from tomodachi_fakes.kms.registry import Key

POLICY_NAME = "default"


def policy_of(key: Key) -> str:
    """The policy that was given to a key, or the one that it has otherwise."""
    if key.policy:
        return key.policy
    partition = partition_of(key.region)
    statement = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{partition}:iam::{key.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]})


def check_policy(text: str) -> None:
    """Let a policy pass that has the form of one.

    Raises:
        MalformedPolicy: it is no document of statements.
    """
    try:
        statements = json.loads(text)["Statement"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedPolicy() from error
    statements = statements if isinstance(statements, list) else [statements]
    if not all(isinstance(statement, dict) and "Effect" in statement for statement in statements):
        raise MalformedPolicy()


def denial(key: Key, use: KeyUse) -> str | None:
    """What the policy denies of a use of its key, in AWS's words; None when nothing."""
    if not key.policy:
        return None
    partition = partition_of(key.region)
    root = f"arn:{partition}:iam::{use.account}:root" if use.account else use.service
    principal = use.principal or root
    for action in use.actions:
        request = PolicyRequest(
            action=action,
            resource=key.arn,
            account=use.account,
            principal=principal,
            role=use.role,
            conditions={
                "kms:CallerAccount": use.account,
                "kms:ViaService": f"{use.via}.{key.region}.amazonaws.com",
                "aws:PrincipalAccount": use.account,
                "aws:PrincipalArn": (use.role or principal) if use.account else "",
                "aws:PrincipalIsAWSService": "false" if use.account else "true",
                "aws:PrincipalServiceName": use.service,
            },
        )
        if evaluate(_read(key.policy), request) is Decision.DENIED:
            return (
                f"User: {principal} is not authorized to perform: {action} on resource: {key.arn} "
                "with an explicit deny in a resource-based policy"
            )
    return None


@lru_cache(maxsize=256)
def _read(text: str) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(text)
    return policy
