"""Bad input: every answer is a well-formed AWS error, no stack trace, nothing stored changes.

The long form is `python tools/fuzz_aws.py`.
"""

from __future__ import annotations

import pytest
from tools.fuzz_aws import fuzz_parameters, fuzz_requests


@pytest.mark.slow
def test_mutated_requests_never_get_more_than_an_error() -> None:
    assert fuzz_requests(seed=1, count=1500) == []


@pytest.mark.slow
def test_random_parameters_never_get_more_than_an_error() -> None:
    assert fuzz_parameters(seed=2, count=1500) == []
