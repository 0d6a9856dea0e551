from __future__ import annotations

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
