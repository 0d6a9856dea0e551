"""Lists as clients ask for them: columns, sorting, names that match, pages.

Source: https://www.rabbitmq.com/docs/management#http-api-pagination
"""

from __future__ import annotations

import re
from typing import Any

from tomodachi_fakes.management.errors import ManagementError, bad_request

DEFAULT_PAGE_SIZE = 100
MAX_PAGE_SIZE = 500
Row = dict[str, Any]


def listed(rows: list[Row], query: dict[str, str]) -> list[Row] | dict[str, Any]:
    """The rows as `query` wants them: a plain list, or a page of it.

    Raises:
        ManagementError: 400, a page that is none, or a pattern that is no regular expression.
    """
    if "page" not in query:
        return _chosen(_sorted(rows, query), query)
    page, size = _page(query)
    found = _sorted([row for row in rows if _matches(row, query)], query)
    pages = max(1, -(-len(found) // size))
    if page > pages:
        reason = f"Page out of range, page: {page} page size: {size}, len: {len(found)}"
        raise ManagementError(400, "page_out_of_range", reason)
    items = found[(page - 1) * size : page * size]
    return {
        "total_count": len(rows),
        "item_count": len(items),
        "filtered_count": len(found),
        "page": page,
        "page_size": size,
        "page_count": pages,
        "items": _chosen(items, query),
    }


def columns(row: Row, query: dict[str, str]) -> Row:
    """One row with the columns that `query` wants."""
    return _chosen([row], query)[0]


def _page(query: dict[str, str]) -> tuple[int, int]:
    page, size = _number(query["page"]), _number(query.get("page_size", str(DEFAULT_PAGE_SIZE)))
    if page is None or page < 1 or size is None or not 1 <= size <= MAX_PAGE_SIZE:
        shown = query.get("page_size", "undefined")
        reason = f"Invalid pagination parameters: page number {query['page']}, page size {shown}"
        raise ManagementError(400, "invalid_pagination_parameters", reason)
    return page, size


def _number(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() else None


def _matches(row: Row, query: dict[str, str]) -> bool:
    wanted, name = query.get("name", ""), str(row.get("name", ""))
    if query.get("use_regex") != "true":
        return wanted.lower() in name.lower()
    try:
        return re.search(wanted, name, re.IGNORECASE) is not None
    except re.error as error:
        raise bad_request(["invalid_regexp", wanted, str(error)]) from error


def _sorted(rows: list[Row], query: dict[str, str]) -> list[Row]:
    if not query.get("sort"):
        return rows
    reverse = query.get("sort_reverse") == "true"
    return sorted(rows, key=lambda row: _order(_at(row, query["sort"])), reverse=reverse)


def _order(value: Any) -> tuple[int, Any]:
    """Numbers before texts, what is missing first: as Erlang orders its terms, near enough."""
    if value is None:
        return 0, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, str(value)


def _at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _chosen(rows: list[Row], query: dict[str, str]) -> list[Row]:
    wanted = query.get("columns")
    if not wanted:
        return rows
    paths = [name.split(".") for name in wanted.split(",")]
    return [_only(row, paths) for row in rows]


def _only(row: Row, paths: list[list[str]]) -> Row:
    found: Row = {}
    for first, *rest in paths:
        if first not in row:
            continue
        value = row[first]
        if rest and isinstance(value, dict):
            value = {**found.get(first, {}), **_only(value, [rest])}
        found[first] = value
    return found
