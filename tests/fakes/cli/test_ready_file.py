"""`--ready-file`. That it comes and goes with the program is tested in tests/e2e."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tomodachi_fakes.cli.ready_file import ReadyFile
from tomodachi_fakes.errors import FakesError


def test_the_line_is_there_until_it_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "ready"
    ready = ReadyFile(str(file))
    ready.forget()
    ready.write("READY")
    assert file.read_text() == "READY\n"
    assert list(tmp_path.iterdir()) == [file]
    ready.forget()
    assert not file.exists()


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    """`mkfifo ready; svc-fake-broker --ready-file ready & read line < ready`."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ready = ReadyFile(str(pipe))
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        ready.forget()
        ready.write("READY")
        assert os.read(reader, 100) == b"READY\n"
        ready.forget()
    finally:
        os.close(reader)

    assert pipe.is_fifo()


def test_no_name_is_no_file() -> None:
    ready = ReadyFile("")
    ready.write("READY")
    ready.forget()


def test_what_can_be_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FakesError, match="Is a directory; name a file in a folder"):
        ReadyFile(str(tmp_path)).write("READY")
