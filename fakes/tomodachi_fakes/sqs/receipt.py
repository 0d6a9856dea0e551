"""Receipt handles: opaque to clients, here the queue, the message and the number of the delivery.

A handle needs no table: it is decoded, and compared with what the message says of itself.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from typing import NamedTuple

from tomodachi_fakes.sqs.errors import ReceiptHandleIsInvalid

_PREFIX = "AQEB"
_CONTENT = re.compile(rb"^(\d{1,18}):(\d{1,18}):(\d{1,18})$")


class Receipt(NamedTuple):
    """What a handle says: the queue's number, the message's `seq`, which delivery."""

    queue: int
    seq: int
    number: int


def write_handle(queue: int, seq: int, number: int) -> str:
    """A handle for one delivery."""
    return _PREFIX + b64encode(b"%d:%d:%d" % (queue, seq, number)).decode("ascii")


def read_handle(handle: str, queue: int) -> Receipt:
    """What `handle` says.

    Raises:
        ReceiptHandleIsInvalid: it is malformed, or of another queue than number `queue`.
    """
    try:
        content = b64decode(handle.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ReceiptHandleIsInvalid(handle) from error
    found = _CONTENT.match(content)
    if found is None or not handle.startswith(_PREFIX):
        raise ReceiptHandleIsInvalid(handle)
    receipt = Receipt(*map(int, found.groups()))
    if receipt.queue != queue:
        raise ReceiptHandleIsInvalid.for_queue(handle)
    return receipt
