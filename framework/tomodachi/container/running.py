"""The containers that run in this process, so that `tomodachi.exit()` reaches all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tomodachi.container.container import ServiceContainer

running_containers: set[ServiceContainer] = set()
