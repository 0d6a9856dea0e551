"""Take rows of RabbitMQ's definitions in, one by one, so that an error can name its row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_fakes.amqp.errors import AmqpError
from tomodachi_fakes.definitions.place import Place
from tomodachi_fakes.definitions.rabbitmq import PARTS
from tomodachi_fakes.management.definitions import import_definitions
from tomodachi_fakes.management.errors import ManagementError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tomodachi_fakes.amqp.broker import Broker
    from tomodachi_fakes.servers.fake_broker import FakeBroker

# How a row is called in an error, where it has such a key.
_NAMES = ("name", "user", "source")


def apply_rabbitmq(
    rows: dict[str, list[tuple[Place, Any]]],
    broker: FakeBroker,
    amqp: Broker,
    on_step: Callable[[], None],
) -> None:
    """Make what the rows ask for; `on_step` is called after each.

    Raises:
        DefinitionsError: RabbitMQ would refuse a row; what came before it is there.
    """
    for part in PARTS:
        for place, row in rows.get(part, ()):
            if not isinstance(row, dict):
                place.refuse(f"{row!r} is no table")
            try:
                if part == "global_parameters":
                    broker.global_parameters[row["name"]] = row["value"]
                else:
                    import_definitions(amqp, {part: [row]}, now=broker.clock.now())
            except KeyError as error:
                place.refuse(f"{error.args[0]} is missing; add it", error)
            except ManagementError as error:
                place.refuse(f"{_called(row)}{_sentence(error.reason)}", error)
            except AmqpError as error:
                place.refuse(f"{_called(row)}{error.reply_text}", error)
            on_step()


def _called(row: dict[str, Any]) -> str:
    names = [str(row[name]) for name in _NAMES if row.get(name)]
    return f"{names[0]!r} is refused, as RabbitMQ would refuse it: " if names else ""


def _sentence(reason: Any) -> str:
    """A reason as text; RabbitMQ's own tuples are shown as they are."""
    if isinstance(reason, list):
        return " ".join(str(part) for part in reason)
    return " ".join(str(reason).split())
