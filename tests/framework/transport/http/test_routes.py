"""Which route answers a method and a path."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tomodachi.transport.http.routes import (
    RouteTable,
    literal_path,
    literal_prefix,
    normalise_methods,
    strip_anchors,
)


def table(*routes: tuple[str, str]) -> RouteTable[str]:
    made: RouteTable[str] = RouteTable()
    for method, url in routes:
        made.add(method, url, f"{method} {url}")
    return made


def winner(routes: RouteTable[str], method: str, path: str) -> tuple[str, object] | None:
    found = routes.resolve(method, path)
    return None if found is None else (found[0].endpoint, found[1])


def test_the_first_route_whose_pattern_and_method_match_wins() -> None:
    """Section 5.2: routes are tried in the order of registration."""
    routes = table(("GET", r"/(?P<any>.+)"), ("GET", "/a"), ("POST", "/a"))
    assert winner(routes, "GET", "/a") == (r"GET /(?P<any>.+)", {"any": "a"})
    assert winner(routes, "POST", "/a") == ("POST /a", {})


def test_a_literal_route_registered_first_wins_over_an_expression() -> None:
    routes = table(("GET", "/a"), ("GET", r"/(?P<any>.+)"))
    assert winner(routes, "GET", "/a") == ("GET /a", {})
    assert winner(routes, "GET", "/b") == (r"GET /(?P<any>.+)", {"any": "b"})


def test_a_pattern_must_match_the_whole_path() -> None:
    routes = table(("GET", "/a"), ("GET", r"/x\d"))
    for path in ("/a/", "//a", "/A", "/ab", "/a\n", "/x1\n", "/x12", ""):
        assert winner(routes, "GET", path) is None


@pytest.mark.parametrize("url", ["/a", "^/a", "/a$", "^/a$"])
def test_one_leading_and_one_trailing_anchor_are_dropped(url: str) -> None:
    assert strip_anchors(url) == "/a"
    assert winner(table(("GET", url)), "GET", "/a") == (f"GET {url}", {})


def test_an_escaped_dollar_sign_stays() -> None:
    assert strip_anchors(r"/a\$") == r"/a\$"
    assert isinstance(table(("GET", r"/a\$")).resolve("GET", "/a$"), tuple)


def test_get_answers_head_too() -> None:
    routes = table(("GET", "/a"))
    assert winner(routes, "HEAD", "/a") == ("GET /a", {})


def test_a_star_answers_every_method_in_its_turn() -> None:
    routes = table(("GET", "/a"), ("*", "/a"), ("PUT", "/a"))
    assert winner(routes, "GET", "/a") == ("GET /a", {})
    assert winner(routes, "PUT", "/a") == ("* /a", {})
    assert winner(routes, "BREW", "/a") == ("* /a", {})


def test_a_known_path_with_another_method_names_the_allowed_ones() -> None:
    routes = table(("GET", "/a"), ("POST", r"/\w"), ("PUT", "/b"))
    assert winner(routes, "DELETE", "/a") is None
    assert routes.allowed("/a") == {"GET", "HEAD", "POST"}
    assert routes.allowed("/nowhere") == set()


def test_row_11_a_group_that_took_no_part_is_none() -> None:
    """Row 11: optional regex groups arrive as None."""
    routes = table(("GET", r"/g/(?P<x>\d+)/(?P<y>[a-z]+)?"))
    assert winner(routes, "GET", "/g/1/") == (
        r"GET /g/(?P<x>\d+)/(?P<y>[a-z]+)?",
        {"x": "1", "y": None},
    )


def test_a_bad_pattern_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"Bad http route pattern '/\(': "):
        table(("GET", "/("))


def test_methods_are_upper_cased_and_may_be_a_list() -> None:
    assert normalise_methods("get") == ("GET",)
    assert normalise_methods(["get", "Post"]) == ("GET", "POST")
    assert normalise_methods(("PUT",)) == ("PUT",)


@pytest.mark.parametrize("method", [None, 1, ["GET", 2], {"GET"}])
def test_a_method_that_is_no_name_is_refused(method: object) -> None:
    with pytest.raises(TypeError, match="Invalid method"):
        normalise_methods(method)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("/a-b/c_d", "/a-b/c_d"),
        (r"/a\.b", "/a.b"),
        (r"/a\/b", "/a/b"),
        ("/ä", "/ä"),
        (r"/a\d", None),
        ("/a.", None),
        ("/a{1}", None),
        ("/(a)", None),
        ("/a\\", None),
    ],
)
def test_a_pattern_without_special_characters_is_one_path(pattern: str, path: str | None) -> None:
    assert literal_path(pattern) == path


@pytest.mark.parametrize(
    ("pattern", "prefix"),
    [
        (r"/a/(?P<x>\d+)", "/a/"),
        ("/ab*", "/a"),
        ("/ab?c", "/a"),
        ("/ab{2}", "/a"),
        ("/a|/b", ""),
        ("/a/(b|c)", "/a/"),
        (r"/a[(]|/b", ""),
        (r"/a\(|/b", ""),
        (r"/a/[|]", "/a/"),
        (r"/a/[]|]x", "/a/"),
        (".*", ""),
    ],
)
def test_an_expressions_literal_prefix(pattern: str, prefix: str) -> None:
    assert literal_prefix(pattern) == prefix


patterns = st.lists(
    st.sampled_from(
        ["/", "a", "b", "ab", r"\w", "a?", "b*", "(a|b)", "(b)?", "|", "[ab]", "[(]", ".", r"\."]
    ),
    min_size=1,
    max_size=5,
).map("".join)


@given(
    urls=st.lists(st.tuples(st.sampled_from(["GET", "POST", "*"]), patterns), max_size=8),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT"]),
    path=st.text("/ab.(", max_size=5),
)
def test_the_shortcuts_never_change_who_wins(
    urls: list[tuple[str, str]], method: str, path: str
) -> None:
    """Against trying every expression in order."""
    matching = [
        (registered, url)
        for registered, url in urls
        if re.compile(f"^{strip_anchors(url)}$").fullmatch(path)
    ]
    answering = [
        f"{registered} {url}"
        for registered, url in matching
        if registered in (method, "*") or (registered, method) == ("GET", "HEAD")
    ]
    routes = table(*urls)
    found = winner(routes, method, path)
    if answering:
        assert found is not None
        assert found[0] == answering[0]
    else:
        assert found is None
        assert bool(routes.allowed(path)) == bool(matching)


def test_an_expression_is_tried_only_for_paths_that_begin_like_it() -> None:
    """However many routes there are, a path costs what the routes that begin like it cost."""
    routes = table(*(("GET", rf"/item{n}/(?P<x>\d+)") for n in range(2_000)))
    candidates = list(routes._tables["GET"]._candidates("/item777/1"))
    assert len(candidates) == 1
    assert winner(routes, "GET", "/item777/1") == (r"GET /item777/(?P<x>\d+)", {"x": "1"})
    assert winner(routes, "GET", "/nowhere") is None
