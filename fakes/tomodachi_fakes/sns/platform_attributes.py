"""Attributes of platform applications and of their devices: which there are, and what they may be.

Source: SNS API reference, SetPlatformApplicationAttributes, SetEndpointAttributes,
CreatePlatformEndpoint; recorded answers of AWS.
"""

from __future__ import annotations

from tomodachi_fakes.aws.arn import role_at
from tomodachi_fakes.sns.errors import InvalidParameter, invalid_attributes
from tomodachi_fakes.sns.topic_attributes import NO_LOGGING_ROLE, is_percent

_CREDENTIALS = ("PlatformCredential", "PlatformPrincipal")
_NEEDS_BOTH = frozenset(
    {"ADM", "APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX", "BAIDU", "MACOS"}
    | {"MACOS_SANDBOX", "MPNS", "WNS"}
)
PLATFORMS = _NEEDS_BOTH | {"GCM"}
_APPLICATION_ATTRIBUTES = frozenset(
    {
        *_CREDENTIALS,
        "ApplePlatformBundleID",
        "ApplePlatformTeamID",
        "Enabled",
        "EventDeliveryFailure",
        "EventEndpointCreated",
        "EventEndpointDeleted",
        "EventEndpointUpdated",
        "FailureFeedbackRoleArn",
        "SuccessFeedbackRoleArn",
        "SuccessFeedbackSampleRate",
    }
)
_ENDPOINT_ATTRIBUTES = frozenset({"CustomUserData", "Enabled", "Token"})
_BAIDU_ATTRIBUTES = frozenset({"ChannelId", "UserId"})
_APPLE = ("APNS", "MACOS")
_MAXIMUM_USER_DATA = 2048


def shown(attributes: dict[str, str]) -> dict[str, str]:
    """The attributes of an application that may be shown: all but its credentials."""
    return {name: value for name, value in attributes.items() if name not in _CREDENTIALS}


def of_application(given: dict[str, str]) -> dict[str, str]:
    """Attributes of an application as they are kept.

    Raises:
        InvalidParameter: another name, an `Enabled` that is neither true nor false, or a role or a
            sample rate for feedback that is none.
    """
    for name, value in given.items():
        _check_name(name, _APPLICATION_ATTRIBUTES)
        if value and name.endswith("RoleArn") and role_at(value) is None:
            raise _invalid(name, f"{value} {NO_LOGGING_ROLE}")
        if value and name.endswith("SampleRate") and not is_percent(value):
            raise _invalid(name, "must be between 0 and 100")
    return _with_flag(given)


def check_credentials(platform: str, attributes: dict[str, str]) -> None:
    """Let a new application's attributes pass that name all that its platform asks for.

    Raises:
        InvalidParameter: a credential, or a principal, is missing.
    """
    given = [name for name in _CREDENTIALS if name in attributes]
    if platform not in _NEEDS_BOTH:
        if "PlatformCredential" not in given:
            raise invalid_attributes("PlatformCredential attribute not provided")
        return
    if not given:
        raise invalid_attributes("PlatformCredential and PlatformPrincipal attributes not provided")
    if len(given) == 1:
        (missing,) = set(_CREDENTIALS) - set(given)
        msg = f"{given[0]} attribute provided without {missing}"
        raise invalid_attributes(msg)


def check_changed_credentials(platform: str, attributes: dict[str, str]) -> None:
    """Let attributes pass that change both of an application's credentials, or neither.

    Raises:
        InvalidParameter: one without the other, where the platform has both.
    """
    if platform in _NEEDS_BOTH and not attributes.keys().isdisjoint(_CREDENTIALS):
        check_credentials(platform, attributes)


def of_device(platform: str, given: dict[str, str]) -> dict[str, str]:
    """Attributes of a device as they are kept; tokens of Apple's are in lower case.

    Raises:
        InvalidParameter: another name, an empty token, too much user data, or an `Enabled` that is
            neither true nor false.
    """
    known = _ENDPOINT_ATTRIBUTES | (_BAIDU_ATTRIBUTES if platform == "BAIDU" else frozenset())
    for name in given:
        _check_name(name, known)
    attributes = _with_flag(given)
    if attributes.get("Token") == "":
        msg = "Token"
        raise _invalid(msg, "must not be empty")
    data = attributes.get("CustomUserData", "")
    if len(data.encode("utf-8", "surrogatepass")) > _MAXIMUM_USER_DATA:
        msg = "CustomUserData"
        raise _invalid(msg, f"must be at most {_MAXIMUM_USER_DATA} bytes long in UTF-8 encoding")
    if "Token" in attributes and platform.startswith(_APPLE):
        attributes["Token"] = attributes["Token"].lower()
    return attributes


def _check_name(name: str, known: frozenset[str]) -> None:
    if name not in known:
        msg = f"Invalid attribute name: {name}"
        raise invalid_attributes(msg)


def _with_flag(given: dict[str, str]) -> dict[str, str]:
    """A copy of attributes, with `Enabled` as it reads: "true" or "false"."""
    attributes = dict(given)
    if "Enabled" in attributes:
        attributes["Enabled"] = attributes["Enabled"].lower()
        if attributes["Enabled"] not in ("true", "false"):
            msg = "Enabled"
            raise _invalid(msg, "must be either true or false")
    return attributes


def _invalid(name: str, reason: str) -> InvalidParameter:
    return invalid_attributes(f"Invalid value for attribute: {name}: {reason}")
