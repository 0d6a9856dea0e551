"""A scheduled service: counts sign-ups, reports them every night at two, heartbeats each minute."""

import tomodachi


class ReportService(tomodachi.Service):
    name = "reports"

    async def _start_service(self) -> None:
        self.heartbeats = 0
        self.reports: list[str] = []

    @tomodachi.schedule(interval=60)
    async def heartbeat(self) -> None:
        self.heartbeats += 1

    @tomodachi.schedule(timestamp="02:00", timezone="Europe/Stockholm")
    async def nightly(self, invocation_time: str) -> None:
        self.reports.append(invocation_time)
