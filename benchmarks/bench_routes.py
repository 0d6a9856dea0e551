"""The router with a million routes: what a route costs to add, and what paths cost that mean no good.

    python benchmarks/bench_routes.py [--routes 1000000]

Half of the routes are literal, half have a group; the paths that are looked up exist, almost exist, or
are long and made to let expressions backtrack. Each path's figure is the median CPU time of many
look-ups; `growth` compares with a table of a thousandth of the routes in the same run. There is no peer:
the framework of that name tries its routes one by one.
"""

import argparse
import resource
import statistics
import time

from tomodachi.transport.http.routes import RouteTable

LOOKUPS = 200


def table_of(count):
    table = RouteTable()
    for number in range(count):
        if number % 2:
            table.add("GET", f"/literal/{number}/x", number)
        else:
            table.add("GET", rf"/group/{number}/(?P<id>[^/]+?)/?", number)
    return table


def paths_for(count):
    last = count - 1 - count % 2
    return {
        "the last literal route": f"/literal/{last}/x",
        "the last route with a group": f"/group/{last - 1}/id",
        "no route": "/nothing",
        "a group of 8,000 characters": f"/group/{last - 1}/" + "a" * 8000,
        "8,000 slashes after a route": f"/group/{last - 1}/" + "/" * 8000,
        "8,000 slashes": "/" * 8000,
    }


def median_us(table, path):
    each = []
    for _ in range(LOOKUPS):
        began = time.perf_counter_ns()
        table.resolve("GET", path)
        each.append((time.perf_counter_ns() - began) / 1e3)
    return statistics.median(each)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--routes", type=int, default=1_000_000)
    count = parser.parse_args().routes
    small_count = max(4, count // 1000)
    small = table_of(small_count)
    began = time.process_time()
    table = table_of(count)
    print(f"{count:,} routes: {(time.process_time() - began) / count * 1e6:.1f} µs CPU to add one")
    print(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB of memory in all")
    others = paths_for(small_count)
    for what, path in paths_for(count).items():
        ours = median_us(table, path)
        print(f"{what:30} {ours:8.1f} µs   growth {ours / median_us(small, others[what]):.2f}")


if __name__ == "__main__":
    main()
