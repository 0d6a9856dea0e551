"""The decorators of HTTP handlers."""

from __future__ import annotations

from tomodachi.transport.http.transport import HttpTransport

http = HttpTransport.decorator(HttpTransport.request_handler)
"""`@http(method, url, *, ignore_logging=False, pre_handler_func=None, stream_body=False)`: answer
requests whose path matches the regular expression `url`.

With `stream_body=True` the request's body is left on the wire: the handler reads it as it arrives
(`async for chunk in request.content.iter_chunked(65536)`, or `await request.multipart()`), and
`http.client_max_size` limits only what it reads whole (`read`, `text`, `json`, `post`).
"""

http_error = HttpTransport.decorator(HttpTransport.error_handler)
"""`@http_error(status_code)`: answer in place of HTTP errors with that status."""

http_static = HttpTransport.decorator(HttpTransport.static_request_handler)
"""`@http_static(path, base_url, *, ignore_logging=False)`: serve the files below `path`."""

websocket = HttpTransport.decorator(HttpTransport.websocket_handler)
"""`@websocket(url)`: talk over websockets; return `(receive, close)`, `receive` or None."""

ws = websocket
