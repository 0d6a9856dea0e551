"""Conversations with a broker that are made up at random, one subject each, as many as are asked for.

A subject is a beginning and the steps that follow it, by how often they come. What RabbitMQ's timing decides
(`docs/compatibility/rabbitmq.md`) is left out: publishers have a connection of their own (w), nothing counts the
messages of a stream, and a lifetime that ends is waited for at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.fakes.amqp.support_conversations import (
    Conversation,
    Step,
    consume,
    count,
    drop,
    get,
    policy,
    publish,
    queue,
    say,
    wait,
)
from tests.fakes.amqp.support_conversations_consumers import ack, cancel, nack, qos, reject
from tests.fakes.amqp.support_random_steps import (
    KINDS,
    OWN_EXCHANGES,
    PLACES,
    QUEUES,
    TAGS,
    any_exchange,
    any_queue,
    bind_exchange,
    bind_queue,
    delete,
    exchange,
    message,
    mode,
    odd_frame,
    odd_message,
    purge,
    queue_again,
)

Maker = Callable[[Random], Conversation]
_DEAD = {"dead_letter_exchange": "", "dead_letter_routing_key": "cv-dead"}


@dataclass(frozen=True)
class Subject:
    """What conversations are about.

    Attributes:
        beginning: The first steps.
        steps: What follows, with its share.
        end: The last steps.
    """

    beginning: Maker
    steps: dict[Maker, int]
    end: Maker = lambda _: []

    def conversation(self, r: Random, length: int) -> Conversation:
        """One conversation."""
        makers, shares = list(self.steps), list(self.steps.values())
        chosen = r.choices(makers, shares, k=length)
        return [*self.beginning(r), *(step for maker in chosen for step in maker(r)), *self.end(r)]


def _one(maker: Callable[[Random], Step]) -> Maker:
    return lambda r: [maker(r)]


def _counts(*names: str) -> Maker:
    return lambda _: [count(name) for name in names]


# --- what is done with messages --------------------------------------------------------------------


def _get(r: Random) -> Conversation:
    return [get(r.choice(QUEUES), r.choice(PLACES), no_ack=r.random() < 0.3)]


def _consume(r: Random) -> Conversation:
    where, values = r.choice(PLACES), {}
    if r.random() < 0.2:
        values["arguments"] = {"x-priority": r.choice((-1, 1, 5, 1.5, "x"))}
    if r.random() < 0.1:
        values["exclusive"] = True
    before = [qos(r.choice((0, 1, 2)), where, global_=r.random() < 0.2)] if r.random() < 0.7 else []
    no_ack = r.random() < 0.2
    return [*before, consume(r.choice(QUEUES), r.choice(TAGS), where, no_ack=no_ack, **values)]


def _settle(r: Random) -> Conversation:
    tag, where = r.choice((1, 1, 2, 2, 3, 4, 0, 9)), r.choice(PLACES)
    flags = {"multiple": True} if r.random() < 0.3 else {}
    requeue = {"requeue": r.random() < 0.6}
    how = r.randrange(5)
    if how < 2:
        return [ack(tag, where, **flags)]
    return [nack(tag, where, **flags, **requeue) if how < 4 else reject(tag, where, **requeue)]


def _known(r: Random) -> Conversation:
    """A tag that there may well be."""
    where, requeue = r.choice(PLACES), r.random() < 0.6
    return [
        r.choice(
            (ack(1, where), nack(1, where, requeue=requeue), reject(2, where, requeue=requeue))
        )
    ]


def _recover(r: Random) -> Conversation:
    name = r.choice(("basic.recover", "basic.recover", "basic.recover-async"))
    return [say(name, r.choice(PLACES), requeue=r.random() < 0.85)]


def _leave(r: Random) -> Conversation:
    where = r.choice(PLACES)
    end = say("connection.close", f"{where[0]}0", reply_code=200)
    lost = [get("cv-none", where), drop(where)]  # named, so that there is a connection to lose
    return r.choice(([say("channel.close", where, reply_code=200)], [end], lost))


def _put(r: Random) -> Conversation:
    values: dict[str, object] = {"priority": r.choice((0, 1, 4, 9))} if r.random() < 0.3 else {}
    if r.random() < 0.1:
        values["expiration"] = "0"
    return [
        publish(
            r.choice(("cv-q", "cv-q", "cv-2", "cv-none")),
            str(r.randint(0, 99)),
            r.choice(("w1", "w1", "w2")),
            mandatory=r.random() < 0.3,
            **values,
        )
    ]


def _limited(r: Random, name: str, kind: str | None = None, *, letters: float = 0.5) -> Step:
    """A queue with limits."""
    kind = kind or r.choice(("classic", "classic", "quorum"))
    arguments: dict[str, object] = {"queue_type": "quorum"} if kind == "quorum" else {}
    if kind == "quorum" and r.random() < 0.4:
        arguments["delivery_limit"] = r.choice((0, 1, 2))
    if kind == "classic" and r.random() < 0.3:
        arguments["max_priority"] = r.choice((1, 5))
    if r.random() < 0.2:
        arguments["single_active_consumer"] = True
    if r.random() < letters:
        arguments |= _DEAD
    if r.random() < 0.3:
        arguments |= {r.choice(("max_length", "max_length_bytes")): r.choice((1, 2, 3))}
        if r.random() < 0.4:
            arguments["overflow"] = "reject-publish"
    if r.random() < 0.1:
        arguments["message_ttl"] = 0
    return queue(name, **arguments)


def _limits(r: Random) -> Conversation:
    return [queue("cv-dead"), _limited(r, "cv-q"), _limited(r, "cv-2")]


def _hop(r: Random, name: str, to: str) -> Step:
    """A queue whose letters go to another, where they go on."""
    arguments: dict[str, object] = {"dead_letter_exchange": "", "dead_letter_routing_key": to}
    why = r.choice(("message_ttl", "max_length", "delivery_limit", ""))
    if why == "delivery_limit":
        arguments |= {"queue_type": "quorum", "delivery_limit": r.choice((0, 1))}
    elif why:
        arguments[why] = r.choice((0, 1)) if why == "max_length" else 0
    return queue(name, **arguments)


def _circle(r: Random) -> Conversation:
    ways = [
        ("cv-q", "cv-2"),
        ("cv-2", "cv-dead"),
        ("cv-dead", r.choice(("cv-q", "cv-2", "cv-dead"))),
    ]
    return [_hop(r, name, to) for name, to in ways]


# --- time ------------------------------------------------------------------------------------------


def _short_lives(r: Random) -> Conversation:
    arguments: dict[str, object] = {} if r.random() < 0.5 else {"message_ttl": 300}
    if r.random() < 0.3:
        arguments["max_priority"] = 5
    elif r.random() < 0.4:
        arguments["queue_type"] = "quorum"
    return [queue("cv-dead"), queue("cv-q", **arguments, **_DEAD), queue("cv-2", expires=100_000)]


def _short_life(r: Random) -> Conversation:
    values: dict[str, object] = {"priority": r.choice((0, 3, 5))} if r.random() < 0.4 else {}
    if r.random() < 0.5:
        values["expiration"] = r.choice(("300", "0", "100000"))
    return [publish("cv-q", str(r.randint(0, 99)), "w1", **values), wait(0.9), *_counts("cv-q")(r)]


# --- policies --------------------------------------------------------------------------------------

_POLICIES: dict[str, tuple[object, ...]] = {
    "message-ttl": (0, 100_000),
    "expires": (100_000,),
    "max-length": (1, 2),
    "max-length-bytes": (2, 100),
    "overflow": ("drop-head", "reject-publish"),
    "dead-letter-exchange": ("", "cv-x"),
    "dead-letter-routing-key": ("cv-dead", "cv-2"),
    "alternate-exchange": ("cv-y", "amq.fanout"),
    "delivery-limit": (0, 2),
    "queue-mode": ("lazy", "default"),
}


def _policy(r: Random) -> Conversation:
    name = r.choice(("cv-p", "cv-p", "cv-r"))
    if r.random() < 0.25:
        return [policy(None, name)]
    keys = r.sample(sorted(_POLICIES), r.choice((1, 1, 2, 3)))
    values: dict[str, object] = {"pattern": r.choice(("^cv-", "^cv-q$", "2", "cv-x"))}
    if r.random() < 0.4:
        values["priority"] = r.choice((1, 5, -1))
    if r.random() < 0.4:
        values["apply-to"] = r.choice(("all", "queues", "exchanges"))
    return [policy({key: r.choice(_POLICIES[key]) for key in keys}, name, **values)]


# --- streams, replies, routes ------------------------------------------------------------------------


def _stream(r: Random) -> Conversation:
    lengths = {"max_length_bytes": 10_000_000} if r.random() < 0.3 else {}
    return [
        queue("cv-q", queue_type="stream", **lengths),
        *(publish("cv-q", str(n), "w1") for n in range(3)),
    ]


def _read(r: Random) -> Conversation:
    offsets = ("first", "last", "next", 0, 1, 2, 50, "1h", "x", -1, None, 1.5, True)
    arguments = {"x-stream-offset": r.choice(offsets)} if r.random() < 0.9 else {}
    where = r.choice(PLACES)
    prefetch = r.choice((20, 20, 20, 20, 0))
    tag, no_ack = r.choice(TAGS), r.random() < 0.1
    return [
        qos(prefetch, where),
        consume("cv-q", tag, where, no_ack=no_ack, arguments=arguments),
        wait(0.2),
    ]


def _odd_of_streams(r: Random) -> Conversation:
    name = r.choice(("queue.purge", "basic.get", "queue.delete"))
    flags = {"if_unused": True} if name == "queue.delete" else {}
    return [say(name, r.choice(PLACES), queue="cv-q", **flags)]


def _ask_back(r: Random) -> Conversation:
    where = r.choice(PLACES)
    pseudo = "amq.rabbitmq.reply-to"
    values: dict[str, object] = (
        {"reply_to": pseudo} if r.random() < 0.8 else {"reply_to": "cv-dead"}
    )
    return r.choice(
        (
            [
                consume(
                    pseudo,
                    r.choice(TAGS),
                    where,
                    no_ack=r.random() < 0.8,
                    exclusive=r.random() < 0.1,
                )
            ],
            [publish("cv-q", "question", where, mandatory=True, **values)],
            [publish("cv-q", "question", where, **values), get("cv-q", "b1", no_ack=True)],
            [publish("$reply_to", "answer", r.choice(PLACES), mandatory=True)],
            [publish("$reply_to", "answer", r.choice(PLACES), exchange="cv-x", mandatory=True)],
            [queue(r.choice((pseudo, "$reply_to")), where, passive=r.random() < 0.7)],
            [get(pseudo, where)],
            [cancel(r.choice(TAGS), where)],
            [say("channel.close", where, reply_code=200)],
            [say("queue.delete", where, queue=pseudo)],
        )
    )


def _with_an_address(_: Random) -> Conversation:
    """Somebody who has asked, so that there is an address."""
    begin = consume("amq.rabbitmq.reply-to", "t", "a1", no_ack=True)
    return [queue(), queue("cv-dead"), begin, publish("cv-q", "first", reply_to="amq.rabbitmq.reply-to"), get("cv-q", "b1", no_ack=True)]  # fmt: skip


def _routes(r: Random) -> Conversation:
    kinds = [say("exchange.declare", exchange=name, type=r.choice(KINDS)) for name in OWN_EXCHANGES]
    return [queue("cv-q"), queue("cv-2"), *kinds, *(bind_queue(r, undo=0) for _ in range(3))]


def _route(r: Random) -> Conversation:
    """A message, and to which of the queues it came."""
    return [message(r), *(get(name, "b1", no_ack=True) for name in ("cv-q", "cv-2"))]


_CONSUMED: dict[Maker, int] = {
    _put: 30,
    _get: 12,
    _consume: 12,
    _known: 14,
    _settle: 10,
    lambda r: [cancel(r.choice(TAGS), r.choice(PLACES))]: 4,
    _leave: 3,
    _recover: 3,
    _one(purge): 2,
    _counts("cv-q"): 4,
}
_FULL = _counts("cv-q", "cv-2", "cv-dead")
SUBJECTS: dict[str, Subject] = {
    "declarations": Subject(
        lambda _: [],
        {
            _one(any_queue): 20,
            _one(queue_again): 20,
            _one(any_exchange): 12,
            _one(bind_queue): 8,
            _one(bind_exchange): 8,
            _one(delete): 12,
            _one(purge): 4,
            _consume: 4,
            _leave: 3,
        },
    ),
    "routes": Subject(
        _routes,
        {
            _one(bind_queue): 10,
            _one(bind_exchange): 6,
            _one(exchange): 3,
            _route: 12,
            _one(delete): 2,
        },
    ),
    "publishing": Subject(
        lambda _: [queue(), queue("cv-2", max_length=3)],
        {_one(odd_message): 20, _one(mode): 8, _get: 5, _leave: 1},
        _counts("cv-q", "cv-2"),
    ),
    "transactions": Subject(
        _limits,
        {
            _put: 12,
            _one(mode): 10,
            _settle: 6,
            _known: 6,
            _get: 8,
            _consume: 4,
            lambda r: [mode(r, "a1")]: 8,
        },
        _FULL,
    ),
    "deliveries": Subject(
        _limits, {**_CONSUMED, lambda _: [say("confirm.select", "w1")]: 2}, _FULL
    ),
    "circles": Subject(_circle, {**_CONSUMED, _known: 30}, _FULL),
    "lifetimes": Subject(
        _short_lives, {_short_life: 14, _get: 6, _known: 6, _consume: 3, _recover: 1}, _FULL
    ),
    "policies": Subject(
        lambda r: [*_limits(r), *_routes(r)[2:]],
        {_policy: 10, _put: 16, _route: 3, _get: 6, _known: 6, _consume: 3, _one(queue_again): 3},
        _FULL,
    ),
    "streams": Subject(
        _stream,
        {
            _read: 10,
            _known: 4,
            lambda r: [publish("cv-q", str(r.randint(0, 99)), "w1"), wait(0.1)]: 8,
            _odd_of_streams: 1,
            lambda r: [cancel(r.choice(TAGS), r.choice(PLACES))]: 2,
            _leave: 1,
        },
    ),
    "replies": Subject(_with_an_address, {_ask_back: 1}),
    "frames": Subject(
        lambda _: [queue(), publish("cv-q", "m")],
        {_one(odd_frame): 10, _consume: 3, _put: 3, _known: 3, _leave: 1, _get: 2},
        _counts("cv-q"),
    ),
}


def conversation(subject: str, seed: str, length: int = 16) -> Conversation:
    """The conversation of a seed, with so many makings of steps between its beginning and its end."""
    return SUBJECTS[subject].conversation(Random(f"{subject} {seed}"), length)
