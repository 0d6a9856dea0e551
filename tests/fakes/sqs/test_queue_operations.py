"""Queues as a whole: listing in pages, finding, tags, permissions."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.sqs.support_sqs import Core

from tomodachi_fakes.aws.errors import AwsError


def names(output: dict[str, Any]) -> list[str]:
    return [url.rsplit("/", 1)[-1] for url in output.get("QueueUrls", [])]


def test_pages_go_on_where_they_ended_although_queues_come_and_go() -> None:
    sqs = Core()
    for name in ("a", "b", "c", "d"):
        sqs.create(name)
    first = sqs.call("ListQueues", MaxResults=2)
    sqs.call("DeleteQueue", QueueUrl="b")
    sqs.create("bb")

    second = sqs.call("ListQueues", MaxResults=2, NextToken=first["NextToken"])

    assert names(first) == ["a", "b"]
    assert names(second) == ["bb", "c"]
    last = sqs.call("ListQueues", MaxResults=2, NextToken=second["NextToken"])
    assert names(last) == ["d"]
    assert "NextToken" not in last


def test_listing_without_max_results_gives_a_thousand_and_no_token() -> None:
    sqs = Core()
    for number in range(1001):
        sqs.create(f"q{number:04}")

    output = sqs.call("ListQueues")

    assert len(output["QueueUrls"]) == 1000
    assert "NextToken" not in output
    assert names(sqs.call("ListQueues", QueueNamePrefix="q100")) == ["q1000"]


@pytest.mark.source(
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ListQueues.html"
)
def test_a_token_counts_without_max_results_too() -> None:
    """The page: NextToken asks for the next set of results; MaxResults only brings one about."""
    sqs = Core()
    for name in ("a", "b", "c"):
        sqs.create(name)
    first = sqs.call("ListQueues", MaxResults=1)

    rest = sqs.call("ListQueues", NextToken=first["NextToken"])

    assert names(rest) == ["b", "c"]
    assert "NextToken" not in rest


@pytest.mark.parametrize(
    "params",
    [{"MaxResults": 0}, {"MaxResults": 1001}, {"MaxResults": 1, "NextToken": "é"}],
)
def test_paging_parameters(params: dict[str, Any]) -> None:
    with pytest.raises(AwsError) as caught:
        Core().call("ListQueues", **params)
    assert caught.value.query_code == "InvalidParameterValue"


def test_queue_of_another_account_is_found_by_its_owner() -> None:
    """The words of one that is not: https://github.com/fluent/fluent-plugin-s3/issues/342."""
    sqs = Core()
    sqs.create()

    mine = sqs.call("GetQueueUrl", QueueName="q", QueueOwnerAWSAccountId="111111111111")
    assert mine["QueueUrl"].endswith("/111111111111/q")
    with pytest.raises(AwsError, match=r"exist or you do not have access to it\."):
        sqs.call("GetQueueUrl", QueueName="q", QueueOwnerAWSAccountId="222222222222")
    with pytest.raises(AwsError, match=r"queue does not exist\."):
        sqs.call("GetQueueUrl", QueueName="p", QueueOwnerAWSAccountId="111111111111")
    with pytest.raises(AwsError, match="must contain the parameter QueueName"):
        sqs.call("GetQueueUrl", QueueName="")


@pytest.mark.parametrize(
    "tags",
    [
        {"": "v"},
        {"k" * 129: "v"},
        {"aws:k": "v"},
        {"k": "v" * 257},
        {},
        {f"k{n}": "" for n in range(51)},
    ],
)
def test_tags_that_are_refused(tags: dict[str, str]) -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError):
        sqs.call("TagQueue", QueueUrl="q", Tags=tags)
    assert sqs.queue().tags == {}


def test_untagging_needs_a_key() -> None:
    sqs = Core()
    sqs.create()

    with pytest.raises(AwsError, match="Tag keys must be between 1 and 128 characters"):
        sqs.call("UntagQueue", QueueUrl="q", TagKeys=[])


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"Label": "a b"}, "alphanumeric characters, hyphens, or underscores"),
        (
            {"AWSAccountIds": ["12"]},
            r"Value \[12\] for parameter PrincipalId is invalid. Reason: Unable to verify.",
        ),
        ({"AWSAccountIds": []}, r"Value \[\] for parameter PrincipalId is invalid"),
        ({"AWSAccountIds": ["222222222222", "*"]}, r"Value \[222222222222, \*\] for parameter"),
        ({"Actions": []}, "The request must contain the parameter Actions."),
        ({"Actions": ["CreateQueue"]}, "Only the queue owner is allowed"),
        ({"Actions": ["Nonsense"]}, "refer to the appropriate WSDL"),
        ({"Actions": ["SendMessage"] * 8}, "8 Actions were found, maximum allowed is 7"),
    ],
)
@pytest.mark.source("https://github.com/amazon-archives/aws-sdk-core-ruby/issues/138")
def test_permissions_that_are_refused(given: dict[str, Any], text: str) -> None:
    sqs = Core()
    sqs.create()
    fine = {"Label": "l", "AWSAccountIds": ["222222222222"], "Actions": ["SendMessage"]}

    with pytest.raises(AwsError, match=text):
        sqs.call("AddPermission", QueueUrl="q", **{**fine, **given})
    assert "Policy" not in sqs.queue().values


def test_a_permission_begins_a_policy_where_there_is_an_empty_one() -> None:
    """The policy that AddPermission writes: recorded answers (Version, Id, Statement)."""
    sqs = Core()
    sqs.create(Policy="{}")

    sqs.call(
        "AddPermission",
        QueueUrl="q",
        Label="l",
        AWSAccountIds=["222222222222"],
        Actions=["SendMessage"],
    )

    output = sqs.call("GetQueueAttributes", QueueUrl="q", AttributeNames=["Policy"])
    policy = json.loads(output["Attributes"]["Policy"])
    assert (policy["Version"], len(policy["Statement"])) == ("2008-10-17", 1)


@pytest.mark.parametrize("operation", ["AddPermission", "RemovePermission"])
@pytest.mark.source("https://github.com/cloud-custodian/cloud-custodian/issues/10098")
def test_an_empty_label_is_none(operation: str) -> None:
    sqs = Core()
    sqs.create()
    more = {"AWSAccountIds": ["222222222222"], "Actions": ["SendMessage"]}

    with pytest.raises(AwsError, match=r"^The request must contain the parameter Label\.$") as info:
        sqs.call(operation, QueueUrl="q", Label="", **(more if operation[0] == "A" else {}))
    assert info.value.query_code == "MissingParameter"
