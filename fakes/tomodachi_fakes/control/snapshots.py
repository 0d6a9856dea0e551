"""Snapshots as octets that can be kept in a file, and read again without running what is in them.

The format is pickle behind a first line with its version. Reading allows the fakes' own data classes and
a few containers, and nothing else: a file from elsewhere can be refused, but not do anything.
"""

from __future__ import annotations

import io
import pickle
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.parameters import ControlError

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import BrokersSnapshot

HEAD = b"svc-fake-broker snapshot 1\n"
_PACKAGES = ("amqp", "aws", "cloud", "kms", "servers.fake_broker", "sns", "sqs")
_CONTAINERS = {
    ("builtins", "set"),
    ("builtins", "frozenset"),
    ("collections", "OrderedDict"),
    ("collections", "deque"),
    ("collections", "defaultdict"),
    ("collections", "Counter"),
}


class _Reader(pickle.Unpickler):
    """Builds only what a snapshot is made of."""

    def find_class(self, module: str, name: str) -> Any:
        """A class that may be in a snapshot.

        Raises:
            UnpicklingError: it may not.
        """
        if (module, name) == ("builtins", "getattr"):
            return _bound_method
        package = module.removeprefix("tomodachi_fakes.")
        ours = package != module and package.startswith(_PACKAGES)
        if (module, name) in _CONTAINERS or ours:
            found = super().find_class(module, name)
            if not ours or (isinstance(found, type) and found.__module__ == module):
                return found
        msg = f"{module}.{name} does not belong into a snapshot"
        raise pickle.UnpicklingError(msg)


def _bound_method(owner: object, name: str) -> Any:
    """What stands for a method of one of our objects, and for nothing else."""
    if not type(owner).__module__.startswith("tomodachi_fakes."):
        msg = f"{name!r} of {type(owner).__name__!r} does not belong into a snapshot"
        raise pickle.UnpicklingError(msg)
    return getattr(owner, name)


def pack(snapshot: BrokersSnapshot) -> bytes:
    """A snapshot as octets."""
    return HEAD + pickle.dumps(snapshot)


def unpack(octets: bytes) -> BrokersSnapshot:
    """A snapshot from octets that `pack` gave.

    Raises:
        ControlError: 400, they are no snapshot, or one of another version.
    """
    if not octets.startswith(HEAD):
        raise ControlError(400, f"this is no snapshot: it does not begin with {HEAD.decode()!r}")
    try:
        snapshot = _load(octets[len(HEAD) :])
        if snapshot.cloud is not None:
            for part in (snapshot.cloud.sqs, snapshot.cloud.sns, snapshot.cloud.kms):
                if part is not None:
                    _load(part)
    except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, ValueError) as error:
        raise ControlError(400, f"this snapshot cannot be read: {error}") from error
    found: BrokersSnapshot = snapshot
    return found


def _load(octets: bytes) -> Any:
    return _Reader(io.BytesIO(octets)).load()
