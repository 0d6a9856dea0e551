"""Every error of SNS's model is raised by some request, or by a fault plan where none can lead to it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.fakes.sns.support_errors import PLANNED, REQUESTS, Situation
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.model import load_model

MODELLED = {
    shape.get("error", {}).get("code", name): shape.get("error", {}).get("httpStatusCode", 400)
    for name, shape in load_model("sns").shapes.items()
    if shape.get("exception")
}


def test_every_error_of_the_model_has_a_request_or_a_plan() -> None:
    assert set(MODELLED) == set(REQUESTS) | set(PLANNED)
    assert not set(REQUESTS) & set(PLANNED)


@pytest.mark.parametrize("code", sorted(REQUESTS))
def test_request_that_raises_it(aws: InProcess, code: str) -> None:
    situation = Situation(aws)

    with pytest.raises(ClientError) as caught:
        REQUESTS[code](situation)

    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == MODELLED[code]
