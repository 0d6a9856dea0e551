"""A topic's access policy as a document: the default one, what is accepted, statements by label.

What a policy allows is decided in `access.py`. A policy covers its own topic alone.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html;
recorded answers of AWS; errors as AWS's users quote them, as in
https://github.com/hashicorp/terraform-provider-aws/issues/26041;
https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-sns (a topic always has one).
"""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.policy_grammar import is_statement, is_texts, is_version, may_exist
from tomodachi_fakes.sns.errors import InvalidParameter, invalid_parameter

if TYPE_CHECKING:
    from tomodachi_fakes.sns.state import Topic

_OWNER_ACTIONS = (
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
)
_ACTIONS = frozenset(
    {
        *_OWNER_ACTIONS,
        "*",
        "GetDataProtectionPolicy",
        "ListTagsForResource",
        "PutDataProtectionPolicy",
        "Receive",
    }
)
_MAXIMUM_BYTES = 30 * 1024
_MAXIMUM_STATEMENTS = 100
_MAXIMUM_PRINCIPALS = 200
_ACCOUNT = re.compile(r"[0-9]{12}")
_ACTION_NAMES = frozenset(f"sns:{action}".lower() for action in _ACTIONS)


def policy_of(topic: Topic) -> dict[str, Any]:
    """The topic's access policy, its statements as a list.

    The default one lets the account of the topic's owner do everything.
    """
    if topic.policy:
        policy: dict[str, Any] = json.loads(topic.policy)
        return policy | {"Statement": _statements(policy)}
    return {
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in _OWNER_ACTIONS],
                "Resource": topic.arn,
                "Condition": {"StringEquals": {"AWS:SourceOwner": topic.account}},
            }
        ],
    }


def checked_policy(topic: Topic, text: str) -> str:
    """A policy of a topic as it is stored.

    Raises:
        InvalidParameter: not JSON, no statements, one without its parts or about something else
            than the topic, principals that nobody can be, actions that are not done to topics,
            several statements of one id, or more than the quotas of a policy.
    """
    try:
        policy = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _malformed() from error
    known = isinstance(policy, dict) and is_version(policy)
    statements = _statements(policy) if known else None
    if not isinstance(statements, list) or not statements:
        raise _malformed()
    for statement in statements:
        _check_statement(topic, statement)
    if len({str(statement.get("Sid", "")) for statement in statements}) < len(statements):
        raise invalid_parameter("Every policy statement must have a unique ID")
    _check_quotas(text, statements)
    return text


def _statements(policy: dict[str, Any]) -> Any:
    """What a policy's `Statement` holds; one alone need not be in a list."""
    statements = policy.get("Statement")
    return [statements] if isinstance(statements, dict) else statements


def _check_quotas(text: str, statements: list[dict[str, Any]]) -> None:
    quota = ""
    if len(text.encode("utf-8", "surrogatepass")) > _MAXIMUM_BYTES:
        quota = f"a policy has at most {_MAXIMUM_BYTES} bytes"
    elif len(statements) > _MAXIMUM_STATEMENTS:
        quota = f"a policy has at most {_MAXIMUM_STATEMENTS} statements"
    elif any(_principals(statement) > _MAXIMUM_PRINCIPALS for statement in statements):
        quota = f"a statement has at most {_MAXIMUM_PRINCIPALS} principals"
    if quota:
        raise invalid_parameter("Policy", quota)


def _principals(statement: dict[str, Any]) -> int:
    given = statement.get("Principal", statement.get("NotPrincipal"))
    return sum(len(_listed(named)) for named in given.values()) if isinstance(given, dict) else 1


def _check_statement(topic: Topic, statement: Any) -> None:
    if not isinstance(statement, dict):
        raise _malformed()
    actions = statement.get("Action", statement.get("NotAction"))
    if not is_texts(actions):
        raise _malformed()
    if not all(_in_scope(action.lower()) for action in _listed(actions)):
        raise _out_of_scope()
    resources = statement.get("Resource", statement.get("NotResource"))
    if not is_statement(statement) or not resources:
        raise _malformed()
    if not may_exist(statement):
        raise invalid_parameter("Policy Error: PrincipalNotFound")
    if not all(fnmatchcase(topic.arn, resource) for resource in _listed(resources)):
        raise _malformed()


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def add_statement(topic: Topic, label: str, accounts: list[str], actions: list[str]) -> None:
    """Let accounts do actions under a label.

    Raises:
        InvalidParameter: the label is empty or taken, an account is no 12 digits, an action is not
            one done to topics, or the policy has no room for it.
    """
    if not label:
        raise invalid_parameter("Label")
    if not accounts or not all(_ACCOUNT.fullmatch(account) for account in accounts):
        raise invalid_parameter("AWSAccountId")
    if not actions or not set(actions) <= _ACTIONS:
        raise _out_of_scope()
    policy = policy_of(topic)
    if any(statement.get("Sid") == label for statement in policy["Statement"]):
        raise invalid_parameter("Statement already exists")
    partition = partition_of(topic.region)
    principals = [f"arn:{partition}:iam::{account}:root" for account in accounts]
    policy["Statement"].append(
        {
            "Sid": label,
            "Effect": "Allow",
            "Principal": {"AWS": _one_or_many(principals)},
            "Action": _one_or_many([f"SNS:{action}" for action in actions]),
            "Resource": topic.arn,
        }
    )
    text = json.dumps(policy, separators=(",", ":"))
    _check_quotas(text, policy["Statement"])
    topic.policy = text


def remove_statement(topic: Topic, label: str) -> None:
    """Take back what was added under a label; an unknown label changes nothing."""
    policy = policy_of(topic)
    kept = [statement for statement in policy["Statement"] if statement.get("Sid") != label]
    if len(kept) != len(policy["Statement"]):
        topic.policy = json.dumps({**policy, "Statement": kept}, separators=(",", ":"))


def _in_scope(action: str) -> bool:
    """Whether a policy of a topic may name the action: one done to a topic, or a pattern of such."""
    return action in _ACTION_NAMES or any(fnmatchcase(name, action) for name in _ACTION_NAMES)


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _malformed() -> InvalidParameter:
    return invalid_parameter("Policy Error: null")


def _out_of_scope() -> InvalidParameter:
    return invalid_parameter("Policy statement action out of service scope!")
