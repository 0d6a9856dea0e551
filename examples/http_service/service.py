"""An HTTP service: JSON routes, a path argument, a custom 404, a websocket."""

import json

from aiohttp import web

import tomodachi


class NotesService(tomodachi.Service):
    name = "notes"
    options = tomodachi.Options(
        http=tomodachi.Options.HTTP(
            port=8080,
            content_type="application/json; charset=utf-8",
            keepalive_timeout=5,
        )
    )

    async def _start_service(self) -> None:
        self.notes: dict[str, str] = {}

    @tomodachi.http("GET", r"/health")
    async def health(self, request: web.Request) -> tuple[int, str]:
        return 200, json.dumps({"status": "healthy"})

    @tomodachi.http("PUT", r"/notes/(?P<key>[a-z-]+)")
    async def write(self, request: web.Request, key: str) -> tuple[int, str]:
        self.notes[key] = (await request.json())["text"]
        return 201, json.dumps({"key": key})

    @tomodachi.http("GET", r"/notes/(?P<key>[a-z-]+)")
    async def read(self, request: web.Request, key: str) -> tuple[int, str]:
        if key not in self.notes:
            return 404, json.dumps({"error": f"no note {key}"})
        return 200, json.dumps({"key": key, "text": self.notes[key]})

    @tomodachi.http_error(status_code=404)
    async def not_found(self, request: web.Request) -> str:
        return json.dumps({"error": "not-found"})

    @tomodachi.websocket(r"/echo")
    async def echo(self, websocket: web.WebSocketResponse) -> object:
        async def receive(data: str | bytes) -> None:
            await websocket.send_str(f"echo: {data!s}")

        return receive
