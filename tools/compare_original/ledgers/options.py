"""Known differences in options."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, only, raised


def _refused(_case: Any, _theirs: Any, ours: Any) -> bool:
    return raised(ours, "InvalidOptionValue")


def _old_name_set(case: Any, theirs: Any, ours: Any) -> bool:
    return bool(case.get("given")) and raised(theirs, "AttributeError") and not raised(ours)


def _old_name_read(_case: Any, theirs: Any, ours: Any) -> bool:
    return (
        only(theirs, ours, "read")
        and raised(theirs["read"], "AttributeError")
        and not raised(ours["read"])
    )


def _unheard_of(case: Any, theirs: Any, ours: Any) -> bool:
    """An empty dict under a name that there is not: the original asks it for nothing."""
    given = [(key, value) for key, value, *_ in case.get("given", ()) if "unheard_of" in key]
    empty = any(value == {} for _, value in given)
    return empty and not raised(theirs) and raised(ours, "AttributeError")


def _no_addresses(case: Any, theirs: Any, ours: Any) -> bool:
    key = "http.real_ip_from"
    given = [pair[:2] for pair in case.get("given", ())]
    return ([key, ""] in given or [key, None] in given) and only(theirs, ours, "changed", "read")


def _no_policy(case: Any, theirs: Any, ours: Any) -> bool:
    """The original forgets an empty dict where ours keeps it; neither puts it into a policy."""
    given = [key for key, value, *_ in case.get("given", ()) if value == {}]
    if not any(key.endswith("queue_policy") for key in given):
        return False
    if not only(theirs, ours, "changed", "read"):
        return False
    if ours.get("read", {}) != {} and not raised(theirs["read"], "AttributeError"):
        return False
    changed = ours.get("changed", {})
    return bool(changed) and all(
        key.endswith("queue_policy") and value == {} for key, value in changed.items()
    )


KNOWN = (
    Known("options", "row 19: wrong values are refused where they are set", _refused),
    Known("options", "renamed options are set by their old names", _old_name_set),
    Known("options", "renamed options are read by their old names", _old_name_read),
    Known("options", "an unknown option is refused with an empty dict, too", _unheard_of),
    Known("options", "an empty dict as a policy is kept, and counts as none", _no_policy),
    Known("options", "an empty text for a list is an empty list", _no_addresses),
)
