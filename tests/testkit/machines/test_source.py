"""Values as source: what a reproduction says can be run."""

from __future__ import annotations

from typing import Any

import pytest

from tomodachi_fakes.faults import Fault, FaultKind
from tomodachi_testkit.machines.source import Source, snake_case


@pytest.mark.parametrize(
    "value",
    [
        1,
        "a'b",
        None,
        (1,),
        (1, "b"),
        [(), {}],
        {"a": [1.5, b"x"]},
        FaultKind.ERROR,
        Fault("sqs.*", FaultKind.LATENCY, after=2, seconds=0.5),
    ],
)
def test_source_evaluates_to_the_value(value: Any) -> None:
    source = Source()
    text = source.of(value)
    names: dict[str, Any] = {}
    exec(source.imports(), names)
    assert eval(text, names) == value


def test_names_of_machines_become_names_of_tests() -> None:
    assert [snake_case(name) for name in ("SQSMachine", "FifoSQSMachine", "Orders")] == [
        "sqs_machine",
        "fifo_sqs_machine",
        "orders",
    ]
