"""Where each public name of the package lives: a table from which `tomodachi.__getattr__` resolves."""

from __future__ import annotations

SUBMODULES = frozenset(
    [
        "cli",
        "config",
        "container",
        "discovery",
        "envelope",
        "errors",
        "helpers",
        "importer",
        "invoker",
        "launcher",
        "logging",
        "opentelemetry",
        "options",
        "protocol",
        "transport",
        "validation",
        "watcher",
    ]
)

_SNS_SQS = "transport.aws_sns_sqs"
_REGISTRY = "services.registry"
_EXECUTION = "helpers.execution_context"

# Module to names; "public=own" where the name differs in its own module.
_NAMES: dict[str, str] = {
    "invoker.decorator": "decorator",
    "helpers.aiobotocore_connector": (
        "aiobotocore_client_connector=connector AiobotocoreClientConnector=ClientConnector"
    ),
    "helpers.context_variables": "context get_contextvar",
    _EXECUTION: (
        "get_execution_context set_execution_context increase_execution_context_value "
        "decrease_execution_context_value _clear_execution_context=clear_execution_context"
    ),
    "helpers.logging": "_log=log",
    "logging": "Logger LoggerProtocol get_logger",
    "options": "Options OptionsInterface",
    "process_exit": "exit",
    "run_program": "run",
    "services.base": "Service",
    "services.decorator": "service",
    "services.meta": "CLASS_ATTRIBUTE TOMODACHI_CLASSES TomodachiServiceMeta",
    _REGISTRY: (
        "get_service get_services get_instance=get_service _set_service=set_service "
        "_unset_service=unset_service _clear_services=clear_services"
    ),
    "transport.amqp": "amqp amqp_publish",
    _SNS_SQS: (
        "aws_sns_sqs awssnssqs aws_sns_sqs_publish awssnssqs_publish sns_publish "
        "aws_sns_sqs_publish_batch aws_sns_sqs_send_message awssnssqs_send_message sqs_send_message"
    ),
    "transport.http": (
        "http http_error http_static websocket ws HttpException HttpResponse=Response "
        "get_http_response_status get_http_response_status_sync get_forwarded_remote_ip"
    ),
    "transport.schedule": (
        "schedule scheduler heartbeat every_second minutely hourly daily monthly"
    ),
}

HOMES: dict[str, tuple[str, str]] = {
    public: (module, own or public)
    for module, names in _NAMES.items()
    for public, _, own in (name.partition("=") for name in names.split())
}
"""Public name to its module, below the package, and its name there."""


def home_of(name: str) -> tuple[str, str] | None:
    """Module and attribute behind a public name; None if there is no such name."""
    return HOMES.get(name)
