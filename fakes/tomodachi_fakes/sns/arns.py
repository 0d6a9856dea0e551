"""SNS's ARNs: how they are written, and what SNS answers to one that it can't use.

A topic is `arn:aws:sns:<region>:<account>:<name>`, a subscription adds `:<uuid>`. An ARN of another
region is as wrong as a malformed one; an ARN of another account is not (its policy decides).

Source: recorded answers of AWS; SNS API reference.
"""

from __future__ import annotations

from tomodachi_fakes.aws.arn import Arn, parse_arn, partition_of
from tomodachi_fakes.sns.errors import invalid_parameter

_ELEMENTS = 6


def sns_arn(region: str, account: str, resource: str) -> str:
    """The ARN of a topic, or of a platform application or endpoint."""
    return f"arn:{partition_of(region)}:sns:{region}:{account}:{resource}"


def parse(arn: str, parameter: str) -> Arn:
    """The parts of an SNS ARN given as `parameter`.

    Raises:
        InvalidParameter: it has fewer than six elements, or is not SNS's.
    """
    elements = arn.count(":") + 1
    if elements < _ELEMENTS:
        reason = f"An ARN must have at least {_ELEMENTS} elements, not {elements}"
        raise invalid_parameter(parameter, reason)
    parts = parse_arn(arn)
    if parts is None or parts.service != "sns":
        raise invalid_parameter(parameter)
    return parts


def parse_in_region(arn: str, parameter: str, region: str) -> Arn:
    """Like `parse`, and it must lie in the region that was called.

    Raises:
        InvalidParameter: malformed, not SNS's, or of another region.
    """
    parts = parse(arn, parameter)
    if parts.region != region:
        raise invalid_parameter(parameter)
    return parts


def check_subscription(arn: str, region: str) -> None:
    """Let the ARN of a subscription pass that may lie in the region that was called.

    Raises:
        InvalidParameter: malformed, not SNS's, of another region, or without a subscription's id.
    """
    if ":" not in parse_in_region(arn, "SubscriptionArn", region).resource:
        raise invalid_parameter("SubscriptionId")


def topic_of_subscription(subscription_arn: str) -> str:
    """The topic's ARN in a subscription's."""
    return subscription_arn.rpartition(":")[0]
