"""The exchanges of a virtual host and their bindings: declared, found, bound, deleted.

What an exchange does with a message is in `exchanges.py`; queues are in `vhost.py`.

Source: AMQP 0-9-1 spec 1.6, 1.7.2.3; https://www.rabbitmq.com/docs/exchanges
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.amqp.errors import AmqpChannelError
from tomodachi_fakes.amqp.fields import Table
from tomodachi_fakes.amqp.model.declarations import (
    check_exchange_arguments,
    check_exchange_type,
    check_same_exchange,
)
from tomodachi_fakes.amqp.model.exchanges import LOCAL_RANDOM, Binding, Destination, Exchange
from tomodachi_fakes.amqp.model.headers_match import check_match_argument
from tomodachi_fakes.amqp.model.policies import Policy, policy_for
from tomodachi_fakes.amqp.model.topic_match import words_of
from tomodachi_fakes.amqp.reply_codes import ChannelReply

if TYPE_CHECKING:
    from tomodachi_fakes.amqp.model.profiles import Profile

_PREDECLARED = (
    ("", "direct"),
    ("amq.direct", "direct"),
    ("amq.fanout", "fanout"),
    ("amq.headers", "headers"),
    ("amq.match", "headers"),
    ("amq.topic", "topic"),
)


class ExchangeRegistry:
    """Exchanges by name.

    Attributes:
        policies: By name; those that cover an exchange may give it an alternate one.
    """

    def __init__(self, name: str, profile: Profile) -> None:
        self.name = name
        self.profile = profile
        self.policies: dict[str, Policy] = {}
        self.exchanges: dict[str, Exchange] = {
            name: Exchange(name, kind, numbers_match=profile.numbers_match)
            for name, kind in _PREDECLARED
        }
        trace = Exchange("amq.rabbitmq.trace", "topic", internal=True)
        self.exchanges[trace.name] = trace

    def changed(self) -> None:
        """The topology changed; for those who keep something that depends on it."""

    def exchange(self, name: str) -> Exchange:
        """The exchange of that name.

        Raises:
            AmqpChannelError: 404.
        """
        if (found := self.exchanges.get(name)) is None:
            raise AmqpChannelError(
                ChannelReply.NOT_FOUND, f"no exchange '{name}' in vhost '{self.name}'"
            )
        return found

    def declare_exchange(
        self,
        name: str,
        kind: str,
        *,
        durable: bool,
        auto_delete: bool,
        internal: bool,
        arguments: Table,
    ) -> Exchange:
        """Create an exchange, or find an equivalent one.

        Raises:
            AmqpChannelError: 403, 406.
            AmqpConnectionError: 503, an unknown type on 3.10.
        """
        check_exchange_type(kind, self.profile)
        where = f"exchange '{name}' in vhost '{self.name}'"
        if (current := self.exchanges.get(name)) is not None:
            given: dict[str, str | bool] = {
                "type": kind,
                "durable": durable,
                "auto_delete": auto_delete,
                "internal": internal,
            }
            check_same_exchange(current, given, arguments, where)
            return current
        if name.startswith("amq."):
            raise AmqpChannelError(
                ChannelReply.ACCESS_REFUSED,
                f"exchange name '{name}' contains reserved prefix 'amq.*'",
            )
        check_exchange_arguments(kind, arguments, where)
        exchange = Exchange(
            name,
            kind,
            durable=durable,
            auto_delete=auto_delete,
            internal=internal,
            arguments=arguments,
            numbers_match=self.profile.numbers_match,
        )
        self.exchanges[name] = exchange
        self._apply_exchange_policy(exchange)
        self.changed()
        return exchange

    def delete_exchange(self, name: str, *, if_unused: bool) -> None:
        """Delete an exchange, with its bindings and those that lead to it; a missing one is fine.

        Raises:
            AmqpChannelError: 403, 406.
        """
        exchange = self.exchanges.get(name)
        if name.startswith("amq."):
            raise AmqpChannelError(
                ChannelReply.ACCESS_REFUSED,
                f"deletion of system exchange '{name}' in vhost '{self.name}' not allowed",
            )
        if exchange is None:
            return
        if if_unused and exchange.bindings:
            raise AmqpChannelError(
                ChannelReply.PRECONDITION_FAILED,
                f"exchange '{name}' in vhost '{self.name}' in use",
            )
        del self.exchanges[name]
        self.drop_bindings_to(Destination("exchange", name))
        self.changed()

    def drop_bindings_to(self, destination: Destination) -> None:
        """Something is gone: no binding leads to it any more."""
        for exchange in list(self.exchanges.values()):
            if exchange.drop_destination(destination):
                self._auto_delete(exchange)

    def _auto_delete(self, exchange: Exchange) -> None:
        if exchange.auto_delete and not exchange.bindings and exchange.name in self.exchanges:
            del self.exchanges[exchange.name]
            self.drop_bindings_to(Destination("exchange", exchange.name))

    def bind(self, source: Exchange, binding: Binding) -> None:
        """Add a binding; one that is there is fine.

        Raises:
            AmqpChannelError: 406, bad headers arguments.
        """
        if source.kind == "headers":
            check_match_argument(binding.arguments)
        self.check_binding(source, binding)
        if source.bind(binding):
            self.changed()

    def check_binding(self, source: Exchange, binding: Binding) -> None:
        """Refuse a binding that this type of exchange does not take.

        Raises:
            AmqpChannelError: 406.
        """
        if (refusal := self._refusal_of_binding(source, binding)) is not None:
            raise AmqpChannelError(ChannelReply.PRECONDITION_FAILED, refusal)

    def _refusal_of_binding(self, source: Exchange, binding: Binding) -> str | None:
        key, most = binding.key, self.profile.most_topic_wildcards
        if (
            source.kind == "topic"
            and most is not None
            and (used := words_of(key).count("#")) > most
        ):
            return (
                f"Topic binding key '{key}' uses {used} '#' wildcards, at most {most} are allowed"
            )
        if source.kind == LOCAL_RANDOM and key:
            return f"Non empty binding '{key}' key not permitted"
        if source.kind == LOCAL_RANDOM and binding.destination.kind == "exchange":
            return "Destination not found"
        return None

    def unbind(self, source: Exchange, binding: Binding) -> None:
        """Take a binding away; a missing one is fine."""
        if source.unbind(binding):
            self._auto_delete(source)
            self.changed()

    def apply_exchange_policies(self) -> None:
        """Policies changed: every exchange follows."""
        for exchange in self.exchanges.values():
            self._apply_exchange_policy(exchange)

    def _apply_exchange_policy(self, exchange: Exchange) -> None:
        argument = exchange.arguments.get("alternate-exchange")
        if argument is not None:
            return
        policy = policy_for(self.policies.values(), exchange.name, "exchange", self.profile)
        exchange.alternate = policy.definition.get("alternate-exchange") if policy else None
