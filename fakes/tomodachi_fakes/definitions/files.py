"""Which format a file of definitions is in: its name's ending says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tomodachi_fakes.definitions.declared import Declared
from tomodachi_fakes.definitions.place import Place

_FORMATS = {
    ".toml": "own_file",
    ".json": "rabbitmq",
    ".conf": "elasticmq",
    ".yaml": "goaws",
    ".yml": "goaws",
}


def read_file(file: Path) -> Declared:
    """What a file asks for.

    Raises:
        DefinitionsError: it cannot be read, is in no known format, or is not as it has to be.
    """
    place = Place(str(file))
    name = _FORMATS.get(file.suffix.lower())
    ending = repr(file.suffix) if file.suffix else "no ending"
    if name is None:
        place.refuse(
            f"{ending} tells no format; known are .toml (our own), .json "
            "(RabbitMQ's definitions), .conf (ElasticMQ) and .yaml (goaws)"
        )
    try:
        octets = file.read_bytes()
    except OSError as error:
        place.refuse(f"it cannot be read: {error.strerror}", error)
    return _reader(name)(place, octets)


def _reader(name: str) -> Callable[[Place, bytes], Declared]:
    # Each is imported when a file asks for it: their parsers cost more than the brokers' whole start.
    from importlib import import_module

    read: Callable[[Place, bytes], Declared] = import_module(f"{__package__}.{name}").read
    return read
