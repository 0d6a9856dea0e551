from __future__ import annotations

import logging as stdlib

import structlog

from tomodachi import logging


def test_what_an_enricher_gives_follows_the_values_of_every_line(json_lines):
    def enrich():
        return {"trace_id": "t-1"}

    logging.add_enricher(enrich)
    logging.add_enricher(enrich)
    try:
        logging.get_logger("x").info("m", a=1)
    finally:
        logging.remove_enricher(enrich)
    logging.remove_enricher(enrich)
    logging.get_logger("x").info("n")

    first, second = json_lines()
    assert list(first)[-2:] == ["a", "trace_id"]
    assert "trace_id" not in second


def test_what_structlogs_context_variables_hold_is_on_every_line(json_lines):
    """0.29.0 merges them, as https://www.structlog.org/en/stable/contextvars.html asks for."""
    with structlog.contextvars.bound_contextvars(request="r"):
        logging.get_logger("x").info("m", a=1)
        stdlib.getLogger("library").info("n")
    logging.get_logger("x").info("o")

    assert [line.get("request") for line in json_lines()] == ["r", "r", None]
