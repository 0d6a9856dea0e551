"""What an operator does to a pair of brokers: move their time, reset them, call AWS in their name.

The servers and their life are in `fake_broker.py`; who may ask for these is the control API's matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.clock import AdjustableClock
from tomodachi_fakes.errors import FakesError
from tomodachi_fakes.servers.addresses import Addresses
from tomodachi_fakes.servers.environment import AmqpLogin
from tomodachi_fakes.servers.http_guard import is_loopback

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.clock import Clock
    from tomodachi_fakes.cloud import Cloud
    from tomodachi_fakes.events import EventLog
    from tomodachi_fakes.faults import FaultPlan
    from tomodachi_fakes.ids import SeededIds
    from tomodachi_fakes.servers.fake_broker import BrokersSnapshot
    from tomodachi_fakes.servers.localstack_init import State


class Operated(Addresses):
    """The operator's side of a `FakeBroker`.

    Attributes:
        on_stop: Ends the program; None where the brokers are only a part of one.
        make_initial: Makes those initial resources that are not there; None where there are none, or
            where nobody can tell which are missing.
        scripts: What became of the scripts that make initial resources, by file.
        pid: The process they live in.
    """

    clock: Clock
    events: EventLog
    cloud: Cloud | None
    amqp: Broker | None
    _ids: SeededIds
    _initial: BrokersSnapshot | None
    _began_at: float
    _ready: bool
    on_stop: Callable[[], None] | None
    make_initial: Callable[[], None] | None
    scripts: dict[str, State]

    @property
    def pid(self) -> int:
        """The process that serves."""
        return os.getpid()

    @property
    def uptime_s(self) -> float:
        """Seconds since the start, by the brokers' clock."""
        return self.clock.now() - self._began_at

    @property
    def used_at(self) -> float:
        """When a client used any of the ports last, by the loop's clock."""
        servers = (self._aws_server, self._amqp_server, self._operator, self._metrics)
        return max((server.used_at for server in servers if server is not None), default=0.0)

    @property
    def ready(self) -> bool:
        """What `GET /health` says: whether the initial resources exist."""
        return self._ready

    @ready.setter
    def ready(self, ready: bool) -> None:
        self._ready = ready
        if self._aws_server is not None:
            self._aws_server.ready = ready

    def context(self, account: str | None = None, region: str | None = None) -> CallContext:
        """Who calls AWS when it is this process that does."""
        return CallContext(
            account or self.settings.account,
            region or self.settings.region,
            self.clock.now(),
            self._ids.uuid(),
            self.aws_url,
            access_key_id="operator",
        )

    # --- time ------------------------------------------------------------------------------------

    @property
    def adjustable_clock(self) -> AdjustableClock:
        """The clock, when it can be moved.

        Raises:
            FakesError: it cannot.
        """
        if not isinstance(self.clock, AdjustableClock):
            msg = "the clock of these brokers belongs to somebody else, and is moved there"
            raise FakesError(msg)
        return self.clock

    def move_time(self, how: Callable[[], None]) -> None:
        """Change the clock, and let everything happen that is due then."""
        how()
        now = self.clock.now()
        if self.cloud is not None:
            self.cloud.advance(now=now)
        if self.amqp is not None:
            self.amqp.move_time(now=now)
        self._clock_was_set()

    def _clock_was_set(self) -> None:
        for server in (self._aws_server, self._amqp_server):
            if server is not None:
                server.clock_was_set()

    # --- back to the beginning -------------------------------------------------------------------

    def snapshot(self) -> BrokersSnapshot:
        """Everything stored; connections and calls that wait are not part of it."""
        raise NotImplementedError

    def begin_here(self) -> None:
        """What is there now is what a reset goes back to."""
        self._initial = self.snapshot()

    def reset(self, account: str | None = None) -> None:
        """Forget everything but the initial resources, or everything of one AWS account.

        Clients stay connected; ids are not given again.
        """
        if account is not None:
            if self.cloud is not None:
                self.cloud.reset(account)
            if self.make_initial is not None:
                self.make_initial()
            self._clock_was_set()
            return
        initial = self._initial
        if self.cloud is not None:
            self.cloud.reset()
            if initial is not None and initial.cloud is not None:
                self.cloud.restore(initial.cloud)
        if self.amqp is not None:
            start = initial.amqp if initial is not None else None
            self.amqp.restore(start or self._new_amqp().snapshot(), now=self.clock.now())
        self.events.clear()
        self._clock_was_set()

    def _new_amqp(
        self, *, events: EventLog | None = None, faults: FaultPlan | None = None
    ) -> Broker:
        """A RabbitMQ as it is before anybody used it."""
        from tomodachi_fakes.amqp.broker import Broker

        login = self.settings.login
        broker = Broker(
            ids=self._ids, events=events, faults=faults, version=self.settings.rabbitmq_version
        )
        if login != AmqpLogin():
            broker.set_first_login(login.user, login.password, login.vhost)
        if not is_loopback(self.settings.host):
            # As RabbitMQ's container image does: who opens a broker to others means them to log in.
            broker.users[login.user].loopback_only = False
        return broker
