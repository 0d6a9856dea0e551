from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tomodachi.helpers.collection import uncollected


@pytest.fixture(autouse=True)
def _collector_as_it_was() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def collections() -> int:
    return sum(generation["collections"] for generation in gc.get_stats())


def test_nothing_is_collected_in_the_body_and_everything_as_before_after_it():
    # Python 3.12 itself begins with some.
    threshold, frozen = gc.get_threshold(), gc.get_freeze_count()
    with uncollected(for_good=False):
        before = collections()
        kept = [[] for _ in range(10 * threshold[0])]
        assert collections() == before
    assert gc.get_threshold() == threshold
    assert gc.get_freeze_count() == frozen
    kept += [[] for _ in range(10 * threshold[0])]
    assert collections() > before


def test_what_is_there_for_good_is_left_out_of_later_collections():
    with uncollected(for_good=True):
        pass
    assert gc.get_freeze_count() > 0


def test_the_threshold_is_put_back_when_the_body_raises():
    threshold = gc.get_threshold()
    with pytest.raises(ImportError), uncollected(for_good=False):
        raise ImportError
    assert gc.get_threshold() == threshold


def test_a_body_that_sets_the_collector_up_has_its_way():
    with uncollected(for_good=False):
        gc.set_threshold(50_000, 20, 20)
        gc.disable()
    try:
        assert (gc.isenabled(), gc.get_threshold()) == (False, (50_000, 20, 20))
    finally:
        gc.enable()
