"""Server-side encryption of topics: whether the key of a topic may be used now.

Bodies are not encrypted; what shows is the attribute, and the error when a key that is registered
with KMS is disabled, pending deletion, denied or gone.

Source: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html; SNS API reference, Publish.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tomodachi_fakes.aws.keys import ENCRYPT, KeyUse
from tomodachi_fakes.sns.errors import (
    KmsAccessDenied,
    KmsDisabled,
    KmsInvalidState,
    KmsNotFound,
    KmsOptInRequired,
    KmsThrottling,
)

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext
    from tomodachi_fakes.aws.errors import AwsError
    from tomodachi_fakes.sns.core import Core
    from tomodachi_fakes.sns.state import Topic

_ERRORS: dict[str, type[AwsError]] = {
    "AccessDenied": KmsAccessDenied,
    "Disabled": KmsDisabled,
    "InvalidKeyUsage": KmsInvalidState,
    "InvalidState": KmsInvalidState,
    "NotFound": KmsNotFound,
    "OptInRequired": KmsOptInRequired,
    "Throttling": KmsThrottling,
}


def check_usable(core: Core, topic: Topic, context: CallContext) -> None:
    """Let a topic pass whose key the publisher may use, or that has none.

    Raises:
        KmsAccessDenied, KmsDisabled, KmsInvalidState, KmsNotFound: as KMS says.
    """
    key = topic.attributes.get("KmsMasterKeyId")
    if not key:
        return
    use = KeyUse.by(context, ENCRYPT, via="sns")
    refusal = core.keys.refusal(key, account=topic.account, region=topic.region, use=use)
    if refusal is not None:
        code, text = refusal
        raise _ERRORS[code](text)
