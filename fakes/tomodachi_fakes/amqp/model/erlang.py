"""Values as Erlang prints them (`~p`), for the reply texts that show what a client sent.

Source: https://www.erlang.org/doc/apps/stdlib/io_lib.html; texts as a RabbitMQ 3.10.8 answers them
"""

from __future__ import annotations

import re

from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.frames import erlang_binary

_LINE = 80
_INDENT = 4


def term(field: Field) -> str:
    """A field's value as a term; strings as binaries, arrays and tables with their types."""
    value = field.value
    match field.type:
        case FieldType.VOID:
            return "undefined"
        case FieldType.BOOL:
            return "true" if value else "false"
        case FieldType.LONGSTR | FieldType.BINARY:
            return erlang_binary(value)
        case FieldType.DECIMAL:
            return f"{{{value[0]},{value[1]}}}"
        case FieldType.ARRAY:
            return f"[{','.join(f'{{{item.type.title},{term(item)}}}' for item in value)}]"
        case FieldType.TABLE:
            return table(value)
    return str(value)


def table(entries: Table) -> str:
    """A field table as a list of its names, types and values."""
    shown = (
        f"{{{erlang_binary(name.encode('utf-8', 'surrogateescape'))},{item.type.title},{term(item)}}}"
        for name, item in entries.items()
    )
    return f"[{','.join(shown)}]"


def atom(word: str) -> str:
    """A word of the program's own; quoted where it is no plain one."""
    return word if re.fullmatch(r"[a-z][A-Za-z0-9_@]*", word) else f"'{word}'"


def pair(tag: str, value: int, column: int) -> str:
    """The tuple {tag,value} as it is printed from `column` on: broken where the line would be too long."""
    whole = f"{{{tag},{value}}}"
    if column + len(whole) <= _LINE:
        return whole
    return f"{{{tag},\n{' ' * (column + 1)}{value}}}"


def missing_queue(vhost: str, name: str, column: int) -> str:
    """What a lookup that found no queue is printed as, from `column` on."""
    host, queue = (erlang_binary(text.encode("utf-8", "surrogateescape")) for text in (vhost, name))
    resource = f"{{resource,{host},queue,{queue}}}"
    if column + len(resource) + len("{not_found,}") < _LINE - 1:
        return f"{{not_found,{resource}}}"
    if column + _INDENT + len(resource) + 1 >= _LINE - 1:
        resource = f"{{resource,{host},queue,\n{' ' * (column + 2 * _INDENT)}{queue}}}"
    return f"{{not_found,\n{' ' * (column + _INDENT)}{resource}}}"
