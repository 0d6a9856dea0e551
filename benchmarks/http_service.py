"""A hello-world service for `bench_http.py`; its port and access log come from the environment."""

import os

import tomodachi


class Service(tomodachi.Service):
    name = "bench"
    options = tomodachi.Options(
        http=tomodachi.Options.HTTP(
            port=int(os.environ["BENCH_PORT"]),
            host="127.0.0.1",
            access_log=os.environ["BENCH_ACCESS_LOG"] == "1",
            keepalive_timeout=60,
        )
    )

    @tomodachi.http("GET", "/hello")
    async def hello(self, request):
        return "hello world"
