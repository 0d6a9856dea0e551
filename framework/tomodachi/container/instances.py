"""Makes a service instance ready to be started: configured, named, known to the process.

Nothing of the service is started here. An error says in which step it happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tomodachi.container.configuration import check_context_options
from tomodachi.container.names import assign_service_name
from tomodachi.container.runner import ServiceRunner
from tomodachi.errors import TomodachiError

if TYPE_CHECKING:
    from tomodachi.services.base import Service


class InstanceError(TomodachiError):
    """A step failed; its text is what is logged, its cause the reason."""


async def make_runner(
    cls: type[Service], file_path: str | None, setup: Callable[[Service], None]
) -> ServiceRunner:
    """Instantiate a class.

    Args:
        cls: The service class.
        file_path: The file it stands in.
        setup: Merges the configuration onto the instance.

    Raises:
        InstanceError: a step failed.
    """
    with _step("failed to initialize instance"):
        instance = cls()
    with _step("failed to setup config"):
        setup(instance)
    with _step("failed to setup options"):
        check_context_options(instance)
    if not instance.name:
        assign_service_name(instance)
    # Its attributes are read for the context, properties too.
    with _step("failed to initialize instance"):
        runner = ServiceRunner(instance)
    runner.context["_service_file_path"] = file_path
    with _step("failed to run post init hooks"):
        await runner.prepare()
    return runner


@contextmanager
def _step(name: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise InstanceError(name) from error
