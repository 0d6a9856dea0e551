"""Where and as whom AWS is called: region, keys, session token, endpoint.

A mapping with five keys that can be made from a dict, from botocore's credentials, from a dataclass
or from keywords. None in a key leaves it to the machine's own configuration.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

KEYS = (
    "region_name",
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "endpoint_url",
)
Values = dict[str, str | None]
_SECRET = frozenset({"aws_secret_access_key", "aws_session_token"})
# How botocore's own credentials call the same things.
_BOTOCORE_NAMES = {
    "access_key": "aws_access_key_id",
    "secret_key": "aws_secret_access_key",
    "token": "aws_session_token",
}


class Credentials(Mapping[str, Any]):
    """Region, keys, session token and endpoint of one AWS client.

    Args:
        source: A dict, another `Credentials`, botocore's credentials, or a dataclass with these
            fields; what it has beside them is left out.
        **values: Single keys; they beat those of the source.

    Raises:
        TypeError: a keyword that is none of the five, or a source that credentials can't be read from.
    """

    __slots__ = KEYS

    region_name: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None
    endpoint_url: str | None

    def __init__(self, source: Any = None, **values: str | None) -> None:
        unknown = sorted(set(values) - set(KEYS))
        if unknown:
            msg = (
                f"Credentials() got an unexpected keyword argument '{unknown[0]}'; "
                f"known are: {', '.join(KEYS)}."
            )
            raise TypeError(msg)
        merged = _read(source) | values
        for key in KEYS:
            setattr(self, key, merged.get(key))

    def __getitem__(self, key: str) -> Any:
        if key not in KEYS:
            msg = f"'Credentials' object has no attribute '{key}'"
            raise AttributeError(msg, name=key, obj=self)
        return getattr(self, key)

    def __setitem__(self, key: str, value: str | None) -> None:
        if key not in KEYS:
            msg = f"'Credentials' object has no attribute '{key}'"
            raise AttributeError(msg, name=key, obj=self)
        setattr(self, key, value)

    def __iter__(self) -> Iterator[str]:
        return iter(KEYS)

    def __len__(self) -> int:
        return len(KEYS)

    def __contains__(self, key: object) -> bool:
        return key in KEYS

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a key; `default` for one that is not set or not known."""
        value = getattr(self, key) if key in KEYS else None
        return default if value is None else value

    def asdict(self) -> Values:
        """The five keys as a plain dict."""
        return {key: getattr(self, key) for key in KEYS}

    def dict(self) -> Values:
        """The same as `asdict`."""
        return self.asdict()

    def __repr__(self) -> str:
        shown = ", ".join(f"{key}={self._shown(key)}" for key in KEYS)
        return f"Credentials({shown})"

    def _shown(self, key: str) -> str:
        value = getattr(self, key)
        return "'****'" if value and key in _SECRET else repr(value)


def _read(source: Any) -> dict[str, Any]:
    if source is None:
        return {}
    if isinstance(source, Mapping):
        return {key: source[key] for key in KEYS if key in source}
    if dataclasses.is_dataclass(source) or hasattr(source, "access_key"):
        return _attributes(source)
    msg = (
        f"Credentials() can't be read from {type(source).__name__!r}: "
        "give a dict, botocore credentials, a dataclass, or keywords."
    )
    raise TypeError(msg)


def _attributes(source: Any) -> dict[str, Any]:
    found = {key: getattr(source, key) for key in KEYS if hasattr(source, key)}
    for theirs, ours in _BOTOCORE_NAMES.items():
        if ours not in found and hasattr(source, theirs):
            found[ours] = getattr(source, theirs)
    return found
