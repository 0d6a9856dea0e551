"""The ledger of differences: where a second implementation may answer otherwise than the fake, and why.

A ledger is a TOML file of `[[difference]]` tables:

    operation   "sqs.DeleteMessage", or the AMQP method that is answered otherwise ("queue.declare")
    fake        the fake's answer, "ok" or an error code; or what a machine keeps clear of beside the other
    second      the other's answer; "not asked" where it would go another way from there on
    what        the difference, in a sentence
    why         who is right
    source      the page of AWS or RabbitMQ that decides it

`ledgers/moto.toml` and `ledgers/rabbitmq.toml` are shipped; a machine names more in `ledger`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from tomodachi_testkit.errors import TestkitError

OK = "ok"
NOT_ASKED = "not asked"
SHIPPED = Path(__file__).parent / "ledgers"


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry."""

    operation: str
    fake: str
    second: str
    what: str
    why: str
    source: str


class Ledger:
    """Differences that are known.

    Attributes:
        entries: In the order of the files.
    """

    def __init__(self, entries: Iterable[Difference] = ()) -> None:
        self.entries = tuple(entries)

    @staticmethod
    def read(*paths: Path) -> Ledger:
        """Read files.

        Raises:
            TestkitError: an entry is not whole, or has members that no entry has.
        """
        return Ledger(entry for path in paths for entry in _read(path))

    @staticmethod
    @cache
    def of_files(*paths: Path) -> Ledger:
        """The same, read once."""
        return Ledger.read(*paths)

    def asks(self, operation: str, fake: str) -> bool:
        """Whether the second implementation may be asked what the fake answered this way."""
        return self.find(operation, fake, NOT_ASKED) is None

    def find(self, operation: str, fake: str, second: str) -> Difference | None:
        """The entry that allows the two these answers."""
        wanted = (operation, fake, second)
        return next((e for e in self.entries if (e.operation, e.fake, e.second) == wanted), None)


def unexplained(second: str, operation: str, asked: str, answers: tuple[str, str]) -> str:
    """What to say of a difference that no entry allows: both answers, and the entry that would."""
    fake, other = answers
    return (
        f"the fake and {second} differ, and no entry of the ledger says that they may:\n"
        f"  asked   {asked}\n"
        f"  fake    {fake}\n"
        f"  {second:7} {other}\n"
        'If the fake is right, say so in a ledger (`ledger = (Path("..."),)` in the machine):\n\n'
        "[[difference]]\n"
        f'operation = "{operation}"\n'
        f'fake = "{fake.split(" ", 1)[0]}"\n'
        f'second = "{other.split(" ", 1)[0]}"\n'
        'what = "..."\nwhy = "..."\nsource = "https://..."\n'
    )


def _read(path: Path) -> Iterable[Difference]:
    known = {field.name for field in fields(Difference)}
    tables = tomllib.loads(path.read_text(encoding="utf-8")).get("difference", [])
    for number, table in enumerate(tables, 1):
        if table.keys() != known:
            missing, more = sorted(known - table.keys()), sorted(table.keys() - known)
            msg = (
                f"{path.name}, difference {number}: missing {missing}, unknown {more}. "
                f"An entry has {', '.join(sorted(known))}."
            )
            raise TestkitError(msg)
        yield Difference(**table)
