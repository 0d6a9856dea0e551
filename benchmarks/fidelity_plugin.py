"""A pytest plugin: the tests of recorded answers ask a server at an endpoint, and no cloud of this process.

    FIDELITY_ENDPOINT=http://127.0.0.1:4566 FIDELITY_RESET=http://127.0.0.1:4566/moto-api/reset FIDELITY_ACCOUNT=000000000000 \\
        python -m pytest -p benchmarks.fidelity_plugin tests/fakes/sqs/test_recorded_answers.py

What cannot be asked of a server whose time goes on is left out for all of them: tests that take the cloud itself,
to move its time or to look inside, and those that compare with the time that stands still there.
"""

from __future__ import annotations

import inspect
import os
import urllib.request
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.session import Session
from tests.fakes import support_boto

ENDPOINT = os.environ["FIDELITY_ENDPOINT"]
RESET = os.environ["FIDELITY_RESET"]
ACCOUNT = os.environ["FIDELITY_ACCOUNT"]
COMPARE_TIME = {
    "test_attributes_of_a_new_queue_and_after_they_are_set_and_emptied",
    "test_fifo_attributes_before_and_after_a_change",
    "test_fifo_message_attributes",
    "test_move_task_moves_back_to_the_source",
}


class AtEndpoint(support_boto.InProcess):
    """The same clients, at a server."""

    def renew(self) -> None:
        request = urllib.request.Request(RESET, data=b"", method="POST")
        with urllib.request.urlopen(request, timeout=10):
            pass

    def _new_client(self, service: str, protocol: str, region: str, account: str) -> Any:
        session = Session()
        session.register_component("data_loader", self._loader(protocol))
        client = boto3.Session(botocore_session=session).client(
            service,
            region_name=region,
            endpoint_url=ENDPOINT,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=10),
        )
        client.meta.events.register("before-send.*.*", _name_account)
        client.meta.events.register("provide-client-params.sqs.ReceiveMessage", _wait_a_little)
        return client

    def _loader(self, protocol: str) -> Any:
        return support_boto.QueryLoader() if protocol == "query" else support_boto.Loader()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot be asked."""
    left_out = [item for item in items if not _can_be_asked(item)]
    items[:] = [item for item in items if _can_be_asked(item)]
    config.hook.pytest_deselected(items=left_out)


def _can_be_asked(item: Any) -> bool:
    takes_cloud = "aws" in inspect.signature(item.function).parameters
    return not takes_cloud and item.originalname not in COMPARE_TIME


def _name_account(request: Any, **_: Any) -> None:
    # How moto's server is told; the others take the access key, or have one account.
    request.headers["x-moto-account-id"] = ACCOUNT


def _wait_a_little(params: dict[str, Any], **_: Any) -> dict[str, Any]:
    # A server that delivers a moment later is not to fail for that.
    return {"WaitTimeSeconds": 1, **params}


support_boto.InProcess = AtEndpoint
support_boto.ACCOUNT = ACCOUNT
