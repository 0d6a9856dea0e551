"""Values as Erlang prints them (`~p`), for the reply texts that show what a client sent.

Source: https://www.erlang.org/doc/apps/stdlib/io_lib.html; texts as a RabbitMQ 3.10.8 answers them
"""

from __future__ import annotations

from tomodachi_fakes.amqp.fields import Field, FieldType, Table
from tomodachi_fakes.amqp.frames import erlang_binary

_LINE = 80


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


def pair(tag: str, value: int, column: int) -> str:
    """The tuple {tag,value} as it is printed from `column` on: broken where the line would be too long."""
    whole = f"{{{tag},{value}}}"
    if column + len(whole) <= _LINE:
        return whole
    return f"{{{tag},\n{' ' * (column + 1)}{value}}}"
