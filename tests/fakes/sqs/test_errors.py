"""Every error of SQS's model is raised by some request, with the code AWS's documentation gives."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from tests.fakes.sqs.support_errors import NEVER, PLANNED, REQUESTS, Situation
from tests.fakes.support_boto import InProcess

from tomodachi_fakes.aws.model import load_model
from tomodachi_fakes.faults import Fault, FaultKind


def test_every_error_of_the_model_has_a_request_here() -> None:
    modelled = {name for name, shape in load_model("sqs").shapes.items() if shape.get("exception")}

    assert modelled == set(REQUESTS) | set(PLANNED) | NEVER


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("name", sorted(REQUESTS))
def test_request_that_raises_it(aws: InProcess, protocol: str, name: str) -> None:
    code, request = REQUESTS[name]
    situation = Situation(aws, protocol)

    with pytest.raises(ClientError) as caught:
        request(situation)

    error = caught.value.response["Error"]
    assert error["Code"] == code
    assert error["Message"]
    if protocol == "json":
        assert error["QueryErrorCode"] == name


@pytest.mark.parametrize("protocol", ["json", "query"])
@pytest.mark.parametrize("name", sorted(PLANNED))
def test_planned_error(aws: InProcess, protocol: str, name: str) -> None:
    situation = Situation(aws, protocol)
    aws.faults.add(Fault("sqs.SendMessage", FaultKind.ERROR, code=name, message="as planned"))

    with pytest.raises(ClientError, match="as planned") as caught:
        situation.call("send_message", MessageBody="a")

    assert caught.value.response["Error"]["Code"] == PLANNED[name]
    assert aws.cloud.sqs.queues()[0].store.messages == {}
