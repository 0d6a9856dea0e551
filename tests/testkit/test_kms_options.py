"""None, "" and False are three different things for a KMS key id: seen on the wire.

None changes nothing on an existing queue or topic, "" and False remove encryption, a value sets it;
on new and on existing resources, in every order of service starts.
Source: the descriptions of `aws_sns_sqs.sns_kms_master_key_id` and `sqs_kms_master_key_id`.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tomodachi
import tomodachi_testkit
from tomodachi_testkit import Harness

KEY_IDS = (None, "", False, "alias/aws/sqs", "alias/other")


class Consumer(tomodachi.Service):
    name = "consumer"

    @tomodachi.aws_sns_sqs("events", queue_name="events-queue")
    async def handle(self, message: object) -> None:
        """Nothing to do: the topology is what is looked at."""


def expected(before: str, option: str | bool | None) -> str:
    """The key id of a resource that had `before`, after a start with `option`."""
    return before if option is None else str(option or "")


def options(sqs: object, sns: object) -> dict[str, object]:
    return {
        "aws_sns_sqs.sqs_kms_master_key_id": sqs,
        "aws_sns_sqs.sns_kms_master_key_id": sns,
    }


def keys(svc: Harness) -> tuple[str, str]:
    """KMS key ids of the queue and of the topic; "" where there is none."""
    queue = svc.sqs["events-queue"].attributes
    topic = svc.sns.topic_attributes("events")
    return queue.get("KmsMasterKeyId", ""), topic.get("KmsMasterKeyId", "")


async def starts(sequence: list[tuple[Any, Any]]) -> None:
    async with Harness(seed=1) as svc:
        sqs, sns = "", ""
        for sqs_option, sns_option in sequence:
            running = await svc.start(Consumer, options=options(sqs_option, sns_option))
            sqs, sns = expected(sqs, sqs_option), expected(sns, sns_option)
            assert keys(svc) == (sqs, sns)
            await running.stop()


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(KEY_IDS), st.sampled_from(KEY_IDS)), min_size=1, max_size=3)
)
def test_key_ids_follow_the_options_in_every_order_of_starts(sequence: list[Any]) -> None:
    tomodachi_testkit.run(starts(sequence))


@pytest.mark.parametrize("second", KEY_IDS)
def test_a_second_start_changes_an_existing_key_only_when_it_says_so(second: Any) -> None:
    tomodachi_testkit.run(starts([("alias/first", "alias/first"), (second, second)]))


@pytest.mark.parametrize("wrong", [True, 1])
def test_other_values_are_refused_with_the_options_name(wrong: object) -> None:
    async def body() -> None:
        async with Harness(seed=1) as svc:
            with pytest.raises(Exception, match="sqs_kms_master_key_id"):
                await svc.start(Consumer, options=options(wrong, None))

    tomodachi_testkit.run(body())
