"""What every test of the runtime needs: a botocore that other tests of the process left as it was."""

from __future__ import annotations

import sys

import pytest


@pytest.fixture(autouse=True)
def _botocore_without_moto(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing moto adds a handler to every botocore session of the process; take it out.

    With a handler that somebody registered, calls rightly go through botocore's machinery, which is
    not what tests of the direct calls are about.
    """
    if "moto" not in sys.modules:
        return
    from botocore import handlers

    own = [entry for entry in handlers.BUILTIN_HANDLERS if not _is_motos(entry[1])]
    monkeypatch.setattr(handlers, "BUILTIN_HANDLERS", own)


def _is_motos(handler: object) -> bool:
    return type(handler).__module__.startswith("moto")
