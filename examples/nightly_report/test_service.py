from datetime import timedelta

import pytest
from examples.nightly_report.service import ReportService


async def test_heartbeat_beats_once_a_minute(svc):
    reports = await svc.start(ReportService)
    await svc.clock.advance(timedelta(hours=1))
    assert reports.service.heartbeats == 60


@pytest.mark.svc(start="2026-03-28T23:59:00+01:00")
async def test_nightly_report_survives_the_change_to_summer_time(svc):
    await svc.start(ReportService)
    await svc.clock.advance(timedelta(days=3))
    assert [event.t.date().day for event in svc.log.where(kind="schedule", handler="nightly")] == [
        29,
        30,
        31,
    ]
