"""SQS's core alone: calls by name on a clock that the test holds."""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.aws.call import CallContext, LongPoll, Wake
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sqs.limits import SqsOptions
from tomodachi_fakes.sqs.queue import Queue
from tomodachi_fakes.sqs.service import SqsService

ACCOUNT, REGION = "111111111111", "eu-west-1"


class Core:
    """An `SqsService` and the time in it.

    Attributes:
        now: Unix time of the next call.
        service: The core.
        faults: What shall go wrong.
        events: What happened.
    """

    def __init__(self, now: float = 1000.0, options: SqsOptions | None = None) -> None:
        self.now = now
        self.events = EventLog()
        self.faults = FaultPlan()
        self.service = SqsService(
            ids=SeededIds(3), events=self.events, faults=self.faults, options=options
        )

    def call(self, operation: str, **params: Any) -> Any:
        """Run an operation; lists and texts as on the wire."""
        context = CallContext(ACCOUNT, REGION, self.now, "request", "http://aws.test", "key")
        return self.service.call(operation, params, context)

    def create(self, name: str = "q", **attributes: object) -> str:
        """Make a queue and return its name, which serves as its URL."""
        given = {key: str(value) for key, value in attributes.items()}
        if name.endswith(".fifo"):
            given.setdefault("FifoQueue", "true")
        self.call("CreateQueue", QueueName=name, Attributes=given)
        return name

    def send(self, queue: str, body: str, **params: Any) -> dict[str, Any]:
        """SendMessage; in a FIFO queue the body is the deduplication id unless one is given."""
        if queue.endswith(".fifo"):
            params.setdefault("MessageGroupId", "g")
            params.setdefault("MessageDeduplicationId", body)
        return self.call("SendMessage", QueueUrl=queue, MessageBody=body, **params)

    def receive(self, queue: str, count: int = 10, **params: Any) -> list[dict[str, Any]]:
        """ReceiveMessage without waiting."""
        params.setdefault("WaitTimeSeconds", 0)
        output = self.call("ReceiveMessage", QueueUrl=queue, MaxNumberOfMessages=count, **params)
        return output.get("Messages", [])

    def bodies(self, queue: str, count: int = 10, **params: Any) -> list[str]:
        """The bodies that ReceiveMessage returns."""
        return [message["Body"] for message in self.receive(queue, count, **params)]

    def wait(self, queue: str, seconds: int = 20, **params: Any) -> LongPoll:
        """ReceiveMessage that finds nothing and waits."""
        output = self.call("ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=seconds, **params)
        assert isinstance(output, LongPoll)
        return output

    def delete(self, queue: str, message: dict[str, Any]) -> None:
        """DeleteMessage."""
        self.call("DeleteMessage", QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def advance(self, seconds: float) -> list[Wake]:
        """Let time pass; returns the waiting receives that were answered."""
        self.now += seconds
        self.service.advance(now=self.now)
        return self.service.take_wakes()

    def queue(self, name: str = "q") -> Queue:
        """The queue, to look at."""
        found = self.service.find(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
        assert found is not None
        return found

    def states(self, name: str = "q") -> tuple[list[str], list[str], list[str]]:
        """Bodies that are ready, in flight and delayed."""
        peek = self.service.peek(f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}")
        ready, in_flight, delayed = (
            [message.body for message in part]
            for part in (peek.ready, peek.in_flight, peek.delayed)
        )
        return ready, in_flight, delayed
