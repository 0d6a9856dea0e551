"""An SNS + SQS service: consumes order-created, publishes invoice-sent; poison goes to a DLQ."""

from typing import Any

import tomodachi
from tomodachi.envelope import JsonBase


class BillingService(tomodachi.Service):
    name = "billing"
    message_envelope = JsonBase
    options = tomodachi.Options(
        aws_sns_sqs=tomodachi.Options.AWSSNSSQS(
            region_name="eu-west-1",
            topic_prefix="shop-",
            queue_name_prefix="shop-",
            sqs_kms_master_key_id="alias/aws/sqs",
        )
    )

    @tomodachi.aws_sns_sqs(
        "order-created",
        queue_name="billing-orders",
        dead_letter_queue_name="billing-orders-dlq",
        max_receive_count=3,
        visibility_timeout=30,
        on_exception="retry",
    )
    async def bill(self, data: dict[str, Any]) -> None:
        if data["id"] is None:
            msg = "an order without an id cannot be billed"
            raise ValueError(msg)
        invoice = {"order_id": data["id"], "amount": data["total"]}
        await tomodachi.aws_sns_sqs_publish(self, invoice, topic="invoice-sent")
