"""The package of transports: sub-modules on demand, and an old name that is the same module."""

from __future__ import annotations

import subprocess
import sys

import pytest


def run(code: str) -> str:
    """What a fresh interpreter prints."""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return ended.stdout.strip()


@pytest.mark.slow
def test_transports_are_imported_when_they_are_asked_for() -> None:
    code = (
        "import sys, tomodachi.transport as t\n"
        "print('tomodachi.transport.http' in sys.modules, 'aiohttp' in sys.modules)\n"
        "t.http\n"
        "print('tomodachi.transport.http' in sys.modules)\n"
        "print('aiobotocore' in sys.modules, 'aioamqp' in sys.modules)\n"
    )
    assert run(code).split() == ["False", "False", "True", "False", "False"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "first",
    [
        "import tomodachi.transport.awssnssqs",
        "from tomodachi.transport import awssnssqs",
        "import tomodachi; tomodachi.transport.awssnssqs",
        "import tomodachi.transport.aws_sns_sqs",
    ],
)
def test_the_old_name_is_the_same_module_object(first: str) -> None:
    """Section 1."""
    code = (
        f"{first}\n"
        "import sys, tomodachi.transport.awssnssqs, tomodachi.transport.aws_sns_sqs\n"
        "from tomodachi.transport import aws_sns_sqs, awssnssqs\n"
        "print(aws_sns_sqs is awssnssqs is sys.modules['tomodachi.transport.awssnssqs'])\n"
        "print(aws_sns_sqs.__spec__.name, aws_sns_sqs.__name__)\n"
    )
    name = "tomodachi.transport.aws_sns_sqs"
    assert run(code).split() == ["True", name, name]


def test_unknown_names_are_attribute_and_import_errors() -> None:
    import tomodachi.transport

    with pytest.raises(AttributeError, match="has no attribute 'fax'"):
        _ = tomodachi.transport.fax
    with pytest.raises(ImportError, match="fax"):
        from tomodachi.transport import fax  # noqa: F401
    assert {"amqp", "aws_sns_sqs", "awssnssqs", "http", "schedule"} <= set(dir(tomodachi.transport))
