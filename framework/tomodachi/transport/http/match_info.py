"""What handlers and aiohttp find in `request.match_info`.

Routing is ours (`routes.py`); these objects give its outcome the shape of aiohttp's, so that
`request.match_info["id"]`, `request.match_info.route` and `request.app` work as in any aiohttp
application.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from aiohttp.web_urldispatcher import _InfoDict
    from yarl import URL

    from tomodachi.transport.http.routes import Groups


class PatternResource:
    """The resource of a route; instrumentation reads the pattern off it."""

    __slots__ = ("_simplified_pattern",)

    def __init__(self, pattern: str) -> None:
        self._simplified_pattern = pattern

    @property
    def canonical(self) -> str:
        """The route's pattern without anchors."""
        return self._simplified_pattern


async def _never_called(_request: web.Request) -> web.StreamResponse:
    raise NotImplementedError


class PatternRoute(web.AbstractRoute):
    """A route, as aiohttp knows it; it is described by it but answered by our dispatcher."""

    def __init__(self, method: str, pattern: str) -> None:
        resource = PatternResource(pattern)
        super().__init__(method, _never_called, resource=resource)  # type: ignore[arg-type] # only read as described above

    @property
    def name(self) -> str | None:
        """Routes of services have no names."""
        return None

    def get_info(self) -> _InfoDict:
        """Nothing that aiohttp would need to build a URL."""
        return {}

    def url_for(self, *_args: str, **_kwargs: str) -> URL:
        """URLs can't be made of regular expressions."""
        raise NotImplementedError


class MatchInfo(web.UrlMappingMatchInfo):
    """The named groups of the pattern that matched; a group that took no part is None."""

    __slots__ = ()

    def __init__(self, groups: Groups, route: PatternRoute, app: web.Application) -> None:
        super().__init__(groups, route)  # type: ignore[arg-type] # aiohttp's own are never None
        self._apps = [app]
        self._current_app = app


NO_ROUTE = PatternRoute("*", "")
