"""`tomodachi.Service`, the class that services extend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tomodachi.helpers.deprecation import warn_deprecated
from tomodachi.services.meta import TomodachiServiceMeta, as_options, warn_of_discovery

if TYPE_CHECKING:
    from tomodachi.logging import Logger
    from tomodachi.options import Options


class Service(metaclass=TomodachiServiceMeta):
    """Base class of services: extending it is all the registration there is.

    Methods that a service may define: `_start_service` (before its transports start),
    `_started_service` (once they have), `_stopping_service` (as soon as it is asked to stop) and
    `_stop_service` (after its transports have stopped), each `async` and without parameters.

    Attributes:
        name: The service's name; "service" if it has none.
        uuid: Names the service's own queues; made up for each class that has none, anew in each
            process, which leaves queues behind unless they are named or competing.
        options: Configuration; the documentation of `tomodachi.Options` lists the keys.
        context: The instance's settings and the state of its transports, once it has started.
        message_envelope: Class with `build_message` and `parse_message`; None sends plain text.
        http_middleware: Callables around every HTTP handler, the first outermost.
        message_middleware: Callables around every SQS and AMQP handler, the first outermost.
    """

    name: str = ""
    uuid: str = ""

    if TYPE_CHECKING:
        options: Options
        logger: Logger
        context: dict[str, Any]

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; `options` given as a dict (deprecated) are converted.

        Raises:
            ValueError: `options` is neither an `Options` object nor a dict.
        """
        if name == "options":
            value = as_options(value)
        elif name == "discovery":
            warn_of_discovery()
        super().__setattr__(name, value)

    def log(self, *args: Any, **kwargs: Any) -> None:
        """Log a message; deprecated, use `self.logger`."""
        from tomodachi.helpers import logging

        _warn("log", "self.logger")
        logging.log(self, *args, **kwargs)

    def log_setup(
        self,
        name: str | None = None,
        level: str | int | None = None,
        formatter: object = True,
        filename: str | None = None,
    ) -> None:
        """Does nothing any more; deprecated, use `tomodachi.logging`."""
        del name, level, formatter, filename
        _warn("log_setup", "tomodachi.logging.configure")


def _warn(method: str, instead: str) -> None:
    warn_deprecated(f"The method 'Service.{method}' is deprecated: use {instead} instead.")
