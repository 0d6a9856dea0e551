"""A RabbitMQ in memory: AMQP 0-9-1 with RabbitMQ's extensions, one node, no I/O."""
