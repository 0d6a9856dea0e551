"""What `import tomodachi_testkit` offers: every name is there, and is loaded when it is asked for."""

from __future__ import annotations

import pytest

import tomodachi_testkit


@pytest.mark.parametrize("name", tomodachi_testkit.__all__)
def test_every_public_name_can_be_imported(name: str) -> None:
    assert getattr(tomodachi_testkit, name).__name__ == name


def test_other_names_are_refused_as_python_does() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Harnes'"):
        _ = tomodachi_testkit.Harnes
