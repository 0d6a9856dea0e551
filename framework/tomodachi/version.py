"""The version of the runtime: the distribution's.

Written down here, because asking the installed metadata for it costs a tenth of a service's start.
"""

from __future__ import annotations

__version__ = "0.1.0"
__version_info__: tuple[int | str, ...] = tuple(
    int(part) if part.isdecimal() else part for part in __version__.split(".")
)
__build_time__ = ""
