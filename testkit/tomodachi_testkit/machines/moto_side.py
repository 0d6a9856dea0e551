"""moto beside the fakes of SQS and SNS: the same calls, in this process, at the same virtual time.

Ids, receipt handles and account numbers are each side's own and are translated; what is compared is
what a client can rely on: bodies, receive counts, groups, batch entries, and the counts of messages.
Which differences are known stands in `ledgers/moto.toml`. moto is a second opinion, not the judge.

Source: http://docs.getmoto.org/en/latest/docs/getting_started.html
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from functools import cache
from itertools import groupby
from typing import Any

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.machines.core_calls import ACCOUNT, REGION, Core
from tomodachi_testkit.machines.ledger import OK, Ledger, unexplained
from tomodachi_testkit.wall_clock import FreezegunWallClock, TimeMachineWallClock, WallClock

MOST_MESSAGES = 10  # that one receive returns: with all of them, which come first does not matter
_COUNTS = tuple(f"ApproximateNumberOfMessages{part}" for part in ("", "Delayed", "NotVisible"))


class MotoSide:
    """moto's SQS and SNS, empty, until it is closed.

    Attributes:
        ledger: Differences that are known.
    """

    def __init__(self, ledger: Ledger, now: float) -> None:
        if importlib.util.find_spec("moto") is None:
            msg = (
                "moto is not installed, so nothing can be set beside the fake; "
                'install "tomodachi-testkit[moto]", or run with --svc-broker=fake.'
            )
            raise TestkitError(msg)
        from moto import mock_aws
        from moto.core.models import DEFAULT_ACCOUNT_ID

        self.ledger = ledger
        self._account = DEFAULT_ACCOUNT_ID
        self._theirs: dict[str, str] = {}  # queue names to URLs, our handles and ARNs to moto's
        self._wall: WallClock = _wall_clock()
        self._mock = mock_aws()
        self._mock.start()
        self._wall.start(now)

    def close(self) -> None:
        """Forget everything, and give the wall clock back."""
        self._wall.stop()
        self._mock.stop()

    def advance_to(self, at: float) -> None:
        """It is `at` now (Unix seconds)."""
        self._wall.move(at)

    def compare(self, core: Core, service: str, operation: str, params: dict[str, Any]) -> Any:
        """Run an operation on both; returns the fake's output.

        Raises:
            AssertionError: they differ, and no entry of the ledger says that they may.
            AwsError: the fake refuses.
        """
        name = f"{service}.{operation}"
        output, refused = _attempt(lambda: core.call(service, operation, **params))
        ours = OK if refused is None else refused.code
        if self.ledger.asks(name, ours):
            theirs, answer = self._ask(service, operation, params)
            self._check(name, params, (ours, output), (theirs, answer), refused)
        if refused is not None:
            raise refused
        return output

    def counts_differ(self, core: Core, queue: str) -> str:
        """How the numbers of ready, delayed and hidden messages differ; empty when they do not."""
        asked = {"QueueUrl": queue, "AttributeNames": list(_COUNTS)}
        _, answer = self._ask("sqs", "GetQueueAttributes", asked)
        theirs = {name: answer["Attributes"][name] for name in _COUNTS}
        ours = {name: core.queue(queue).shown_attributes()[name] for name in _COUNTS}
        return "" if ours == theirs else f"{queue}: fake {ours}, moto {theirs}"

    def bodies(self, queue: str) -> list[str]:
        """Bodies of the messages that a queue of moto's offers, oldest first."""
        from moto.backends import get_backend

        found = get_backend("sqs")[self._account][REGION].get_queue(queue).messages
        return [message.body for message in found]

    # --- asking -----------------------------------------------------------------------------------

    def _ask(self, service: str, operation: str, params: dict[str, Any]) -> tuple[str, Any]:
        from botocore.exceptions import ClientError

        try:
            answer = _client(service)._make_api_call(operation, self._translated(params))
        except ClientError as error:
            return str(error.response["Error"]["Code"]), None
        if "QueueUrl" in answer:
            self._theirs[params["QueueName"]] = answer["QueueUrl"]
        return OK, answer

    def _translated(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._translated(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self._translated(member) for member in value]
        if isinstance(value, str):
            return self._theirs.get(value, value).replace(f":{ACCOUNT}:", f":{self._account}:")
        return value

    # --- comparing --------------------------------------------------------------------------------

    def _check(
        self,
        name: str,
        params: dict[str, Any],
        ours: tuple[str, Any],
        theirs: tuple[str, Any],
        refused: AwsError | None,
    ) -> None:
        codes = {ours[0]} if refused is None else {refused.code, refused.query_code}
        if theirs[0] not in codes and self.ledger.find(name, ours[0], theirs[0]) is None:
            self._differ(name, params, ours, theirs)
        if ours[0] == theirs[0] == OK:
            seen = tuple(_seen(name.split(".")[1], side[1]) for side in (ours, theirs))
            if seen[0] != seen[1]:
                self._differ(name, params, (OK, seen[0]), (OK, seen[1]))
            self._remember(ours[1], theirs[1])

    @staticmethod
    def _differ(
        name: str, params: dict[str, Any], ours: tuple[str, Any], theirs: tuple[str, Any]
    ) -> None:
        answers = tuple(
            f"{code} {json.dumps(seen, default=str)}" if seen is not None else code
            for code, seen in (ours, theirs)
        )
        asked = f"{name} {json.dumps(params, default=str)}"
        raise AssertionError(unexplained("moto", name, asked, (answers[0], answers[1])))

    def _remember(self, ours: Any, theirs: Any) -> None:
        """What one side calls it, and what the other."""
        by_body = {message["Body"]: message for message in theirs.get("Messages", [])}
        for message in ours.get("Messages", []):
            other = by_body[message["Body"]]
            self._theirs[message["ReceiptHandle"]] = other["ReceiptHandle"]
        for name in ("TopicArn", "SubscriptionArn"):
            if name in ours:
                self._theirs[ours[name]] = theirs[name]


def _attempt(call: Callable[[], Any]) -> tuple[Any, AwsError | None]:
    try:
        return call(), None
    except AwsError as error:
        return None, error


def _seen(operation: str, output: dict[str, Any]) -> Any:
    """What of an answer has to be the same on both sides."""
    if operation == "ReceiveMessage":
        messages = sorted(output.get("Messages", []), key=_group)  # stable: in order within a group
        seen = {key: [_delivery(m) for m in found] for key, found in groupby(messages, key=_group)}
        return seen if any(seen) else sorted(seen.get("", []))
    if operation.endswith("Batch"):
        return {
            name: sorted(entry["Id"] for entry in output.get(name, []))
            for name in ("Successful", "Failed")
        }
    if "Subscriptions" in output:
        return sorted(item["Endpoint"].rpartition(":")[2] for item in output["Subscriptions"])
    return {name: output[name] for name in ("MD5OfMessageBody",) if name in output}


def _group(message: dict[str, Any]) -> str:
    return str(message.get("Attributes", {}).get("MessageGroupId", ""))


def _delivery(message: dict[str, Any]) -> list[str]:
    return [message["Body"], message["Attributes"]["ApproximateReceiveCount"]]


def _wall_clock() -> WallClock:
    has_time_machine = importlib.util.find_spec("time_machine") is not None
    return TimeMachineWallClock() if has_time_machine else FreezegunWallClock()


@cache
def _client(service: str) -> Any:
    """A client of moto's: every call of it ends in this process while moto runs."""
    import botocore.session

    return botocore.session.Session().create_client(
        service,
        region_name=REGION,
        aws_access_key_id="moto",
        aws_secret_access_key="moto",  # noqa: S106 - moto wants one, and does not look at it
    )
