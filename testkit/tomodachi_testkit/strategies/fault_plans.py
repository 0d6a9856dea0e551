"""Plans of faults, as data: they shrink like any other drawn value, and print as what they are."""

from __future__ import annotations

from hypothesis import strategies as st

from tomodachi_fakes.faults import Fault, FaultKind

AWS_POINTS = (
    "sqs.ReceiveMessage",
    "sqs.DeleteMessage*",
    "sqs.SendMessage*",
    "sqs.ChangeMessageVisibility*",
    "sns.Publish*",
)
_KINDS = (FaultKind.ERROR, FaultKind.LATENCY, FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER)


def fault_plans(
    *, points: tuple[str, ...] = AWS_POINTS, max_size: int = 4, within: int = 8
) -> st.SearchStrategy[list[Fault]]:
    """Faults of AWS operations, each taking one call.

    Args:
        points: Operations that may fail.
        max_size: Most faults in a plan.
        within: A fault takes one of the first so many calls of its operation.
    """
    one = st.builds(
        _fault,
        point=st.sampled_from(points),
        kind=st.sampled_from(_KINDS),
        after=st.integers(0, within - 1),
        seconds=st.sampled_from((0.5, 5.0, 30.0)),
    )
    return st.lists(one, max_size=max_size)


def _fault(point: str, kind: FaultKind, after: int, seconds: float) -> Fault:
    if kind is FaultKind.ERROR:
        return Fault(point, kind, after=after, code="InternalError", status=500)
    return Fault(point, kind, after=after, seconds=seconds if kind is FaultKind.LATENCY else 0.0)
