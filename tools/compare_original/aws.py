"""The AWS of one side in set-ups: made as the case has it, and told what has become of it.

Runs in the driver. What may differ without a user's noticing is left out of the state: times, the ids
of statements, and a topic's own policy.
"""

from __future__ import annotations

import json
from typing import Any

from tools.compare_original.kinds import Case
from tools.compare_original.setups import ACCOUNT, REGION

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

_TIMES = ("CreatedTimestamp", "LastModifiedTimestamp")


class Aws:
    """SNS + SQS for one side.

    Attributes:
        url: Where it listens, once started.
    """

    def __init__(self) -> None:
        self._broker = FakeBroker(
            BrokerSettings(amqp_port=None, region=REGION, account=ACCOUNT, seed=1)
        )
        self.url = ""

    async def start(self) -> None:
        """Listen on a free port."""
        await self._broker.start()
        self.url = self._broker.aws_url.rstrip("/")

    async def stop(self) -> None:
        """Listen no more."""
        await self._broker.stop()

    def prepare(self, case: Case) -> None:
        """Forget the last case, make what is there before this one, and deny what it denies.

        Raises:
            AwsError: it can't be made so.
        """
        self._broker.faults.clear()
        self._broker.reset()
        for call, params in case.get("before", ()):
            attributes = {key: _text(value) for key, value in params["Attributes"].items()}
            self._call(call, params | {"Attributes": attributes})
        if case.get("denied"):
            self._broker.faults.add(_denial(case["denied"], once=case.get("denied_once", False)))

    def state(self) -> dict[str, Any]:
        """Attributes of every queue, topic and subscription, by name."""
        self._broker.faults.clear()
        return {**self._queues(), **self._topics(), **self._subscriptions()}

    def _queues(self) -> dict[str, Any]:
        found = {}
        for url in self._call("sqs.ListQueues", {}).get("QueueUrls", []):
            of_queue = {"QueueUrl": url, "AttributeNames": ["All"]}
            attributes = self._call("sqs.GetQueueAttributes", of_queue)["Attributes"]
            name = url.rpartition("/")[2]
            found[f"queue {name}"] = {
                key: _without_ids(value) if key == "Policy" else value
                for key, value in attributes.items()
                if key not in _TIMES
            }
        return found

    def _topics(self) -> dict[str, Any]:
        found = {}
        for topic in self._call("sns.ListTopics", {})["Topics"]:
            attributes = self._call("sns.GetTopicAttributes", topic)["Attributes"]
            found[f"topic {topic['TopicArn']}"] = {
                key: value for key, value in attributes.items() if key != "Policy"
            }
        return found

    def _subscriptions(self) -> dict[str, Any]:
        found = {}
        for listed in self._call("sns.ListSubscriptions", {})["Subscriptions"]:
            arn = {"SubscriptionArn": listed["SubscriptionArn"]}
            attributes = self._call("sns.GetSubscriptionAttributes", arn)["Attributes"]
            found[f"subscription {listed['TopicArn']} {listed['Endpoint']}"] = {
                key: value for key, value in attributes.items() if key != "SubscriptionArn"
            }
        return found

    def _call(self, call: str, params: dict[str, Any]) -> Any:
        service, _, operation = call.partition(".")
        context = CallContext(
            account=ACCOUNT,
            region=REGION,
            now=self._broker.clock.now(),
            request_id="compare",
            base_url=self.url,
            access_key_id="k",
        )
        return self._broker.call_aws(service, operation, params, context)


def _denial(point: str, *, once: bool) -> Fault:
    code = "AuthorizationError" if point.startswith("sns") else "AccessDenied"
    times = 1 if once else None
    return Fault(point, FaultKind.ERROR, times=times, code=code, status=403, message="denied")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _without_ids(policy: str) -> Any:
    document = json.loads(policy)
    for statement in document.get("Statement", []):
        statement.pop("Sid", None)
    return document
