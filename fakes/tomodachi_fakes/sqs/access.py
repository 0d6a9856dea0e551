"""Who may do what with a queue, where the fake was asked to enforce policies.

The owner's account may do everything that the queue's policy does not deny; another account, or an
AWS service that delivers, only what the policy allows, and never what only an owner may do. A batch
needs the permission of its single form.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-creating-custom-policies.html
and .../sqs-limitations-of-custom-policies.html (what cannot be shared)
"""

from __future__ import annotations

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.policy import Decision, PolicyRequest, evaluate
from tomodachi_fakes.sqs.attributes import read_json
from tomodachi_fakes.sqs.errors import AccessDenied
from tomodachi_fakes.sqs.policy_rules import OWNERS
from tomodachi_fakes.sqs.queue import Queue


def check_caller(queue: Queue, operation: str, context: CallContext) -> None:
    """Let a call pass that the queue's owner or its policy allows.

    Raises:
        AccessDenied: neither does.
    """
    action = operation.removesuffix("Batch")
    principal = context.principal
    secure = "true" if context.base_url.startswith("https") else "false"
    request = PolicyRequest(
        action=f"SQS:{action}",
        resource=queue.arn,
        account=context.account,
        principal=principal,
        role=context.role_arn,
        conditions={
            "aws:SourceIp": context.source_ip,
            "aws:SecureTransport": secure,
            "aws:PrincipalAccount": context.account,
            "aws:PrincipalArn": context.role_arn or principal,
            "aws:userid": context.user_id,
            "aws:PrincipalIsAWSService": "false",
            "aws:RequestedRegion": context.region,
            "aws:UserAgent": (context.headers or {}).get("user-agent", ""),
        },
        now=context.now,
    )
    decision = _decide(queue, request)
    if decision is Decision.DENIED:
        raise AccessDenied.explicitly(principal, action, queue.arn)
    may_be_shared = decision is Decision.ALLOWED and action not in OWNERS
    if context.account != queue.id.account and not may_be_shared:
        raise AccessDenied.silently(principal, action, queue.arn)


def check_service(queue: Queue, service: str, source_arn: str, *, now: float) -> None:
    """Let an AWS service deliver on behalf of `source_arn` where the queue's policy allows it.

    Raises:
        AccessDenied: it does not.
    """
    account = source_arn.split(":")[4] if source_arn.count(":") > 4 else ""
    request = PolicyRequest(
        action="SQS:SendMessage",
        resource=queue.arn,
        principal=service,
        conditions={
            "aws:PrincipalIsAWSService": "true",
            "aws:PrincipalServiceName": service,
            "aws:SourceArn": source_arn,
            "aws:SourceAccount": account,
        },
        now=now,
    )
    if _decide(queue, request) is not Decision.ALLOWED:
        raise AccessDenied.silently(service, "SendMessage", queue.arn)


def _decide(queue: Queue, request: PolicyRequest) -> Decision:
    text = queue.values.get("Policy")
    return evaluate(read_json("Policy", text), request) if text else Decision.NOT_ALLOWED
