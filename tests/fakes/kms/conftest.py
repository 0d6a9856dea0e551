"""A cloud in the same process, and a client of its KMS."""

from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.support_boto import InProcess


@pytest.fixture(scope="module")
def shared() -> InProcess:
    return InProcess()


@pytest.fixture
def aws(shared: InProcess) -> InProcess:
    """A cloud with nothing in it."""
    shared.renew()
    return shared


@pytest.fixture
def kms(aws: InProcess) -> Any:
    """A client of its KMS."""
    return aws.client("kms")
