"""Write the page that says which operations and errors of SQS and SNS the fake has.

    python -m tools.compatibility_aws [--check]

The names are those of botocore's service models; what is said of them is what the fake's own
operation tables and the tests' tables of requests say. `--check` only compares; the exit code is 1
when the page is not what would be written.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.fakes.sns import support_errors as sns_errors
from tests.fakes.sqs import support_errors as sqs_errors

from tomodachi_fakes.aws.model import ServiceModel, load_model
from tomodachi_fakes.events import EventLog
from tomodachi_fakes.faults import FaultPlan
from tomodachi_fakes.ids import SeededIds
from tomodachi_fakes.sns.service import SnsService
from tomodachi_fakes.sqs.service import SqsService

PAGE = Path(__file__).parent.parent / "docs" / "compatibility" / "sns-sqs-operations.md"
_HEAD = """# SNS and SQS: operations and errors

Written by `python -m tools.compatibility_aws`; a test keeps it current. The names are those of
botocore's service models. Where behaviour differs from AWS, [the ledger](sns-sqs.md) says so.

"""
_BY_REQUEST, _BY_PLAN = "a request", "a fault plan"
_NEVER = "nothing: AWS folded it into ReceiptHandleIsInvalid"


def page() -> str:
    """The page's whole text."""
    return _HEAD + "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    sqs = SqsService(ids=SeededIds(1), events=EventLog(), faults=FaultPlan())
    how = dict.fromkeys(sqs_errors.REQUESTS, _BY_REQUEST)
    how |= dict.fromkeys(sqs_errors.PLANNED, _BY_PLAN) | dict.fromkeys(sqs_errors.NEVER, _NEVER)
    yield from _service("SQS", "JSON 1.0 and query", load_model("sqs"), sqs.operations, how)
    yield ""
    how = dict.fromkeys(sns_errors.REQUESTS, _BY_REQUEST)
    how |= dict.fromkeys(sns_errors.PLANNED, _BY_PLAN)
    yield from _service("SNS", "query", load_model("sns"), SnsService.operations, how)


def _service(
    title: str,
    protocols: str,
    model: ServiceModel,
    implemented: tuple[str, ...],
    how: dict[str, str],
) -> Iterator[str]:
    names = sorted(model.operations)
    there = sum(name in implemented for name in names)
    yield f"## {title}"
    yield ""
    yield f"{there} of {len(names)} operations, protocol {protocols}."
    yield ""
    yield "| operation | implemented |"
    yield "|---|---|"
    for name in names:
        yield f"| {name} | {'yes' if name in implemented else 'no'} |"
    yield ""
    yield "| error | code on the wire | HTTP status | raised by |"
    yield "|---|---|---|---|"
    for name, shape in sorted(model.shapes.items()):
        if shape.get("exception"):
            error = shape.get("error", {})
            code, status = error.get("code", name), error.get("httpStatusCode", 400)
            yield f"| {name} | {code} | {status} | {how.get(name) or how.get(code, 'nothing')} |"


def main() -> int:
    """Write the page, or compare it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    text = page()
    if not parser.parse_args().check:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    current = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if current != text:
        sys.stderr.write(f"{PAGE.name} is not current; run python -m tools.compatibility_aws\n")
    return int(current != text)


if __name__ == "__main__":
    sys.exit(main())
