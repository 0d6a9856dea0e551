"""When a queue's KMS key keeps messages from being sent or received.

Source: SQS developer guide, key management; errors of SendMessage and ReceiveMessage.
"""

from __future__ import annotations

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.aws.keys import KeyRegistry, KeyUse
from tomodachi_fakes.sqs import errors
from tomodachi_fakes.sqs.queue import Queue

_ERRORS: dict[str, type[AwsError]] = {
    "AccessDenied": errors.KmsAccessDenied,
    "Disabled": errors.KmsDisabled,
    "InvalidKeyUsage": errors.KmsInvalidKeyUsage,
    "InvalidState": errors.KmsInvalidState,
    "NotFound": errors.KmsNotFound,
}


def check_key(
    keys: KeyRegistry, queue: Queue, caller: CallContext | str, actions: tuple[str, ...]
) -> None:
    """Let a call pass whose queue is not encrypted by a key, or by one that is usable.

    Args:
        keys: The keys there are.
        queue: The queue that is sent to or received from.
        caller: The call that asks for it, or the name of an AWS service that does.
        actions: What SQS asks of KMS for that.

    Raises:
        AwsError: the key is disabled, pending deletion, denied, gone or of the wrong kind.
    """
    if not queue.kms_key_id:
        return
    if isinstance(caller, str):
        use = KeyUse("", caller, actions, via="sqs")
    else:
        use = KeyUse.by(caller, actions, via="sqs")
    where = queue.id
    refusal = keys.refusal(queue.kms_key_id, account=where.account, region=where.region, use=use)
    if refusal is not None:
        code, text = refusal
        raise _ERRORS[code](text)
