"""Known differences in what handlers and middlewares are called with."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, only, raised


def _acknowledged(case: Any, theirs: Any, ours: Any) -> bool:
    return (
        case.get("transport") == "amqp"
        and bool(case.get("middlewares"))
        and only(theirs, ours, "ends")
        and (theirs["ends"], ours["ends"]) == ([], ["acknowledged"])
    )


def _given_none(case: Any, theirs: Any, ours: Any) -> bool:
    """The original's calls are the beginning of ours, which end with the handler's."""
    keyword = case.get("parameters", {}).get("keyword", ())
    lacking = [name for name, has_default in keyword if not has_default]
    values = _called_by_ours_alone(theirs, ours)
    return values is not None and any(values.get(name, "") is None for name in lacking)


def _required_all_the_same(case: Any, theirs: Any, ours: Any) -> bool:
    named = case.get("callback_kwargs")
    return named is not None and _called_by_ours_alone(theirs, ours) is not None


def _called_by_ours_alone(theirs: Any, ours: Any) -> Any:
    """What our handler was called with, where the original could not call its own."""
    if not only(theirs, ours, "calls", "ends") or not ours.get("calls"):
        return None
    *before, (who, values) = ours["calls"]
    return values if theirs["calls"] == before and who == "handler" else None


def _method(case: Any, theirs: Any, ours: Any) -> bool:
    is_method = any(made.get("is") == "method" for made in case.get("middlewares", ()))
    return is_method and raised(theirs, "AttributeError") and not raised(ours, "AttributeError")


KNOWN = (
    Known("handlers", "row 14: a middleware that answers acknowledges", _acknowledged),
    Known("handlers", "a required parameter by keyword alone is None", _given_none),
    Known(
        "handlers",
        "callback_kwargs keeps no required parameter from its value",
        _required_all_the_same,
    ),
    Known("middlewares", "a bound method is a middleware of execute_middlewares", _method),
)
