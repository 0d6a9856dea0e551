from datetime import timedelta

import pytest
from examples.orders_sns_sqs.service import BillingService


async def test_order_is_billed(svc):
    await svc.start(BillingService)
    await svc.sns.publish("order-created", {"id": 7, "total": 12})
    await svc.drain()
    svc.sns.published.one(topic="invoice-sent", data={"order_id": 7, "amount": 12})


@pytest.mark.svc_allow("dlq", "errors")
async def test_poison_goes_to_the_dead_letter_queue(svc):
    await svc.start(BillingService)
    await svc.sqs.send("billing-orders", {"id": None})
    result = await svc.drain(raise_errors=False)

    assert result.failures == 3
    assert result.elapsed == timedelta(seconds=90)
    assert svc.sqs["billing-orders"].dlq.ready[0].receive_count == 3
    svc.sns.published.none(topic="invoice-sent")


async def test_queue_is_encrypted_with_the_key_of_the_options(svc):
    await svc.start(BillingService)
    assert svc.sqs["billing-orders"].attributes["KmsMasterKeyId"] == "alias/aws/sqs"
