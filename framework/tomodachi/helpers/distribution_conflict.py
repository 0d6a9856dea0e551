"""Whether another installed distribution provides the import name `tomodachi` too.

Two distributions that write into one folder, or shadow one another on `sys.path`, give a mixture of
both that fails in strange places. `importlib.metadata.packages_distributions` would answer this, but
reads the file lists of everything installed (over 0.1 s), and does not see editable installations;
importing `importlib.metadata` alone takes as long as a third of the command line's own start.

Source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

OWN_NAME = "tomodachi-testkit"
_MARKER = "tomodachi/__init__.py"


def conflicting_distributions(path: Iterable[str] | None = None) -> list[str]:
    """The names of other distributions that provide `tomodachi`, sorted.

    Args:
        path: Where to look; `sys.path` when left out.
    """
    places = [place for place in (sys.path if path is None else path) if _has_package(place)]
    own = Path(__file__).resolve().parents[1]
    folders = {Path(place, _MARKER).resolve().parent for place in places}
    if folders <= {own} and own.parent.name not in ("site-packages", "dist-packages"):
        return []
    names = {_name(info) for place in places for info in Path(place).glob("*.dist-info")}
    return sorted(names - {OWN_NAME, ""})


def _name(info: Path) -> str:
    """The name of the distribution of a `.dist-info` folder if it installed our package, else ""."""
    record, metadata = info / "RECORD", info / "METADATA"
    if not record.is_file() or b"\n" + _MARKER.encode() not in b"\n" + record.read_bytes():
        return ""
    for line in metadata.read_text(encoding="utf-8").splitlines():
        if line.startswith("Name:"):
            return line.removeprefix("Name:").strip()
    return ""


def conflict_text(others: list[str]) -> str:
    """What to tell a user whose environment holds `others` as well."""
    listed = " and ".join(others)
    return (
        f"the import name 'tomodachi' is provided by {OWN_NAME} and by {listed}: only one of them "
        f"can work. Run 'python -m pip uninstall {' '.join(others)}', then install {OWN_NAME} again."
    )


def _has_package(place: str) -> bool:
    return Path(place or ".", _MARKER).is_file()
