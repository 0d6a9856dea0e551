"""Runtime specification section 18: the forms of `service.log`."""

from __future__ import annotations

import json
import logging as stdlib

import pytest

from tomodachi import logging
from tomodachi.helpers.logging import log

SERVICE = object()


@pytest.fixture(autouse=True)
def _json(capsys):
    root = stdlib.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers[:] = []
    logging.set_default_formatter("json")
    logging.configure(log_level="DEBUG", force=True)
    yield
    logging.set_default_formatter("console")
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (("m",), {}, ("default", "info", "m")),
        (("warning", "m"), {}, ("default", "warning", "m")),
        (("name", "m"), {}, ("name", "info", "m")),
        (("name", "ERROR", "m"), {}, ("name", "error", "m")),
        (("name", 40, "m"), {}, ("name", "error", "m")),
        (("m",), {"level": "WARNING"}, ("default", "warning", "m")),
        ((), {"message": "m", "lvl": "error", "name": "name"}, ("name", "error", "m")),
        ((), {"msg": "m"}, ("default", "info", "m")),
        ((), {}, ("default", "info", "")),
    ],
)
def test_the_arguments_come_in_many_forms(capsys, args, kwargs, expected):
    log(SERVICE, *args, **kwargs)

    line = json.loads(capsys.readouterr().err)
    assert (line["logger"], line["level"], line["message"]) == expected


def test_further_keywords_become_values(capsys):
    log(SERVICE, "m", order_id=7)

    assert json.loads(capsys.readouterr().err)["order_id"] == 7


def test_whatever_stands_for_the_service_is_not_looked_at(capsys):
    """0.29.0: `tomodachi._log("service", "warning", "m")`."""
    log("service", "warning", "m")

    line = json.loads(capsys.readouterr().err)
    assert (line["logger"], line["level"], line["message"]) == ("default", "warning", "m")
