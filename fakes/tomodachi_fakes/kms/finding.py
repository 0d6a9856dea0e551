"""How operations of KMS find the key that a request names, and what they say when there is none."""

from __future__ import annotations

from tomodachi_fakes.aws.arn import partition_of
from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.kms.errors import KmsDisabled, KmsInvalidState, NotFound
from tomodachi_fakes.kms.registry import Key, KeyState, KmsRegistry


def key_of(registry: KmsRegistry, key_id: str, context: CallContext) -> Key:
    """The key that an id, key ARN, alias name or alias ARN names.

    Raises:
        NotFound: there is none.
    """
    key = registry.find(key_id, account=context.account, region=context.region)
    if key is not None:
        return key
    if key_id.startswith("alias/"):
        msg = f"Alias {alias_arn(key_id, context)} is not found."
        raise NotFound(msg)
    partition = partition_of(context.region)
    arn = f"arn:{partition}:kms:{context.region}:{context.account}:key/{key_id}"
    msg = f"Key '{key_id if key_id.startswith('arn:') else arn}' does not exist"
    raise NotFound(msg)


def live_key_of(registry: KmsRegistry, key_id: str, context: CallContext) -> Key:
    """As `key_of`, of keys that may still be changed.

    Raises:
        NotFound: there is none.
        KmsInvalidState: it is pending deletion.
    """
    key = key_of(registry, key_id, context)
    if key.state is KeyState.PENDING_DELETION:
        msg = f"{key.arn} is pending deletion."
        raise KmsInvalidState(msg)
    return key


def enabled_key_of(registry: KmsRegistry, key_id: str, context: CallContext) -> Key:
    """As `live_key_of`, of keys that have to be enabled for it.

    Raises:
        NotFound: there is none.
        KmsInvalidState: it is pending deletion.
        KmsDisabled: it is disabled.
    """
    key = live_key_of(registry, key_id, context)
    if key.state is KeyState.DISABLED:
        msg = f"{key.arn} is disabled."
        raise KmsDisabled(msg)
    return key


def alias_arn(name: str, context: CallContext) -> str:
    """The ARN of an alias of the caller's."""
    return f"arn:{partition_of(context.region)}:kms:{context.region}:{context.account}:{name}"
