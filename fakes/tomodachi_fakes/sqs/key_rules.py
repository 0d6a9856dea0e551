"""When a queue's KMS key keeps messages from being sent or received.

Source: SQS developer guide, key management; errors of SendMessage and ReceiveMessage.
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.keys import KeyRegistry
from tomodachi_fakes.sqs import errors
from tomodachi_fakes.sqs.queue import Queue

_ERRORS: dict[str, type[AwsError]] = {
    "AccessDenied": errors.KmsAccessDenied,
    "Disabled": errors.KmsDisabled,
    "InvalidKeyUsage": errors.KmsInvalidKeyUsage,
    "InvalidState": errors.KmsInvalidState,
    "NotFound": errors.KmsNotFound,
}


def check_key(keys: KeyRegistry, queue: Queue) -> None:
    """Let a call pass whose queue is not encrypted by a key, or by one that is usable.

    Raises:
        AwsError: the key is disabled, pending deletion, denied, gone or of the wrong kind.
    """
    if not queue.kms_key_id:
        return
    refusal = keys.refusal(queue.kms_key_id, account=queue.id.account, region=queue.id.region)
    if refusal is not None:
        code, text = refusal
        raise _ERRORS[code](text)
