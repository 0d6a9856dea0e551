"""Serves the files of a directory.

Which file a URL means, and whether it may be served, is decided by `static_paths.py`. aiohttp's
`FileResponse` does the rest: content types, ranges, conditional requests, compressed siblings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

from tomodachi.transport.http.static_paths import Refusal, file_to_serve

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from tomodachi.transport.http.request import Request
    from tomodachi.transport.http.routes import Groups

CHUNK_BYTES = 256 * 1024


def static_files(base: Path) -> Callable[[Request, Groups], Awaitable[web.StreamResponse]]:
    """An endpoint's `answer` that serves what is below `base`."""

    async def answer(_request: Request, groups: Groups) -> web.StreamResponse:
        match file_to_serve(base, groups.get("filename") or ""):
            case Refusal.NOT_FOUND:
                raise web.HTTPNotFound
            case Refusal.FORBIDDEN:
                raise web.HTTPForbidden
            case path:
                return web.FileResponse(path, chunk_size=CHUNK_BYTES)

    return answer
