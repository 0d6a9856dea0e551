"""What a handler's decorator asks for, checked and with the service's options filled in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tomodachi.transport.aws_sns_sqs import names, policies
from tomodachi.transport.aws_sns_sqs.defaults import MAX_NUMBER_OF_CONSUMED_MESSAGES
from tomodachi.transport.aws_sns_sqs.disposition import OnException
from tomodachi.transport.aws_sns_sqs.errors import AWSSNSSQSException, InvalidHandlerArgument
from tomodachi.transport.aws_sns_sqs.policies import DeadLetter
from tomodachi.transport.handler_arguments import HandlerArguments

if TYPE_CHECKING:
    from tomodachi.options import Options

MOST_MESSAGES_A_RECEIVE = 10


@dataclass(frozen=True, slots=True)
class HandlerSettings:
    """One handler.

    Attributes:
        func: What is called, with the service as its first argument.
        name: The handler's name.
        arguments: What it wants to be called with.
        topic: As the service calls it; "" for a handler of messages sent straight to its queue.
        topic_name: Full name of the topic on SNS, or the pattern of a wildcard topic.
        queue_name: Full name of the queue, or its ARN.
        is_orphaned_on_restart: Whether the queue's name changes with every start of the service.
        fifo: Whether topic, queue and dead-letter queue have to be FIFO.
        in_order: Whether its queue is FIFO; one that is given by its ARN may be so without `fifo`.
        envelope: Reads messages; None for plain text.
        envelope_kwargs: Extra keywords of the decorator, for the envelope.
        filter_policy: JSON for the subscription; None leaves it as it is.
        visibility_timeout_s: For the queue; None leaves it as it is.
        dead_letter: For the queue; None leaves it as it is.
        concurrency: Most messages handled at a time, 1..10.
        on_exception: What an exception means for the message.
        visibility_heartbeat: Whether messages are kept invisible for as long as they are handled.
    """

    # Users' functions and envelopes are whatever they wrote.
    func: Callable[..., Any]
    name: str
    arguments: HandlerArguments
    topic: str
    topic_name: str
    queue_name: str
    is_orphaned_on_restart: bool
    fifo: bool
    in_order: bool
    envelope: Any
    envelope_kwargs: Mapping[str, Any]
    filter_policy: str | None
    visibility_timeout_s: int | None
    dead_letter: DeadLetter | None
    concurrency: int
    on_exception: OnException
    visibility_heartbeat: bool

    @property
    def is_wildcard(self) -> bool:
        """Whether its topic stands for many."""
        return names.is_wildcard(self.topic)

    @property
    def log_values(self) -> dict[str, str]:
        """What log lines about it bear."""
        values = {
            "wrapped_handler": self.name,
            "topic": self.topic,
            "queue_name": self.queue_name,
        }
        return {key: value for key, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class DecoratorArguments:
    """The decorator's arguments as they were given."""

    func: Callable[..., Any]
    topic: str | None
    callback_kwargs: Collection[str] | None
    competing: bool | None
    queue_name: str | None
    envelope: Any
    filter_policy: Any
    visibility_timeout: Any
    dead_letter_queue_name: Any
    max_receive_count: Any
    fifo: bool
    max_number_of_consumed_messages: Any
    on_exception: str | None
    visibility_heartbeat: bool
    envelope_kwargs: Mapping[str, Any]


def resolve(
    given: DecoratorArguments, options: Options, *, uuid: str, uuid_is_random: bool
) -> HandlerSettings:
    """Check a decorator's arguments against one another and the service's options.

    Args:
        given: The arguments.
        options: Of the service.
        uuid: The service's, part of the name of a queue that is its own.
        uuid_is_random: Whether the uuid is another one after a restart.

    Raises:
        AWSSNSSQSException: something can't be; the text says what to do.
        ValueError: an option can't be.
    """
    own = options.aws_sns_sqs
    topic = given.topic or ""
    on_exception = given.on_exception or own.on_exception
    queue_name = _queue_name(given, topic, uuid, own.queue_name_prefix)
    in_order = queue_name.endswith(names.FIFO_SUFFIX)
    return HandlerSettings(
        func=given.func,
        name=given.func.__name__,
        arguments=HandlerArguments.of(given.func, given.callback_kwargs),
        topic=topic,
        topic_name=names.topic_name(topic, own.topic_prefix, fifo=given.fifo) if topic else "",
        queue_name=queue_name,
        is_orphaned_on_restart=(
            given.queue_name is None and not given.competing and uuid_is_random
        ),
        fifo=given.fifo,
        in_order=in_order,
        envelope=given.envelope,
        envelope_kwargs=given.envelope_kwargs,
        filter_policy=policies.filter_policy_attribute(given.filter_policy),
        visibility_timeout_s=policies.visibility(given.visibility_timeout),
        dead_letter=policies.dead_letter(given.dead_letter_queue_name, given.max_receive_count),
        concurrency=1 if in_order else concurrency(given.max_number_of_consumed_messages),
        on_exception=OnException.of(on_exception, "on_exception"),
        visibility_heartbeat=given.visibility_heartbeat,
    )


def concurrency(value: Any) -> int:
    """How many messages are handled at a time: 1..10, and 10 for anything else."""
    if isinstance(value, bool) or not isinstance(value, int):
        return MAX_NUMBER_OF_CONSUMED_MESSAGES
    return value if 1 <= value <= MOST_MESSAGES_A_RECEIVE else MAX_NUMBER_OF_CONSUMED_MESSAGES


def _queue_name(given: DecoratorArguments, topic: str, uuid: str, prefix: str | None) -> str:
    if given.queue_name is not None:
        if given.competing is False:
            msg = (
                "AWS SQS queue with predefined queue name must be competing "
                f"(queue_name={given.queue_name!r}, competing=False): every instance of the "
                "service consumes from it. Leave queue_name out to give each its own."
            )
            raise AWSSNSSQSException(msg)
        return _given_name(given.queue_name, prefix)
    competing = bool(given.competing)
    return names.digest_queue(
        names.encode(topic), given.func.__name__, uuid, prefix, competing=competing, fifo=given.fifo
    )


def _given_name(queue_name: Any, prefix: str | None) -> str:
    if not isinstance(queue_name, str):
        msg = f"queue_name must be a string: {queue_name!r}."
        raise InvalidHandlerArgument(msg)
    return queue_name if names.is_queue_arn(queue_name) else names.named_queue(queue_name, prefix)
