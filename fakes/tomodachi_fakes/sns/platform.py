"""Mobile push: platform applications, their endpoints (devices), and publishing to one.

Pushes end in the inbox.

Source: SNS API reference; recorded answers of AWS.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tomodachi_fakes.aws.errors import AwsError
from tomodachi_fakes.sns import arns, platform_attributes
from tomodachi_fakes.sns.core import Core, Output, Params
from tomodachi_fakes.sns.errors import (
    EndpointDisabled,
    NotFound,
    PlatformApplicationDisabled,
    invalid_parameter,
)
from tomodachi_fakes.sns.inbox import Captured
from tomodachi_fakes.sns.message import check_size, content_of
from tomodachi_fakes.sns.paging import page
from tomodachi_fakes.sns.state import PlatformApplication, PlatformEndpoint

if TYPE_CHECKING:
    from tomodachi_fakes.aws.call import CallContext

_NAME = re.compile(r"[a-zA-Z0-9_.\-]{1,256}")
_SLASHES = {"PlatformApplicationArn": 2, "EndpointArn": 3, "TargetArn": 3}


def create_platform_application(core: Core, params: Params, context: CallContext) -> Output:
    """Register an application of a push service."""
    name, platform = params["Name"], params["Platform"]
    if not _NAME.fullmatch(name):
        allowed = "must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"
        raise invalid_parameter(name, allowed)
    if platform not in platform_attributes.PLATFORMS:
        raise invalid_parameter("Platform", f"{platform} is not supported")
    attributes = platform_attributes.of_application(params["Attributes"])
    platform_attributes.check_credentials(platform, attributes)
    arn = arns.sns_arn(context.region, context.account, f"app/{platform}/{name}")
    application = core.state.applications.get(arn)
    if application is None:
        application = PlatformApplication(arn, platform, {"Enabled": "true"})
        core.state.applications[arn] = application
    application.attributes |= attributes
    return {"PlatformApplicationArn": arn}


def delete_platform_application(core: Core, params: Params, context: CallContext) -> Output:
    """Delete an application with its endpoints; one that does not exist is no error."""
    arn = params["PlatformApplicationArn"]
    _check_arn(arn, "PlatformApplicationArn", context)
    core.state.applications.pop(arn, None)
    return {}


def get_platform_application_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """An application's attributes; its credentials are never shown."""
    application = _application(core, params, context)
    return {"Attributes": platform_attributes.shown(application.attributes)}


def set_platform_application_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """Change attributes of an application."""
    application = _application(core, params, context)
    attributes = platform_attributes.of_application(params["Attributes"])
    platform_attributes.check_changed_credentials(application.platform, attributes)
    application.attributes |= attributes
    return {}


def list_platform_applications(core: Core, params: Params, context: CallContext) -> Output:
    """The caller's applications in its region, 100 at a time."""
    prefix = arns.sns_arn(context.region, context.account, "app/")
    mine = [item for arn, item in core.state.applications.items() if arn.startswith(prefix)]
    entries, following = page(mine, params.get("NextToken"))
    output: Output = {
        "PlatformApplications": [
            {
                "PlatformApplicationArn": item.arn,
                "Attributes": platform_attributes.shown(item.attributes),
            }
            for item in entries
        ]
    }
    if following is not None:
        output["NextToken"] = following
    return output


def create_platform_endpoint(core: Core, params: Params, context: CallContext) -> Output:
    """Register a device; one with the same token and the given attributes is returned."""
    application = _application(core, params, context)
    given = {"Token": params["Token"]}
    if "CustomUserData" in params:
        given["CustomUserData"] = params["CustomUserData"]
    given |= params.get("Attributes") or {}
    attributes = platform_attributes.of_device(application.platform, given)
    endpoint = application.endpoint_of(attributes["Token"])
    if endpoint is None:
        arn = f"{application.arn.replace(':app/', ':endpoint/')}/{core.ids.uuid()}"
        endpoint = PlatformEndpoint(arn, {"Enabled": "true", **attributes})
        application.add(endpoint)
    elif not attributes.items() <= endpoint.attributes.items():
        reason = (
            f"Endpoint {endpoint.arn} already exists with the same Token, but different attributes."
        )
        raise invalid_parameter("Token", reason)
    return {"EndpointArn": endpoint.arn}


def delete_endpoint(core: Core, params: Params, context: CallContext) -> Output:
    """Delete a device; subscriptions of it stay. One that does not exist is no error."""
    arn = params["EndpointArn"]
    _check_arn(arn, "EndpointArn", context)
    application = core.state.application_of(arn)
    if application is not None:
        application.remove(arn)
    return {}


def get_endpoint_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """A device's attributes."""
    return {"Attributes": dict(_endpoint(core, params, context).attributes)}


def set_endpoint_attributes(core: Core, params: Params, context: CallContext) -> Output:
    """Change attributes of a device."""
    endpoint = _endpoint(core, params, context)
    application = core.state.application_of(endpoint.arn)
    assert application is not None, "a device has an application"
    attributes = platform_attributes.of_device(application.platform, params["Attributes"])
    application.change(endpoint, attributes)
    return {}


def list_endpoints_by_platform_application(
    core: Core, params: Params, context: CallContext
) -> Output:
    """An application's devices, 100 at a time."""
    endpoints = list(_application(core, params, context).endpoints.values())
    entries, following = page(endpoints, params.get("NextToken"))
    output: Output = {
        "Endpoints": [
            {"EndpointArn": item.arn, "Attributes": dict(item.attributes)} for item in entries
        ]
    }
    if following is not None:
        output["NextToken"] = following
    return output


def publish(core: Core, arn: str, params: Params, context: CallContext) -> Output:
    """Push a message to one device.

    Raises:
        EndpointDisabled, PlatformApplicationDisabled: it takes no messages.
        InvalidParameter: no such device, or not a message that Publish takes.
    """
    _check_arn(arn, "TargetArn", context)
    content = content_of(params, platform=platform_of(arn))
    check_size(content, None)
    error = refusal(core, arn)
    if error is not None:
        raise error
    message_id = core.ids.uuid()
    core.state.inbox.append(
        Captured(
            at=context.now,
            protocol="application",
            endpoint=arn,
            topic_arn="",
            subscription_arn="",
            message_id=message_id,
            body=content.bodies.get(platform_of(arn), content.body),
            subject=content.subject,
            attributes=content.attributes,
        )
    )
    core.record("published", arn, context.now, message_id=message_id)
    return {"MessageId": message_id}


def refusal(core: Core, arn: str) -> AwsError | None:
    """Why a device takes no messages: it does not exist, or is disabled; None when it takes them."""
    endpoint = core.state.endpoint(arn)
    application = core.state.application_of(arn)
    if endpoint is None or application is None:
        return invalid_parameter("TargetArn", "No endpoint found for the target arn specified")
    if endpoint.attributes["Enabled"] != "true":
        return EndpointDisabled()
    if application.attributes["Enabled"] != "true":
        return PlatformApplicationDisabled()
    return None


def platform_of(endpoint_arn: str) -> str:
    """The push service of a device, by its ARN: "GCM" in `...:endpoint/GCM/application/id`."""
    return endpoint_arn.split("/")[1]


def _application(core: Core, params: Params, context: CallContext) -> PlatformApplication:
    arn = params["PlatformApplicationArn"]
    _check_arn(arn, "PlatformApplicationArn", context)
    application = core.state.applications.get(arn)
    if application is None:
        raise NotFound("PlatformApplication does not exist")
    return application


def _endpoint(core: Core, params: Params, context: CallContext) -> PlatformEndpoint:
    arn = params["EndpointArn"]
    _check_arn(arn, "EndpointArn", context)
    endpoint = core.state.endpoint(arn)
    if endpoint is None:
        raise NotFound("Endpoint does not exist")
    return endpoint


def _check_arn(arn: str, parameter: str, context: CallContext) -> None:
    """Let an ARN pass that may be an application's or a device's: `app/GCM/a`, `endpoint/GCM/a/id`."""
    resource = arns.parse_in_region(arn, parameter, context.region).resource
    if resource.count("/") != _SLASHES[parameter]:
        reason = "Wrong number of slashes in relative portion of the ARN."
        raise invalid_parameter(parameter, reason)
