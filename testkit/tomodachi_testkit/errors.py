"""The testkit's own errors: each names what is wrong in the test and what to write instead."""

from __future__ import annotations


class TestkitError(Exception):
    """Root of every error the testkit raises for its own sake."""

    __test__ = False  # pytest must not collect it for its name


class NotVirtual(TestkitError):
    """A harness was entered on a loop whose time cannot be moved."""

    def __init__(self, loop: object) -> None:
        super().__init__(
            f"this test runs on {type(loop).__module__}.{type(loop).__name__}, whose time the testkit cannot move. Request "
            "the `svc` fixture, mark the test with @pytest.mark.svc, run the coroutine with "
            "tomodachi_testkit.run(...), or choose @pytest.mark.svc(clock='real')."
        )


class RealClockCannotMove(TestkitError):
    """`advance` was asked of real time."""

    def __init__(self) -> None:
        super().__init__(
            "the clock of this test is real time and cannot be moved. Drop clock='real' from "
            "@pytest.mark.svc, or wait for the event itself."
        )


class TwoClocks(TestkitError):
    """Somebody else froze the wall clock while the harness was driving it."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            f"two clocks: {detail} The harness moves the wall clock itself: use svc.clock.advance() "
            "instead, or start the test at another time with @pytest.mark.svc(start=...)."
        )


class TwoLoops(TestkitError):
    """A fixture started the harness on another loop than the test's."""

    def __init__(self) -> None:
        super().__init__(
            "a fixture used `svc` on another event loop than the test runs on: two async plugins (anyio and "
            "pytest-asyncio) each run one of them, or their loop scopes differ. Mark the test for one "
            "plugin only, and give the fixture the loop scope of the test."
        )


class HangDetected(TestkitError):
    """The loop is idle, no timer of the test is left, and the test still waits."""


class NeverAwaited(TestkitError):
    """The test called something of the testkit, and did not await it."""


class DrainIncomplete(TestkitError):
    """`drain` gave up: its limit of steps or of time was reached with work left."""


class NotOnRealBrokers(TestkitError):
    """The test asked for what only the in-memory brokers and virtual time can answer."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: only the in-memory brokers under virtual time can answer this. Mark the test "
            "with @pytest.mark.svc_fake_only(reason) to say so beforehand."
        )
