"""A registry that announces services on two SNS topics."""

from __future__ import annotations

from typing import Any

import tomodachi

_REGISTER, _DEREGISTER = "services-registration-register", "services-registration-deregister"
_ENDPOINTS = "_aws_sns_registration_http_endpoints"


class AWSSNSRegistration:
    """Publishes name, uuid and HTTP endpoints of a service when it starts, and when it stops."""

    @classmethod
    async def add_http_endpoint(
        cls, service: Any, host: str, port: int, method: str, pattern: str
    ) -> None:
        """Remember an HTTP route, to be announced when the service has started."""
        endpoint = {"host": host, "port": port, "method": method, "pattern": pattern}
        service.context.setdefault(_ENDPOINTS, []).append(endpoint)

    @classmethod
    async def _register_service(cls, service: Any) -> None:
        await cls._publish(service, _REGISTER)

    @classmethod
    async def _deregister_service(cls, service: Any) -> None:
        await cls._publish(service, _DEREGISTER)

    @classmethod
    async def _publish(cls, service: Any, topic: str) -> None:
        data = {
            "name": service.name,
            "uuid": service.uuid,
            "http": {"endpoints": service.context.get(_ENDPOINTS, [])},
        }
        # Reached through the package: discovery lies below the transports.
        await tomodachi.aws_sns_sqs_publish(service, data, topic=topic, wait=True)
