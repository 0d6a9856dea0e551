"""What AWS's SQS still speaks but its published model no longer says: the query protocol.

Since SQS moved to JSON, the model file lacks the names of query parameters and XML elements, the
legacy error codes and their HTTP status codes. They are put back here, before shapes are compiled.

Sources: the SQS API reference's query examples (2012-11-05) and its list of common errors; the
migration guide from the query to the JSON protocol.
"""

from __future__ import annotations

from typing import Any

from tomodachi_fakes.aws.errors import AwsError

_NAMESPACE = "http://queue.amazonaws.com/doc/2012-11-05/"

# Name of one element of a list.
_LIST_MEMBERS = {
    "AWSAccountIdList": "AWSAccountId",
    "ActionNameList": "ActionName",
    "AttributeNameList": "AttributeName",
    "BatchResultErrorEntryList": "BatchResultErrorEntry",
    "BinaryList": "BinaryListValue",
    "ChangeMessageVisibilityBatchRequestEntryList": "ChangeMessageVisibilityBatchRequestEntry",
    "ChangeMessageVisibilityBatchResultEntryList": "ChangeMessageVisibilityBatchResultEntry",
    "DeleteMessageBatchRequestEntryList": "DeleteMessageBatchRequestEntry",
    "DeleteMessageBatchResultEntryList": "DeleteMessageBatchResultEntry",
    "ListMessageMoveTasksResultEntryList": "ListMessageMoveTasksResultEntry",
    "MessageAttributeNameList": "MessageAttributeName",
    "MessageList": "Message",
    "MessageSystemAttributeList": "MessageSystemAttributeName",
    "QueueUrlList": "QueueUrl",
    "SendMessageBatchRequestEntryList": "SendMessageBatchRequestEntry",
    "SendMessageBatchResultEntryList": "SendMessageBatchResultEntry",
    "StringList": "StringListValue",
    "TagKeyList": "TagKey",
}

# Name of a map as a whole, and of its keys and values.
_MAPS = {
    "MessageBodyAttributeMap": ("MessageAttribute", "Name", "Value"),
    "MessageBodySystemAttributeMap": ("MessageSystemAttribute", "Name", "Value"),
    "MessageSystemAttributeMap": ("Attribute", "Name", "Value"),
    "QueueAttributeMap": ("Attribute", "Name", "Value"),
    "TagMap": ("Tag", "Key", "Value"),
}

# Query code, HTTP status and shape name of each modelled error; a code equal to the name is left "".
_ERRORS = {
    "BatchEntryIdsNotDistinct": ("AWS.SimpleQueueService.BatchEntryIdsNotDistinct", 400),
    "BatchRequestTooLong": ("AWS.SimpleQueueService.BatchRequestTooLong", 400),
    "EmptyBatchRequest": ("AWS.SimpleQueueService.EmptyBatchRequest", 400),
    "InvalidAddress": ("InvalidAddress", 404),
    "InvalidAttributeName": ("InvalidAttributeName", 400),
    "InvalidAttributeValue": ("InvalidAttributeValue", 400),
    "InvalidBatchEntryId": ("AWS.SimpleQueueService.InvalidBatchEntryId", 400),
    "InvalidIdFormat": ("InvalidIdFormat", 400),
    "InvalidMessageContents": ("InvalidMessageContents", 400),
    "InvalidSecurity": ("InvalidSecurity", 403),
    "KmsAccessDenied": ("KMS.AccessDeniedException", 400),
    "KmsDisabled": ("KMS.DisabledException", 400),
    "KmsInvalidKeyUsage": ("KMS.InvalidKeyUsageException", 400),
    "KmsInvalidState": ("KMS.InvalidStateException", 400),
    "KmsNotFound": ("KMS.NotFoundException", 400),
    "KmsOptInRequired": ("KMS.OptInRequired", 403),
    "KmsThrottled": ("KMS.ThrottlingException", 400),
    "MessageNotInflight": ("AWS.SimpleQueueService.MessageNotInflight", 400),
    "OverLimit": ("OverLimit", 403),
    "PurgeQueueInProgress": ("AWS.SimpleQueueService.PurgeQueueInProgress", 403),
    "QueueDeletedRecently": ("AWS.SimpleQueueService.QueueDeletedRecently", 400),
    "QueueDoesNotExist": ("AWS.SimpleQueueService.NonExistentQueue", 400),
    "QueueNameExists": ("QueueAlreadyExists", 400),
    "ReceiptHandleIsInvalid": ("ReceiptHandleIsInvalid", 404),
    "RequestThrottled": ("RequestThrottled", 403),
    "ResourceNotFoundException": ("ResourceNotFoundException", 404),
    "TooManyEntriesInBatchRequest": ("AWS.SimpleQueueService.TooManyEntriesInBatchRequest", 400),
    "UnsupportedOperation": ("AWS.SimpleQueueService.UnsupportedOperation", 400),
}


def apply_overlay(service: str, model: dict[str, Any]) -> dict[str, Any]:
    """Complete `model` in place and return it; only SQS needs it."""
    if service != "sqs":
        return model
    model["metadata"]["xmlNamespace"] = _NAMESPACE
    shapes = model["shapes"]
    for name, member_name in _LIST_MEMBERS.items():
        shapes[name]["member"]["locationName"] = member_name
    for name, (location, key, value) in _MAPS.items():
        shapes[name]["locationName"] = location
        shapes[name]["key"]["locationName"] = key
        shapes[name]["value"]["locationName"] = value
    for name, (code, status) in _ERRORS.items():
        shapes[name]["error"] = {"code": code, "httpStatusCode": status, "senderFault": True}
    _flatten_values(shapes)
    _wrap_results(model["operations"])
    return model


def _flatten_values(shapes: dict[str, Any]) -> None:
    for name in ("MessageAttributeValue", "MessageSystemAttributeValue"):
        for member, location in (
            ("StringListValues", "StringListValue"),
            ("BinaryListValues", "BinaryListValue"),
        ):
            shapes[name]["members"][member] |= {"locationName": location, "flattened": True}


def _wrap_results(operations: dict[str, Any]) -> None:
    for name, operation in operations.items():
        if operation.get("output"):
            operation["output"]["resultWrapper"] = f"{name}Result"


def query_code_of(error: AwsError) -> str:
    """The code of an SQS error as batch entries and the query protocol show it."""
    if error.query_code:
        return error.query_code
    known = _ERRORS.get(error.code)
    return known[0] if known else error.code
