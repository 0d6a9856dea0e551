"""The test's own AWS clients, for any service: `await svc.aws("s3")`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi_testkit.brokers import FakeBrokers

if TYPE_CHECKING:
    from tomodachi.helpers.aiobotocore_connector import ClientConnector
    from tomodachi_testkit.harness import Harness

SERVED = frozenset({"sns", "sqs", "sts", "kms"})


class AwsClients:
    """Clients of one harness, one a service, closed together."""

    def __init__(self, harness: Harness) -> None:
        self._harness = harness
        self._connector: ClientConnector | None = None

    async def get(self, service: str) -> Any:
        """The client of a service, made when it is first asked for.

        Raises:
            MotoIsMissing: the fakes don't have the service, and moto is not installed.
        """
        brokers = self._harness.brokers
        if isinstance(brokers, FakeBrokers) and service not in SERVED:
            brokers.started.serve_other_services()
        env = self._harness.env
        credentials = {
            "region_name": env["AWS_DEFAULT_REGION"],
            "aws_access_key_id": env["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": env["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": self._harness.aws_url,
        }
        if self._connector is None:
            # Only now: botocore takes half a second to import.
            from tomodachi.helpers.aiobotocore_connector import ClientConnector

            self._connector = ClientConnector()
        return await self._connector.create_client(service, credentials)

    async def close(self) -> None:
        """Close them."""
        if self._connector is not None:
            await self._connector.close()
