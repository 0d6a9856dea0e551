"""Who signed a request, and for which region and service; signatures themselves are not checked.

Reads the `Authorization` header of Signature Version 4, `X-Amz-Credential` of a presigned URL, and the
older form of presigned URLs, which only S3 has and which names no region. A signature of version 4a has its
regions in a header of its own. Where nothing is signed, the host may still name a region, as AWS's endpoints
and LocalStack's do.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
and .../reference_sigv.html (version 4a);
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (query string authentication);
https://docs.aws.amazon.com/general/latest/gr/sqs-service.html (endpoints, the legacy ones too);
https://docs.localstack.cloud/aws/services/sqs/ (endpoint strategies)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

_ACCOUNT_DIGITS = 12
_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
_REGION = re.compile(r"^[a-z0-9-]{1,40}$")
_PARTS = 5
_PARTS_V4A = 4  # the same without the region
# `sqs.eu-west-1.localhost.localstack.cloud`, or as SQS's addresses were: `eu-west-1.queue.localhost`.
_HOST = re.compile(
    r"^(?:(?:sqs|sns|sts|kms)\.([a-z]{2}(?:-[a-z]+)+-\d)|([a-z]{2}(?:-[a-z]+)+-\d)\.queue)\."
)
_S3_PRESIGNED = {"AWSAccessKeyId", "Signature", "Expires"}


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """What a signature says; every field is "" for an unsigned request."""

    access_key_id: str = ""
    region: str = ""
    service: str = ""


UNSIGNED = CredentialScope()


def scope_of(authorization: str) -> CredentialScope:
    """The scope in an `Authorization` header's value."""
    found = _CREDENTIAL.search(authorization)
    return scope_of_credential(found.group(1)) if found else UNSIGNED


def scope_of_request(authorization: str, query: str) -> CredentialScope:
    """The scope in an `Authorization` header's value, or else in a presigned URL's query string."""
    scope = scope_of(authorization)
    return _scope_of_presigned(query) if scope is UNSIGNED else scope


def _scope_of_presigned(query: str) -> CredentialScope:
    fields = dict(parse_qsl(query))
    if "X-Amz-Credential" in fields:
        return scope_of_credential(fields["X-Amz-Credential"])
    if fields.keys() >= _S3_PRESIGNED and "Action" not in fields:
        return CredentialScope(fields["AWSAccessKeyId"], "", "s3")
    return UNSIGNED


@lru_cache(maxsize=1024)
def scope_of_credential(credential: str) -> CredentialScope:
    """The scope in `<access key>/<date>/<region>/<service>/aws4_request`; version 4a has no region."""
    parts = credential.rsplit("/", _PARTS - 1)
    if len(parts) == _PARTS_V4A and parts[-1] == "aws4_request":
        return CredentialScope(parts[0], "", parts[2].lower())
    if len(parts) != _PARTS:
        return UNSIGNED
    region = parts[2] if _REGION.match(parts[2]) else ""
    return CredentialScope(parts[0], region, parts[3].lower())


def region_of_set(regions: str) -> str:
    """The first region in the value of `X-Amz-Region-Set`, or "" where all of them have wild cards."""
    names = (name.strip() for name in regions.split(","))
    return next((name for name in names if _REGION.match(name)), "")


@lru_cache(maxsize=1024)
def region_of_host(host: str) -> str:
    """The region that the name of an endpoint has in it, or ""."""
    found = _HOST.match(host.lower())
    return (found[1] or found[2]) if found else ""


def account_of(access_key_id: str, default: str) -> str:
    """An access key that is a 12-digit number is the account; any other stands for `default`."""
    if len(access_key_id) == _ACCOUNT_DIGITS and access_key_id.isdecimal():
        return access_key_id
    return default
