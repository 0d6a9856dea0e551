"""RabbitMQ's management API over the `Broker` core: requests in, answers out, no I/O."""
