"""What is said to whoever runs the fakes when a server cannot listen."""

from __future__ import annotations

import errno

import pytest

from tomodachi_fakes.errors import not_listening


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            OSError(errno.EADDRINUSE, "x"),
            "is already in use. Stop the program that listens there, or",
        ),
        (OSError(errno.EACCES, "x"), "Permission denied. Pass --aws-port with a port above 1023."),
        (OSError(errno.EADDRNOTAVAIL, "x"), "Cannot assign requested address. Pass --host with"),
        # What asyncio of Python 3.13 raises where none of a name's addresses can be had.
        (
            OSError("could not bind on any address"),
            "listened on: could not bind on any address. Pass",
        ),
    ],
)
def test_the_reason_and_what_to_do_are_named(error: OSError, message: str) -> None:
    told = str(not_listening(error, "10.9.9.9", 80, "--aws-port"))

    assert told.startswith("10.9.9.9:80 ")
    assert message in told
