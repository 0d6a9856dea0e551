"""Known differences in how requests are answered."""

from __future__ import annotations

from typing import Any

from tools.compare_original.ledgers.known import Known, only

_REQUEST = "request"
_CONTENT_HEADERS = ("header content-length", "header content-type", "header x-own")
_TOO_LARGE = "Maximum request body size 1 exceeded."


def _unreadable(case: Any, theirs: Any, ours: Any) -> bool:
    path = case.get("request", {}).get("path", "/")
    if path.isascii() or not only(theirs, ours, "body", "header content-length"):
        return False
    told, body = str(theirs.get("body")), str(ours.get("body"))
    return told.startswith("Invalid char") and not body


def _named_alone(case: Any, theirs: Any, ours: Any) -> bool:
    """The original puts the request into what is left over, where there are middlewares."""
    if not case.get("middlewares") or "calls" not in theirs or "calls" not in ours:
        return False
    if [_without_request(call) for call in theirs["calls"]] != ours["calls"]:
        return False
    others = [{key: answer[key] for key in answer if key != "calls"} for answer in (theirs, ours)]
    return others == [{}, {}] or _text_kept(case, *others)


def _without_request(call: Any) -> Any:
    who, values = call
    kept = dict(values)
    if "args" in kept:
        kept["args"] = [value for value in kept["args"] if value != "Request"]
    if "kwargs" in kept:
        kept["kwargs"] = [name for name in kept["kwargs"] if name != _REQUEST]
    return [who, kept]


def _text_kept(_case: Any, theirs: Any, ours: Any) -> bool:
    if not only(theirs, ours, "body", "header content-length"):
        return False
    is_longer = bool(ours.get("header content-length") == str(len(_TOO_LARGE)))
    return is_longer and str(ours.get("body", _TOO_LARGE)) == _TOO_LARGE


def _charset_within(case: Any, theirs: Any, ours: Any) -> bool:
    """The original fails such responses, with status 500 or what the handler of such errors gives."""
    if not only(theirs, ours, "calls", "status", "body", *_CONTENT_HEADERS):
        return False
    within = any("charset=" in keywords.get("content_type", "") for keywords in _keywords(case))
    return within and ("calls" in theirs or theirs.get("status", "").startswith("HTTP/1.1 500"))


def _charset_alone(case: Any, theirs: Any, ours: Any) -> bool:
    alone = any(given.get("charset") and "content_type" not in given for given in _keywords(case))
    header = "header content-type"
    unnamed = ("(absent)", "application/octet-stream")
    return alone and only(theirs, ours, header) and theirs[header] in unnamed


def _keywords(case: Any) -> list[Any]:
    """What the handlers' responses are made with."""
    answers = (*case.get("handlers", ()), *case.get("errors", ()))
    return [answer.get("does", {}).get("keywords", {}) for answer in answers]


KNOWN = (
    Known("requests", "a request that can't be parsed is answered without a body", _unreadable),
    Known("requests", "the request reaches parameters that name it alone", _named_alone),
    Known("requests", "row 11: the text of a raised response is kept", _text_kept),
    Known("requests", "a charset within the content type is accepted", _charset_within),
    Known("requests", "a charset alone goes with the default content type", _charset_alone),
)
