"""The version under the name by which release scripts of services import it: see `version.py`."""

from __future__ import annotations

from tomodachi.version import __build_time__, __version__, __version_info__

__all__ = ["__build_time__", "__version__", "__version_info__"]
