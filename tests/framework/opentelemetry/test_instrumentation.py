from __future__ import annotations

import logging as stdlib

from opentelemetry.instrumentation.instrumentor import BaseInstrumentor

import tomodachi
from tomodachi.opentelemetry import OpenTelemetryLoggingHandler


def handlers(name: str) -> list[stdlib.Handler]:
    found = stdlib.getLogger(name).handlers
    return [handler for handler in found if isinstance(handler, OpenTelemetryLoggingHandler)]


def test_instrumenting_reaches_services_that_exist_and_those_to_come(instrument):
    class Before(tomodachi.Service):
        pass

    before = Before()
    instrument()

    class After(tomodachi.Service):
        pass

    for service in (before, After()):
        assert service._aiohttp_pre_middleware is tomodachi.Service._aiohttp_pre_middleware
        assert len(service._awssnssqs_message_pre_middleware) == 1
        assert len(service._amqp_message_pre_middleware) == 1
        assert service._schedule_pre_middleware is not None


def test_uninstrumenting_leaves_no_trace(instrument):
    before = set(vars(tomodachi.Service))
    instrumentor = instrument()
    assert isinstance(instrumentor, BaseInstrumentor)
    assert len(handlers("tomodachi")) == len(handlers("exception")) == 1
    instrumentor.uninstrument()

    assert set(vars(tomodachi.Service)) == before
    assert handlers("tomodachi") == handlers("exception") == []


def test_excluded_urls_come_from_the_environment_most_special_first(monkeypatch):
    from tomodachi.opentelemetry.instrumentation import _excluded

    monkeypatch.setenv("OTEL_PYTHON_EXCLUDED_URLS", "/general")
    assert _excluded(None).url_disabled("http://h/general")
    monkeypatch.setenv("OTEL_PYTHON_AIOHTTP_EXCLUDED_URLS", "/aiohttp")
    assert not _excluded(None).url_disabled("http://h/general")
    monkeypatch.setenv("OTEL_PYTHON_TOMODACHI_EXCLUDED_URLS", "/own,/second")
    assert not _excluded(None).url_disabled("http://h/aiohttp")
    assert _excluded(None).url_disabled("http://h/second")
    assert not _excluded("/argument").url_disabled("http://h/own")
