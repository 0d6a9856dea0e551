"""A registry that announces services on two SNS topics."""

from __future__ import annotations

from typing import Any

import tomodachi
from tomodachi import logging

_REGISTER, _DEREGISTER = "services-registration-register", "services-registration-deregister"
_ENDPOINTS = "_aws_sns_registration_http_endpoints"


class AWSSNSRegistration:
    """Publishes name, uuid and HTTP endpoints of a service when it starts, and when it stops."""

    name = "tomodachi.discovery.awssns"

    @classmethod
    async def add_http_endpoint(
        cls, service: Any, host: str, port: int, method: str, pattern: str
    ) -> None:
        """Remember an HTTP route, to be announced when the service has started."""
        service.context.setdefault(_ENDPOINTS, []).append((host, port, method, pattern))

    @classmethod
    async def _register_service(cls, service: Any) -> None:
        logging.get_logger().info("registering service endpoints")
        endpoints = service.context.get(_ENDPOINTS)
        data = {"name": service.name, "uuid": service.uuid, "http_endpoints": endpoints}
        # Reached through the package: discovery lies below the transports.
        await tomodachi.aws_sns_sqs_publish(service, data, topic=_REGISTER)

    @classmethod
    async def _deregister_service(cls, service: Any) -> None:
        logger = logging.get_logger()
        logger.info("deregistering service")
        data = {"name": service.name, "uuid": service.uuid}
        try:
            await tomodachi.aws_sns_sqs_publish(service, data, topic=_DEREGISTER)
        except Exception as error:  # noqa: BLE001 - nothing of it may hold up the stop
            logger.warning("deregistering failed", error=str(error))
