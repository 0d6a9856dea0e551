"""Whether a caller may do something to a topic, or to a subscription of it.

Policies decide only where the fake was asked to enforce them. The owner's account may do everything
that is not denied; others only what the topic's policy (`policy_document.py`) allows.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.aws.policy import Decision, PolicyRequest, evaluate
from tomodachi_fakes.sns.errors import AuthorizationError
from tomodachi_fakes.sns.policy_document import policy_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tomodachi_fakes.aws.call import CallContext
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.state import Topic


def check(
    core: Core,
    topic: Topic,
    action: str,
    context: CallContext,
    conditions: Mapping[str, str] | None = None,
) -> None:
    """Refuse what the topic's policy does not allow, where policies are enforced.

    `conditions` are what the request says, by condition keys of SNS's own.

    Raises:
        AuthorizationError: denied, or not allowed to another account.
    """
    if not core.enforce_policies:
        return
    principal = context.principal
    request = PolicyRequest(
        action=f"SNS:{action}",
        resource=topic.arn,
        account=context.account,
        principal=principal,
        role=context.role_arn,
        conditions={
            "aws:SourceOwner": context.account,
            "aws:SourceAccount": context.account,
            "aws:SourceIp": context.source_ip,
            "aws:PrincipalArn": context.role_arn or principal,
            "aws:userid": context.user_id,
            "aws:PrincipalAccount": context.account,
            "aws:SecureTransport": "true" if context.base_url.startswith("https") else "false",
            **(conditions or {}),
        },
        now=context.now,
    )
    decision = evaluate(policy_of(topic), request)
    if decision is Decision.ALLOWED:
        return
    if decision is Decision.NOT_ALLOWED and context.account == topic.account:
        return
    reason = (
        "with an explicit deny in a resource-based policy"
        if decision is Decision.DENIED
        else f"because no resource-based policy allows the SNS:{action} action"
    )
    msg = (
        f"User: {principal} is not authorized to perform: SNS:{action} on resource: {topic.arn} "
        f"{reason}"
    )
    raise AuthorizationError(msg)
