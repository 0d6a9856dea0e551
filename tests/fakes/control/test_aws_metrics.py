"""Metrics of SQS and SNS under CloudWatch's names."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from tests.fakes.control.support_site import START, Site

from tomodachi_fakes.control.aws_metrics import AwsCounts, aws_metrics
from tomodachi_fakes.management.exposition import Exposition

PLACE = "000000000000"


def told(site: Site, counts: AwsCounts) -> dict[tuple[str, str], float]:
    """Samples by name and by queue or topic."""
    assert site.broker.cloud is not None
    out = Exposition()
    aws_metrics(out, site.broker.cloud, counts, now=START + 30)
    return {
        (sample.name, sample.labels.get("queue") or sample.labels["topic"]): sample.value
        for family in text_string_to_metric_families(out.text())
        for sample in family.samples
    }


async def test_queues_tell_their_depth_age_and_traffic(site: Site) -> None:
    """SQS developer guide, "Available CloudWatch metrics for Amazon SQS"."""
    counts = AwsCounts(site.broker.events)
    for body in ("a", "b", "c"):
        site.aws("sqs", "SendMessage", QueueUrl="q", MessageBody=body)
    site.aws("sqs", "SendMessage", QueueUrl="q", MessageBody="d", DelaySeconds=5)
    (message,) = site.aws("sqs", "ReceiveMessage", QueueUrl="q")["Messages"]
    site.aws("sqs", "DeleteMessage", QueueUrl="q", ReceiptHandle=message["ReceiptHandle"])
    site.aws("sqs", "ReceiveMessage", QueueUrl="q")
    found = told(site, counts)
    approximate = "aws_sqs_approximate_number_of_messages"
    assert found[f"{approximate}_visible", "q"] == 1
    assert found[f"{approximate}_not_visible", "q"] == 1
    assert found[f"{approximate}_delayed", "q"] == 1
    assert found["aws_sqs_approximate_age_of_oldest_message_seconds", "q"] == 30
    assert found["aws_sqs_number_of_messages_sent_total", "q"] == 4
    assert found["aws_sqs_number_of_messages_received_total", "q"] == 2
    assert found["aws_sqs_number_of_messages_deleted_total", "q"] == 1


async def test_topics_tell_what_was_published_routed_and_filtered_out(site: Site) -> None:
    """SNS developer guide, "Viewing CloudWatch metrics for Amazon SNS"."""
    counts = AwsCounts(site.broker.events)
    topic = f"arn:aws:sns:us-east-1:{PLACE}:t"
    for protocol, endpoint, policy in (
        ("sqs", f"arn:aws:sqs:us-east-1:{PLACE}:q", "{}"),
        ("sms", "+15555550100", '{"kind": ["other"]}'),
    ):
        site.aws(
            "sns", "Subscribe", TopicArn=topic, Protocol=protocol, Endpoint=endpoint,
            Attributes={"FilterPolicy": policy},
        )  # fmt: skip
    site.aws("sns", "Publish", TopicArn=topic, Message="m")
    found = told(site, counts)
    assert found["aws_sns_number_of_messages_published_total", "t"] == 1
    assert found["aws_sns_number_of_notifications_routed_total", "t"] == 1
    assert found["aws_sns_number_of_notifications_filtered_out_total", "t"] == 1
    assert found["aws_sns_number_of_notifications_failed_total", "t"] == 0
