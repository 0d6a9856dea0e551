"""Conversations made up at random with a real RabbitMQ and the fake, and what the two answer differently.

    python -m tools.random_conversations AMQP_URL MANAGEMENT_URL [--conversations 1000] [--seed 1]
                                         [--only SUBJECT] [--workers 8] [--length 16]

Run from the root of a checkout. Each worker makes a virtual host of its own, and deletes it in the end; most of its
time it waits for RabbitMQ. The fake takes the profile of the RabbitMQ's release. What is said is in
`tests/fakes/amqp/support_random_conversations.py`, subject by subject. A difference is told with its steps, shortened
to those that it needs, so that it can become a conversation of `tests/fakes/amqp/support_conversations_*.py`; one that
does not come again, or after which RabbitMQ says something else each time, was a matter of timing and is counted as
passing. Ends with 1 when there was another.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.client import HTTPConnection
from importlib import import_module
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tools.shortening import shortened

conversations = import_module("tests.fakes.amqp.support_conversations")
made_up = import_module("tests.fakes.amqp.support_random_conversations")
Steps = list[Any]
Said = list[list[str]]
_SHORTEN_S = 60.0
_TRIES = 2
_PROGRESS = 200


class VirtualHost:
    """A virtual host that is made by the management API, and deleted afterwards."""

    def __init__(self, amqp_url: str, management_url: str, name: str) -> None:
        self.url = urlsplit(amqp_url)._replace(path=f"/{name}").geturl()
        self._name = name
        self._api = urlsplit(management_url)

    def make(self) -> None:
        """Make it anew."""
        self.delete()
        self._call("PUT", f"/api/vhosts/{self._name}")

    def delete(self) -> None:
        """Delete it, with all that it holds."""
        self._call("DELETE", f"/api/vhosts/{self._name}")

    def policy(self, name: str, values: dict[str, Any]) -> None:
        """Set a policy, or take it out of force."""
        self._call("PUT" if values else "DELETE", f"/api/policies/{self._name}/{name}", values)

    def _call(self, method: str, path: str, values: dict[str, Any] | None = None) -> None:
        login = f"{unquote(self._api.username or '')}:{unquote(self._api.password or '')}"
        headers = {"Authorization": f"Basic {b64encode(login.encode()).decode()}"}
        connection = HTTPConnection(self._api.hostname or "", self._api.port, timeout=60)
        connection.request(method, quote(path), json.dumps(values) if values else None, headers)
        status = connection.getresponse().status
        connection.close()
        if status >= 400 and (method, status) != ("DELETE", 404):
            msg = f"{method} {path} of the management API ended with {status}"
            raise ConnectionError(msg)


class Worker:
    """Has conversations with a broker and with the fake of a release."""

    def __init__(self, broker: Callable[[], Any], release: str, anew: Callable[[], None]) -> None:
        """`anew` makes the broker's virtual host once more, when the old one could not be cleaned."""
        self._broker = broker
        self._release = release
        self._anew = anew

    def real(self, steps: Steps) -> Said:
        """What the broker says."""
        try:
            return list(conversations.hold(steps, self._broker()))
        except OSError:
            self._anew()
            return list(conversations.hold(steps, self._broker()))

    def fake(self, steps: Steps) -> Said:
        """What the fake says."""
        return list(conversations.hold(steps, conversations.FakeBroker(self._release)))

    def differs(self, steps: Steps) -> bool:
        """Whether the broker says the same each time, and the fake something else."""
        first = self.real(steps)
        if first == self.fake(steps):
            return False
        return all(self.real(steps) == first for _ in range(_TRIES))


class Lane:
    """One run: what was done, and what differed."""

    def __init__(self, total: int) -> None:
        self.done = self.diverged = self.passing = 0
        self._total = total
        self._lock = Lock()

    def perform(self, worker: Worker, name: str, steps: Steps) -> None:
        """Have a conversation with both; tell a difference."""
        unequal = worker.real(steps) != worker.fake(steps)
        differs = unequal and worker.differs(steps)
        if differs:
            steps = shortened(steps, worker.differs, _SHORTEN_S)
        with self._lock:
            self.done += 1
            self.diverged += differs
            self.passing += unequal and not differs
            if differs:
                tell(name, steps, worker.real(steps), worker.fake(steps))
            if self.done % _PROGRESS == 0 or self.done == self._total:
                say(f"{self.done} conversations, {self.diverged} different, {self.passing} passing")


def tell(name: str, steps: Steps, real: Said, fake: Said) -> None:
    """Say the steps, and where the two differ."""
    say(f"== {name}")
    for step, said, wanted in zip(steps, fake, real, strict=True):
        say(f"  {step.kind} {step.where} {step.name} {step.values}")
        if said != wanted:
            say(f"      real {wanted}\n      fake {said}")


def say(line: str) -> None:
    """Say it at once, also into a file."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run the lane; 0 when both sides always agreed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ"))
    parser.add_argument(
        "management", nargs="?", default=os.environ.get("SVC_TEST_RABBITMQ_MANAGEMENT")
    )
    parser.add_argument("--conversations", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=list(made_up.SUBJECTS))
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--length", type=int, default=16)
    options = parser.parse_args()
    if not options.url or not options.management:
        parser.error("give the URLs of a RabbitMQ and of its management API")
    lane = run(options)
    return 1 if lane.diverged else 0


def _taken(waiting: SimpleQueue[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """What waits, until nothing does; several take from it."""
    with suppress(Empty):
        while True:
            yield waiting.get_nowait()


def run(options: argparse.Namespace) -> Lane:
    """Share the conversations among the workers."""
    subjects = [options.only] if options.only else list(made_up.SUBJECTS)
    rounds = range(options.conversations // len(subjects) + 1)
    pairs = itertools.product(rounds, subjects)
    waiting: SimpleQueue[tuple[str, str]] = SimpleQueue()
    for number, subject in itertools.islice(pairs, options.conversations):
        waiting.put((subject, f"{options.seed} {number}"))
    lane = Lane(options.conversations)

    def work(number: int) -> None:
        name = f"random-{os.getpid()}-{number}"
        vhost = VirtualHost(options.url, options.management, name)
        vhost.make()
        broker = conversations.RealBroker(vhost.url, vhost.policy)
        worker = Worker(lambda: broker, broker.release, vhost.make)
        try:
            for subject, seed in _taken(waiting):
                steps = made_up.conversation(subject, seed, options.length)
                lane.perform(worker, f"{subject} {seed}", steps)
        finally:
            vhost.delete()

    with ThreadPoolExecutor(options.workers) as pool:
        list(pool.map(work, range(options.workers)))
    return lane


if __name__ == "__main__":
    sys.exit(main())
