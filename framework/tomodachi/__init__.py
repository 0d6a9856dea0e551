"""The service runtime: `import tomodachi`, extend `tomodachi.Service`, decorate methods.

Everything public is reached from here. Names are resolved when they are first asked for, so that
importing the package stays cheap and a service pays only for the transports it uses.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

# At once, because importing the module of that name later would put it in the version's place.
from tomodachi.__version__ import __build_time__, __version__, __version_info__
from tomodachi.public_names import SUBMODULES, home_of

if TYPE_CHECKING:
    from tomodachi import (
        cli,
        config,
        container,
        discovery,
        envelope,
        errors,
        helpers,
        importer,
        invoker,
        launcher,
        logging,
        opentelemetry,
        options,
        protocol,
        transport,
        validation,
        watcher,
    )
    from tomodachi.helpers.aiobotocore_connector import (
        ClientConnector as AiobotocoreClientConnector,
    )
    from tomodachi.helpers.aiobotocore_connector import connector as aiobotocore_client_connector
    from tomodachi.helpers.context_variables import context, get_contextvar
    from tomodachi.helpers.execution_context import (
        clear_execution_context as _clear_execution_context,
    )
    from tomodachi.helpers.execution_context import (
        decrease_execution_context_value,
        get_execution_context,
        increase_execution_context_value,
        set_execution_context,
    )
    from tomodachi.helpers.logging import log as _log
    from tomodachi.invoker.decorator import decorator
    from tomodachi.logging import Logger, LoggerProtocol, get_logger
    from tomodachi.options import Options, OptionsInterface
    from tomodachi.process_exit import exit  # noqa: A004 - its public name
    from tomodachi.run_program import run
    from tomodachi.services.base import Service
    from tomodachi.services.decorator import service
    from tomodachi.services.meta import CLASS_ATTRIBUTE, TOMODACHI_CLASSES, TomodachiServiceMeta
    from tomodachi.services.registry import clear_services as _clear_services
    from tomodachi.services.registry import get_service, get_services
    from tomodachi.services.registry import get_service as get_instance
    from tomodachi.services.registry import set_service as _set_service
    from tomodachi.services.registry import unset_service as _unset_service
    from tomodachi.transport.amqp import amqp, amqp_publish
    from tomodachi.transport.aws_sns_sqs import (
        aws_sns_sqs,
        aws_sns_sqs_publish,
        aws_sns_sqs_publish_batch,
        aws_sns_sqs_send_message,
        awssnssqs,
        awssnssqs_publish,
        awssnssqs_send_message,
        sns_publish,
        sqs_send_message,
    )
    from tomodachi.transport.http import (
        HttpException,
        get_forwarded_remote_ip,
        get_http_response_status,
        get_http_response_status_sync,
        http,
        http_error,
        http_static,
    )
    from tomodachi.transport.http import Response as HttpResponse

    # These two packages have modules of the same names as their decorators.
    from tomodachi.transport.http.decorators import websocket, ws
    from tomodachi.transport.schedule import (
        daily,
        every_second,
        heartbeat,
        hourly,
        minutely,
        monthly,
        schedule,
    )
    from tomodachi.transport.schedule.decorators import scheduler

__all__ = [
    "CLASS_ATTRIBUTE",
    "DEFAULT_SERVICE_EXIT_CODE",
    "SERVICE_EXIT_CODE",
    "TOMODACHI_CLASSES",
    "AiobotocoreClientConnector",
    "HttpException",
    "HttpResponse",
    "Logger",
    "LoggerProtocol",
    "Options",
    "OptionsInterface",
    "Service",
    "TomodachiServiceMeta",
    "__author__",
    "__build_time__",
    "__email__",
    "__version__",
    "__version_info__",
    "_clear_execution_context",
    "_clear_services",
    "_log",
    "_set_service",
    "_unset_service",
    "aiobotocore_client_connector",
    "amqp",
    "amqp_publish",
    "aws_sns_sqs",
    "aws_sns_sqs_publish",
    "aws_sns_sqs_publish_batch",
    "aws_sns_sqs_send_message",
    "awssnssqs",
    "awssnssqs_publish",
    "awssnssqs_send_message",
    "cli",
    "config",
    "container",
    "context",
    "daily",
    "decorator",
    "decrease_execution_context_value",
    "discovery",
    "envelope",
    "errors",
    "every_second",
    "exit",
    "get_contextvar",
    "get_execution_context",
    "get_forwarded_remote_ip",
    "get_http_response_status",
    "get_http_response_status_sync",
    "get_instance",
    "get_logger",
    "get_service",
    "get_services",
    "heartbeat",
    "helpers",
    "hourly",
    "http",
    "http_error",
    "http_static",
    "importer",
    "increase_execution_context_value",
    "invoker",
    "launcher",
    "logging",
    "minutely",
    "monthly",
    "opentelemetry",
    "options",
    "protocol",
    "run",
    "schedule",
    "scheduler",
    "service",
    "set_execution_context",
    "sns_publish",
    "sqs_send_message",
    "transport",
    "validation",
    "watcher",
    "websocket",
    "ws",
]

__author__ = "The tomodachi-testkit maintainers"
__email__ = ""

DEFAULT_SERVICE_EXIT_CODE: int = 0
SERVICE_EXIT_CODE: int = DEFAULT_SERVICE_EXIT_CODE


def __getattr__(name: str) -> Any:
    """Resolve a public name, once."""
    if name in SUBMODULES:
        return importlib.import_module(f"{__name__}.{name}")
    home = home_of(name)
    if home is None:
        msg = f"module '{__name__}' has no attribute '{name}'"
        raise AttributeError(msg, name=name)
    module, attribute = home
    value = globals()[name] = getattr(_import(module, name), attribute)
    return value


def _import(module: str, name: str) -> Any:
    try:
        return importlib.import_module(f"{__name__}.{module}")
    except ModuleNotFoundError as error:
        from tomodachi.missing_package import explain

        explain(name, error)
        raise SystemExit(1) from error


def __dir__() -> list[str]:
    from tomodachi.public_names import HOMES

    return sorted({*globals(), *HOMES, *SUBMODULES})
