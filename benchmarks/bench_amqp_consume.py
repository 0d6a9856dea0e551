"""AMQP consuming and publishing: CPU a message and rate, beside another build of the framework.

    python benchmarks/bench_amqp_consume.py --url amqp://guest:guest@127.0.0.1:5672/ \
        --peer-python /path/to/venv/bin/python [--messages 10000] [--rounds 3]

`--peer-python` is the interpreter of an environment with `tomodachi==0.29.0`. Both sides run the same
service on the same broker in turn; the ratio counts, the rates depend on the machine. Measured are

* consume: a handler that does nothing, JSON envelope, queue filled beforehand;
* consume, 1 ms: a handler that awaits a millisecond;
* publish: 50 tasks, JSON envelope (ours waits for the broker's confirm, the peer for nothing);
* publish, unconfirmed: ours without confirms, which is what the peer does.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from urllib.parse import unquote, urlsplit

PUBLISHING_TASKS = 50
RUNS = ("consume", "consume-1ms", "publish", "publish-unconfirmed")


def service_class(url, tag, messages, handler_ms):
    import tomodachi
    from tomodachi.envelope import JsonBase

    broker = urlsplit(url)

    class Bench(tomodachi.Service):
        name = "bench"
        message_envelope = JsonBase
        options = tomodachi.Options(
            amqp=tomodachi.Options.AMQP(
                host=broker.hostname,
                port=broker.port,
                login=unquote(broker.username or "guest"),
                password=unquote(broker.password or "guest"),
                virtualhost=unquote(broker.path[1:]) or "/",
                queue_ttl=120,
            )
        )

        @tomodachi.amqp(f"{tag}.*", queue_name=tag, competing=True)
        async def handle(self, data):
            if handler_ms:
                await asyncio.sleep(handler_ms / 1000)
            if self.handled == 0:
                self.began = (time.perf_counter(), time.process_time())
            self.handled += 1
            if self.handled == messages:
                self.done.set()

    return Bench


async def start(service):
    started = await service.handle(_tomodachi_invoker_task_start_keyword=True)
    await started()
    hook = getattr(service, "_started_service", None)
    if hook is not None:
        await hook()


async def publish_all(service, tag, messages, **how):
    import tomodachi

    left = iter(range(messages))

    async def publisher():
        for number in left:
            await tomodachi.amqp_publish(service, {"number": number}, f"{tag}.x", **how)

    await asyncio.gather(*(publisher() for _ in range(PUBLISHING_TASKS)))


async def work(run, url, tag, messages):
    """One measurement in this interpreter: seconds and CPU seconds for all messages."""
    handler_ms = 1 if run == "consume-1ms" else 0
    service = service_class(url, tag, messages, handler_ms)()
    service.handled, service.done = 0, asyncio.Event()
    await start(service)
    if run.startswith("consume"):
        await asyncio.wait_for(service.done.wait(), 300)
        wall, cpu = service.began
    else:
        how = {"confirm": False} if run == "publish-unconfirmed" else {}
        await publish_all(service, f"{tag}-nowhere", 100, **how)
        wall, cpu = time.perf_counter(), time.process_time()
        await publish_all(service, f"{tag}-nowhere", messages, **how)
    print(json.dumps([time.perf_counter() - wall, time.process_time() - cpu]), flush=True)


async def fill(url, tag, messages):
    service = service_class(url, tag, messages, 0)()
    started = await service.handle(_tomodachi_invoker_task_start_keyword=True)
    await started()
    await publish_all(service, tag, messages)
    await service._stop_service()


def measured(python, run, url, tag, messages):
    if run.startswith("consume"):
        asyncio.run(fill(url, tag, messages))
    command = [python, __file__, "--url", url, "--worker", run, "--tag", tag]
    command += ["--messages", str(messages)]
    # The worker ends by its own exit; a peer that hangs at its stop is not waited for.
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    lines = done.stdout.strip().splitlines()
    if not lines:
        sys.exit(f"{run} under {python} printed nothing:\n{done.stderr[-2000:]}")
    wall, cpu = json.loads(lines[-1])
    return messages / wall, cpu / messages * 1_000


def best(python, run, arguments, tag):
    results = [
        measured(python, run, arguments.url, f"{tag}-{number}", arguments.messages)
        for number in range(arguments.rounds)
    ]
    return max(rate for rate, _ in results), min(cpu for _, cpu in results)


def report(arguments):
    print(f"{arguments.messages} messages, best of {arguments.rounds}")
    print(f"{'':22}{'ours':>22}{'peer':>24}{'rate':>8}{'CPU':>8}")
    stamp = int(time.time())
    for run in arguments.runs:
        rate, cpu = best(sys.executable, run, arguments, f"bench-{stamp}-ours-{run}")
        line = f"{run:22}{rate:9.0f}/s {cpu:.3f} ms"
        if arguments.peer_python:
            peer_run = "publish" if run == "publish-unconfirmed" else run
            peer_rate, peer_cpu = best(
                arguments.peer_python, peer_run, arguments, f"bench-{stamp}-peer-{run}"
            )
            line += f"{peer_rate:12.0f}/s {peer_cpu:.3f} ms"
            line += f"{rate / peer_rate:8.2f}{cpu / peer_cpu:8.2f}"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--peer-python")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--runs", nargs="+", default=RUNS, choices=RUNS)
    parser.add_argument("--worker", choices=RUNS, help=argparse.SUPPRESS)
    parser.add_argument("--tag", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        asyncio.run(work(arguments.worker, arguments.url, arguments.tag, arguments.messages))
    else:
        report(arguments)


if __name__ == "__main__":
    main()
