#!/usr/bin/env python3
"""Declare, list, publish and get by the management API of a RabbitMQ, or of what stands for one.

    rabbitmqadmin [options] list queues name messages
    rabbitmqadmin [options] declare queue name=q durable=false
    rabbitmqadmin [options] publish exchange=amq.default routing_key=q payload=hello
    rabbitmqadmin [options] get queue=q ackmode=ack_requeue_false

Needs nothing but Python. Subcommands, options and what they print are those of RabbitMQ's own rabbitmqadmin
(https://www.rabbitmq.com/docs/management-cli), which scripts were written for.
"""

# ruff: noqa: B905 - `zip` has no `strict` in the older Pythons that this may meet
from __future__ import annotations

import argparse
import base64
import configparser
import http.client
import json
import os
import ssl
import sys
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

Values = dict[str, Any]

# What can be declared and deleted: the path, what has to be given, and what is sent with which default.
_DECLARED: dict[str, tuple[str, tuple[str, ...], Values]] = {
    "exchange": ("/exchanges/{vhost}/{name}", ("name", "type"), {"auto_delete": False, "durable": True, "internal": False, "arguments": {}}),
    "queue": ("/queues/{vhost}/{name}", ("name",), {"auto_delete": False, "durable": True, "arguments": {}, "node": None, "queue_type": None}),
    "binding": ("/bindings/{vhost}/e/{source}/{kind}/{destination}", ("source", "destination"), {"destination_type": "queue", "routing_key": "", "arguments": {}}),
    "vhost": ("/vhosts/{name}", ("name",), {"tracing": None, "description": None, "tags": None}),
    "user": ("/users/{name}", ("name", "tags"), {"password": None, "password_hash": None}),
    "permission": ("/permissions/{vhost}/{user}", ("vhost", "user", "configure", "write", "read"), {}),
    "topic_permission": ("/topic-permissions/{vhost}/{user}", ("vhost", "user", "exchange", "write", "read"), {}),
    "policy": ("/policies/{vhost}/{name}", ("name", "pattern", "definition"), {"priority": 0, "apply-to": None}),
    "operator_policy": ("/operator-policies/{vhost}/{name}", ("name", "pattern", "definition"), {"priority": 0, "apply-to": None}),
    "parameter": ("/parameters/{component}/{vhost}/{name}", ("component", "name", "value"), {}),
    "vhost_limit": ("/vhost-limits/{vhost}/{name}", ("vhost", "name", "value"), {}),
    "user_limit": ("/user-limits/{user}/{name}", ("user", "name", "value"), {}),
}  # fmt: skip
_JSON_VALUES = ("arguments", "definition", "value", "priority")
_FLAGS = ("auto_delete", "durable", "internal", "tracing")
_LISTED = (
    "users", "vhosts", "connections", "exchanges", "bindings", "permissions", "channels", "parameters",
    "consumers", "queues", "policies", "operator_policies", "nodes", "vhost_limits", "user_limits", "feature_flags",
)  # fmt: skip
_IN_A_VHOST = (
    "exchanges",
    "bindings",
    "consumers",
    "queues",
    "policies",
    "operator_policies",
    "vhost_limits",
)
_FIRST = ("vhost", "name", "user", "type", "routing_key", "exchange")
_BRIEF = (
    "vhost", "name", "type", "messages", "source", "destination", "destination_type", "routing_key",
    "properties_key",
)  # fmt: skip
_DULL = ("arguments", "internal", "auto_delete", "durable")


def main(arguments: list[str] | None = None) -> None:
    """Do what the command line says; ends with 1 and a line for the user when that fails."""
    options = _options(arguments)
    words = options.words
    if options.version:
        sys.stdout.write("rabbitmqadmin of svc-fake-broker\n")
        return
    commands = {
        "list": _list, "show": _show, "declare": _declare, "delete": _delete, "publish": _publish, "get": _get,
        "purge": _purge, "close": _close, "export": _export, "import": _import,
    }  # fmt: skip
    if not words or words[0] == "help":
        sys.stdout.write(f"{__doc__}\nSubcommands: {', '.join(commands)}\n")
        return
    if words[0] not in commands:
        _fail(f"Action {words[0]} not understood: there are {', '.join(commands)}")
    try:
        commands[words[0]](Api(options), options, words[1:])
    except OSError as error:
        _fail(f"Could not connect: {error}")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="rabbitmqadmin", add_help=False)
    parser.add_argument("words", nargs="*")
    parser.add_argument("--help", action="help")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("-c", "--config", default="~/.rabbitmqadmin.conf")
    parser.add_argument("-N", "--node", default="default")
    parser.add_argument("-H", "--host")
    parser.add_argument("-P", "--port")
    parser.add_argument("-V", "--vhost")
    parser.add_argument("-u", "--username")
    parser.add_argument("-p", "--password")
    parser.add_argument("-U", "--base-uri")
    parser.add_argument("--path-prefix")
    parser.add_argument("-q", "--quiet", action="store_true")
    parser.add_argument("-s", "--ssl", action="store_true")
    parser.add_argument("-k", "--ssl-insecure", action="store_true")
    parser.add_argument("--ssl-ca-cert-file")
    parser.add_argument("-t", "--request-timeout", type=float, default=120)
    formats = (*_AS_JSON, *_SHAPES)
    parser.add_argument("-f", "--format", default="table", choices=formats)
    parser.add_argument("-S", "--sort")
    parser.add_argument("-R", "--sort-reverse", action="store_true")
    options = parser.parse_intermixed_args(arguments)
    return _with_defaults(options)


def _with_defaults(options: argparse.Namespace) -> argparse.Namespace:
    """What was not given comes from the configuration file's section, and then from RabbitMQ's defaults."""
    config = configparser.ConfigParser()
    config.read(os.path.expanduser(options.config))  # noqa: PTH111 - as short as a script should be
    section = dict(config[options.node]) if config.has_section(options.node) else {}
    if options.base_uri:
        parts = urlsplit(options.base_uri)
        section |= {"hostname": parts.hostname or "", "path_prefix": parts.path.rstrip("/")}
        if parts.port:
            section["port"] = str(parts.port)
        options.ssl = options.ssl or parts.scheme == "https"
    options.ssl = options.ssl or section.get("ssl", "").lower() == "true"
    options.host = options.host or section.get("hostname") or "localhost"
    options.port = options.port or section.get("port") or ("15671" if options.ssl else "15672")
    options.username = options.username or section.get("username") or "guest"
    options.password = options.password or section.get("password") or "guest"
    options.path_prefix = options.path_prefix or section.get("path_prefix") or ""
    options.vhost = options.vhost or section.get("vhost")
    return options


def _fail(text: str) -> None:
    sys.stderr.write(f"*** {text}\n")
    raise SystemExit(1)


class Api:
    """The management API."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options

    def __call__(self, method: str, path: str, values: Any = None) -> Any:
        """Make a request; the answer's JSON, None when it is empty."""
        text = self.text(method, path, None if values is None else json.dumps(values))
        return json.loads(text) if text else None

    def text(self, method: str, path: str, body: str | None = None) -> str:
        """Make a request; the answer as it came."""
        options = self._options
        login = base64.b64encode(f"{options.username}:{options.password}".encode()).decode()
        headers = {"Authorization": f"Basic {login}", "Content-Type": "application/json"}
        connection = self._connection()
        connection.request(method, f"{options.path_prefix}/api{path}", body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        if answer.status == 401:
            _fail(f"Access refused: /api{path}")
        if answer.status == 404:
            _fail(f"Not found: /api{path}")
        if answer.status >= 400:
            _fail(f"{_reason(text) or f'{answer.status} {answer.reason}'} ({method} {path})")
        return text

    def _connection(self) -> http.client.HTTPConnection:
        options = self._options
        host, port, wait_s = options.host, int(options.port), options.request_timeout
        if not options.ssl:
            return http.client.HTTPConnection(host, port, timeout=wait_s)
        context = ssl.create_default_context(cafile=options.ssl_ca_cert_file)
        if options.ssl_insecure:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(host, port, timeout=wait_s, context=context)


def _reason(text: str) -> str:
    try:
        return str(json.loads(text)["reason"]).strip()
    except (ValueError, KeyError, TypeError):
        return text


# --- what is asked -----------------------------------------------------------------------------------


def _given(words: list[str], needed: tuple[str, ...], optional: Values) -> Values:
    """`name=value` words as values; what is missing or unknown ends the command."""
    values: Values = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = "apply-to" if name == "apply_to" else name
        if not equals:
            _fail(f'Argument "{word}" is not in the format name=value')
        if name not in needed and name not in optional:
            known = ", ".join((*needed, *optional))
            _fail(f'Argument "{name}" is not recognised; there are {known}')
        values[name] = _typed(name, value)
    missing = [name for name in needed if name not in values]
    if missing:
        _fail(f'mandatory argument "{missing[0]}" is required')
    defaults = {name: value for name, value in optional.items() if value is not None}
    return {**defaults, **values}


def _typed(name: str, value: str) -> Any:
    if name in _FLAGS:
        return value.lower() == "true"
    if name not in _JSON_VALUES:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        return _fail(f"Could not parse JSON: {value!r} ({error})")


def _path(pattern: str, values: Values) -> str:
    return pattern.format(**{name: quote(str(value), safe="") for name, value in values.items()})


def _thing(options: argparse.Namespace, words: list[str]) -> tuple[str, str, list[str]]:
    """A kind of thing, its path and what is said of it."""
    if not words or words[0] not in _DECLARED:
        _fail(f"Say what: {', '.join(_DECLARED)}")
    return words[0], options.vhost or "/", words[1:]


def _declare(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    kind, vhost, words = _thing(options, words)
    pattern, needed, optional = _DECLARED[kind]
    if "password" in optional and not any(word.startswith("password") for word in words):
        _fail('mandatory argument "password" or "password_hash" is required')
    values = _given(words, needed, optional)
    where = {"vhost": vhost, **values, "kind": values.get("destination_type", "queue")[0]}
    if queue_type := values.pop("queue_type", None):
        values["arguments"] = {**values["arguments"], "x-queue-type": queue_type}
    path = _path(pattern, where)
    api("POST" if kind == "binding" else "PUT", path, {**values, "vhost": where["vhost"]})
    _tell(options, f"{kind} declared")


def _delete(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    kind, vhost, words = _thing(options, words)
    pattern, needed, _ = _DECLARED[kind]
    in_the_path = [
        name
        for name in ("component", "name", "user", "source", "destination")
        if f"{{{name}}}" in pattern
    ]
    if "vhost" in needed:
        in_the_path.append("vhost")
    if kind == "binding":
        pattern, in_the_path = (
            f"{pattern}/{{properties_key}}",
            [*in_the_path, "destination_type", "properties_key"],
        )
    values = _given(
        [*(["destination_type=queue"] if kind == "binding" else []), *words], tuple(in_the_path), {}
    )
    where = {"vhost": vhost, **values, "kind": values.get("destination_type", "queue")[0]}
    api("DELETE", _path(pattern, where))
    _tell(options, f"{kind} deleted")


def _publish(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    optional = {
        "exchange": "amq.default",
        "payload": None,
        "payload_encoding": "string",
        "properties": "{}",
    }
    values = _given(words, ("routing_key",), optional)
    values.setdefault("payload", None)
    if values["payload"] is None:
        values["payload"] = sys.stdin.read()
    try:
        values["properties"] = json.loads(values["properties"])
    except ValueError as error:
        _fail(f"Could not parse JSON: {values['properties']!r} ({error})")
    path = _path("/exchanges/{vhost}/{exchange}/publish", {"vhost": options.vhost or "/", **values})
    routed = api("POST", path, {**values, "vhost": options.vhost or "/"})["routed"]
    _tell(options, "Message published" if routed else "Message published but NOT routed")


def _get(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    optional = {
        "count": "1",
        "ackmode": "ack_requeue_true",
        "payload_file": None,
        "encoding": "auto",
    }
    values = _given(words, ("queue",), optional)
    file = values.pop("payload_file", None)
    path = _path("/queues/{vhost}/{queue}/get", {"vhost": options.vhost or "/", **values})
    messages = api("POST", path, {**values, "vhost": options.vhost or "/"})
    if file is None:
        return _show_rows(options, messages, [])
    with open(file, "wb") as written:  # noqa: PTH123 - as short as a script should be
        for message in messages:
            payload = message["payload"].encode()
            written.write(
                base64.b64decode(payload) if message["payload_encoding"] == "base64" else payload
            )
    return None


def _purge(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if words[:1] != ["queue"]:
        _fail("Say purge queue name=...")
    values = _given(words[1:], ("name",), {})
    api(
        "DELETE",
        _path("/queues/{vhost}/{name}/contents", {"vhost": options.vhost or "/", **values}),
    )
    _tell(options, "queue purged")


def _close(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if words[:1] != ["connection"]:
        _fail("Say close connection name=...")
    api("DELETE", _path("/connections/{name}", _given(words[1:], ("name",), {})))
    _tell(options, "connection closed")


def _definitions(options: argparse.Namespace) -> str:
    return (
        _path("/definitions/{vhost}", {"vhost": options.vhost}) if options.vhost else "/definitions"
    )


def _export(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if len(words) != 1:
        _fail("Say export FILE")
    with open(words[0], "w", encoding="utf-8") as file:  # noqa: PTH123 - as short as a script should be
        file.write(api.text("GET", _definitions(options)))
    _tell(options, f'Exported definitions for {options.host} to "{words[0]}"')


def _import(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if len(words) != 1:
        _fail("Say import FILE")
    with open(words[0], encoding="utf-8") as file:  # noqa: PTH123 - as short as a script should be
        api.text("POST", _definitions(options), file.read())
    _tell(options, f'Uploaded definitions from "{options.host}" to {words[0]}.')


# --- what is told ------------------------------------------------------------------------------------


def _tell(options: argparse.Namespace, text: str) -> None:
    if not options.quiet:
        sys.stdout.write(f"{text}\n")


def _list(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if not words or words[0] not in _LISTED:
        _fail(f"Say what: {', '.join(_LISTED)}")
    path = f"/{words[0].replace('_', '-')}"
    if options.vhost and words[0] in _IN_A_VHOST:
        path += f"/{quote(options.vhost, safe='')}"
    query = {"sort": options.sort, "sort_reverse": "true" if options.sort_reverse else None}
    given = urlencode({name: value for name, value in query.items() if value})
    rows = api("GET", f"{path}?{given}" if given else path)
    _show_rows(options, rows, words[1:], brief=words[0] in ("exchanges", "queues", "bindings"))


def _show(api: Api, options: argparse.Namespace, words: list[str]) -> None:
    if words[:1] != ["overview"]:
        _fail("Say show overview")
    columns = words[1:] or [
        "management_version",
        "rabbitmq_version",
        "cluster_name",
        "queue_totals.messages",
    ]
    _show_rows(options, [api("GET", "/overview")], columns)


def _show_rows(
    options: argparse.Namespace, rows: list[Values], columns: list[str], *, brief: bool = False
) -> None:
    if options.format in _AS_JSON:
        sys.stdout.write(json.dumps(rows, **_AS_JSON[options.format]) + "\n")
        return
    there = {name for row in rows for name in row}
    names = [name for name in _FIRST if name in there] + sorted(there - set(_FIRST))
    if brief and options.format == "table":
        names = [name for name in names if name in _BRIEF]
    names = columns or [name for name in names if name not in _DULL] or names
    cells = [[_cell(_deep(row, name)) for name in names] for row in rows]
    sys.stdout.write(_SHAPES[options.format](names, cells))


def _deep(row: Any, name: str) -> Any:
    for part in name.split("."):
        row = row.get(part) if isinstance(row, dict) else None
    return row


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return " ".join(value)
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def _table(names: list[str], cells: list[list[str]]) -> str:
    if not cells:
        return "No items\n"
    widths = [max(map(len, column)) for column in zip(names, *cells)]
    line = f"+{'+'.join('-' * (width + 2) for width in widths)}+"
    head = [f"{name:^{width}}" for name, width in zip(names, widths)]
    rows = [[cell.ljust(width) for cell, width in zip(row, widths)] for row in cells]
    shown = [f"| {' | '.join(row)} |" for row in (head, *rows)]
    return "\n".join([line, shown[0], line, *shown[1:], line, ""])


def _tsv(names: list[str], cells: list[list[str]]) -> str:
    return "".join("\t".join(row) + "\n" for row in (names, *cells))


def _long(names: list[str], cells: list[list[str]]) -> str:
    width = max(map(len, names), default=0)
    blocks = [
        "".join(f"{name.rjust(width)}: {cell}\n" for name, cell in zip(names, row)) for row in cells
    ]
    line = "-" * 80 + "\n"
    return f"\n{line}" + line.join(blocks) + line + "\n"


def _pairs(names: list[str], cells: list[list[str]]) -> str:
    return "".join(
        " ".join(f'{name}="{cell}"' for name, cell in zip(names, row)) + "\n" for row in cells
    )


_AS_JSON: dict[str, Values] = {
    "raw_json": {"separators": (",", ":")},
    "pretty_json": {"indent": 2},
}
_SHAPES = {"table": _table, "tsv": _tsv, "long": _long, "kvp": _pairs}

if __name__ == "__main__":
    main()
