"""The names that services use: `tomodachi.amqp` and `tomodachi.amqp_publish`.

What their arguments mean is said where they are taken, in `transport.py`.
"""

from __future__ import annotations

from tomodachi.transport.amqp.transport import AmqpTransport

amqp = AmqpTransport.decorator(AmqpTransport.subscribe_handler)
amqp_publish = AmqpTransport.publish
