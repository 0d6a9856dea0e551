"""Loads what in-process runs of pytester need, which they would load anew for every run."""

from __future__ import annotations

import aiobotocore.session
import aiohttp.web
import cryptography.hazmat.primitives.asymmetric.padding
import cryptography.hazmat.primitives.hashes
import freezegun
import time_machine

import tomodachi.container
import tomodachi.transport.amqp
import tomodachi.transport.aws_sns_sqs
import tomodachi.transport.http
import tomodachi_fakes.amqp.broker
import tomodachi_fakes.cloud
import tomodachi_fakes.servers.fake_broker
import tomodachi_testkit.fixtures
import tomodachi_testkit.harness
import tomodachi_testkit.real_brokers
import tomodachi_testkit.recording

LOADED = (
    aiobotocore.session,
    aiohttp.web,
    cryptography.hazmat.primitives.asymmetric.padding,
    cryptography.hazmat.primitives.hashes,
    freezegun,
    time_machine,
    tomodachi.container,
    tomodachi.transport.amqp,
    tomodachi.transport.aws_sns_sqs,
    tomodachi.transport.http,
    tomodachi_fakes.amqp.broker,
    tomodachi_fakes.cloud,
    tomodachi_fakes.servers.fake_broker,
    tomodachi_testkit.fixtures,
    tomodachi_testkit.harness,
    tomodachi_testkit.real_brokers,
    tomodachi_testkit.recording,
)
