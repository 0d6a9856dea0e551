"""Serves the page's files, which are read once and lie beside this module in `page/`.

The page may load nothing but these files and ask nobody but the control API: its content security policy
allows its own origin only, no script or style within the markup, and no text to become markup.

Source: https://www.w3.org/TR/CSP3/, https://www.w3.org/TR/trusted-types/
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tomodachi_fakes.aws.http import HttpRequest, HttpResponse

PREFIX = "/_broker/dashboard/"
PAGE = "index.html"
_FOLDER = Path(__file__).with_name("page")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Dashboard:
    """Answers requests for the page and its files."""

    def __init__(self) -> None:
        files = [path for path in _FOLDER.rglob("*") if path.suffix in _TYPES]
        self._files = {path.relative_to(_FOLDER).as_posix(): _response(path) for path in files}

    @property
    def size_bytes(self) -> int:
        """Octets of the whole page."""
        return sum(len(response.body) for response in self._files.values())

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The page at `/` and `/_broker/`, its files below `/_broker/dashboard/`."""
        if request.method not in ("GET", "HEAD"):
            return _text(405, "This page is only there to be read.\n", {"Allow": "GET, HEAD"})
        name = PAGE
        if request.path.startswith(PREFIX):
            name = request.path.removeprefix(PREFIX) or PAGE
        found = self._files.get(name)
        if found is None:
            return _text(404, "The dashboard has no such file.\n", {})
        if request.headers.get("if-none-match") == found.headers["ETag"]:
            return HttpResponse(304, "", b"", {**found.headers, "Content-Length": "0"})
        return found


def _response(path: Path) -> HttpResponse:
    body = path.read_bytes()
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    return HttpResponse(200, _TYPES[path.suffix], body, {**_HEADERS, "ETag": tag})


def _text(status: int, text: str, headers: dict[str, str]) -> HttpResponse:
    return HttpResponse(status, "text/plain; charset=utf-8", text.encode(), headers)
