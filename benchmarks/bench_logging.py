"""What one log line with nine values costs, in CPU microseconds.

    python benchmarks/bench_logging.py [interpreter with the framework to compare with]

The peer in the same run is the standard library's logging, which formats the same values with one
`%`-format or with `json.dumps`. The interpreter given as an argument is measured by the same script,
through the same API. Lines go to the null device.
"""

from __future__ import annotations

import json
import logging as stdlib
import os
import subprocess
import sys
import time

ROUNDS, LINES = 7, 10_000
VALUES = {
    "status_code": 200,
    "remote_ip": "10.0.0.17",
    "request_method": "GET",
    "request_path": "/orders/17",
    "http_version": "HTTP/1.1",
    "response_content_length": 1_024,
    "user_agent": "bench/1.0 (any; thing)",
    "handler_elapsed_time": "0.00199s",
    "request_time": "0.00213s",
}


class JSONPeer(stdlib.Formatter):
    """The values of a record as one JSON object, the plain way."""

    def format(self, record: stdlib.LogRecord) -> str:
        line = {"timestamp": self.formatTime(record), "logger": record.name}
        line |= {"level": record.levelname, "message": record.getMessage(), **record.values}
        return json.dumps(line)


def measure(call) -> float:
    """The least CPU time of a call among the rounds, in microseconds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(LINES):
            call()
        best = min(best, (time.process_time() - start) / LINES)
    return best * 1_000_000


def peers() -> dict[str, float]:
    logger = stdlib.getLogger("bench.peer")
    logger.setLevel(stdlib.INFO)
    logger.propagate = False
    handler = stdlib.StreamHandler(sys.stderr)
    logger.addHandler(handler)
    handler.setFormatter(stdlib.Formatter("%(asctime)s [%(levelname)-9s] %(message)s [%(name)s]"))
    template = "done " + " ".join(f"{key}=%({key})s" for key in VALUES)
    found = {"stdlib text": measure(lambda: logger.info(template, VALUES))}
    handler.setFormatter(JSONPeer())
    found["stdlib json"] = measure(lambda: logger.info("done", extra={"values": VALUES}))
    return found


def framework() -> dict[str, float]:
    from tomodachi import logging

    found = {}
    for kind in ("console", "no_color_console", "json", "python", "disabled"):
        logging.set_default_formatter(kind)
        logging.configure(log_level="INFO", force=True)
        logger = logging.get_logger("bench")
        found[kind] = measure(lambda logger=logger: logger.info("done", **VALUES))
    found["below the level"] = measure(lambda: logging.get_logger("bench").debug("done", **VALUES))
    return found


def main() -> None:
    output = sys.stdout
    sys.stderr = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the process's lifetime
    if "--json" in sys.argv:
        json.dump(framework(), output)
        return
    for name, cost in peers().items():
        print(f"{name:<28} {cost:6.1f} µs")
    ours = framework()
    interpreter = sys.argv[1] if len(sys.argv) > 1 else ""
    theirs = {}
    if interpreter:
        command = [interpreter, __file__, "--json"]
        theirs = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    for name, cost in ours.items():
        other = f"   other {theirs[name]:6.1f} µs = {theirs[name] / cost:.1f} x" if theirs else ""
        print(f"{name:<28} {cost:6.1f} µs{other}")


if __name__ == "__main__":
    main()
