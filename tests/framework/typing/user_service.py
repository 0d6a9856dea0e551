"""A service as a user writes it, with types: `mypy --strict` must accept every line.

`test_user_service.py` runs mypy on it; lines with a `# type: ignore` are those that must be refused.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, assert_type

from aiohttp import web

import tomodachi
from tomodachi.envelope import JsonBase
from tomodachi.invoker import Invoker


@tomodachi.decorator
async def require_auth(self: tomodachi.Service, request: web.Request, *args: Any) -> Any:
    return None if request.headers.get("Authorization") else (401, "who are you?")


@tomodachi.decorator(include_function=True)
def log_calls(func: Callable[..., Any], self: tomodachi.Service, *args: Any) -> bool:
    self.logger.info("called", handler=func.__name__)
    return True


async def middleware(
    func: Callable[..., Awaitable[Any]], service: tomodachi.Service, request: web.Request
) -> Any:
    return await func(started=True)


class Orders(tomodachi.Service):
    name = "orders"
    uuid = "8d1f"
    log_level = "DEBUG"
    message_envelope = JsonBase
    http_middleware = [middleware]  # noqa: RUF012 - as users write it
    options = tomodachi.Options(
        http=tomodachi.Options.HTTP(
            port=8080,
            content_type="application/json; charset=utf-8",
            real_ip_from=["10.0.0.0/8"],
            keepalive_timeout=5,
        ),
        aws_sns_sqs=tomodachi.Options.AWSSNSSQS(region_name="eu-west-1", sns_kms_master_key_id=""),
        amqp=tomodachi.Options.AMQP(qos=tomodachi.Options.AMQP.QOS(queue_prefetch_count=5)),
        watcher={"ignored_dirs": ["node_modules"]},
    )

    def __init__(self) -> None:
        self.orders: dict[str, str] = {}

    async def _start_service(self) -> None:
        self.options.http.port = 8081
        self.logger.info("starting", port=self.options["http.port"])

    async def _started_service(self) -> None: ...

    async def _stopping_service(self) -> None: ...

    async def _stop_service(self) -> None: ...

    @tomodachi.http("GET", r"/orders/(?P<key>[a-z]+)", ignore_logging=[200])
    @require_auth
    async def read(self, request: web.Request, key: str) -> tuple[int, str]:
        return 200, json.dumps({"order": self.orders.get(key)})

    @tomodachi.http(["POST", "PUT"], r"/orders")
    @log_calls
    async def write(self, request: web.Request) -> tomodachi.HttpResponse:
        self.orders["a"] = await request.text()
        return tomodachi.HttpResponse(body="", status=201, headers={"Location": "/orders/a"})

    @tomodachi.http_error(status_code=404)
    async def not_found(self, request: web.Request) -> str:
        return tomodachi.get_forwarded_remote_ip(request)

    @tomodachi.http_static("static/", r"/static")
    async def static(self) -> None: ...

    @tomodachi.websocket(r"/live")
    async def live(
        self, websocket: web.WebSocketResponse
    ) -> Callable[[str | bytes], Awaitable[None]]:
        async def receive(data: str | bytes) -> None:
            await websocket.send_str(str(data))

        return receive

    @tomodachi.aws_sns_sqs("order-created", queue_name="orders", filter_policy={"kind": ["new"]})
    async def created(self, data: dict[str, Any], topic: str) -> None:
        identifier = await tomodachi.aws_sns_sqs_publish(self, data, topic="billed")
        assert identifier
        await tomodachi.sqs_send_message(self, data, "another-queue", group_id=None)

    @tomodachi.amqp("order.*", queue_name="orders")
    async def shipped(self, data: dict[str, Any], routing_key: str) -> None:
        await tomodachi.amqp_publish(self, data, routing_key="order.done")

    @tomodachi.schedule(interval="every minute", timezone="Europe/Stockholm", immediately=True)
    async def tick(self, invocation_time: str) -> None: ...

    @tomodachi.heartbeat
    async def beat(self) -> int:
        return 1

    @tomodachi.hourly()
    async def hour(self) -> None: ...


class Post(Invoker):
    @classmethod
    async def handler(
        cls,
        obj: Any,
        context: dict[str, Any],
        func: Callable[..., Any],
        address: str,
        copies: int = 1,
    ) -> Callable[[], Awaitable[None]] | None:
        return None


post = Post.decorator(Post.handler)


class Office(tomodachi.Service):
    @post("lane 1", copies=2)
    async def deliver(self, letter: str) -> int:
        return len(letter)

    @post(17)  # type: ignore[call-overload, untyped-decorator]
    async def misaddressed(self, letter: str) -> int:
        return len(letter)


async def handlers_keep_their_types(orders: Orders, office: Office) -> None:
    assert_type(await office.deliver("x"), int)
    assert_type(await orders.beat(), int)
    await office.deliver(5)  # type: ignore[arg-type]
    await orders.tick("now", 3)  # type: ignore[call-arg]


def options_are_typed(options: tomodachi.Options) -> None:
    assert_type(options.http.port, int | None)
    assert_type(options.amqp.qos.queue_prefetch_count, int)
    tomodachi.Options.HTTP(prot=80)  # type: ignore[call-arg]
    tomodachi.Options.AMQP(port="80")  # type: ignore[arg-type]


def the_rest_of_the_surface_is_typed() -> None:
    assert_type(tomodachi.get_service("orders"), tomodachi.Service | None)
    assert_type(tomodachi.get_services(), list[tomodachi.Service])
    assert_type(tomodachi.SERVICE_EXIT_CODE, int)
    tomodachi.get_logger("orders").warning("low", amount=1)
    tomodachi.increase_execution_context_value("orders", 1)
    tomodachi.exit(1)
    tomodachi.run(production=None)
