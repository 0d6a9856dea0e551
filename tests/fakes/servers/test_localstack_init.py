"""LocalStack's status of its start, for whoever polls it.

Source: https://docs.localstack.cloud/references/init-hooks
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.fakes.servers.support_http import site

from tomodachi_fakes.servers.localstack_init import State, init_status

SCRIPTS: dict[str, State] = {"ready.d/10.sh": "SUCCESSFUL", "ready.d/more/20.py": "RUNNING"}
LISTED = [
    {"stage": "READY", "name": "10.sh", "state": "SUCCESSFUL"},
    {"stage": "READY", "name": "20.py", "state": "RUNNING"},
]


def told(path: str, *, ready: bool) -> Any:
    response = init_status(path, ready=ready, scripts=SCRIPTS)
    return None if response is None else json.loads(response.body)


@pytest.mark.parametrize("ready", [True, False])
def test_all_stages_are_told_with_their_scripts(ready: bool) -> None:
    stages = {"BOOT": True, "START": True, "READY": ready, "SHUTDOWN": False}
    assert told("/_localstack/init", ready=ready) == {"completed": stages, "scripts": LISTED}


@pytest.mark.parametrize(
    ("stage", "completed", "scripts"),
    [
        ("ready", False, LISTED),
        ("READY", False, LISTED),
        ("boot", True, []),
        ("shutdown", False, []),
    ],
)
def test_one_stage_is_told_by_its_name(
    stage: str, completed: bool, scripts: list[dict[str, str]]
) -> None:
    expected = {"completed": completed, "scripts": scripts}
    assert told(f"/_localstack/init/{stage}", ready=False) == expected


@pytest.mark.parametrize("path", ["/_localstack/init/nope", "/_localstack/initial"])
def test_nothing_else_is_there(path: str) -> None:
    assert told(path, ready=True) is None


async def test_the_endpoint_answers_there() -> None:
    async with site() as aws:
        client = await aws.connect()
        client.send(b"GET /_localstack/init/ready HTTP/1.1\r\n\r\n")

        assert (await client.answer()).json() == {"completed": True, "scripts": []}
