"""How the page is served: small, whole, and with a policy that lets nothing else in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.fakes.control.support_site import Site

from tomodachi_fakes.aws.http import HttpRequest
from tomodachi_fakes.dashboard import pages

FOLDER = Path(pages.__file__).with_name("page")


def get(path: str, **headers: str) -> HttpRequest:
    return HttpRequest("GET", path, "", headers, b"")


def test_the_whole_page_is_at_most_100_kilobytes() -> None:
    """svc-fake-broker's own limit: it is there at once, offline, on any machine."""
    assert pages.Dashboard().size_bytes <= 100_000


@pytest.mark.parametrize("path", ["/", "/_broker/", "/_broker/dashboard/"])
def test_the_page_is_where_people_look_for_it(path: str) -> None:
    response = pages.Dashboard()(get(path))
    assert (response.status, response.content_type) == (200, "text/html; charset=utf-8")


def test_the_policy_allows_only_files_of_its_own() -> None:
    """https://www.w3.org/TR/CSP3/: no inline code, no other origin, no frame around it."""
    policy = pages.Dashboard()(get("/")).headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_file_asks_for_anything_from_elsewhere() -> None:
    for path in FOLDER.rglob("*.*"):
        addresses = re.findall(r"https?://[^\s\"'`)]+", path.read_text())
        # The name of SVG's namespace is no address that is asked.
        assert set(addresses) <= {"http://www.w3.org/2000/svg"}, path


def test_every_import_names_a_file_that_is_there() -> None:
    for path in FOLDER.rglob("*.js"):
        for name in re.findall(r"from \"(\.[^\"]+)\"|import \"(\.[^\"]+)\"", path.read_text()):
            assert (path.parent / "".join(name)).resolve().is_file(), (path, name)


def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    dashboard = pages.Dashboard()
    tag = dashboard(get("/")).headers["ETag"]
    again = dashboard(get("/", **{"if-none-match": tag}))
    assert (again.status, again.body) == (304, b"")


def test_an_unknown_file_and_a_wrong_method_are_told() -> None:
    dashboard = pages.Dashboard()
    assert dashboard(get("/_broker/dashboard/nothing.js")).status == 404
    refused = dashboard(HttpRequest("POST", "/", "", {}, b""))
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.asyncio(loop_scope="module")
async def test_other_paths_of_the_port_are_not_the_dashboards(site: Site) -> None:
    async with site.http.get(f"{site.broker.management_url}/nothing") as response:
        assert response.status == 404
    async with site.http.get(f"{site.broker.management_url}/api/whoami") as response:
        assert response.status == 401
