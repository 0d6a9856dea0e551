"""The decorators and functions that services use."""

from __future__ import annotations

from tomodachi.transport.aws_sns_sqs.transport import AWSSNSSQSTransport

aws_sns_sqs = AWSSNSSQSTransport.decorator(AWSSNSSQSTransport.subscribe_handler)
"""`@aws_sns_sqs(topic, ...)`: call the method for every message of a topic or queue.

The arguments are those of `AWSSNSSQSTransport.subscribe_handler` after `func`.
"""

awssnssqs = AWSSNSSQSTransport.decorator(AWSSNSSQSTransport.subscribe_handler)
"""`aws_sns_sqs` under an older name."""

aws_sns_sqs_publish = AWSSNSSQSTransport.publish
awssnssqs_publish = AWSSNSSQSTransport.publish
sns_publish = AWSSNSSQSTransport.publish

aws_sns_sqs_publish_batch = AWSSNSSQSTransport.publish_batch

aws_sns_sqs_send_message = AWSSNSSQSTransport.send_message
awssnssqs_send_message = AWSSNSSQSTransport.send_message
sqs_send_message = AWSSNSSQSTransport.send_message
