"""Spares the garbage collector what the import of a program makes.

Modules, their functions and their classes stay, but each few hundred of them the collector walks over
those that are there already: a tenth of a service's start.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected(*, for_good: bool) -> Iterator[None]:
    """No garbage is collected while the body runs.

    Args:
        for_good: Everything there is at the end is left out of all later collections; only for
            programs that never unload what they import.
    """
    # By the threshold, because the body may have its own idea of whether collection is enabled.
    threshold = gc.get_threshold()
    gc.set_threshold(0)
    try:
        yield
    finally:
        if for_good:
            gc.freeze()
        if gc.get_threshold()[0] == 0:
            gc.set_threshold(*threshold)
