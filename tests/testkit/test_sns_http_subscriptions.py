"""SNS posts to a stubbed HTTP endpoint, and its retries happen in virtual time.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

HOOK = "http://hooks.example/orders"
RETRIES = {"minDelayTarget": 60, "maxDelayTarget": 60, "numRetries": 3}


async def test_a_stubbed_endpoint_gets_notifications_and_is_tried_again(svc: Any) -> None:
    svc.http.post(HOOK).replies([200, 503, 503, 200])
    sns = await svc.aws("sns")
    topic = (await sns.create_topic(Name="orders"))["TopicArn"]
    policy = json.dumps({"healthyRetryPolicy": RETRIES})
    await sns.subscribe(
        TopicArn=topic, Protocol="http", Endpoint=HOOK, Attributes={"DeliveryPolicy": policy}
    )
    await svc.settle()
    (asked,) = svc.http.calls(HOOK)
    await sns.confirm_subscription(TopicArn=topic, Token=asked.json()["Token"])

    await sns.publish(TopicArn=topic, Message="hello")
    await svc.clock.advance(timedelta(minutes=5))

    calls = svc.http.calls(HOOK)
    assert [call.json()["Type"] for call in calls] == [
        "SubscriptionConfirmation",
        *["Notification"] * 3,
    ]
    assert [gap.total_seconds() for gap in calls[1:].gaps()] == [60, 60]
