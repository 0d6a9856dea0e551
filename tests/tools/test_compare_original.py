"""The comparison with the original framework, without the original."""

from __future__ import annotations

import copy
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from tools.compare_original import ledger
from tools.compare_original.answers import differing
from tools.compare_original.children import Child
from tools.compare_original.driver import Comparison
from tools.compare_original.kinds import KINDS, Case, cases

# The smallest instance of each known difference that a run against tomodachi 0.29.0 has met.
MET: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("compare_original_met.json").read_text("utf-8")
)


class Told:
    """A side that says of a case what a function says."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    async def ask(self, kind: str, case: Case) -> Any:
        return self._answer(copy.deepcopy(case))


@pytest.mark.parametrize("kind", KINDS)
def test_a_seed_makes_the_same_cases_of_plain_json(kind: str) -> None:
    made = list(cases(kind, 7, 20))
    assert list(cases(kind, 7, 30))[:20] == made
    assert json.loads(json.dumps(made)) == made
    assert list(cases(kind, 8, 20)) != made


async def test_a_planted_difference_is_told_with_the_smallest_case_that_shows_it() -> None:
    ours = Told(lambda case: "wrong" if ["*/2"] in case.get("fields", []) else "right")
    planted: list[Case] = [{"fields": [["*"], ["*/2"], ["3", "4"]], "now": [2026, 1, 1]}]
    outcome = await Comparison(Told(lambda _: "right"), ours).run("cron", planted)
    assert (outcome.cases, outcome.unknown) == (1, 1)
    assert [(told.case, told.theirs, told.ours) for told in outcome.told] == [
        ({"fields": [["*/2"]]}, "right", "wrong")
    ]


async def test_a_known_difference_is_counted_and_not_told() -> None:
    met = MET[0]
    sides = Told(lambda _: met["theirs"]), Told(lambda _: met["ours"])
    outcome = await Comparison(*sides).run(met["kind"], [met["case"]])
    assert (outcome.unknown, outcome.told, outcome.known[met["reason"]]) == (0, [], 1)


@pytest.mark.parametrize("met", MET, ids=[met["reason"] for met in MET])
def test_a_reason_of_the_ledger_is_found_for_what_it_was_met_in(met: dict[str, Any]) -> None:
    assert ledger.reason(met["kind"], met["case"], met["theirs"], met["ours"]) == met["reason"]


def test_every_reason_of_the_ledger_has_been_met() -> None:
    assert {(known.kind, known.reason) for known in ledger.KNOWN} == {
        (met["kind"], met["reason"]) for met in MET
    }


def test_the_ledger_knows_nothing_of_other_differences() -> None:
    assert all(
        ledger.reason(kind, case, "right", "wrong") is None
        for kind in KINDS
        for case in cases(kind, 3, 30)
    )


@pytest.mark.parametrize(
    "before", [["sns.CreateTopic"], [{"Name": "t"}], ["sns.CreateTopic", {"Name": "t"}], []]
)
async def test_a_call_that_has_lost_its_parts_to_a_smaller_case_cannot_be_prepared(
    before: list[Any],
) -> None:
    async with Child(sys.executable) as side:
        answer = await side.ask("setups", {"handlers": [], "before": [before]})
    assert list(answer) == ["cannot be prepared"]


def test_an_exception_may_be_of_a_more_special_class() -> None:
    original, special = {"raised": ["ValueError"]}, {"raised": ["Special", "ValueError"]}
    assert differing(original, special) is None
    assert differing(special, original) == (special, original)
