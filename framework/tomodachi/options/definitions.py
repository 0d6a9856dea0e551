"""Every option there is: its section, default and rule.

Source: the options table of the documentation; the keys it leaves out are those of the runtime's
inventory, plus `aws_sns_sqs.aws_session_token` and the two `on_exception` keys, which are ours.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tomodachi.options import fields
from tomodachi.options.fields import KeySpec
from tomodachi.options.interface import OptionsInterface, option, section

if TYPE_CHECKING:
    import ssl as tls

_100_MIB = 100 * 1024**2


class _HTTP(OptionsInterface, prefix="http"):
    """Options of the HTTP server, `tomodachi.Options(http=tomodachi.Options.HTTP(...))`.

    Attributes:
        port: TCP port to listen on; None or 0 takes a free one.
        host: Interface to listen on; "0.0.0.0" is every IPv4 interface, None or "" every interface.
        reuse_port: Bind with SO_REUSEPORT, so that several processes share the port. Linux only,
            where it is the default.
        content_type: Content-Type of responses that name none.
        charset: Charset of responses, where neither they nor `content_type` name one.
        client_max_size: Largest request body, in octets or as "10M"; larger ones are answered 413.
            1 KiB to 1 GiB; None, 0, False and "" mean 100 MiB.
        termination_grace_period_seconds: How long running requests may take to end when the service
            stops.
        access_log: Log each request; a file name logs to that file as well.
        real_ip_from: Addresses or networks of proxies whose `real_ip_header` is believed.
        real_ip_header: Header in which proxies name the client's address.
        keepalive_timeout: Seconds for which an idle connection is kept; None, 0 or False closes each
            connection after its response.
        keepalive_expiry: Counts where `keepalive_timeout` is not set.
        max_keepalive_time: Seconds after which a kept connection is closed by its next response;
            None, 0 or False for never. Needs keep-alive.
        max_keepalive_requests: Requests after which a kept connection is closed; None, 0 or False for
            never. Needs keep-alive.
        server_header: Server header of responses.
    """

    port: int | None = option(default=9700, rule=fields.PORT)
    host: str | None = option(default="0.0.0.0", rule=fields.OPTIONAL_TEXT)  # noqa: S104 - documented
    reuse_port: bool | None = option(default=sys.platform == "linux", rule=fields.OPTIONAL_SWITCH)
    content_type: str | None = option(
        default="text/plain; charset=utf-8", rule=fields.OPTIONAL_TEXT
    )
    charset: str | None = option(default="utf-8", rule=fields.OPTIONAL_TEXT)
    client_max_size: int | str | None = option(default=_100_MIB, rule=fields.SIZE)
    termination_grace_period_seconds: float = option(default=30, rule=fields.GRACE)
    access_log: bool | str = option(default=True, rule=fields.LOG_TARGET)
    real_ip_from: str | list[str] | tuple[str, ...] | None = option(
        default=[], rule=fields.NETWORKS
    )
    real_ip_header: str | None = option(default="X-Forwarded-For", rule=fields.OPTIONAL_TEXT)
    keepalive_timeout: float | str | None = option(default=0, rule=fields.SECONDS)
    keepalive_expiry: float | str | None = option(default=0, rule=fields.SECONDS)
    max_keepalive_time: float | str | None = option(default=None, rule=fields.SECONDS)
    max_keepalive_requests: float | str | None = option(default=None, rule=fields.COUNT)
    server_header: str | None = option(default="tomodachi", rule=fields.OPTIONAL_TEXT)


class _AWSSNSSQS(OptionsInterface, prefix="aws_sns_sqs"):
    """Options of SNS + SQS, `tomodachi.Options(aws_sns_sqs=tomodachi.Options.AWSSNSSQS(...))`.

    Attributes:
        region_name: AWS region; None leaves it to the environment.
        aws_access_key_id: Access key; None leaves credentials to the environment.
        aws_secret_access_key: Secret key. Not shown by `repr`.
        aws_session_token: Session token of temporary credentials. Not shown by `repr`.
        topic_prefix: Put before the names of topics.
        queue_name_prefix: Put before the names of queues.
        sns_kms_master_key_id: KMS key (id, alias or ARN) that encrypts topics at rest; "" or False turns
            encryption off, None leaves topics as they are.
        sqs_kms_master_key_id: The same for queues.
        sqs_kms_data_key_reuse_period: Seconds for which queues reuse a data key; None, 0 or False leaves
            it as it is. Applied where a queue is encrypted.
        queue_policy: Replaces the condition on the source ARN in the policy of queues; None for one that
            names the topics a queue is subscribed to.
        wildcard_queue_policy: The same for queues that subscribe to several topics; beats
            `queue_policy` there.
        on_exception: What becomes of a message whose handler raises: "delete", or "retry", which
            leaves it for redelivery and the dead-letter queue.
    """

    region_name: str | None = option(default=None, rule=fields.OPTIONAL_TEXT)
    aws_access_key_id: str | None = option(default=None, rule=fields.OPTIONAL_TEXT)
    aws_secret_access_key: str | None = option(default=None, rule=fields.OPTIONAL_TEXT, secret=True)
    aws_session_token: str | None = option(default=None, rule=fields.OPTIONAL_TEXT, secret=True)
    topic_prefix: str | None = option(default="", rule=fields.OPTIONAL_TEXT)
    queue_name_prefix: str | None = option(default="", rule=fields.OPTIONAL_TEXT)
    sns_kms_master_key_id: str | bool | None = option(default=None, rule=fields.KMS_KEY)
    sqs_kms_master_key_id: str | bool | None = option(default=None, rule=fields.KMS_KEY)
    sqs_kms_data_key_reuse_period: float | str | None = option(default=None, rule=fields.SECONDS)
    queue_policy: str | dict[str, Any] | bool | None = option(default=None, rule=fields.POLICY)
    wildcard_queue_policy: str | dict[str, Any] | bool | None = option(
        default=None, rule=fields.POLICY
    )
    on_exception: str = option(default="delete", rule=fields.ON_EXCEPTION)


class _AWSEndpointURLs(OptionsInterface, prefix="aws_endpoint_urls"):
    """Endpoint URLs of AWS services, for fakes and private endpoints; None means AWS itself.

    Attributes:
        sns: Endpoint of SNS.
        sqs: Endpoint of SQS.
        sts: Endpoint of STS; None takes that of SNS.
    """

    sns: str | None = option(default=None, rule=fields.OPTIONAL_TEXT)
    sqs: str | None = option(default=None, rule=fields.OPTIONAL_TEXT)
    sts: str | None = option(default=None, rule=fields.OPTIONAL_TEXT)


class _QOS(OptionsInterface, prefix="amqp.qos"):
    """How many unacknowledged messages RabbitMQ hands out, and so how many handlers run at once.

    Attributes:
        queue_prefetch_count: For each consumer; 0 for no limit.
        global_prefetch_count: For all consumers together; 0 for no limit.
    """

    queue_prefetch_count: int = option(default=100, rule=fields.PREFETCH)
    global_prefetch_count: int = option(default=400, rule=fields.PREFETCH)


class _AMQP(OptionsInterface, prefix="amqp", qos=_QOS):
    """Options of RabbitMQ, `tomodachi.Options(amqp=tomodachi.Options.AMQP(...))`.

    Attributes:
        host: Host name or address of the server.
        port: TCP port of the server.
        login: User name.
        password: Password. Not shown by `repr`.
        exchange_name: Exchange for handlers and messages that name none.
        routing_key_prefix: Put before routing keys.
        queue_name_prefix: Put before the names of queues.
        virtualhost: Virtual host.
        ssl: Connect with TLS; an `ssl.SSLContext` says how.
        heartbeat: Seconds after which a silent connection is taken for dead; None, 0 or False for never.
        queue_ttl: Seconds after which a queue without consumers is deleted; None, 0 or False for never.
        on_exception: What becomes of a message whose handler raises: "delete" acknowledges it, "retry"
            leaves it for redelivery and the dead-letter exchange.
        qos: How many messages are handed out at once.
    """

    QOS = _QOS

    host: str = option(default="127.0.0.1", rule=fields.TEXT)
    port: int = option(default=5672, rule=fields.SERVER_PORT)
    login: str = option(default="guest", rule=fields.TEXT)
    password: str = option(default="guest", rule=fields.TEXT, secret=True)
    exchange_name: str | None = option(default="amq.topic", rule=fields.OPTIONAL_TEXT)
    routing_key_prefix: str | None = option(default="", rule=fields.OPTIONAL_TEXT)
    queue_name_prefix: str | None = option(default="", rule=fields.OPTIONAL_TEXT)
    virtualhost: str = option(default="/", rule=fields.TEXT)
    ssl: bool | tls.SSLContext | None = option(default=False, rule=fields.TLS)
    heartbeat: float | str | None = option(default=60, rule=fields.SECONDS)
    queue_ttl: float | str | None = option(default=86_400, rule=fields.SECONDS)
    on_exception: str = option(default="delete", rule=fields.ON_EXCEPTION)
    qos: _QOS = section(default=_QOS())


class _Watcher(OptionsInterface, prefix="watcher"):
    """Options of the reload on code changes, which `tomodachi run` does without `--production`.

    Attributes:
        ignored_dirs: Names of directories that are not watched, beside __pycache__, .git and the like.
        watched_file_endings: Endings of files that are watched, beside .py, .pyi, .json, .yml, .html
            and .phtml.
    """

    ignored_dirs: list[str] | tuple[str, ...] = option(default=[], rule=fields.STRINGS)
    watched_file_endings: list[str] | tuple[str, ...] = option(default=[], rule=fields.STRINGS)


class Options(
    OptionsInterface,
    http=_HTTP,
    aws_sns_sqs=_AWSSNSSQS,
    aws_endpoint_urls=_AWSEndpointURLs,
    amqp=_AMQP,
    watcher=_Watcher,
):
    """Configuration of a service, its `options` attribute.

    Every section takes an instance of its class or a dict; dotted keys (`**{"http.port": 80}`) and
    older spellings work too. A value is reached as `options.http.port`, `options["http.port"]` or
    `options.get("http.port")`, and set the same ways. Values are checked when they are set.

    Attributes:
        http: The HTTP server.
        aws_sns_sqs: SNS + SQS.
        aws_endpoint_urls: Where SNS, SQS and STS are.
        amqp: RabbitMQ.
        watcher: Reload on code changes.

    Raises:
        AttributeError: an option is unknown.
        InvalidOptionValue: an option can't have the value; a ValueError that names key, value and what
            is allowed.
        TypeError: a section is neither an instance of its class nor a dict.
    """

    HTTP = _HTTP
    AWSSNSSQS = _AWSSNSSQS
    AWSEndpointURLs = _AWSEndpointURLs
    AMQP = _AMQP
    Watcher = _Watcher

    http: _HTTP = section(default=_HTTP())
    aws_sns_sqs: _AWSSNSSQS = section(default=_AWSSNSSQS())
    aws_endpoint_urls: _AWSEndpointURLs = section(default=_AWSEndpointURLs())
    amqp: _AMQP = section(default=_AMQP())
    watcher: _Watcher = section(default=_Watcher())

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


def _rename(kind: type[OptionsInterface], name: str, qualified: str) -> None:
    kind.__name__, kind.__qualname__ = name, qualified


for _kind, _name in (
    (_HTTP, "HTTP"),
    (_AWSSNSSQS, "AWSSNSSQS"),
    (_AWSEndpointURLs, "AWSEndpointURLs"),
    (_AMQP, "AMQP"),
    (_Watcher, "Watcher"),
):
    _rename(_kind, _name, f"Options.{_name}")
_rename(_QOS, "QOS", "Options.AMQP.QOS")


def _all_specs(kind: type[OptionsInterface]) -> dict[str, KeySpec]:
    specs = {spec.key: spec for spec in kind._specs.values()}
    for nested in kind._sections.values():
        specs |= _all_specs(nested)
    return specs


KEYS: dict[str, KeySpec] = _all_specs(Options)
"""Every option by its dotted key."""
