"""The ledger says which differences between the fakes and a second implementation are known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tomodachi_testkit.errors import TestkitError
from tomodachi_testkit.machines.ledger import SHIPPED, Difference, Ledger, unexplained

ENTRY = Difference("sqs.DeleteMessage", "ok", "Gone", "a difference", "a reason", "https://a.page")


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_entry_names_the_page_that_decides(path: Path) -> None:
    entries = Ledger.read(path).entries
    assert entries
    for entry in entries:
        assert entry.source.startswith(
            ("https://docs.aws.amazon.com/", "https://www.rabbitmq.com/")
        )
        assert entry.what
        assert entry.why


def test_an_entry_explains_its_own_answers_only() -> None:
    ledger = Ledger([ENTRY])
    assert ledger.find("sqs.DeleteMessage", "ok", "Gone") == ENTRY
    assert ledger.find("sqs.DeleteMessage", "ok", "ok") is None
    assert ledger.find("sqs.SendMessage", "ok", "Gone") is None


def test_what_is_not_to_be_asked_is_not_asked() -> None:
    entry = Difference("sqs.DeleteMessage", "Refused", "not asked", "what", "why", "https://a.page")
    assert not Ledger([entry]).asks("sqs.DeleteMessage", "Refused")
    assert Ledger([entry]).asks("sqs.DeleteMessage", "ok")


def test_the_entry_that_a_failure_proposes_can_be_read(tmp_path: Path) -> None:
    told = unexplained("moto", "sqs.DeleteMessage", "asked", ("ok {}", "Gone"))
    assert "fake    ok {}" in told
    assert "moto    Gone" in told
    file = tmp_path / "mine.toml"
    file.write_text(told[told.index("[[difference]]") :])
    (entry,) = Ledger.read(file).entries
    assert (entry.operation, entry.fake, entry.second) == ("sqs.DeleteMessage", "ok", "Gone")


def test_an_entry_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('[[difference]]\noperation = "sqs.SendMessage"\nwhen = "always"\n')
    with pytest.raises(
        TestkitError, match=r"mine.toml, difference 1: missing .*unknown \['when'\]"
    ):
        Ledger.read(file)
