"""AWS managed keys: `alias/aws/sns` and `alias/aws/sqs` are there from the start, and get a key when asked for.

Tools look such an alias up to encrypt queues and topics with it. Only aliases of the services that are here
are known.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html (predefined aliases have no
target yet) and .../API_DescribeKey.html (which associates a key with one)
"""

from __future__ import annotations

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.kms.registry import Key, KmsRegistry

PREDEFINED = ("alias/aws/sns", "alias/aws/sqs")
_ROTATION_DAYS = 365


def associate(registry: KmsRegistry, ids: IdSource, key_id: str, context: CallContext) -> None:
    """Give a predefined alias of the caller's its key, where `key_id` is one that has none yet."""
    place = (context.account, context.region)
    if key_id not in PREDEFINED or (place, key_id) in registry.aliases:
        return
    service = key_id.rpartition("/")[2].upper()
    key = Key(
        key_id=ids.uuid(),
        account=context.account,
        region=context.region,
        created_at=context.now,
        description=f"Default key that protects my {service} data when no other key is defined",
        rotation_days=_ROTATION_DAYS,
        manager="AWS",
    )
    registry.keys[place, key.key_id] = key
    registry.aliases[place, key_id] = key.key_id


def without_key(registry: KmsRegistry, context: CallContext) -> list[str]:
    """Predefined aliases of the caller's that have no key yet."""
    place = (context.account, context.region)
    return [name for name in PREDEFINED if (place, name) not in registry.aliases]
