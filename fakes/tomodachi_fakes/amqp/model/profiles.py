"""Version profiles: what RabbitMQ 3.10, 4.0 and 4.3 do differently, each as one named fact.

Source: answers of RabbitMQ 3.10.8, 4.0.5 and 4.3.6 to the same probes; the probes and what is still
different here are listed in `docs/compatibility/rabbitmq.md`.
"""

from __future__ import annotations

from dataclasses import dataclass

from tomodachi_fakes.errors import FakesError

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Profile:
    """One RabbitMQ release.

    Attributes:
        version: What `server_properties` says.
        platform: The Erlang release it runs on.
        copyright: As `server_properties` says it.
        wrong_header_reply: Protocol header sent to a client that speaks something else.
        answers_0_8: AMQP 0-8 and "AMQP 1 1 9 1" headers get a connection.start of version 8.0.
        frame_max_at_least: Smallest frame-max a client may ask for.
        low_frame_max_closes: A smaller one is answered by a close; else by nothing at all.
        high_channel_max_closes: A channel-max above the server's is answered by a close; else by nothing at all.
        unknown_exchange_type_is_hard: 503 on the connection instead of 406 on the channel.
        body_overrun_is_error: A body longer than announced is 501; else it never ends.
        body_size_limit: A content header that announces more is 501; None never is.
        max_message_size: Larger messages are refused with 406.
        default_type_unset: A redeclare compares a missing x-queue-type as "none".
        queue_mode_checked: x-queue-mode must be "default" or "lazy".
        master_locator_refused: x-queue-master-locator is a deprecated feature that is off.
        classic_takes_leader_locator: Classic queues take x-queue-leader-locator.
        queue_timeouts: A queue can have an x-consumer-timeout of its own.
        quorum_timeouts: Quorum queues alone know x-consumer-timeout, and delayed retries.
        stream_errors_soft: Bad x-max-age and x-stream-offset are 406; else the channel crashes (541).
        stream_texts_new: 4.x texts for consuming from streams.
        stream_sets_delivery_mode: Reading from a stream shows delivery_mode 1 where none was set.
        global_qos_per_consumer: basic.qos global=1 is a limit of each consumer.
        counts_first_delivery: x-delivery-count is there from the first delivery, from 0.
        acquired_count: Quorum queues tell x-acquired-count, and a nack does not count as delivery.
        quorum_as_shown: The queue type in the refusal of a `basic.get`.
        negative_limit_is_none: A negative delivery limit is none; else no message is delivered twice.
        default_delivery_limit: Of quorum queues; None is no limit.
        quorum_levels: Levels of priority in quorum queues.
        delivery_mode_checked: delivery_mode must be 1 or 2.
        permission_texts_name_access: "configure access to queue ..." instead of "access to queue ...".
        passive_needs_configure: A passive declare checks the configure permission first.
        returns_direct_replies: A mandatory reply to a direct reply-to address is returned as well.
        reply_tags_stand_still: Direct replies do not count up the channel's delivery tags.
        last_death_headers: x-last-death-* are written.
        death_expiration_first: original-expiration comes first in an x-death entry.
        deaths_turn_over: Every death turns the order of the older x-death entries over.
        failures_travel: Every queue counts deliveries in vain, and a letter takes its count along.
        discards_counted: Letters of quorum queues tell quorum queues how often they were refused.
        client_deaths_ignored: An x-death that a client wrote counts for nothing.
        copies_stay: A letter with a key of its own keeps the header CC.
        headers_sorted: Messages carry their headers in the order of their names.
        numbers_match: A headers exchange takes 1 and 1.0 for the same.
        user_checked_last: user_id is checked after expiration, CC and BCC, not before.
        queues_kept_in_tx: A transaction holds the queues themselves that were there at the publish, not their names.
        missing_queue_is_hard: A commit for a queue that is gone ends the connection (506).
        stream_takes_letters: Letters reach streams; else they are lost there, unless they wait until they arrive.
        stream_takes_nacks: A stream takes any acknowledgement as one; else only acks.
        letters_are_counted: A purge counts letters that wait as well.
        more_exchange_types: Those that come with it besides the four of AMQP.
        more_words: What it calls invalid exchange types, not unknown ones, besides the common words.
        more_leader_locators: Taken besides the common ones.
        empty_queue_type: An empty x-queue-type is none.
        void_queue_type_is_none: So is a void one, of a queue that the server names.
        unknown_queue_type_is_told: Where the server names the queue; else the channel crashes (541).
        filter_size_refusal: Of an x-stream-filter-size-bytes out of range; "" takes any.
        strange_to_classic: What a policy may set that classic queues do not know, besides the common ones.
        consumer_arguments: Those of basic.consume that it knows.
        overhead_counts: Octets of properties count against max-length-bytes of quorum queues.
        vhosts_show_limits: Definitions tell the limits of virtual hosts with them.
        first_queue_version: Lowest x-queue-version.
        ages_in_ms: x-max-age is compared, and shown, in milliseconds.
        most_topic_wildcards: Most "#" in one binding key of a topic exchange; None is no limit.
        strange_reply_address_is_hard: Declaring a direct reply address that is none crashes the channel (541).
        own_reply_address_is_hard: So does declaring that of the channel itself; else it is not found.
    """

    version: str
    platform: str
    copyright: str
    wrong_header_reply: bytes = b"AMQP\x03\x01\x00\x00"
    answers_0_8: bool = False
    frame_max_at_least: int = 4096
    low_frame_max_closes: bool = False
    high_channel_max_closes: bool = True
    unknown_exchange_type_is_hard: bool = False
    body_overrun_is_error: bool = False
    body_size_limit: int | None = None
    max_message_size: int = 16 * MIB
    default_type_unset: bool = False
    queue_mode_checked: bool = True
    master_locator_refused: bool = False
    queue_timeouts: bool = True
    quorum_timeouts: bool = False
    classic_takes_leader_locator: bool = True
    stream_errors_soft: bool = False
    stream_texts_new: bool = True
    stream_sets_delivery_mode: bool = True
    global_qos_per_consumer: bool = False
    counts_first_delivery: bool = False
    acquired_count: bool = False
    quorum_as_shown: str = "quorum"
    negative_limit_is_none: bool = True
    default_delivery_limit: int | None = 20
    quorum_levels: int = 2
    delivery_mode_checked: bool = False
    permission_texts_name_access: bool = True
    passive_needs_configure: bool = False
    returns_direct_replies: bool = True
    reply_tags_stand_still: bool = True
    last_death_headers: bool = True
    death_expiration_first: bool = True
    deaths_turn_over: bool = False
    failures_travel: bool = False
    discards_counted: bool = True
    client_deaths_ignored: bool = True
    copies_stay: bool = True
    headers_sorted: bool = True
    numbers_match: bool = False
    user_checked_last: bool = True
    queues_kept_in_tx: bool = True
    missing_queue_is_hard: bool = False
    stream_takes_letters: bool = True
    stream_takes_nacks: bool = True
    letters_are_counted: bool = False
    more_exchange_types: tuple[str, ...] = ("x-local-random",)
    more_words: tuple[str, ...] = ()
    more_leader_locators: tuple[bytes, ...] = (b"min-masters",)
    empty_queue_type: bool = False
    void_queue_type_is_none: bool = True
    unknown_queue_type_is_told: bool = False
    consumer_arguments: frozenset[str] = frozenset(
        {"x-priority", "x-stream-offset", "x-stream-filter", "x-stream-match-unfiltered"}
    )
    overhead_counts: bool = False
    vhosts_show_limits: bool = False
    strange_to_classic: frozenset[str] = frozenset({"max-in-memory-length", "max-in-memory-bytes"})
    filter_size_refusal: str = "Invalid value for  x-stream-filter-size-bytes"
    first_queue_version: int = 1
    ages_in_ms: bool = False
    most_topic_wildcards: int | None = None
    strange_reply_address_is_hard: bool = False
    own_reply_address_is_hard: bool = True


PROFILES: dict[str, Profile] = {
    "3.10": Profile(
        version="3.10.8",
        platform="Erlang/OTP 25.2.3",
        copyright="Copyright (c) 2007-2022 VMware, Inc. or its affiliates.",
        wrong_header_reply=b"AMQP\x00\x00\x09\x01",
        answers_0_8=True,
        low_frame_max_closes=True,
        unknown_exchange_type_is_hard=True,
        max_message_size=128 * MIB,
        default_type_unset=True,
        classic_takes_leader_locator=False,
        stream_texts_new=False,
        stream_sets_delivery_mode=False,
        counts_first_delivery=True,
        queue_timeouts=False,
        negative_limit_is_none=False,
        default_delivery_limit=None,
        quorum_levels=1,
        delivery_mode_checked=True,
        permission_texts_name_access=False,
        last_death_headers=False,
        death_expiration_first=False,
        deaths_turn_over=True,
        discards_counted=False,
        client_deaths_ignored=False,
        copies_stay=False,
        headers_sorted=False,
        numbers_match=True,
        user_checked_last=False,
        queues_kept_in_tx=False,
        stream_takes_letters=False,
        stream_takes_nacks=False,
        more_exchange_types=(),
        more_words=("Direct", "nope"),
        more_leader_locators=(),
        void_queue_type_is_none=False,
        consumer_arguments=frozenset({"x-priority", "x-cancel-on-ha-failover", "x-stream-offset"}),
        strange_to_classic=frozenset({"queue-leader-locator"}),
        filter_size_refusal="",
    ),
    "4.0": Profile(
        version="4.0.5",
        platform="Erlang/OTP 27.3.4.1",
        copyright="Copyright (c) 2007-2024 Broadcom Inc and/or its subsidiaries",
    ),
    "4.3": Profile(
        version="4.3.6",
        platform="Erlang/OTP 29.1.1",
        copyright="Copyright (c) 2007-2026 Broadcom Inc and/or its subsidiaries",
        frame_max_at_least=8192,
        high_channel_max_closes=False,
        body_overrun_is_error=True,
        body_size_limit=512 * MIB,
        queue_mode_checked=False,
        master_locator_refused=True,
        quorum_timeouts=True,
        quorum_as_shown='<<"quorum">>',
        stream_errors_soft=True,
        global_qos_per_consumer=True,
        acquired_count=True,
        quorum_levels=32,
        passive_needs_configure=True,
        returns_direct_replies=False,
        reply_tags_stand_still=False,
        failures_travel=True,
        discards_counted=False,
        missing_queue_is_hard=True,
        letters_are_counted=True,
        more_exchange_types=("x-local-random", "x-modulus-hash"),
        more_words=("x-random", "x-jms-topic"),
        empty_queue_type=True,
        unknown_queue_type_is_told=True,
        consumer_arguments=frozenset(
            {
                "x-priority",
                "x-consumer-timeout",
                "x-stream-offset",
                "x-stream-filter",
                "x-stream-match-unfiltered",
            }
        ),
        overhead_counts=True,
        vhosts_show_limits=True,
        filter_size_refusal="Invalid value for x-stream-filter-size-bytes",
        first_queue_version=2,
        ages_in_ms=True,
        most_topic_wildcards=2,
        strange_reply_address_is_hard=True,
        own_reply_address_is_hard=False,
    ),
}


def profile_for(version: str) -> Profile:
    """The profile of a version such as "4.0" or "4.0.5".

    Raises:
        UnknownVersion: none is known for it.
    """
    profile = PROFILES.get(".".join(version.split(".")[:2]))
    if profile is None:
        raise UnknownVersion(version)
    return profile


class UnknownVersion(FakesError):
    """No profile exists for a RabbitMQ version."""

    def __init__(self, version: str) -> None:
        super().__init__(
            f"there is no profile for RabbitMQ {version!r}. Choose one of {', '.join(PROFILES)}."
        )
