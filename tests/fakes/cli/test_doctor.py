"""What `doctor` looks at, and what it says to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tomodachi_fakes.cli import doctor
from tomodachi_fakes.cli.doctor import Finding, examine

Look = Callable[[], dict[str, Finding]]


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """Findings by what they are about, on a machine where everything is in order."""
    monkeypatch.setattr(doctor, "_is_free", lambda port: True)
    monkeypatch.setattr(doctor, "_running", lambda: False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    return lambda: {one.what: one for one in examine()}


def test_nothing_is_wrong_where_nothing_is(look: Look) -> None:
    assert not [one for one in look().values() if one.level == "problem"]


def test_a_taken_port_is_a_problem_where_the_brokers_cannot_do_without(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_is_free", lambda port: False)
    found = look()
    levels = {
        name: found[f"port {port} ({name}) is taken"].level for name, port in doctor._PORTS.items()
    }
    assert levels == {"aws": "problem", "amqp": "problem", "management": "note", "metrics": "note"}
    assert found["port 4566 (aws) is taken"].advice.endswith("--aws-port 0")


def test_ports_that_a_broker_of_ours_holds_are_in_order(
    look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_is_free", lambda port: False)
    monkeypatch.setattr(doctor, "_running", lambda: True)
    assert not [one for one in look().values() if one.level == "problem"]


@pytest.mark.parametrize(
    ("variable", "value", "what"),
    [
        ("HTTP_PROXY", "http://proxy:1", "HTTP_PROXY is set"),
        (
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "true",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is set",
        ),
    ],
)
def test_what_leads_clients_elsewhere_is_a_problem(
    look: Look, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, what: str
) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv(variable, value)
    assert look()[what].level == "problem"


@pytest.mark.parametrize(
    ("module", "extra"), [("moto", "moto"), ("pyhocon", "import"), ("yaml", "import")]
)
def test_what_is_not_installed_is_noted_with_how_to_install_it(
    look: Look, monkeypatch: pytest.MonkeyPatch, module: str, extra: str
) -> None:
    known = doctor.find_spec
    monkeypatch.setattr(doctor, "find_spec", lambda name: None if name == module else known(name))
    notes = [one for one in look().values() if f"tomodachi-testkit[{extra}]" in one.advice]
    assert [one.level for one in notes] == ["note"]
