"""Service models are found beside botocore without importing it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tomodachi_fakes.aws.model import ServiceModelMissing, load_model


@pytest.mark.parametrize(
    ("service", "version", "json_version", "operations"),
    [
        ("sqs", "2012-11-05", "1.0", 23),
        ("sns", "2010-03-31", "", 42),
        ("sts", "2011-06-15", "", 11),
    ],
)
def test_models(service: str, version: str, json_version: str, operations: int) -> None:
    model = load_model(service)

    assert (model.version, model.json_version) == (version, json_version)
    assert len(model.operations) == operations
    assert model.xml_namespace.endswith(f"/doc/{version}/")


def test_unknown_service_says_what_to_do() -> None:
    with pytest.raises(ServiceModelMissing, match="Install botocore again"):
        load_model("nonsense")


@pytest.mark.slow
def test_answering_a_first_request_imports_neither_botocore_nor_aiohttp() -> None:
    """Importing either costs more than the whole start may take."""
    code = (
        "import sys\n"
        "import tomodachi_fakes.servers.aws_http\n"
        "from tomodachi_fakes.aws.protocol import ServiceWire\n"
        "ServiceWire('sqs').decode_json('ListQueues', b'')\n"
        "print([n for n in ('botocore', 'aiohttp', 'boto3', 'urllib.request') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
