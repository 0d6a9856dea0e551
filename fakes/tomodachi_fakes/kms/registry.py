"""Keys and aliases of every account and region: how they are found, and whether they may be used.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tomodachi_fakes.aws.arn import parse_arn, partition_of
from tomodachi_fakes.aws.keys import KeyUse


class KeyState(StrEnum):
    """State of a key, as on the wire."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"
    PENDING_DELETION = "PendingDeletion"


@dataclass(slots=True)
class Key:
    """One KMS key.

    Attributes:
        key_id: Its UUID.
        account: Owner.
        region: Where it lives.
        created_at: Unix time.
        description: Free text.
        usage: `KeyUsage` on the wire.
        spec: `KeySpec` on the wire.
        policy: Key policy as text; "" for the one that every key begins with.
        tags: Tags by key.
        rotation_days: How often it is said to be rotated; 0 for never.
        state: Whether it can be used.
        deletion_at: When it goes for good; 0.0 when it is not pending deletion.
        denied: Every use is refused, as a key policy would that leaves the caller out.
        manager: "CUSTOMER", or "AWS" for a key that came with a predefined alias.
    """

    key_id: str
    account: str
    region: str
    created_at: float
    description: str = ""
    usage: str = "ENCRYPT_DECRYPT"
    spec: str = "SYMMETRIC_DEFAULT"
    policy: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    rotation_days: int = 0
    state: KeyState = KeyState.ENABLED
    deletion_at: float = 0.0
    denied: bool = False
    manager: str = "CUSTOMER"

    @property
    def arn(self) -> str:
        """The key's ARN."""
        partition = partition_of(self.region)
        return f"arn:{partition}:kms:{self.region}:{self.account}:key/{self.key_id}"


Place = tuple[str, str]  # account, region


class KmsRegistry:
    """Every key and alias.

    Attributes:
        keys: Keys by place and id.
        aliases: Key ids by place and alias name (`alias/...`); None once the alias is deleted.
    """

    def __init__(self) -> None:
        self.keys: dict[tuple[Place, str], Key] = {}
        self.aliases: dict[tuple[Place, str], str | None] = {}

    def find(self, key_id: str, *, account: str, region: str) -> Key | None:
        """The key that an id, key ARN, alias name or alias ARN names."""
        place, name = _locate(key_id, account, region)
        if name.startswith("alias/"):
            target = self.aliases.get((place, name))
            return None if target is None else self.keys.get((place, target))
        return self.keys.get((place, name))

    def deny(self, key_id: str, *, account: str, region: str, denied: bool = True) -> None:
        """Refuse every use of a key from now on, or allow it again.

        Raises:
            LookupError: there is no such key.
        """
        key = self.find(key_id, account=account, region=region)
        if key is None:
            msg = f"no KMS key {key_id!r} in {account}, {region}: create it with CreateKey first."
            raise LookupError(msg)
        key.denied = denied

    def refusal(
        self, key_id: str, *, account: str, region: str, use: KeyUse | None = None
    ) -> tuple[str, str] | None:
        """Why the key can't be used, as (code, text), or None when it can or was never registered."""
        place, name = _locate(key_id, account, region)
        key = self.find(key_id, account=account, region=region)
        if key is None:
            if name.startswith("alias/") and (place, name) in self.aliases:
                return "NotFound", f"Alias {_alias_arn(place, name)} is not found."
            return None
        return _refusal_of(key, use or KeyUse(account))


def _refusal_of(key: Key, use: KeyUse) -> tuple[str, str] | None:
    if key.denied:
        return "AccessDenied", (
            "The ciphertext refers to a customer master key that does not exist, does not exist "
            "in this region, or you are not allowed to access."
        )
    if key.state is KeyState.DISABLED:
        return "Disabled", f"{key.arn} is disabled."
    if key.state is KeyState.PENDING_DELETION:
        return "InvalidState", f"{key.arn} is pending deletion."
    if key.usage != "ENCRYPT_DECRYPT" or key.spec != "SYMMETRIC_DEFAULT":
        return (
            "InvalidKeyUsage",
            f"{key.arn} key usage is {key.usage} which is not valid for GenerateDataKey.",
        )
    return _denial_of(key, use)


def _denial_of(key: Key, use: KeyUse) -> tuple[str, str] | None:
    if not key.policy:
        return None
    # Imported with the first policy: evaluating one takes more modules than a broker starts with.
    from tomodachi_fakes.kms.key_policies import denial

    text = denial(key, use)
    return None if text is None else ("AccessDenied", text)


def _locate(key_id: str, account: str, region: str) -> tuple[Place, str]:
    arn = parse_arn(key_id)
    if arn is None:
        return (account, region), key_id
    return (arn.account, arn.region), arn.resource.removeprefix("key/")


def _alias_arn(place: Place, name: str) -> str:
    account, region = place
    return f"arn:{partition_of(region)}:kms:{region}:{account}:{name}"
