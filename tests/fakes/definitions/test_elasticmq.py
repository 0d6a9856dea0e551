"""ElasticMQ's file. Source: https://github.com/softwaremill/elasticmq, README."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.fakes.definitions.support_files import brokers

from tomodachi_fakes.definitions.files import read_file
from tomodachi_fakes.definitions.place import DefinitionsError

# Its own settings beside the queues, as its README shows them.
WHOLE = """
include classpath("application.conf")

node-address { protocol = http, host = "*", port = 9324, context-path = "" }
rest-sqs { enabled = true, bind-port = 9324, bind-hostname = "0.0.0.0", sqs-limits = strict }

queues {
  orders {
    defaultVisibilityTimeout = 10 seconds
    delay = 5000
    receiveMessageWait = 1 minute
    receiveMessageWait = 20s // the last one counts
    deadLettersQueue {
      name = "orders-dead-letters"
      maxReceiveCount = 3 // from 1 to 1000
    }
    tags { team = parcels, number = 7 }
  }
  orders-dead-letters { }
  "steps.fifo" { fifo = true, contentBasedDeduplication = true }
  ends { fifo = true, deadLettersQueue { name = ends-dead, maxReceiveCount = 2 } }
  ends-dead { fifo = true }
  copied { copyTo = audit }
}
aws { region = eu-west-1, accountId = 000000000007 }
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "elasticmq.conf"
    file.write_text(text)
    return file


async def test_queues_of_elasticmqs_file_are_there(tmp_path: Path) -> None:
    async with brokers(amqp_port=None) as taken:
        taken.take(written(tmp_path, WHOLE))
        place = {"account": "000000000007", "region": "eu-west-1"}
        orders = taken.queue("orders", **place)
        names = ("VisibilityTimeout", "DelaySeconds", "ReceiveMessageWaitTimeSeconds")
        assert [orders[name] for name in names] == ["10", "5", "20"]
        arn = "arn:aws:sqs:eu-west-1:000000000007:"
        assert taken.dead_letter_queue("orders", **place) == (f"{arn}orders-dead-letters", 3)
        url = taken.aws("sqs", "GetQueueUrl", QueueName="orders", **place)["QueueUrl"]
        tags = taken.aws("sqs", "ListQueueTags", QueueUrl=url, **place)["Tags"]
        assert tags == {"team": "parcels", "number": "7"}
        assert taken.queue("steps.fifo", **place)["ContentBasedDeduplication"] == "true"


async def test_fifo_queues_get_the_ending_that_sqs_wants(tmp_path: Path) -> None:
    async with brokers(amqp_port=None) as taken:
        taken.take(written(tmp_path, WHOLE))
        place = {"account": "000000000007", "region": "eu-west-1"}
        target, _ = taken.dead_letter_queue("ends.fifo", **place)
        assert target.endswith(":ends-dead.fifo")


async def test_what_sqs_does_not_have_is_told(tmp_path: Path) -> None:
    async with brokers(amqp_port=None) as taken:
        taken.take(written(tmp_path, WHOLE))
    (note,) = taken.notes
    assert "queues.copied.copyTo: SQS has no such thing" in note


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("queues { q { delay = ", "this is no HOCON"),
        ("queues { q { delay = 500 ms } }", "queues.q.delay: 0.5 seconds is no whole number"),
        ("queues { q { delay = soon } }", "queues.q.delay: 'soon' is no length of time; one is 10"),
        ("queues { q { delay = 1 month } }", "queues.q.delay: "),
        ("queues { q { dely = 5 } }", "queues.q.dely: unknown key; did you mean delay?"),
        ("queues { q { deadLettersQueue { name = d } } }", "deadLettersQueue: name and maxReceive"),
        ("queues { q { fifo = 1 } }", "queues.q.fifo: 1 is not true or false"),
        ("queues { q = 1 }", "queues.q: 1 is no table"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(DefinitionsError) as caught:
        read_file(written(tmp_path, text))
    assert f"{tmp_path}/elasticmq.conf" in str(caught.value)
    assert message in str(caught.value)


def test_without_the_parser_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyhocon", None)
    with pytest.raises(DefinitionsError, match=r"pip install 'tomodachi-testkit\[import\]'"):
        read_file(written(tmp_path, WHOLE))
