"""AMQP clients of other people, unmodified, against the fake broker over TLS."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import aio_pika
import pika
import pytest

from tomodachi_fakes.servers.certificates import Certificates
from tomodachi_fakes.servers.fake_broker import BrokerSettings, FakeBroker

SOURCE = "https://www.rabbitmq.com/docs/ssl"


@pytest.fixture
async def broker() -> AsyncIterator[FakeBroker]:
    fake = FakeBroker(BrokerSettings(aws_port=None, tls="auto", seed=1))
    await fake.start()
    try:
        yield fake
    finally:
        await fake.stop()


def certificates(broker: FakeBroker) -> Certificates:
    assert broker.certificates is not None
    return broker.certificates


def pika_parameters(broker: FakeBroker, *, certificate: bool) -> pika.ConnectionParameters:
    files = certificates(broker)
    context = ssl.create_default_context(cafile=str(files.authority))
    parameters = pika.URLParameters(broker.amqps_url)
    if certificate:
        context.load_cert_chain(files.client)
        parameters.credentials = pika.credentials.ExternalCredentials()
    parameters.ssl_options = pika.SSLOptions(context, "127.0.0.1")
    return parameters


@pytest.mark.source(SOURCE)
@pytest.mark.parametrize("certificate", [False, True])
async def test_pika_talks_over_tls_by_password_or_certificate(
    broker: FakeBroker, certificate: bool
) -> None:
    def talk() -> bytes | None:
        with pika.BlockingConnection(pika_parameters(broker, certificate=certificate)) as opened:
            channel = opened.channel()
            channel.queue_declare("tls", durable=True)
            channel.basic_publish("", "tls", b"x" * 200_000)
            body: bytes | None = channel.basic_get("tls", auto_ack=True)[2]
            return body

    assert await asyncio.wait_for(asyncio.to_thread(talk), 20) == b"x" * 200_000


@pytest.mark.source(SOURCE)
async def test_aio_pika_talks_over_tls_beside_a_plain_client(broker: FakeBroker) -> None:
    context = ssl.create_default_context(cafile=str(certificates(broker).authority))
    async with (
        await aio_pika.connect(broker.amqps_url, ssl=True, ssl_context=context) as secure,
        await aio_pika.connect(broker.amqp_url) as plain,
    ):
        queue = await (await plain.channel()).declare_queue("both", durable=True)
        exchange = (await secure.channel()).default_exchange
        await exchange.publish(aio_pika.Message(b"over tls"), routing_key="both")
        message = await queue.get(no_ack=True)
        assert message.body == b"over tls"


@pytest.mark.source(SOURCE)
async def test_a_client_that_does_not_trust_the_authority_stays_out(broker: FakeBroker) -> None:
    port = urlsplit(broker.amqps_url).port
    with pytest.raises(ssl.SSLCertVerificationError):
        await asyncio.open_connection("127.0.0.1", port, ssl=ssl.create_default_context())
