"""The pytest plugin: markers, options, and the loop that a test with `svc` runs on.

Nothing of ours is imported and nothing is started before a test asks for it. The fixtures are plain
synchronous ones (`fixtures.py`); the test's coroutine is wrapped, so that the harness starts and
stops in the test's own loop, whoever runs it: pytest-asyncio in either mode, anyio, or this plugin
where neither claims the test.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tomodachi_testkit.harness import Harness

_MARKERS = (
    "svc(clock='virtual', seed=0, start='2026-01-01', wall_clock='auto'): "
    "settings of the `svc` harness for one test",
    "svc_allow(*kinds): leaks this test may leave: dlq, inflight, tasks, errors, unrouted, "
    "unused_faults, unused_stubs",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the command-line options and ini settings."""
    group = parser.getgroup("tomodachi-testkit")
    group.addoption(
        "--svc-seed",
        type=int,
        default=None,
        help="seed of ids and faults in svc tests (default: 0)",
    )
    group.addoption(
        "--svc-timeline",
        choices=("fail", "all", "none"),
        default="fail",
        help="when a test's report shows its event timeline (default: fail)",
    )
    parser.addini("svc_clock", "clock of svc tests: virtual or real", default="virtual")
    parser.addini("svc_start_time", "when virtual time starts (ISO 8601)", default="")
    parser.addini(
        "svc_leaks", "what a leak does to a svc test: error, warn or off", default="error"
    )
    parser.addini("svc_settle_limit", "most clock steps one drain may take", default="10000")


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and the fall-back loop factory for tests that are not ours."""
    for line in _MARKERS:
        config.addinivalue_line("markers", line)
    if config.pluginmanager.has_plugin("asyncio"):
        config.pluginmanager.register(_StockLoops(), "tomodachi-testkit-stock-loops")


class _StockLoops:
    """Answers pytest-asyncio's question about loops for every test that nobody else claims."""

    @pytest.hookimpl(optionalhook=True, trylast=True)
    def pytest_asyncio_loop_factories(self) -> Mapping[str, Callable[[], Any]]:
        """The loop that the test would have had without this plugin."""
        return {"asyncio": asyncio.new_event_loop}


def uses_harness(item: pytest.Item) -> bool:
    """Whether a test asks for `svc`, by fixture or by marker."""
    names = getattr(item, "fixturenames", ())
    return "svc" in names or item.get_closest_marker("svc") is not None


def _settings(item: pytest.Item) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for marker in reversed(list(item.iter_markers("svc"))):
        merged.update(marker.kwargs)
    return merged


def _clock_of(item: pytest.Item) -> str:
    return str(_settings(item).get("clock") or item.config.getini("svc_clock") or "virtual")


def _loop_factory(item: pytest.Item) -> Callable[[], asyncio.AbstractEventLoop]:
    if _clock_of(item) == "real":
        return asyncio.new_event_loop
    from tomodachi_testkit.loop import VirtualLoop

    return VirtualLoop


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]] | None:
    """Give pytest-asyncio a loop with virtual time for tests that use the harness."""
    return {"svc": _loop_factory(item)} if uses_harness(item) else None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the harness start and stop around the test's coroutine, in its own task."""
    if not isinstance(item, pytest.Function) or "svc" not in item.funcargs:
        return (yield)
    original = item.obj
    if not inspect.iscoroutinefunction(original):
        return (yield)
    harness: Any = item.funcargs["svc"]  # pytest types fixture values as objects
    item.obj = _within(harness, original)
    _bring_virtual_loop_to_anyio(item)
    try:
        return (yield)
    finally:
        item.obj = original


def _within(harness: Harness, test: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(test)
    async def wrapped(*args: Any, **kwargs: Any) -> None:
        async with harness:
            await test(*args, **kwargs)

    return wrapped


def _bring_virtual_loop_to_anyio(item: pytest.Function) -> None:
    backend = item.funcargs.get("anyio_backend")
    if backend is None:
        return
    name, options = backend if isinstance(backend, tuple) else (backend, {})
    if name == "trio":
        pytest.skip("the harness runs on asyncio; trio has no tomodachi services to test")
    item.funcargs["anyio_backend"] = ("asyncio", {**options, "loop_factory": _loop_factory(item)})


def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test that uses the harness and that no async plugin claims."""
    if not uses_harness(pyfuncitem) or not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    arguments = {name: pyfuncitem.funcargs[name] for name in names}
    with asyncio.Runner(loop_factory=_loop_factory(pyfuncitem)) as runner:
        runner.run(pyfuncitem.obj(**arguments))
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the timeline to a failed test's report."""
    report = yield
    harness = getattr(item, "funcargs", {}).get("svc")
    wanted = item.config.getoption("--svc-timeline")
    if harness is not None and call.when == "call" and _wants_timeline(wanted, report):
        report.sections.append(("tomodachi-testkit", harness.report(item.nodeid)))
    return report


def _wants_timeline(wanted: str, report: pytest.TestReport) -> bool:
    return wanted == "all" or (wanted == "fail" and report.failed)


@pytest.fixture
def svc(request: pytest.FixtureRequest) -> Harness:
    """The harness: in-memory brokers, services and one clock, for one test."""
    from tomodachi_testkit.fixtures import harness_for

    return harness_for(request, _settings(request.node))


@pytest.fixture
def svc_clock(svc: Harness) -> Any:
    """The clock of the test's harness."""
    return svc.clock


@pytest.fixture
def svc_sqs(svc: Harness) -> Any:
    """SQS, as the test sees it."""
    return svc.sqs


@pytest.fixture
def svc_sns(svc: Harness) -> Any:
    """SNS, as the test sees it."""
    return svc.sns


@pytest.fixture
def svc_amqp(svc: Harness) -> Any:
    """RabbitMQ, as the test sees it."""
    return svc.amqp


@pytest.fixture
def svc_http(svc: Harness) -> Any:
    """Other people's HTTP servers, played by the test."""
    return svc.http


@pytest.fixture
def svc_faults(svc: Harness) -> Any:
    """What shall go wrong in this test."""
    return svc.faults


@pytest.fixture
def svc_log(svc: Harness) -> Any:
    """Everything that happened in this test, in order."""
    return svc.log
