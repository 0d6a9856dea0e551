"""The pytest plugin: markers, options, and the loop that a test with `svc` runs on.

Nothing of ours is imported and nothing is started before a test asks for it. The fixtures are plain
synchronous ones; the test's coroutine is wrapped, so that the harness starts and stops in the test's
own loop, whoever runs it: pytest-asyncio in either mode, anyio, or this plugin where neither claims
the test. What the settings mean is decided in `settings.py` and `fixtures.py`.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable, Generator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tomodachi_fakes.background import BackgroundBrokers
    from tomodachi_testkit.clock import Clock, RealClock
    from tomodachi_testkit.event_log import EventLog
    from tomodachi_testkit.harness import Harness
    from tomodachi_testkit.http_stubs import HTTPStubs
    from tomodachi_testkit.settings import Settings
    from tomodachi_testkit.views.amqp import FakeAMQP
    from tomodachi_testkit.views.faults import Faults
    from tomodachi_testkit.views.sns import FakeSNS
    from tomodachi_testkit.views.sqs import FakeSQS


def _hides(caught: Any) -> bool:
    """Whether pytest leaves the frames of this module out of a traceback."""
    from tomodachi_testkit.tracebacks import hides

    return hides(caught)


__tracebackhide__ = _hides


_MARKERS = (
    "svc(clock='virtual', seed=0, start='2026-01-01', wall_clock='auto', broker='fake'): "
    "settings of the `svc` harness for one test",
    "svc_allow(*kinds): leaks this test may leave: dlq, inflight, tasks, connections, errors, "
    "unrouted, unused_faults, unused_stubs",
    "svc_real_only: the test runs on real brokers only",
    "svc_fake_only(reason): the test runs on the in-memory brokers only",
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the command-line options and ini settings."""
    group = parser.getgroup("tomodachi-testkit")
    group.addoption(
        "--svc-broker",
        choices=("fake", "real", "both"),
        default="fake",
        help="brokers of svc tests: in-memory ones (default), those that SVC_AMQP_URL and "
        "SVC_AWS_ENDPOINT_URL name, or both, one after the other",
    )
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
    group.addoption(
        "--svc-record",
        metavar="DIR",
        default=None,
        help="save the event log of each svc test in DIR, to be replayed",
    )
    group.addoption(
        "--svc-replay",
        metavar="FILE",
        default=None,
        help="run the test of a recording again, and fail where its events differ",
    )
    group.addoption(
        "--svc-fuzz",
        metavar="N",
        type=int,
        default=0,
        help="run each svc test N times, its tasks in another order each time",
    )
    parser.addini("svc_clock", "clock of svc tests: virtual or real", default="virtual")
    parser.addini("svc_start_time", "when virtual time starts (ISO 8601)", default="")
    parser.addini(
        "svc_leaks", "what a leak does to a svc test: error, warn or off", default="error"
    )
    parser.addini(
        "svc_settle_limit",
        "most clock steps one drain may take, and most handler calls in between two",
        default="10000",
    )


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


# --- which tests, how often, on which brokers ---------------------------------------------------


def uses_harness(item: pytest.Item) -> bool:
    """Whether a test asks for `svc`, by fixture or by marker."""
    names = getattr(item, "fixturenames", ())
    return "svc" in names or item.get_closest_marker("svc") is not None


def _marks(node: Any) -> dict[str, Any]:
    # An item, or the definition of one that is about to be parametrized.
    merged: dict[str, Any] = {}
    for marker in reversed(list(node.iter_markers("svc"))):
        merged.update(marker.kwargs)
    return merged


def _broker_of(node: Any) -> str:
    return str(_marks(node).get("broker") or node.config.getoption("--svc-broker"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test on both brokers, or in several orders of its tasks, where that is asked for."""
    if "svc" not in metafunc.fixturenames:
        return
    if _broker_of(metafunc.definition) == "both":
        metafunc.parametrize("svc_broker", ("fake", "real"), indirect=True)
    orders = metafunc.config.getoption("--svc-fuzz")
    if orders:
        metafunc.parametrize(
            "svc_order", range(orders), ids=[f"order{n}" for n in range(orders)], indirect=True
        )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave only the test of the recording that is replayed."""
    path = config.getoption("--svc-replay")
    if path is None:
        return
    from tomodachi_testkit.settings import settings_of

    recording = settings_of(config).replay
    wanted = [item for item in items if recording is not None and item.nodeid == recording.test]
    config.hook.pytest_deselected(items=[item for item in items if item not in wanted])
    items[:] = wanted


# --- the loop -----------------------------------------------------------------------------------


def _is_real(item: pytest.Item) -> bool:
    broker = _broker_of(item)
    callspec = getattr(item, "callspec", None)
    if broker == "both" and callspec is not None:
        broker = callspec.params.get("svc_broker", "fake")
    clock = _marks(item).get("clock") or item.config.getini("svc_clock")
    return broker == "real" or clock == "real"


def _loop_factory(item: pytest.Item) -> Callable[[], asyncio.AbstractEventLoop]:
    if _is_real(item):
        return asyncio.new_event_loop
    from tomodachi_testkit.loop import VirtualLoop

    return VirtualLoop


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], Any]] | None:
    """Give pytest-asyncio a loop with virtual time for tests that use the harness."""
    return {"svc": _loop_factory(item)} if uses_harness(item) else None


# --- the test's coroutine -----------------------------------------------------------------------


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let the harness start and stop around the test's coroutine, in its own task."""
    if not isinstance(item, pytest.Function) or "svc" not in item.funcargs:
        return (yield)
    original = item.obj
    if not inspect.iscoroutinefunction(original):
        return (yield)
    from tomodachi_testkit import old_pytest_asyncio
    from tomodachi_testkit.errors import NotOnRealBrokers, NotVirtual

    harness: Any = item.funcargs["svc"]  # pytest types fixture values as objects
    settings: Any = item.funcargs["svc_settings"]
    item.obj = _within(harness, original, settings)
    _bring_virtual_loop_to_anyio(item)
    try:
        return (yield)
    except NotOnRealBrokers as error:
        # Where the test asked is where it is skipped.
        raise pytest.skip.Exception(str(error)).with_traceback(error.__traceback__) from None
    except NotVirtual:
        old_pytest_asyncio.refuse(item.config)
        raise
    finally:
        item.obj = original


def _within(harness: Harness, test: Callable[..., Any], settings: Settings) -> Callable[..., Any]:
    @functools.wraps(test)
    async def wrapped(*args: Any, **kwargs: Any) -> None:
        from tomodachi_testkit.tracebacks import to_the_point
        from tomodachi_testkit.wall_clock import refuse_decorated

        try:
            if harness.clock.virtual:
                refuse_decorated(test)
            async with harness:
                await test(*args, **kwargs)
            if settings.replay is not None:
                settings.replay.check(harness.log)
        except Exception as error:  # noqa: BLE001 - it is raised again
            raise to_the_point(error, test)  # noqa: B904 - it is the same one

    return wrapped


def _bring_virtual_loop_to_anyio(item: pytest.Function) -> None:
    if "anyio_backend" in item.funcargs:
        item.funcargs["anyio_backend"] = _virtual_backend(item, item.funcargs["anyio_backend"])


def _virtual_backend(item: pytest.Item, backend: Any) -> Any:
    name, options = backend if isinstance(backend, tuple) else (backend, {})
    if name == "trio":
        pytest.skip("the harness runs on asyncio; trio has no tomodachi services to test")
    return "asyncio", {**options, "loop_factory": _loop_factory(item)}


def _shared_with(request: pytest.FixtureRequest) -> pytest.Item | None:
    """A test that wants virtual time on the loop of this fixture: anyio keeps one for all its tests.

    The loop has real time outside of a harness, so the others do not notice.
    """
    if request.scope == "function":
        return request.node if uses_harness(request.node) else None
    tests = (item for item in request.session.items if request.node in item.listchain())
    return next((item for item in tests if uses_harness(item) and not _is_real(item)), None)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, Any, Any]:
    """Let anyio run async fixtures on the loop of the tests that use them; it has wrapped them by now."""
    run: Any = fixturedef.func  # a generator function, as anyio makes them
    is_anyios = "anyio_backend" in fixturedef.argnames and inspect.isgeneratorfunction(run)
    test = _shared_with(request) if is_anyios else None
    if test is None:
        return (yield)

    def run_on_our_loop(*, anyio_backend: Any, **arguments: Any) -> Generator[Any]:
        # A wider fixture on trio is shared with tests that `svc` has nothing to do with.
        is_shared = request.scope != "function" and "trio" in anyio_backend
        backend = anyio_backend if is_shared else _virtual_backend(test, anyio_backend)
        yield from run(anyio_backend=backend, **arguments)

    # anyio does the same, for the length of this call.
    vars(fixturedef)["func"] = run_on_our_loop
    try:
        return (yield)
    finally:
        vars(fixturedef)["func"] = run


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
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Tell the machines of property tests that they run on both brokers."""
    if _broker_of(item) != "both":
        return (yield)
    from tomodachi_testkit.machines.mode import BROKER

    token = BROKER.set("both")
    try:
        return (yield)
    finally:
        BROKER.reset(token)


# --- reports ------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the timeline to a failed test's report, and save its recording."""
    report = yield
    arguments = getattr(item, "funcargs", {})
    harness, settings = arguments.get("svc"), arguments.get("svc_settings")
    if harness is None or settings is None or call.when != "call":
        return report
    if settings.timeline == "all" or (settings.timeline == "fail" and report.failed):
        report.sections.append(("tomodachi-testkit", harness.report(item.nodeid)))
    if settings.record is not None:
        from tomodachi_testkit.recording import save

        save(harness, item.nodeid, settings.record)
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Show compared messages field by field."""
    if not any(type(side).__module__ == "tomodachi_testkit.messages" for side in (left, right)):
        return None
    from tomodachi_testkit.comparisons import explain

    return explain(op, left, right)


# --- fixtures -----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def svc_settings(request: pytest.FixtureRequest) -> Settings:
    """The settings of `svc` tests; a project may override this fixture."""
    from tomodachi_testkit.settings import settings_of

    return settings_of(request.config)


@pytest.fixture(scope="session")
def svc_botocore_loader() -> Any:
    """The loader of service models that all botocore clients share, which makes them much cheaper.

    For a session of your own: `session.register_component("data_loader", svc_botocore_loader)`.
    """
    from tomodachi.helpers.aiobotocore_connector import shared_loader

    return shared_loader()


@pytest.fixture
def svc_broker(request: pytest.FixtureRequest) -> str:
    """On which brokers the test runs: "fake" or "real"."""
    return str(getattr(request, "param", None) or _broker_of(request.node))


@pytest.fixture
def svc_order(request: pytest.FixtureRequest) -> int | None:
    """Which order of tasks the test runs in, where `--svc-fuzz` asks for several."""
    order: int | None = getattr(request, "param", None)
    return order


@pytest.fixture
def svc(
    request: pytest.FixtureRequest,
    svc_settings: Settings,
    svc_broker: str,
    svc_order: int | None,
) -> Harness:
    """The harness: in-memory brokers, services and one clock, for one test."""
    from tomodachi_testkit.fixtures import harness_for

    return harness_for(
        request, svc_settings, _marks(request.node), broker=svc_broker, order=svc_order
    )


@pytest.fixture
def svc_clock(svc: Harness) -> Clock | RealClock:
    """The clock of the test's harness."""
    return svc.clock


@pytest.fixture
def svc_sqs(svc: Harness) -> FakeSQS:
    """SQS, as the test sees it."""
    return svc.sqs


@pytest.fixture
def svc_sns(svc: Harness) -> FakeSNS:
    """SNS, as the test sees it."""
    return svc.sns


@pytest.fixture
def svc_amqp(svc: Harness) -> FakeAMQP:
    """RabbitMQ, as the test sees it."""
    return svc.amqp


@pytest.fixture
def svc_http(svc: Harness) -> HTTPStubs:
    """Other people's HTTP servers, played by the test."""
    return svc.http


@pytest.fixture
def svc_faults(svc: Harness) -> Faults:
    """What shall go wrong in this test."""
    return svc.faults


@pytest.fixture
def svc_log(svc: Harness) -> EventLog:
    """Everything that happened in this test, in order."""
    return svc.log


# --- brokers for tests of anything else -----------------------------------------------------------


@pytest.fixture(scope="session")
def fake_brokers_of_session() -> Generator[BackgroundBrokers]:
    """Brokers that `fake_brokers` shares among tests; a project may override this fixture."""
    from tomodachi_fakes.background import run_brokers

    with run_brokers() as brokers:
        yield brokers


@pytest.fixture
def fake_brokers(
    fake_brokers_of_session: BackgroundBrokers, monkeypatch: pytest.MonkeyPatch
) -> Generator[BackgroundBrokers]:
    """Empty brokers in a thread of their own and in real time, for tests of any code, synchronous too.

    While the test runs, the environment points AWS SDKs there, and AMQP_URL, RABBITMQ_HOST and their like.
    """
    for name, value in fake_brokers_of_session.environment().items():
        monkeypatch.setenv(name, value)
    yield fake_brokers_of_session
    fake_brokers_of_session.reset()
