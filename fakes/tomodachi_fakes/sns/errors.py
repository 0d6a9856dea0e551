"""The errors of SNS's model, with the code and status that go on the wire.

`InvalidParameter` is what nearly every bad request gets; `invalid_parameter` adds SNS's usual
prefix. Texts are AWS's, as recorded or as the API reference gives them.

Source: SNS API reference, the Errors section of each action; botocore's service model.
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError


class AuthorizationError(AwsError):
    """The caller may not do this."""

    code = "AuthorizationError"
    status = 403


class BatchEntryIdsNotDistinct(AwsError):
    """Two entries of a batch have the same id."""

    code = "BatchEntryIdsNotDistinct"
    message = "Two or more batch entries in the request have the same Id."


class BatchRequestTooLong(AwsError):
    """The entries of a batch are larger than one message may be."""

    code = "BatchRequestTooLong"
    message = "The length of all the batch messages put together is more than the limit."


class ConcurrentAccess(AwsError):
    """Two requests change the tags of one topic at once."""

    code = "ConcurrentAccess"
    message = "Can't perform multiple operations on a tag simultaneously. Perform the operations sequentially."


class EmptyBatchRequest(AwsError):
    """A batch has no entries."""

    code = "EmptyBatchRequest"
    message = "The batch request doesn't contain any entries."


class EndpointDisabled(AwsError):
    """The platform endpoint is disabled."""

    code = "EndpointDisabled"
    message = "Endpoint is disabled"


class FilterPolicyLimitExceeded(AwsError):
    """The account, or the topic, has as many filter policies as it may."""

    code = "FilterPolicyLimitExceeded"
    status = 403
    message = "Filter policy limit exceeded"


class InternalError(AwsError):
    """SNS itself failed."""

    code = "InternalError"
    status = 500
    sender_fault = False


class InvalidBatchEntryId(AwsError):
    """An entry's id has characters, or a length, that it may not have."""

    code = "InvalidBatchEntryId"
    message = "The Id of a batch entry in a batch request doesn't abide by the specification."


class InvalidParameter(AwsError):
    """A parameter has a value that it may not have."""

    code = "InvalidParameter"


class InvalidParameterValue(AwsError):
    """A message attribute does not follow its own type."""

    code = "ParameterValueInvalid"


class InvalidSecurity(AwsError):
    """The request was not signed, or not sent over HTTPS, where it has to be."""

    code = "InvalidSecurity"
    status = 403


class InvalidState(AwsError):
    """The resource can't be changed in its present state."""

    code = "InvalidState"


class KmsAccessDenied(AwsError):
    """The key exists and may not be used."""

    code = "KMSAccessDenied"


class KmsDisabled(AwsError):
    """The key is disabled."""

    code = "KMSDisabled"


class KmsInvalidState(AwsError):
    """The key waits for its deletion, or for its material."""

    code = "KMSInvalidState"


class KmsNotFound(AwsError):
    """There is no such key."""

    code = "KMSNotFound"


class KmsOptInRequired(AwsError):
    """The account has to sign up for KMS."""

    code = "KMSOptInRequired"
    status = 403


class KmsThrottling(AwsError):
    """KMS had too many requests."""

    code = "KMSThrottling"


class NotFound(AwsError):
    """The topic, subscription, platform application or endpoint does not exist."""

    code = "NotFound"
    status = 404


class OptedOut(AwsError):
    """The phone number's owner has opted out of messages."""

    code = "OptedOut"


class PlatformApplicationDisabled(AwsError):
    """The platform application is disabled."""

    code = "PlatformApplicationDisabled"
    message = "Platform application is disabled"


class ReplayLimitExceeded(AwsError):
    """The topic has as many replays under way as it may."""

    code = "ReplayLimitExceeded"
    status = 403


class ResourceNotFound(AwsError):
    """Tags were asked of a topic, or a sandbox action of a number, that does not exist."""

    code = "ResourceNotFound"
    status = 404
    message = "Resource does not exist"


class StaleTag(AwsError):
    """A tag was added to a topic while it was being changed otherwise."""

    code = "StaleTag"


class SubscriptionLimitExceeded(AwsError):
    """The topic, or the account, has as many subscriptions as it may."""

    code = "SubscriptionLimitExceeded"
    status = 403


class TagLimitExceeded(AwsError):
    """More than 50 tags on one topic."""

    code = "TagLimitExceeded"
    message = "Could not complete request: tag quota of per resource exceeded"


class TagPolicy(AwsError):
    """A tag does not follow the organisation's tag policy."""

    code = "TagPolicy"


class Throttled(AwsError):
    """Too many requests."""

    code = "Throttled"
    status = 429
    message = "Rate exceeded"


class TooManyEntriesInBatchRequest(AwsError):
    """A batch has more than ten entries."""

    code = "TooManyEntriesInBatchRequest"
    message = "The batch request contains more entries than permissible."


class TopicLimitExceeded(AwsError):
    """The account has as many topics as it may."""

    code = "TopicLimitExceeded"
    status = 403


class UserError(AwsError):
    """The request can't be served for a reason of the caller's."""

    code = "UserError"


class ValidationException(AwsError):
    """A parameter in the request is invalid."""

    code = "ValidationException"


class Verification(AwsError):
    """The one-time password for a sandbox number is wrong or too old."""

    code = "VerificationException"


def invalid_parameter(what: str, reason: str | None = None) -> InvalidParameter:
    """`InvalidParameter` in SNS's usual words: "Invalid parameter: <what>[ Reason: <reason>]"."""
    suffix = "" if reason is None else f" Reason: {reason}"
    return InvalidParameter(f"Invalid parameter: {what}{suffix}")


def invalid_attributes(reason: str) -> InvalidParameter:
    """`InvalidParameter` for a member of an `Attributes` map."""
    return invalid_parameter("Attributes", reason)
