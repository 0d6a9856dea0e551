"""What SNS remembers: topics with their subscriptions, and the account's own settings.

Plain data, no rules; the modules beside this one hold those. Everything here can be copied for a
snapshot.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.sns.index import Index

if TYPE_CHECKING:
    from tomodachi_fakes.sns.archive import Replay
    from tomodachi_fakes.sns.data_protection import DataProtectionPolicy
    from tomodachi_fakes.sns.deduplication import DeduplicationWindow
    from tomodachi_fakes.sns.filter_policy import FilterPolicy
    from tomodachi_fakes.sns.http_delivery import HttpDelivery
    from tomodachi_fakes.sns.inbox import Captured
    from tomodachi_fakes.sns.message import Message
    from tomodachi_fakes.sns.retries import Line, LineKey

FIRST_SEQUENCE_NUMBER = 10_000_000_000_000_000_000


@dataclass(slots=True)
class Subscription:
    """One endpoint that a topic's messages go to.

    Attributes:
        attributes: Attributes as they were set, by wire name, values as given.
        filter_policy: The compiled `FilterPolicy` attribute; None lets everything through.
        token: What ConfirmSubscription has to give; "" when no confirmation is needed.
        token_at: When the token was made, Unix time in seconds.
        pending: True until it is confirmed; nothing is delivered before.
        authenticated: Whether the owner of the endpoint confirmed it with signed requests.
        authenticate_on_unsubscribe: True when an unsigned Unsubscribe is refused.
        base_url: Scheme and authority for the URLs in its confirmation messages.
        replay: What it replays, or has replayed, from the topic's archive.
        next_post_at: Unix time from which the throttle policy lets the next HTTP post through.
    """

    arn: str
    topic_arn: str
    protocol: str
    endpoint: str
    owner: str
    principal: str
    created_at: float
    attributes: dict[str, str] = field(default_factory=dict)
    filter_policy: FilterPolicy | None = None
    raw: bool = False
    token: str = ""
    token_at: float = 0.0
    pending: bool = False
    authenticated: bool = True
    authenticate_on_unsubscribe: bool = False
    base_url: str = ""
    replay: Replay | None = None
    next_post_at: float = 0.0


@dataclass(slots=True)
class Topic:
    """A topic.

    Attributes:
        attributes: Attributes as they were set, by wire name; computed ones are not stored.
        policy: The access policy as JSON text; "" means the default one.
        subscriptions: By ARN, in the order of their creation; `add` and `remove` change them.
        endpoints: Their ARNs by protocol and endpoint.
        deleted: How many subscriptions were deleted.
        sequence: Last sequence number given (FIFO).
        deduplication: Ids seen lately, for FIFO topics.
        archive: Published messages kept for replays, oldest first.
        archived_since: When archiving began; None without an archive policy.
    """

    arn: str
    name: str
    account: str
    region: str
    created_at: float
    fifo: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    policy: str = ""
    data_protection: DataProtectionPolicy | None = None
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    endpoints: Index[tuple[str, str]] = field(default_factory=Index)
    deleted: int = 0
    sequence: int = FIRST_SEQUENCE_NUMBER
    deduplication: DeduplicationWindow | None = None
    archive: deque[Message] = field(default_factory=deque)
    archived_since: float | None = None

    def add(self, subscription: Subscription) -> None:
        """Let the topic have a subscription."""
        self.subscriptions[subscription.arn] = subscription
        self.endpoints.add((subscription.protocol, subscription.endpoint), subscription.arn)

    def remove(self, arn: str) -> None:
        """Take away the subscription with this ARN."""
        subscription = self.subscriptions.pop(arn)
        self.endpoints.remove((subscription.protocol, subscription.endpoint), arn)

    def subscription_of(self, protocol: str, endpoint: str) -> Subscription | None:
        """The subscription of this endpoint."""
        arn = self.endpoints.first((protocol, endpoint))
        return None if arn is None else self.subscriptions[arn]


@dataclass(slots=True)
class PlatformEndpoint:
    """One device of a platform application."""

    arn: str
    attributes: dict[str, str]


@dataclass(slots=True)
class PlatformApplication:
    """A mobile push application.

    Attributes:
        endpoints: Its devices by ARN, in order of creation; the methods change them.
        tokens: Their ARNs by token.
    """

    arn: str
    platform: str
    attributes: dict[str, str]
    endpoints: dict[str, PlatformEndpoint] = field(default_factory=dict)
    tokens: Index[str] = field(default_factory=Index)

    def add(self, endpoint: PlatformEndpoint) -> None:
        """Let the application have a device."""
        self.endpoints[endpoint.arn] = endpoint
        self.tokens.add(endpoint.attributes["Token"], endpoint.arn)

    def remove(self, arn: str) -> None:
        """Take away the device with this ARN, if there is one."""
        endpoint = self.endpoints.pop(arn, None)
        if endpoint is not None:
            self.tokens.remove(endpoint.attributes["Token"], arn)

    def change(self, endpoint: PlatformEndpoint, attributes: dict[str, str]) -> None:
        """Change attributes of a device; the others stay."""
        token = endpoint.attributes["Token"]
        endpoint.attributes |= attributes
        if endpoint.attributes["Token"] != token:
            self.tokens.remove(token, endpoint.arn)
            self.tokens.add(endpoint.attributes["Token"], endpoint.arn)

    def endpoint_of(self, token: str) -> PlatformEndpoint | None:
        """The device with this token."""
        arn = self.tokens.first(token)
        return None if arn is None else self.endpoints[arn]


@dataclass(slots=True)
class SandboxNumber:
    """A destination number of the SMS sandbox."""

    number: str
    password: str
    created_at: float
    verified: bool = False


@dataclass(slots=True)
class SmsAccount:
    """SMS settings of one account in one region.

    Attributes:
        attributes: What SetSMSAttributes set.
        opted_out: Numbers whose owners said STOP, with the time of it.
        opted_in: When a number was last opted in through the API.
        sandbox: Whether the account is still in the sandbox.
        numbers: Destination numbers of the sandbox.
        origination: Numbers the account owns, as ListOriginationNumbers shows them.
    """

    attributes: dict[str, str] = field(default_factory=dict)
    opted_out: dict[str, float] = field(default_factory=dict)
    opted_in: dict[str, float] = field(default_factory=dict)
    sandbox: bool = False
    numbers: dict[str, SandboxNumber] = field(default_factory=dict)
    origination: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """Everything, for all accounts and regions.

    Attributes:
        topics: By ARN, in order of creation.
        applications: Platform applications by ARN, in order of creation.
        sms: SMS settings by (account, region).
        inbox: Deliveries that leave the fake's reach, kept to be looked at, oldest first.
        http: HTTP deliveries not yet settled, by delivery id.
        retrying: Messages that wait for a further attempt, by subscription and group.
        pending: When subscriptions that nobody confirms are deleted, Unix time by ARN, in that order.
        replaying: ARNs of the subscriptions with a replay under way, in order of its start.
        unsubscribed: What an UnsubscribeConfirmation's token would restore, by token.
        last_delivery_id: Last `delivery_id` given.
    """

    topics: dict[str, Topic] = field(default_factory=dict)
    applications: dict[str, PlatformApplication] = field(default_factory=dict)
    sms: dict[tuple[str, str], SmsAccount] = field(default_factory=dict)
    inbox: list[Captured] = field(default_factory=list)
    http: dict[int, HttpDelivery] = field(default_factory=dict)
    retrying: dict[LineKey, Line] = field(default_factory=dict)
    pending: dict[str, float] = field(default_factory=dict)
    replaying: dict[str, None] = field(default_factory=dict)
    unsubscribed: dict[str, Subscription] = field(default_factory=dict)
    last_delivery_id: int = 0

    def sms_account(self, account: str, region: str) -> SmsAccount:
        """The SMS settings of `account` in `region`, made on first use."""
        key = (account, region)
        if key not in self.sms:
            self.sms[key] = SmsAccount()
        return self.sms[key]

    def forget_untouched_accounts(self) -> None:
        """Drop the SMS settings that a question made and that nothing has changed since."""
        self.sms = {key: account for key, account in self.sms.items() if account != SmsAccount()}

    def application_of(self, endpoint_arn: str) -> PlatformApplication | None:
        """The application that a platform endpoint belongs to, by their ARNs."""
        arn = endpoint_arn.replace(":endpoint/", ":app/", 1).rpartition("/")[0]
        return self.applications.get(arn)

    def endpoint(self, arn: str) -> PlatformEndpoint | None:
        """The platform endpoint with this ARN."""
        application = self.application_of(arn)
        return None if application is None else application.endpoints.get(arn)
