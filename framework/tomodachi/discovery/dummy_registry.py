"""A registry that only logs: an example of what a registry may define."""

from __future__ import annotations

from typing import Any

from tomodachi import logging


class DummyRegistry:
    """Logs what it is told."""

    name = "tomodachi.discovery.example"

    @classmethod
    async def add_http_endpoint(
        cls, service: Any, host: str, port: int, method: str, pattern: str
    ) -> None:
        """An HTTP route of a service that is about to start."""
        logging.get_logger("tomodachi.discovery").debug(
            "http endpoint",
            service=service.name,
            host=host,
            port=port,
            method=method,
            pattern=pattern,
        )

    @classmethod
    async def _register_service(cls, service: Any) -> None:
        logging.get_logger().info("registering service endpoints")

    @classmethod
    async def _deregister_service(cls, service: Any) -> None:
        logging.get_logger().info("deregistering service")
