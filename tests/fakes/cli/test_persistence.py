"""`--persist`: what is kept, and what is said when it cannot be."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from tomodachi_fakes.cli.persistence import UnusableFile, keep
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker


def test_a_full_disk_leaves_the_file_of_before_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    kept.write_bytes(b"of yesterday")
    broker = FakeBroker(BrokerSettings(seed=1))  # which was never started, and holds nothing

    def half(path: Path, octets: bytes) -> int:
        with path.open("wb") as file:
            file.write(octets[: len(octets) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", half)
        with pytest.raises(UnusableFile, match="No space left on device; make room"):
            keep(broker, kept)

    assert kept.read_bytes() == b"of yesterday"
    assert list(tmp_path.iterdir()) == [kept]
