"""A registry that only logs: an example of what a registry may define."""

from __future__ import annotations

from typing import Any

from tomodachi import logging


class DummyRegistry:
    """Logs what it is told."""

    @classmethod
    async def add_http_endpoint(
        cls, service: Any, host: str, port: int, method: str, pattern: str
    ) -> None:
        """An HTTP route of a service that is about to start."""
        _logger().debug(
            "http endpoint",
            service=service.name,
            host=host,
            port=port,
            method=method,
            pattern=pattern,
        )

    @classmethod
    async def _register_service(cls, service: Any) -> None:
        _logger().debug("service started", service=service.name)

    @classmethod
    async def _deregister_service(cls, service: Any) -> None:
        _logger().debug("service stops", service=service.name)


def _logger() -> logging.Logger:
    return logging.get_logger("tomodachi.discovery")
