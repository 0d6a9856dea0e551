"""The place of a call in lines of a structlog that is the custom logger."""

from __future__ import annotations

import pytest
import structlog
from structlog.processors import CallsiteParameter, CallsiteParameterAdder

from tomodachi import logging

PLACE = {CallsiteParameter.FUNC_NAME, CallsiteParameter.MODULE}


@pytest.fixture
def configure():
    """Configures structlog with an adder; gives the events that come out."""
    events: list[dict[str, object]] = []

    def keep(logger, method, event):
        events.append(dict(event))
        raise structlog.DropEvent

    def configured():
        structlog.configure(processors=[CallsiteParameterAdder(PLACE), keep])
        return events

    make = CallsiteParameterAdder.__init__
    yield configured
    CallsiteParameterAdder.__init__ = make
    structlog.reset_defaults()


@pytest.mark.parametrize("before", [True, False])
def test_structlog_tells_the_users_place_whenever_it_is_configured(printed, configure, before):
    """0.29.0 has structlog's adders ignore its own frames."""
    events = configure() if before else []
    printed("custom")
    logging.set_custom_logger_factory("structlog")
    if not before:
        events = configure()
    logging.set_custom_logger_factory("structlog")  # a second time changes nothing
    logging.get_logger("x").info("m", a=1)

    (event,) = events
    assert event["func_name"] == "test_structlog_tells_the_users_place_whenever_it_is_configured"
    assert event["module"] == "test_callsite"
    assert list(event)[:4] == ["logger", "a", "timestamp", "event"]
