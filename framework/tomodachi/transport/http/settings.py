"""The `http.*` options as values that the server works with.

Which values each option may have, and which of them mean "off", is decided by `tomodachi.options`;
what is wrong only in combination surfaces here, when a service starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tomodachi.options import resolve
from tomodachi.transport.http.keep_alive import KeepAlivePolicy
from tomodachi.transport.http.real_ip import RealIpRule
from tomodachi.transport.http.response import ContentTypeDefaults

if TYPE_CHECKING:
    from tomodachi.options import Options


class HttpSettings(NamedTuple):
    """The options of one service's HTTP server, checked.

    Attributes:
        host: None binds every interface.
        port: 0 lets the system choose.
        client_max_size: Octets of a request's body.
        access_log: Whether responses are logged.
        access_log_file: Where the lines also go, as JSON; None for nowhere.
        grace_period_s: How long running requests may take at stop.
    """

    host: str | None
    port: int
    reuse_port: bool
    defaults: ContentTypeDefaults
    client_max_size: int
    grace_period_s: float
    access_log: bool
    access_log_file: str | None
    real_ip: RealIpRule
    keep_alive: KeepAlivePolicy
    server_header: str

    @classmethod
    def of_options(cls, options: Options) -> HttpSettings:
        """Read every `http.*` option.

        Raises:
            ValueError: an option's value is out of range, or makes no sense with another's.
        """
        http = options.http
        kept = resolve.keep_alive(options)
        return cls(
            host=http.host or None,
            port=http.port or 0,
            reuse_port=bool(http.reuse_port),
            defaults=ContentTypeDefaults.of_options(http.content_type, http.charset),
            client_max_size=resolve.parse_size(http.client_max_size),
            grace_period_s=float(http.termination_grace_period_seconds or 0),
            access_log=bool(http.access_log),
            access_log_file=http.access_log if isinstance(http.access_log, str) else None,
            real_ip=RealIpRule.of_options(http.real_ip_header, http.real_ip_from),
            keep_alive=KeepAlivePolicy(
                kept.timeout, kept.max_requests or None, kept.max_time or None
            ),
            server_header=http.server_header or "",
        )
