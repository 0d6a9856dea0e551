from __future__ import annotations

import sys

import pytest

import tomodachi.opentelemetry
from tomodachi.opentelemetry import MissingExtraError


def test_without_the_extra_the_module_imports_and_its_names_say_what_to_install(monkeypatch):
    for name in list(sys.modules):
        if name.startswith(("tomodachi.opentelemetry.", "opentelemetry")):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)

    with pytest.raises(
        MissingExtraError, match=r"pip install 'tomodachi-testkit\[opentelemetry\]'"
    ):
        _ = tomodachi.opentelemetry.TomodachiInstrumentor
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = tomodachi.opentelemetry.nope
