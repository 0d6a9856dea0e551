"""What LocalStack tells of its life at `/_localstack/init`: stages that are over, and scripts that were run.

Health checks of compose files and waiting scripts poll `/_localstack/init/ready` until `completed` is true,
which here says the same as a `GET /health` that is 200.

Source: https://docs.localstack.cloud/references/init-hooks (status endpoint, stages, states of scripts).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePath
from typing import Literal

from tomodachi_fakes.aws.http import HttpResponse

State = Literal["UNKNOWN", "RUNNING", "SUCCESSFUL", "ERROR"]
_PATH = "/_localstack/init"
_READY = "READY"


def init_status(path: str, *, ready: bool, scripts: Mapping[str, State]) -> HttpResponse | None:
    """The answer at such a path, or None when it is none.

    Args:
        path: Of the request.
        ready: Whether the initial resources exist.
        scripts: What became of each script of `--init`, in the order in which they are run.
    """
    completed = {"BOOT": True, "START": True, _READY: ready, "SHUTDOWN": False}
    listed = [
        {"stage": _READY, "name": PurePath(script).name, "state": state}
        for script, state in scripts.items()
    ]
    if path == _PATH:
        return _json({"completed": completed, "scripts": listed})
    stage = path.removeprefix(f"{_PATH}/").upper()
    if stage not in completed:
        return None
    return _json({"completed": completed[stage], "scripts": listed if stage == _READY else []})


def _json(content: object) -> HttpResponse:
    return HttpResponse(200, "application/json", json.dumps(content).encode())
