"""KMS as far as SQS and SNS depend on it: keys and aliases, their states, no cryptography.

Sources: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html;
https://github.com/aws-controllers-k8s/community/issues/1878 and
https://github.com/hashicorp/terraform-provider-aws/issues/12891 (what is wrong with an alias)
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Sequence
from typing import Any

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.aws.errors import NotImplementedByFake
from tomodachi_fakes.ids import IdSource
from tomodachi_fakes.kms.errors import (
    AlreadyExists,
    InvalidAliasName,
    InvalidMarker,
    KmsInvalidState,
    NotFound,
    ValidationFailed,
)
from tomodachi_fakes.kms.finding import alias_arn, key_of, live_key_of
from tomodachi_fakes.kms.key_details import Handler, KeyDetailOperations, Params
from tomodachi_fakes.kms.key_policies import check_policy
from tomodachi_fakes.kms.managed_keys import associate, without_key
from tomodachi_fakes.kms.registry import Key, KeyState, KmsRegistry

_ALIAS_CHARACTERS = re.compile(r"[A-Za-z0-9/_-]*")
_DAY_S = 86_400.0
_WINDOW_DAYS = (7, 30)
_PAGE = 100


class KmsService:
    """The fake KMS.

    Attributes:
        registry: Its keys, which SQS and SNS are handed.
    """

    def __init__(self, *, ids: IdSource, registry: KmsRegistry | None = None) -> None:
        self._ids = ids
        self.registry = KmsRegistry() if registry is None else registry
        self._handlers: dict[str, Handler] = {
            "CancelKeyDeletion": self._cancel_key_deletion,
            "CreateAlias": self._create_alias,
            "CreateKey": self._create_key,
            "DeleteAlias": self._delete_alias,
            "DescribeKey": self._describe_key,
            "DisableKey": self._disable_key,
            "EnableKey": self._enable_key,
            "ListAliases": self._list_aliases,
            "ListKeys": self._list_keys,
            "ScheduleKeyDeletion": self._schedule_key_deletion,
            "UpdateAlias": self._update_alias,
            **KeyDetailOperations(self.registry).handlers,
        }

    @property
    def operations(self) -> tuple[str, ...]:
        """Names of the operations that are implemented."""
        return tuple(self._handlers)

    def call(self, operation: str, params: Params, context: CallContext) -> dict[str, Any]:
        """Run one operation.

        Raises:
            AwsError: the answer is an error.
        """
        handler = self._handlers.get(operation)
        if handler is None:
            msg = "kms"
            raise NotImplementedByFake(msg, operation)
        self.advance(now=context.now)
        return handler(params, context)

    # --- keys ------------------------------------------------------------------------------------

    def _create_key(self, params: Params, context: CallContext) -> dict[str, Any]:
        if params.get("Policy"):
            check_policy(params["Policy"])
        key = Key(
            key_id=self._ids.uuid(),
            account=context.account,
            region=context.region,
            created_at=context.now,
            description=params.get("Description", ""),
            usage=params.get("KeyUsage", "ENCRYPT_DECRYPT"),
            spec=params.get("KeySpec") or params.get("CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"),
            policy=params.get("Policy", ""),
            tags={tag["TagKey"]: tag["TagValue"] for tag in params.get("Tags", ())},
        )
        self.registry.keys[(key.account, key.region), key.key_id] = key
        return {"KeyMetadata": _metadata(key)}

    def _describe_key(self, params: Params, context: CallContext) -> dict[str, Any]:
        associate(self.registry, self._ids, params["KeyId"], context)
        return {"KeyMetadata": _metadata(key_of(self.registry, params["KeyId"], context))}

    def _disable_key(self, params: Params, context: CallContext) -> dict[str, Any]:
        live_key_of(self.registry, params["KeyId"], context).state = KeyState.DISABLED
        return {}

    def _enable_key(self, params: Params, context: CallContext) -> dict[str, Any]:
        live_key_of(self.registry, params["KeyId"], context).state = KeyState.ENABLED
        return {}

    def _schedule_key_deletion(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = live_key_of(self.registry, params["KeyId"], context)
        least, most = _WINDOW_DAYS
        days = params.get("PendingWindowInDays", most)
        if not least <= days <= most:
            msg = f"PendingWindowInDays must be between {least} and {most} days, inclusive."
            raise ValidationFailed(msg)
        key.state = KeyState.PENDING_DELETION
        key.deletion_at = context.now + days * _DAY_S
        return {
            "KeyId": key.arn,
            "DeletionDate": key.deletion_at,
            "KeyState": str(key.state),
            "PendingWindowInDays": days,
        }

    def _cancel_key_deletion(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = key_of(self.registry, params["KeyId"], context)
        if key.state is not KeyState.PENDING_DELETION:
            msg = f"{key.arn} is not pending deletion."
            raise KmsInvalidState(msg)
        # The key comes back disabled, as KMS leaves it.
        key.state, key.deletion_at = KeyState.DISABLED, 0.0
        return {"KeyId": key.arn}

    def _list_keys(self, params: Params, context: CallContext) -> dict[str, Any]:
        place = (context.account, context.region)
        keys = [k for (where, _), k in sorted(self.registry.keys.items()) if where == place]
        entries = [{"KeyId": key.key_id, "KeyArn": key.arn} for key in keys]
        return _page("Keys", entries, params)

    # --- aliases ---------------------------------------------------------------------------------

    def _create_alias(self, params: Params, context: CallContext) -> dict[str, Any]:
        name: str = params["AliasName"]
        place = (context.account, context.region)
        _check_alias(name)
        if self.registry.aliases.get((place, name)) is not None:
            msg = f"An alias with the name {alias_arn(name, context)} already exists"
            raise AlreadyExists(msg)
        key = live_key_of(self.registry, params["TargetKeyId"], context)
        self.registry.aliases[place, name] = key.key_id
        return {}

    def _update_alias(self, params: Params, context: CallContext) -> dict[str, Any]:
        slot = self._alias(params["AliasName"], context)
        key = live_key_of(self.registry, params["TargetKeyId"], context)
        self.registry.aliases[slot] = key.key_id
        return {}

    def _delete_alias(self, params: Params, context: CallContext) -> dict[str, Any]:
        # The name is kept with nothing behind it: a queue that still uses it must meet NotFound.
        self.registry.aliases[self._alias(params["AliasName"], context)] = None
        return {}

    def _list_aliases(self, params: Params, context: CallContext) -> dict[str, Any]:
        place = (context.account, context.region)
        wanted = (
            key_of(self.registry, params["KeyId"], context).key_id if params.get("KeyId") else None
        )
        entries: list[dict[str, Any]] = [
            {"AliasName": name, "AliasArn": alias_arn(name, context), "TargetKeyId": target}
            for (where, name), target in self.registry.aliases.items()
            if where == place and target is not None and wanted in (None, target)
        ]
        if wanted is None:
            entries += [
                {"AliasName": name, "AliasArn": alias_arn(name, context)}
                for name in without_key(self.registry, context)
            ]
        entries.sort(key=lambda entry: entry["AliasName"])
        return _page("Aliases", entries, params)

    def _alias(self, name: str, context: CallContext) -> tuple[tuple[str, str], str]:
        slot = ((context.account, context.region), name)
        if self.registry.aliases.get(slot) is None:
            msg = f"Alias {alias_arn(name, context)} is not found."
            raise NotFound(msg)
        return slot

    # --- time, snapshots -------------------------------------------------------------------------

    def cancel(self, waiter_id: int) -> None:
        """No call ever waits."""

    def next_deadline(self) -> float | None:
        """When the next key goes for good."""
        return min(
            (k.deletion_at for k in self.registry.keys.values() if k.deletion_at), default=None
        )

    def advance(self, *, now: float) -> None:
        """Remove the keys whose waiting period is over, and their aliases."""
        gone = [
            (slot, key)
            for slot, key in self.registry.keys.items()
            if key.deletion_at and key.deletion_at <= now
        ]
        for slot, key in gone:
            del self.registry.keys[slot]
            for alias, target in self.registry.aliases.items():
                if target == key.key_id:
                    self.registry.aliases[alias] = None

    def snapshot(self) -> bytes:
        """Every key and alias, as opaque octets."""
        return pickle.dumps((self.registry.keys, self.registry.aliases))

    def restore(self, snapshot: bytes) -> None:
        """Go back to what `snapshot` gave."""
        keys, aliases = pickle.loads(snapshot)  # noqa: S301 - only ever what `snapshot` wrote
        self.registry.keys, self.registry.aliases = keys, aliases

    def reset(self, account: str | None = None) -> None:
        """Forget everything, or everything of one account."""
        registry = self.registry
        registry.keys = {
            slot: key for slot, key in registry.keys.items() if account not in (None, key.account)
        }
        registry.aliases = {
            slot: target
            for slot, target in registry.aliases.items()
            if account not in (None, slot[0][0])
        }


def _check_alias(name: str) -> None:
    if not name.startswith("alias/"):
        msg = (
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
        raise ValidationFailed(msg)
    if not _ALIAS_CHARACTERS.fullmatch(name):
        msg = f"{name} contains invalid characters for an alias"
        raise ValidationFailed(msg)
    if name == "alias/" or name.startswith("alias/aws/"):
        msg = f"Invalid alias name: {name}"
        raise InvalidAliasName(msg)


def _metadata(key: Key) -> dict[str, Any]:
    metadata = {
        "AWSAccountId": key.account,
        "KeyId": key.key_id,
        "Arn": key.arn,
        "CreationDate": key.created_at,
        "Enabled": key.state is KeyState.ENABLED,
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": str(key.state),
        "Origin": "AWS_KMS",
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        "MultiRegion": False,
    }
    if key.usage == "ENCRYPT_DECRYPT" and key.spec == "SYMMETRIC_DEFAULT":
        metadata["EncryptionAlgorithms"] = ["SYMMETRIC_DEFAULT"]
    if key.deletion_at:
        metadata["DeletionDate"] = key.deletion_at
    return metadata


def _page(member: str, entries: Sequence[dict[str, Any]], params: Params) -> dict[str, Any]:
    marker = params.get("Marker") or "0"
    if not (marker.isascii() and marker.isdecimal()):
        msg = f"Invalid marker: {marker}"
        raise InvalidMarker(msg)
    start, limit = int(marker[:9]), params.get("Limit", _PAGE)
    page: dict[str, Any] = {member: list(entries[start : start + limit]), "Truncated": False}
    if start + limit < len(entries):
        page |= {"Truncated": True, "NextMarker": str(start + limit)}
    return page
