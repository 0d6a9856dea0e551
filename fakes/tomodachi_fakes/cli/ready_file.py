"""`--ready-file FILE`: the READY line, in a file that is there while the brokers are ready and at no other time."""

from __future__ import annotations

from pathlib import Path

from tomodachi_fakes.errors import FakesError


class ReadyFile:
    """The file, or none where its name is ""."""

    def __init__(self, name: str) -> None:
        self._file = Path(name) if name else None

    def write(self, line: str) -> None:
        """Put the line into it at once, so that whoever looks for the file finds it whole.

        Raises:
            FakesError: it cannot be written.
        """
        if self._file is None:
            return
        text = f"{line}\n"
        try:
            if self._is_special():
                self._file.write_text(text, encoding="utf-8")
                return
            new = self._file.with_name(f"{self._file.name}.new")
            new.write_text(text, encoding="utf-8")
            new.replace(self._file)
        except OSError as error:
            raise self._unusable(error) from error

    def forget(self) -> None:
        """Remove it; one that another run left behind would say too early that the brokers are ready.

        Raises:
            FakesError: it cannot be removed.
        """
        if self._file is None or self._is_special():
            return
        try:
            self._file.unlink(missing_ok=True)
        except OSError as error:
            raise self._unusable(error) from error

    def _is_special(self) -> bool:
        """Whether it is a pipe that somebody reads, a terminal, or the like."""
        return self._file is not None and (self._file.is_fifo() or self._file.is_char_device())

    def _unusable(self, error: OSError) -> FakesError:
        return FakesError(
            f"--ready-file {self._file}: {error.strerror}; name a file in a folder that can be written"
        )
