"""Builds the harness of a test from the run's settings and the test's markers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tomodachi_testkit.harness import Harness
from tomodachi_testkit.settings import LEAKS, Settings, refuse_unknown
from tomodachi_testkit.tracebacks import hides

if TYPE_CHECKING:
    from collections.abc import Mapping

__tracebackhide__ = hides


def harness_for(
    request: pytest.FixtureRequest,
    settings: Settings,
    marks: Mapping[str, Any],
    *,
    broker: str,
    order: int | None,
) -> Harness:
    """The harness that settings and markers ask for together.

    Args:
        request: Of the `svc` fixture.
        settings: Of the run.
        marks: What `@pytest.mark.svc(...)` says.
        broker: "fake" or "real".
        order: The seed of the order of tasks; None for asyncio's own.

    Raises:
        pytest.UsageError: a setting is unknown or has a value that it cannot have.
    """
    node = request.node
    _skip_elsewhere(node, broker)
    seed_is_given = request.config.getoption("--svc-seed") is not None
    merged = settings.marked(marks, seed_is_given=seed_is_given)
    allowed = {kind for mark in node.iter_markers("svc_allow") for kind in mark.args}
    refuse_unknown("leak kind in svc_allow", allowed, LEAKS)
    replay = merged.replay
    return Harness(
        seed=int(merged.seed if replay is None else replay.seed),
        start=merged.start if replay is None else replay.start,
        clock=merged.clock,
        wall_clock=merged.wall_clock,
        allow=allowed,
        leaks=merged.leaks,
        settle_limit=merged.settle_limit,
        broker=broker,
        fuzz=order if replay is None else replay.fuzz,
    )


def _skip_elsewhere(node: pytest.Item, broker: str) -> None:
    real_only = node.get_closest_marker("svc_real_only")
    if broker == "fake" and real_only is not None:
        pytest.skip("on real brokers only: run it with --svc-broker=real")
    fake_only = node.get_closest_marker("svc_fake_only")
    if broker == "real" and fake_only is not None:
        reason = fake_only.args[0] if fake_only.args else fake_only.kwargs.get("reason")
        if not reason:
            msg = "@pytest.mark.svc_fake_only needs the reason, as its argument."
            raise pytest.UsageError(msg)
        pytest.skip(f"on the in-memory brokers only: {reason}")
