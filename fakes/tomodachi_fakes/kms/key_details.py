"""What is kept with a key beside its state: policy, description, tags, and whether it is rotated.

Tools that make keys ask for all of them. Only the policy changes anything here; what one means is decided
in `key_policies.py`.

Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tomodachi_fakes.aws.call import CallContext
from tomodachi_fakes.kms.errors import NotFound, ValidationFailed
from tomodachi_fakes.kms.finding import enabled_key_of, key_of, live_key_of
from tomodachi_fakes.kms.key_policies import POLICY_NAME, check_policy, policy_of
from tomodachi_fakes.kms.registry import KeyState, KmsRegistry

ROTATION_DAYS: Final = 365
_ROTATION_RANGE: Final = (90, 2560)

Params = dict[str, Any]
Handler = Callable[[Params, CallContext], dict[str, Any]]


class KeyDetailOperations:
    """Operations on what is kept with keys.

    Attributes:
        handlers: Them by name.
    """

    def __init__(self, registry: KmsRegistry) -> None:
        self._registry = registry
        self.handlers: dict[str, Handler] = {
            "DisableKeyRotation": self._disable_key_rotation,
            "EnableKeyRotation": self._enable_key_rotation,
            "GetKeyPolicy": self._get_key_policy,
            "GetKeyRotationStatus": self._get_key_rotation_status,
            "ListKeyPolicies": self._list_key_policies,
            "ListResourceTags": self._list_resource_tags,
            "PutKeyPolicy": self._put_key_policy,
            "TagResource": self._tag_resource,
            "UntagResource": self._untag_resource,
            "UpdateKeyDescription": self._update_key_description,
        }

    # --- policy ----------------------------------------------------------------------------------

    def _get_key_policy(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = key_of(self._registry, params["KeyId"], context)
        _check_policy_name(params)
        return {"Policy": policy_of(key), "PolicyName": POLICY_NAME}

    def _list_key_policies(self, params: Params, context: CallContext) -> dict[str, Any]:
        key_of(self._registry, params["KeyId"], context)
        return {"PolicyNames": [POLICY_NAME], "Truncated": False}

    def _put_key_policy(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = live_key_of(self._registry, params["KeyId"], context)
        _check_policy_name(params)
        check_policy(params["Policy"])
        key.policy = params["Policy"]
        return {}

    # --- description, tags -----------------------------------------------------------------------

    def _update_key_description(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = live_key_of(self._registry, params["KeyId"], context)
        key.description = params["Description"]
        return {}

    def _list_resource_tags(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = key_of(self._registry, params["KeyId"], context)
        tags = [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()]
        return {"Tags": tags, "Truncated": False}

    def _tag_resource(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = live_key_of(self._registry, params["KeyId"], context)
        key.tags |= {tag["TagKey"]: tag["TagValue"] for tag in params["Tags"]}
        return {}

    def _untag_resource(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = live_key_of(self._registry, params["KeyId"], context)
        for name in params["TagKeys"]:
            key.tags.pop(name, None)
        return {}

    # --- rotation --------------------------------------------------------------------------------

    def _enable_key_rotation(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = enabled_key_of(self._registry, params["KeyId"], context)
        days = params.get("RotationPeriodInDays", ROTATION_DAYS)
        least, most = _ROTATION_RANGE
        if not least <= days <= most:
            msg = f"RotationPeriodInDays must be between {least} and {most} days, inclusive."
            raise ValidationFailed(msg)
        key.rotation_days = days
        return {}

    def _disable_key_rotation(self, params: Params, context: CallContext) -> dict[str, Any]:
        enabled_key_of(self._registry, params["KeyId"], context).rotation_days = 0
        return {}

    def _get_key_rotation_status(self, params: Params, context: CallContext) -> dict[str, Any]:
        key = key_of(self._registry, params["KeyId"], context)
        is_rotated = bool(key.rotation_days) and key.state is not KeyState.PENDING_DELETION
        status: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": is_rotated}
        if is_rotated:
            status["RotationPeriodInDays"] = key.rotation_days
        return status


def _check_policy_name(params: Params) -> None:
    name = params.get("PolicyName", POLICY_NAME)
    if name != POLICY_NAME:
        msg = f"No such policy exists: {name}"
        raise NotFound(msg)
