"""What a queue's policy may be: a document with actions that SQS has, and within its quotas.

Whether a policy allows a call is decided in `aws/policy.py`, when that is asked for.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html;
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html;
https://github.com/aws/aws-cdk/issues/15602, https://github.com/dapr/components-contrib/issues/1780,
https://github.com/ministryofjustice/cloud-platform-environments/pull/9082 and
https://github.com/justeattakeaway/JustSaying/issues/1021 (the texts)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tomodachi_fakes.aws.policy_grammar import is_statement, is_version, may_exist
from tomodachi_fakes.sqs import limits
from tomodachi_fakes.sqs.attributes import read_json
from tomodachi_fakes.sqs.errors import InvalidAttributeValue, InvalidParameterValue, OverLimit

# Actions that AddPermission may share; the others are the owner's.
SHARED = (
    "*",
    "ChangeMessageVisibility",
    "DeleteMessage",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
    "ReceiveMessage",
    "SendMessage",
)
OWNERS = (
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
)
NO_SUCH_ACTION = "Please refer to the appropriate WSDL for a list of valid actions. "
_KNOWN_ACTIONS = {action.lower() for action in (*SHARED, *OWNERS)}
_WILD = re.compile(r"[*?]")


def check_policy(value: str) -> None:
    """Let a policy pass that has the form of one, and is not too large.

    Raises:
        InvalidAttributeValue: it is no policy document.
        InvalidParameterValue: it names an action that SQS does not have.
        OverLimit: it exceeds a quota.
    """
    document = read_json("Policy", value)
    if not document:
        return
    statements = _list(document.get("Statement"))
    if not (is_version(document) and all(map(_is_allowed, statements))):
        msg = "Policy"
        raise InvalidAttributeValue.of(msg)
    for statement in statements:
        for action in _list(statement.get("Action", [])):
            _check_action(str(action))
    check_quotas(value, statements)


def check_quotas(value: str, statements: Sequence[dict[str, Any]]) -> None:
    """Let a policy pass that is not too large; `value` is all of it as text.

    Raises:
        OverLimit: it exceeds a quota.
    """
    if len(value.encode()) > limits.MAX_POLICY_BYTES:
        msg = "Submitted policy is over max allowed size."
        raise OverLimit(msg)
    _check_count(len(statements), limits.MAX_STATEMENTS, "statements", "the submitted policy")
    for statement in statements:
        actions = len(_list(statement.get("Action", [])))
        _check_count(
            actions, limits.MAX_ACTIONS, "actions", "a statement from the submitted policy"
        )
    principals = sum(map(_principals, statements))
    _check_count(principals, limits.MAX_PRINCIPALS, "principals", "the submitted policy")


def _is_allowed(statement: Any) -> bool:
    return is_statement(statement) and may_exist(statement)


def _check_action(action: str) -> None:
    service, _, name = action.partition(":")
    if service.lower() == "sqs" and not _WILD.search(name) and name.lower() not in _KNOWN_ACTIONS:
        raise InvalidParameterValue.of(action, "ActionName", NO_SUCH_ACTION)


def _principals(statement: dict[str, Any]) -> int:
    principal = statement.get("Principal", [])
    kinds = principal.values() if isinstance(principal, dict) else [principal]
    return sum(len(_list(names)) for names in kinds)


def _check_count(count: int, most: int, what: str, where: str) -> None:
    if count > most:
        msg = f"{count} {what} were found in {where}, max allowed is {most}"
        raise OverLimit(msg)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
