"""Text messages: settings, opted-out numbers, the sandbox, and publishing to a number.

Messages end in the inbox; those to numbers that opted out, or are not verified in a sandbox, do not.

Source: SNS API reference; https://docs.aws.amazon.com/sns/latest/dg/sns-sms-sandbox.html;
https://docs.aws.amazon.com/sns/latest/dg/sms_publish-to-phone.html; recorded answers of AWS;
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_sms_preferences (which resets
preferences with empty values).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.errors import (
    InvalidParameter,
    OptedOut,
    ResourceNotFound,
    UserError,
    Verification,
    invalid_parameter,
)
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sns.message import Content, check_size
from tomodachi_fakes.sns.paging import page
from tomodachi_fakes.sns.state import SandboxNumber, SmsAccount

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
_SENDER_ID = re.compile(r"(?=.*[a-zA-Z])[a-zA-Z0-9\-]{1,11}")
_NOT_A_DIGIT = re.compile(r"[^0-9]")
_PRICE = re.compile(r"[0-9]+(\.[0-9]+)?|\.[0-9]+", re.ASCII)
_MAXIMUM_MESSAGE_LENGTH = 1600
_DEFAULTS = {"MonthlySpendLimit": "1"}
_ATTRIBUTES = frozenset(
    {
        "DefaultSMSType",
        "DefaultSenderID",
        "DeliveryStatusIAMRole",
        "DeliveryStatusSuccessSamplingRate",
        "MonthlySpendLimit",
        "UsageReportS3Bucket",
    }
)
_TYPES = ("Promotional", "Transactional")
_PERCENT = range(101)
_DAY_S = 86_400
_OPT_IN_INTERVAL_S = 30 * _DAY_S
_MAXIMUM_SANDBOX_PAGE = 100
_MAXIMUM_ORIGINATION_PAGE = 30


def set_sms_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """Set SMS preferences of the account; an empty value takes one back to its default."""
    for name, value in params["attributes"].items():
        _check_attribute(name, value)
    account = _account(core, context)
    attributes = account.attributes | params["attributes"]
    account.attributes = {name: value for name, value in attributes.items() if value}
    return {}


def get_sms_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """SMS preferences: all, or those asked for."""
    attributes = _DEFAULTS | _account(core, context).attributes
    wanted = params.get("attributes")
    if wanted:
        attributes = {name: attributes[name] for name in wanted if name in attributes}
    return {"attributes": attributes}


def check_if_phone_number_is_opted_out(core: Core, params: Params, context: CallContext) -> Output:
    """Whether a number's owner has opted out."""
    number = _number(params["phoneNumber"])
    return {"isOptedOut": number in _account(core, context).opted_out}


def list_phone_numbers_opted_out(core: Core, params: Params, context: CallContext) -> Output:
    """Numbers that opted out, 100 at a time."""
    numbers, following = page(
        list(_account(core, context).opted_out), params.get("nextToken"), parameter="nextToken"
    )
    output: Output = {"phoneNumbers": numbers}
    return output if following is None else output | {"nextToken": following}


def opt_in_phone_number(core: Core, params: Params, context: CallContext) -> Output:
    """Opt a number in again, which is possible once in 30 days."""
    number = _number(params["phoneNumber"])
    account = _account(core, context)
    if number in account.opted_out:
        last = account.opted_in.get(number)
        if last is not None and context.now - last < _OPT_IN_INTERVAL_S:
            reason = "a number can be opted in only once every 30 days"
            raise invalid_parameter("PhoneNumber", reason)
        del account.opted_out[number]
        account.opted_in[number] = context.now
    return {}


def opt_out(core: Core, number: str, *, account: str, region: str, now: float) -> None:
    """What happens when the owner of `number` answers STOP."""
    core.state.sms_account(account, region).opted_out[number] = now


def get_sms_sandbox_account_status(core: Core, params: Params, context: CallContext) -> Output:
    """Whether the account is in the SMS sandbox."""
    return {"IsInSandbox": _account(core, context).sandbox}


def create_sms_sandbox_phone_number(core: Core, params: Params, context: CallContext) -> Output:
    """Add a destination number and send it a one-time password."""
    number = _number(params["PhoneNumber"])
    account = _account(core, context)
    if number in account.opted_out:
        msg = f"The phone number {number} has opted out of receiving messages"
        raise OptedOut(msg)
    if number not in account.numbers and len(account.numbers) >= core.limits.sandbox_numbers:
        msg = f"The sandbox holds at most {core.limits.sandbox_numbers} phone numbers"
        raise UserError(msg)
    password = core.ids.token(6, "0123456789")
    account.numbers[number] = SandboxNumber(number, password, context.now)
    _capture(core, number, f"Your verification code is {password}", core.ids.uuid(), context)
    return {}


def verify_sms_sandbox_phone_number(core: Core, params: Params, context: CallContext) -> Output:
    """Verify a destination number with the one-time password that it was sent."""
    number = _sandbox_number(core, params, context)
    if params["OneTimePassword"] != number.password:
        raise Verification("The one-time password is not valid", Status="Invalid")
    if context.now - number.created_at > _DAY_S:
        raise Verification("The one-time password has expired", Status="Expired")
    number.verified = True
    return {}


def delete_sms_sandbox_phone_number(core: Core, params: Params, context: CallContext) -> Output:
    """Remove a destination number, 24 hours after it was verified or at once when it is pending."""
    number = _sandbox_number(core, params, context)
    if number.verified and context.now - number.created_at < _DAY_S:
        raise UserError("A verified phone number can be deleted 24 hours after it was added")
    del _account(core, context).numbers[number.number]
    return {}


def list_sms_sandbox_phone_numbers(core: Core, params: Params, context: CallContext) -> Output:
    """Destination numbers of the sandbox."""
    limit = params.get("MaxResults", _MAXIMUM_SANDBOX_PAGE)
    numbers = list(_account(core, context).numbers.values())
    entries, following = page(numbers, params.get("NextToken"), limit=limit)
    output: Output = {
        "PhoneNumbers": [
            {"PhoneNumber": item.number, "Status": "Verified" if item.verified else "Pending"}
            for item in entries
        ]
    }
    return output if following is None else output | {"NextToken": following}


def list_origination_numbers(core: Core, params: Params, context: CallContext) -> Output:
    """Numbers of the account's own, with their facts."""
    limit = params.get("MaxResults", _MAXIMUM_ORIGINATION_PAGE)
    numbers = _account(core, context).origination
    entries, following = page(numbers, params.get("NextToken"), limit=limit)
    output: Output = {"PhoneNumbers": entries}
    return output if following is None else output | {"NextToken": following}


def publish(core: Core, params: Params, content: Content, context: CallContext) -> Output:
    """Send a text message to one number.

    Raises:
        InvalidParameter: no E.164 number, too long a message, or an attribute of SMS out of range.
    """
    number = params["PhoneNumber"]
    if not _E164.fullmatch(number):
        raise invalid_parameter("PhoneNumber", f"{number} is not valid to publish to")
    check_size(content, None)
    body = content.bodies.get("sms", content.body)
    if len(body) > _MAXIMUM_MESSAGE_LENGTH:
        raise invalid_parameter("Message too long")
    for name, attribute in content.attributes.items():
        _check_message_attribute(name, str(attribute.get("StringValue", "")))
    message_id = core.ids.uuid()
    reason = refusal(_account(core, context), number)
    if reason is None:
        core.record("published", number, context.now, message_id=message_id)
        _capture(core, number, body, message_id, context, content)
    else:
        core.record("discarded", number, context.now, message_id=message_id, reason=reason)
    return {"MessageId": message_id}


def refusal(account: SmsAccount, number: str) -> str | None:
    """Why a number, however it is written, gets no messages of an account; None when it does."""
    number = "+" + _NOT_A_DIGIT.sub("", number)
    if number in account.opted_out:
        return "the number has opted out"
    listed = account.numbers.get(number)
    if account.sandbox and not (listed and listed.verified):
        return "the number is not verified in the sandbox"
    return None


def _account(core: Core, context: CallContext) -> SmsAccount:
    return core.state.sms_account(context.account, context.region)


def _number(text: str) -> str:
    if not _E164.fullmatch(text):
        raise invalid_parameter("PhoneNumber", "input incorrectly formatted")
    return text


def _sandbox_number(core: Core, params: Params, context: CallContext) -> SandboxNumber:
    number = _account(core, context).numbers.get(_number(params["PhoneNumber"]))
    if number is None:
        raise ResourceNotFound("The phone number is not in the sandbox")
    return number


def _check_attribute(name: str, value: str) -> None:
    if name not in _ATTRIBUTES:
        msg = f"{name} is not a valid attribute"
        raise InvalidParameter(msg)
    if not value:
        return
    if name == "DefaultSMSType":
        valid = value in _TYPES
    elif name == "DefaultSenderID":
        valid = _SENDER_ID.fullmatch(value) is not None
    elif name == "DeliveryStatusSuccessSamplingRate":
        valid = value.isascii() and value.isdecimal() and int(value) in _PERCENT
    elif name == "MonthlySpendLimit":
        valid = value.isascii() and value.isdecimal()
    else:
        valid = True
    if not valid:
        msg = f"{name} is invalid"
        raise InvalidParameter(msg)


def _check_message_attribute(name: str, value: str) -> None:
    """Let an attribute pass that says how to send this text message, or says nothing about that."""
    if name == "AWS.SNS.SMS.SenderID":
        valid = _SENDER_ID.fullmatch(value) is not None
    elif name == "AWS.SNS.SMS.SMSType":
        valid = value in _TYPES
    elif name == "AWS.SNS.SMS.MaxPrice":
        valid = _PRICE.fullmatch(value) is not None
    else:
        return
    if not valid:
        raise invalid_parameter("MessageAttributes", f"{name}: Invalid value [{value}].")


def _capture(
    core: Core,
    number: str,
    body: str,
    message_id: str,
    context: CallContext,
    content: Content | None = None,
) -> None:
    core.state.inbox.append(
        Captured(
            at=context.now,
            protocol="sms",
            endpoint=number,
            topic_arn="",
            subscription_arn="",
            message_id=message_id,
            body=body,
            subject=content.subject if content else None,
            attributes=content.attributes if content else {},
        )
    )
