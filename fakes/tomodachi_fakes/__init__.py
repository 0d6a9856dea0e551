"""In-memory SNS + SQS and AMQP 0-9-1 brokers that real, unmodified clients talk to over the wire."""
