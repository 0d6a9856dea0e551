"""Typed configuration of a service: `tomodachi.Options` and its sections.

What each key may hold is in `definitions.py`, access by attribute, item and dotted path in
`interface.py`, older spellings in `legacy.py`, and what None, "", False and 0 mean to the transports
in `resolve.py`.
"""

from __future__ import annotations

from tomodachi.options.definitions import KEYS, Options
from tomodachi.options.fields import InvalidOptionValue, KeySpec
from tomodachi.options.interface import OptionsInterface

__all__ = ["KEYS", "InvalidOptionValue", "KeySpec", "Options", "OptionsInterface"]
