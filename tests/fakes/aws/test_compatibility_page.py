"""The page of operations and errors says what the models, the fake and the tests' tables say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools.compatibility_aws import PAGE, page

from tomodachi_fakes.aws.model import load_model


def test_the_page_is_current() -> None:
    """Written anew by `python -m tools.compatibility_aws`."""
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize(("service", "count"), [("sqs", 23), ("sns", 42)])
def test_every_operation_of_the_model_is_there(service: str, count: int) -> None:
    names = load_model(service).operations
    assert len(names) == count
    assert all(f"| {name} | yes |" in page() for name in names)


def test_every_error_is_raised_by_something() -> None:
    assert "| nothing |" not in page()


def test_every_test_that_the_ledger_names_is_there() -> None:
    ledger = PAGE.with_name("sns-sqs.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\| `(test_\w+)` \|", ledger))
    files = Path(__file__).parent.parent.glob("*/test_*.py")
    defined = {
        name
        for file in files
        for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    assert len(named) == 12
    assert named <= defined, named - defined
