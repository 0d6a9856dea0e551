"""What SQS and SNS ask of KMS: may this key be used now?

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tomodachi_fakes.aws.call import CallContext

ENCRYPT = ("kms:GenerateDataKey", "kms:Decrypt")
DECRYPT = ("kms:Decrypt",)


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Who wants to use a key, and what for.

    Attributes:
        account: The caller's account; "" for an AWS service.
        service: Name of the AWS service that calls ("sns.amazonaws.com"); "" for an account.
        actions: What SQS or SNS ask of KMS for that.
        via: The service that asks, "sqs" or "sns".
        principal: The caller's ARN; "" for the root of `account`, or for a service.
        role: ARN of the role that the caller assumed; "" for none.
    """

    account: str
    service: str = ""
    actions: tuple[str, ...] = ENCRYPT
    via: str = ""
    principal: str = ""
    role: str = ""

    @classmethod
    def by(cls, caller: CallContext, actions: tuple[str, ...], *, via: str) -> KeyUse:
        """The use that a call makes of a key."""
        return cls(
            caller.account,
            actions=actions,
            via=via,
            principal=caller.principal,
            role=caller.role_arn,
        )


class KeyRegistry(Protocol):
    """Keys of every account and region; the fake KMS in `kms/` is one."""

    def refusal(
        self, key_id: str, *, account: str, region: str, use: KeyUse | None = None
    ) -> tuple[str, str] | None:
        """Why the key can't be used, as (code, text), or None when it can.

        The codes are KMS's own: "AccessDenied", "Disabled", "InvalidKeyUsage", "InvalidState",
        "NotFound". A key that was never registered is usable, so that tests need no KMS set-up.

        Args:
            key_id: A key id, key ARN, alias name (`alias/...`) or alias ARN.
            account: Owner of the queue or topic.
            region: Region of the queue or topic.
            use: Who uses it; the owner, for everything, when it is None.
        """
        ...


class NoKeys:
    """A registry that knows no key, so every key is usable."""

    def refusal(
        self, key_id: str, *, account: str, region: str, use: KeyUse | None = None
    ) -> tuple[str, str] | None:
        """Nothing is ever refused."""
        return None
