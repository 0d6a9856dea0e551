"""The package's public surface: every name, resolved lazily and once."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys

import pytest

import tomodachi
from tomodachi.public_names import HOMES, SUBMODULES

DOCUMENTED = {
    "amqp",
    "amqp_publish",
    "aws_sns_sqs",
    "awssnssqs",
    "aws_sns_sqs_publish",
    "awssnssqs_publish",
    "sns_publish",
    "aws_sns_sqs_send_message",
    "awssnssqs_send_message",
    "sqs_send_message",
    "http",
    "http_error",
    "http_static",
    "websocket",
    "ws",
    "HttpException",
    "HttpResponse",
    "get_http_response_status",
    "get_http_response_status_sync",
    "get_forwarded_remote_ip",
    "schedule",
    "scheduler",
    "heartbeat",
    "every_second",
    "minutely",
    "hourly",
    "daily",
    "monthly",
    "aiobotocore_client_connector",
    "AiobotocoreClientConnector",
    "_log",
    "cli",
    "discovery",
    "envelope",
    "helpers",
    "invoker",
    "options",
    "transport",
    "container",
    "importer",
    "launcher",
    "logging",
    "opentelemetry",
    "watcher",
    "__version__",
    "__version_info__",
    "__build_time__",
    "__author__",
    "__email__",
    "Options",
    "OptionsInterface",
    "Logger",
    "LoggerProtocol",
    "get_logger",
    "decorator",
    "Service",
    "TomodachiServiceMeta",
    "service",
    "exit",
    "run",
    "context",
    "get_contextvar",
    "get_service",
    "get_services",
    "get_instance",
    "get_execution_context",
    "set_execution_context",
    "increase_execution_context_value",
    "decrease_execution_context_value",
    "_set_service",
    "_unset_service",
    "_clear_services",
    "_clear_execution_context",
    "CLASS_ATTRIBUTE",
    "TOMODACHI_CLASSES",
    "SERVICE_EXIT_CODE",
    "DEFAULT_SERVICE_EXIT_CODE",
}
HEAVY = ("asyncio", "aiohttp", "aiobotocore", "botocore", "aioamqp", "structlog", "google")


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=30
    )
    return done.stdout + done.stderr


def test_every_documented_name_is_public():
    assert set(dir(tomodachi)) >= DOCUMENTED
    assert set(tomodachi.__all__) >= DOCUMENTED


@pytest.mark.parametrize("name", sorted(set(HOMES) | SUBMODULES))
def test_a_name_is_resolved_once_to_what_its_home_has(name: str):
    value = getattr(tomodachi, name)
    assert getattr(tomodachi, name) is value
    if name in SUBMODULES:
        assert value is importlib.import_module(f"tomodachi.{name}")
    else:
        module, own = HOMES[name]
        assert value is getattr(importlib.import_module(f"tomodachi.{module}"), own)


def test_no_module_of_a_transport_takes_the_place_of_a_decorator():
    """One that is imported late, when a service starts, would: a reload finds it there then."""
    for package, names in (
        ("http", ("http", "http_error", "http_static", "websocket", "ws")),
        ("schedule", ("schedule", "heartbeat", "every_second", "minutely", "hourly", "daily")),
        ("amqp", ("amqp", "amqp_publish")),
        ("aws_sns_sqs", ("aws_sns_sqs", "awssnssqs", "aws_sns_sqs_publish", "sqs_send_message")),
    ):
        for name in names:
            spec = importlib.util.find_spec(f"tomodachi.transport.{package}.{name}")
            assert spec is None, spec


def test_the_version_stays_a_text_beside_the_module_that_is_called_like_it():
    """0.29.0 has `tomodachi.__version__` as both."""
    module = importlib.import_module("tomodachi.__version__")
    assert isinstance(tomodachi.__version__, str)
    assert module.__version__ == tomodachi.__version__
    assert module.__version_info__ == tomodachi.__version_info__
    assert module.__build_time__ == tomodachi.__build_time__


def test_two_decorators_are_two_functions():
    assert tomodachi.aws_sns_sqs is not tomodachi.awssnssqs


def test_unknown_names_are_attribute_errors():
    with pytest.raises(AttributeError) as caught:
        _ = tomodachi.nope
    assert str(caught.value) == "module 'tomodachi' has no attribute 'nope'"
    with pytest.raises(ImportError, match="cannot import name 'nope'"):
        from tomodachi import nope  # noqa: F401


def test_class_attribute_and_exit_codes():
    assert tomodachi.CLASS_ATTRIBUTE == "_tomodachi_class_is_service_class"
    assert tomodachi.SERVICE_EXIT_CODE == tomodachi.DEFAULT_SERVICE_EXIT_CODE == 0


def test_version_is_the_distributions():
    from importlib.metadata import version

    assert tomodachi.__version__ == version("tomodachi-testkit")
    assert ".".join(map(str, tomodachi.__version_info__)) == tomodachi.__version__


def test_importing_the_package_imports_nothing_heavy():
    """`import tomodachi` stays below 50 ms: what costs more is imported when it is used."""
    loaded = run(f"import sys, tomodachi; print([n for n in {HEAVY} if n in sys.modules])")
    assert loaded.strip() == "[]"


def test_a_service_class_needs_no_transport():
    code = (
        "import sys, tomodachi\n"
        "class S(tomodachi.Service): options = tomodachi.Options()\n"
        "print([n for n in sys.modules if n.startswith('tomodachi.transport')])"
    )
    assert run(code).strip() == "[]"


def test_a_missing_package_is_explained_and_ends_the_process():
    code = (
        "import sys; sys.modules['aiohttp'] = None\n"
        "import tomodachi\n"
        "tomodachi.http\n"
        "print('not reached')"
    )
    out = run(code)
    assert "tomodachi.http" in out
    assert "The package 'aiohttp' is not installed" in out
    assert "pip install 'aiohttp'" in out
    assert "not reached" not in out


def test_run_stays_a_function_when_its_module_is_imported():
    run_function = tomodachi.run
    importlib.import_module("tomodachi.run")
    assert tomodachi.run is run_function


def test_envelope_and_protocol_names():
    from tomodachi import envelope

    assert envelope.JsonBase is envelope.json_base.JsonBase
    assert envelope.ProtobufBase is envelope.protobuf_base.ProtobufBase
    for module in (envelope, tomodachi.protocol):
        with pytest.raises(AttributeError, match="has no attribute 'nope'"):
            _ = module.nope


def test_older_transport_module_is_the_same_module():
    import tomodachi.transport.awssnssqs as older

    from tomodachi.transport import aws_sns_sqs, awssnssqs

    assert older is aws_sns_sqs is awssnssqs


@pytest.mark.parametrize(
    ("module", "names"),
    [
        ("tomodachi._exception", "limit_exception_traceback"),
        ("tomodachi._importer", "ImportFinder _install_import_finder"),
        ("tomodachi.helpers.dict", "merge_dicts"),
        (
            "tomodachi.helpers.colors",
            "COLOR COLOR_0 COLOR_STYLE COLOR_STYLE_0 COLOR_RESET COLOR_RESET_0 NO_COLOR",
        ),
        (
            "tomodachi.helpers.execution_context",
            "get_service get_services get_instance set_service unset_service clear_services",
        ),
        ("tomodachi.invoker.decorator", "decorator"),
        ("tomodachi.invoker.base", "FUNCTION_ATTRIBUTE INVOKER_TASK_START_KEYWORD Invoker"),
    ],
)
def test_modules_that_services_import_from_are_where_they_were(module: str, names: str) -> None:
    """The module tree of 0.29.0, as far as services and transports of others reach into it."""
    assert set(names.split()) <= set(dir(importlib.import_module(module)))


def test_decorator_is_the_function_and_not_its_module() -> None:
    """`tomodachi.invoker.decorator` names both."""
    importlib.import_module("tomodachi.invoker.decorator")
    assert tomodachi.invoker.decorator is tomodachi.decorator
