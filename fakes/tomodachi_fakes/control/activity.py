"""How much happens, for whoever draws curves: counts of events since the last look.

The broker keeps nothing for it: two answers make a rate, and the one who asks knows the time between.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from tomodachi_fakes.control.parameters import Parameter

if TYPE_CHECKING:
    from tomodachi_fakes.servers.fake_broker import FakeBroker

View = dict[str, Any]
ACTIVITY = (Parameter("after", "integer", "count only later than this `seq`", default=0),)


def activity(broker: FakeBroker, given: View) -> View:
    """Counts by `<service>.<kind>`, and the `seq` to give as `after` next time."""
    counts: Counter[str] = Counter()
    for (service, kind, _), count in broker.events.tally(given["after"]).items():
        counts[f"{service}.{kind}"] += count
    return {"seq": broker.events.seq, "at": broker.clock.now(), "counts": counts}
