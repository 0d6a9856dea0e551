"""Calls of SQS and SNS by the test itself, straight to the core, and what the services' options say.

The test's calls need no socket: the core is asked as the server would ask it, and whoever is woken
by it is answered by the server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.aws.call import CallContext, LongPoll
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.service_options import DEFAULT_REGION
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

__tracebackhide__ = hides


def call(
    harness: Harness, service: str, operation: str, params: dict[str, Any], *, region: str
) -> dict[str, Any]:
    """Run one operation as the default account.

    Raises:
        AwsError: the service refuses.
    """
    broker = harness.broker
    if broker.cloud is None:
        msg = f"{service}.{operation}: the harness was started without AWS."
        raise TestkitError(msg)
    context = CallContext(
        account=broker.settings.account,
        region=region,
        now=harness.clock.unix(),
        request_id=harness.ids.uuid(),
        base_url=broker.aws_url,
        access_key_id="test",
    )
    output = broker.call_aws(service, operation, params, context)
    if isinstance(output, LongPoll):
        msg = f"{service}.{operation} waits; ask for what is there now."
        raise TestkitError(msg)
    return output


def name_of(arn: str) -> str:
    """The name of the queue or topic with this ARN."""
    return arn.rpartition(":")[2]


def region_of(arn: str) -> str:
    """The region of the queue or topic with this ARN."""
    return arn.split(":")[3]


def topic_prefixes(harness: Harness) -> list[str]:
    """Topic prefixes of the services that were started, none of them empty."""
    return _option(harness, "aws_sns_sqs.topic_prefix")


def queue_prefixes(harness: Harness) -> list[str]:
    """SQS queue name prefixes of the services that were started, none of them empty."""
    return _option(harness, "aws_sns_sqs.queue_name_prefix")


def region_of_services(harness: Harness) -> str:
    """The region of the service that was started first; what a test makes is to be found by it."""
    return next(iter(_option(harness, "aws_sns_sqs.region_name")), DEFAULT_REGION)


def _option(harness: Harness, key: str) -> list[str]:
    values = (running.service.options[key] for running in harness.running)
    return list(dict.fromkeys(value for value in values if value))
