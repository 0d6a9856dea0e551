"""SNS over HTTP: server CPU a Publish that fans out to 1, 10 and 100 queues.

    python benchmarks/bench_sns.py [--queues 1,10,100] [--count 1000] [--without-moto]

Both servers run as child processes and are driven by the same raw requests, ours over one keep-alive
connection, moto over a new one each, since it leaves a second form on one connection unanswered. What
is reported is the server's own CPU time (user + system). Every message is wrapped and, on our side,
signed; moto does not sign. Queues are deleted between the measurements.
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from urllib.parse import urlencode

from bench_sqs import BODY, SERVER, Client, measure, server

MOTO = """
import contextlib, io, threading
from moto.server import ThreadedMotoServer
with contextlib.redirect_stdout(io.StringIO()):
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
print(server.get_host_and_port()[1], flush=True)
threading.Event().wait()
"""
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{}/aws4_request, "
    "SignedHeaders=host;x-amz-date, Signature=00"
)


class Reconnecting(Client):
    """A connection a request, for a server that does not answer a second one in this protocol."""

    def raw(self, request: bytes) -> bytes:
        self._socket.close()
        self.__init__(self._port)
        return super().raw(request)


def form(client: Client, service: str, **params: str) -> bytes:
    """A request in the query protocol."""
    body = urlencode(params).encode()
    return (
        f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{client._port}\r\n"
        f"Authorization: {AUTHORIZATION.format(service)}\r\nX-Amz-Date: 20260101T000000Z\r\n"
        f"Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nUser-Agent: bench\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def text_of(answer: bytes, element: str) -> str:
    """The text of the first element with this name."""
    return answer.split(f"<{element}>".encode(), 1)[1].split(b"<", 1)[0].decode()


def build(client: Client, queues: int) -> tuple[str, list[str]]:
    """A topic with so many queues."""
    create = form(client, "sns", Action="CreateTopic", Version="2010-03-31", Name=f"t{queues}")
    topic = text_of(client.raw(create), "TopicArn")
    account = topic.split(":")[4]
    urls = []
    for position in range(queues):
        name = f"q{queues}-{position}"
        urls.append(client.call("CreateQueue", {"QueueName": name})["QueueUrl"])
        client.raw(
            form(
                client,
                "sns",
                Action="Subscribe",
                Version="2010-03-31",
                TopicArn=topic,
                Protocol="sqs",
                Endpoint=f"arn:aws:sqs:us-east-1:{account}:{name}",
            )
        )
    return topic, urls


def run(
    name: str, code: str, kind: type[Client], queues: tuple[int, ...], count: int
) -> list[dict]:
    rows = []
    with server(code) as (port, process):
        client = kind(port)
        for wanted in queues:
            topic, urls = build(client, wanted)
            publish = form(
                client, "sns", Action="Publish", Version="2010-03-31", TopicArn=topic, Message=BODY
            )
            for _ in range(10):  # warm: the first signature makes the key
                client.raw(publish)
            cpu_ms, elapsed_ms = measure(process, count, partial(client.raw, publish))
            for url in urls:
                client.call("DeleteQueue", {"QueueUrl": url})
            rows.append(
                {
                    "server": name,
                    "queues": wanted,
                    "publish_cpu_ms": round(cpu_ms, 4),
                    "publish_ms": round(elapsed_ms, 4),
                    "cpu_us_a_queue": round(cpu_ms / wanted * 1000, 1),
                }
            )
            print(json.dumps(rows[-1]), flush=True)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queues", default="1,10,100")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--without-moto", action="store_true")
    given = parser.parse_args()
    queues = tuple(int(number) for number in given.queues.split(","))
    ours = run("tomodachi_fakes", SERVER, Client, queues, given.count)
    if given.without_moto:
        return
    peers = run("moto server", MOTO, Reconnecting, queues, max(20, given.count // 50))
    for mine, theirs in zip(ours, peers, strict=True):
        factor = theirs["publish_cpu_ms"] / mine["publish_cpu_ms"]
        print(f"{mine['queues']} queues: moto server's Publish takes {factor:.0f} times the CPU")


if __name__ == "__main__":
    main()
