"""AddPermission and RemovePermission, which write a queue's policy statement by statement.

What a policy may be is decided in `policy_rules.py`; whether one allows a call in `aws/policy.py`, when
that is asked for.

Source: SQS API reference, AddPermission and RemovePermission.
"""

from __future__ import annotations

import json
import re
from typing import Any

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.sqs import limits
from tomodachi_fakes.sqs.attributes import read_json
from tomodachi_fakes.sqs.errors import (
    InvalidParameterValue,
    MissingParameter,
    OverLimit,
)
from tomodachi_fakes.sqs.policy_rules import NO_SUCH_ACTION, OWNERS, SHARED, check_quotas
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.state import SqsState

_LABEL = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ACCOUNT = re.compile(r"\d{12}")


class PermissionOperations:
    """AddPermission and RemovePermission."""

    def __init__(self, state: SqsState) -> None:
        self._state = state

    def add_permission(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """AddPermission."""
        queue = self._state.queue_of(params, context)
        label = _label_of(params)
        if not _LABEL.fullmatch(label):
            raise InvalidParameterValue.of(
                label,
                "Label",
                "Can only include alphanumeric characters, hyphens, or underscores. "
                "1 to 80 in length",
            )
        if not params["Actions"]:
            msg = "Actions"
            raise MissingParameter(msg)
        _check_accounts(params["AWSAccountIds"])
        _check_actions(params["Actions"])
        policy = _policy_of(queue)
        if any(statement.get("Sid") == label for statement in policy["Statement"]):
            raise InvalidParameterValue.of(label, "Label", "Already exists.")
        policy["Statement"].append(_statement(queue, params))
        self._write(queue, policy, now=context.now)
        return {}

    def remove_permission(self, params: dict[str, Any], context: CallContext) -> dict[str, Any]:
        """RemovePermission."""
        queue = self._state.queue_of(params, context)
        label = _label_of(params)
        policy = _policy_of(queue)
        kept = [s for s in policy["Statement"] if s.get("Sid") != label]
        if len(kept) == len(policy["Statement"]):
            raise InvalidParameterValue.of(label, "Label", "can't find label.")
        self._write(queue, {**policy, "Statement": kept}, now=context.now)
        return {}

    def _write(self, queue: Queue, policy: dict[str, Any], *, now: float) -> None:
        values = dict(queue.values)
        if policy["Statement"]:
            values["Policy"] = json.dumps(policy, separators=(",", ":"))
            check_quotas(values["Policy"], policy["Statement"])
        else:
            values.pop("Policy", None)
        queue.configure(values, now=now)


def _label_of(params: dict[str, Any]) -> str:
    """The label; an empty one is none (https://github.com/cloud-custodian/cloud-custodian/issues/10098)."""
    label: str = params["Label"]
    if not label:
        msg = "Label"
        raise MissingParameter(msg)
    return label


def _policy_of(queue: Queue) -> dict[str, Any]:
    text = queue.values.get("Policy")
    policy = read_json("Policy", text) if text else {}
    if not policy:
        return {"Version": "2008-10-17", "Id": f"{queue.arn}/SQSDefaultPolicy", "Statement": []}
    statements = policy.get("Statement", [])
    return {**policy, "Statement": statements if isinstance(statements, list) else [statements]}


def _statement(queue: Queue, params: dict[str, Any]) -> dict[str, Any]:
    partition = partition_of(queue.id.region)
    principals = [f"arn:{partition}:iam::{account}:root" for account in params["AWSAccountIds"]]
    actions = [f"SQS:{action}" for action in params["Actions"]]
    return {
        "Sid": params["Label"],
        "Effect": "Allow",
        "Principal": {"AWS": principals[0] if len(principals) == 1 else principals},
        "Action": actions[0] if len(actions) == 1 else actions,
        "Resource": queue.arn,
    }


def _check_accounts(accounts: list[str]) -> None:
    if not accounts or not all(map(_ACCOUNT.fullmatch, accounts)):
        shown = f"[{', '.join(accounts)}]"
        raise InvalidParameterValue.of(shown, "PrincipalId", "Unable to verify.")


def _check_actions(actions: list[str]) -> None:
    if len(actions) > limits.MAX_ACTIONS:
        msg = f"{len(actions)} Actions were found, maximum allowed is {limits.MAX_ACTIONS}."
        raise OverLimit(msg)
    for action in actions:
        if action in OWNERS:
            msg = f"SQS:{action}"
            raise InvalidParameterValue.of(
                msg,
                "ActionName",
                "Only the queue owner is allowed to invoke this action.",
            )
        if action not in SHARED:
            msg = f"SQS:{action}"
            raise InvalidParameterValue.of(msg, "ActionName", NO_SUCH_ACTION)
