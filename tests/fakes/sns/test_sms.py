from __future__ import annotations

from typing import Any

import pytest
from tests.fakes.sns.support_sns import ACCOUNT, REGION, invalid, number, refusal, string
from tests.fakes.support_boto import InProcess

NUMBER = "+15551234567"
DAY = 86_400


def password(aws: InProcess) -> str:
    return aws.cloud.sns.inbox("sms", NUMBER)[-1].body.rpartition(" ")[2]


def test_attributes_are_kept_and_can_be_asked_for_by_name(sns: Any) -> None:
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Transactional", "DefaultSenderID": "me"})

    assert sns.get_sms_attributes(attributes=["DefaultSenderID", "UsageReportS3Bucket"])[
        "attributes"
    ] == {"DefaultSenderID": "me"}
    assert sns.get_sms_attributes()["attributes"] == {
        "DefaultSMSType": "Transactional",
        "DefaultSenderID": "me",
        "MonthlySpendLimit": "1",
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DefaultSenderID", "123"),
        ("DefaultSenderID", "a" * 12),
        ("DeliveryStatusSuccessSamplingRate", "101"),
        ("MonthlySpendLimit", "much"),
    ],
)
def test_attribute_values_are_checked(sns: Any, name: str, value: str) -> None:
    assert refusal(sns.set_sms_attributes, attributes={name: value}) == invalid(
        f"{name} is invalid"
    )


def test_an_empty_value_takes_an_attribute_back_to_its_default(sns: Any) -> None:
    """Terraform's `aws_sns_sms_preferences` destroys itself so: every attribute set to ""."""
    names = ("DefaultSMSType", "DefaultSenderID", "MonthlySpendLimit", "UsageReportS3Bucket",
             "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate")  # fmt: skip
    sns.set_sms_attributes(attributes={"DefaultSMSType": "Promotional", "MonthlySpendLimit": "3"})

    sns.set_sms_attributes(attributes=dict.fromkeys(names, ""))

    assert sns.get_sms_attributes()["attributes"] == {"MonthlySpendLimit": "1"}


def test_a_number_can_be_opted_in_once_in_thirty_days(aws: InProcess, sns: Any) -> None:
    """API reference, OptInPhoneNumber."""

    def opt_out() -> None:
        aws.cloud.sns.opt_out(NUMBER, account=ACCOUNT, region=REGION, now=aws.now)

    opt_out()
    sns.opt_in_phone_number(phoneNumber=NUMBER)
    opt_out()
    assert refusal(sns.opt_in_phone_number, phoneNumber=NUMBER)[0] == "InvalidParameter"
    aws.advance(30 * DAY)
    sns.opt_in_phone_number(phoneNumber=NUMBER)

    assert sns.list_phone_numbers_opted_out()["phoneNumbers"] == []


def test_an_opted_out_number_gets_no_messages(aws: InProcess, sns: Any) -> None:
    aws.cloud.sns.opt_out(NUMBER, account=ACCOUNT, region=REGION, now=aws.now)

    assert sns.publish(PhoneNumber=NUMBER, Message="hello")["MessageId"]

    assert aws.cloud.sns.inbox() == []


@pytest.mark.parametrize("endpoint", [NUMBER, "1-555-123-4567"])
def test_a_subscriber_that_opted_out_gets_no_messages(
    aws: InProcess, sns: Any, topic: str, endpoint: str
) -> None:
    """Developer guide, Opting out of receiving SMS messages."""
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint=endpoint)
    sns.publish(TopicArn=topic, Message="delivered")
    aws.cloud.sns.opt_out(NUMBER, account=ACCOUNT, region=REGION, now=aws.now)

    sns.publish(TopicArn=topic, Message="lost")

    assert [item.body for item in aws.cloud.sns.inbox("sms")] == ["delivered"]


def test_how_a_text_message_is_sent_is_told_by_reserved_attributes(
    aws: InProcess, sns: Any
) -> None:
    """Developer guide, Publishing SMS messages to a mobile phone."""
    attributes = {
        "AWS.SNS.SMS.SenderID": string("mySenderID"),
        "AWS.SNS.SMS.SMSType": string("Transactional"),
        "AWS.SNS.SMS.MaxPrice": number("0.50"),
        "AWS.MM.SMS.OriginationNumber": string("+12065550100"),
    }

    sns.publish(PhoneNumber=NUMBER, Message="hello", MessageAttributes=attributes)

    (captured,) = aws.cloud.sns.inbox("sms", NUMBER)
    assert captured.attributes == attributes


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("AWS.SNS.SMS.SenderID", string("12345")),
        ("AWS.SNS.SMS.SenderID", string("a" * 12)),
        ("AWS.SNS.SMS.SMSType", string("Urgent")),
        ("AWS.SNS.SMS.MaxPrice", number("-1")),
    ],
)
def test_reserved_attributes_of_a_text_message_are_checked(
    sns: Any, name: str, attribute: dict[str, str]
) -> None:
    """Their values: developer guide, Publishing SMS messages to a mobile phone; the text is ours."""
    answer = refusal(
        sns.publish, PhoneNumber=NUMBER, Message="x", MessageAttributes={name: attribute}
    )

    value = attribute["StringValue"]
    assert answer == invalid(
        f"Invalid parameter: MessageAttributes Reason: {name}: Invalid value [{value}]."
    )


def test_a_text_message_has_at_most_1600_characters(sns: Any) -> None:
    """API reference, Publish."""
    assert sns.publish(PhoneNumber=NUMBER, Message="x" * 1600)["MessageId"]

    answer = refusal(sns.publish, PhoneNumber=NUMBER, Message="x" * 1601)

    assert answer == invalid("Invalid parameter: Message too long")


def test_in_the_sandbox_only_verified_numbers_get_messages(aws: InProcess, sns: Any) -> None:
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is False
    aws.cloud.sns.sms_account(ACCOUNT, REGION).sandbox = True
    assert sns.get_sms_sandbox_account_status()["IsInSandbox"] is True
    sns.publish(PhoneNumber=NUMBER, Message="lost")
    assert aws.cloud.sns.inbox() == []

    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [
        {"PhoneNumber": NUMBER, "Status": "Pending"}
    ]
    sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password(aws))
    sns.publish(PhoneNumber=NUMBER, Message="delivered")

    assert sns.list_sms_sandbox_phone_numbers()["PhoneNumbers"] == [
        {"PhoneNumber": NUMBER, "Status": "Verified"}
    ]
    assert aws.cloud.sns.inbox("sms")[-1].body == "delivered"


def test_a_wrong_or_old_password_does_not_verify(aws: InProcess, sns: Any) -> None:
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    right = password(aws)
    wrong = "00000" if right != "00000" else "11111"

    verify = sns.verify_sms_sandbox_phone_number
    answer = refusal(verify, PhoneNumber=NUMBER, OneTimePassword=wrong)
    assert answer == ("VerificationException", "The one-time password is not valid", 400)
    aws.advance(DAY + 1)
    answer = refusal(verify, PhoneNumber=NUMBER, OneTimePassword=right)
    assert answer[0] == "VerificationException"


@pytest.mark.parametrize(("seconds", "status"), [(0, "Invalid"), (DAY + 1, "Expired")])
def test_the_error_says_what_is_wrong_with_a_password(
    aws: InProcess, sns: Any, seconds: int, status: str
) -> None:
    """API reference, VerificationException: Message and Status; the values of Status are ours."""
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    given = password(aws) if status == "Expired" else "0000000"
    aws.advance(seconds)

    with pytest.raises(sns.exceptions.VerificationException) as caught:
        sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=given)

    assert caught.value.response["Status"] == status


def test_a_verified_number_stays_for_a_day(aws: InProcess, sns: Any) -> None:
    sns.create_sms_sandbox_phone_number(PhoneNumber=NUMBER)
    sns.verify_sms_sandbox_phone_number(PhoneNumber=NUMBER, OneTimePassword=password(aws))

    assert refusal(sns.delete_sms_sandbox_phone_number, PhoneNumber=NUMBER)[0] == "UserError"
    aws.advance(DAY)
    sns.delete_sms_sandbox_phone_number(PhoneNumber=NUMBER)

    answer = refusal(sns.delete_sms_sandbox_phone_number, PhoneNumber=NUMBER)
    assert answer[0] == "ResourceNotFound"


def test_the_sandbox_holds_ten_numbers_that_have_not_opted_out(aws: InProcess, sns: Any) -> None:
    for position in range(10):
        sns.create_sms_sandbox_phone_number(PhoneNumber=f"+1555123000{position}")
    create = sns.create_sms_sandbox_phone_number
    assert refusal(create, PhoneNumber=NUMBER)[0] == "UserError"

    aws.cloud.sns.opt_out(NUMBER, account=ACCOUNT, region=REGION, now=aws.now)
    assert refusal(create, PhoneNumber=NUMBER)[0] == "OptedOut"
    assert refusal(create, PhoneNumber="1")[0] == "InvalidParameter"
    assert refusal(create, PhoneNumber=NUMBER, LanguageCode="xx")[0] == "ValidationError"


def test_origination_numbers_are_shown_page_by_page(aws: InProcess, sns: Any) -> None:
    account = aws.cloud.sns.sms_account(ACCOUNT, REGION)
    account.origination += [{"PhoneNumber": number, "Status": "Active"} for number in "ab"]

    first = sns.list_origination_numbers(MaxResults=1)
    second = sns.list_origination_numbers(MaxResults=1, NextToken=first["NextToken"])

    numbers = [item["PhoneNumber"] for item in first["PhoneNumbers"] + second["PhoneNumbers"]]
    assert numbers == ["a", "b"]
    assert "NextToken" not in second


def test_a_page_of_origination_numbers_has_at_most_thirty(sns: Any) -> None:
    answer = refusal(sns.list_origination_numbers, MaxResults=31)

    assert answer == (
        "ValidationException",
        "1 validation error detected: Value '31' at 'maxResults' failed to satisfy constraint: "
        "Member must have value less than or equal to 30",
        400,
    )
