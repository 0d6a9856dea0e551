"""Which brokers the machines use, as `--svc-broker` says; the pytest plugin sets it around each test."""

from __future__ import annotations

from contextvars import ContextVar

BROKER: ContextVar[str] = ContextVar("svc_broker_of_machines", default="fake")
