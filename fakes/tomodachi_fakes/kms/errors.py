"""Errors of KMS that its key and alias operations raise, with AWS's codes and texts.

Source: KMS API reference.
"""

from __future__ import annotations

from tomodachi_fakes.aws.errors import AwsError


class NotFound(AwsError):
    """The key or alias does not exist."""

    code = "NotFoundException"


class AlreadyExists(AwsError):
    """The alias name is taken."""

    code = "AlreadyExistsException"


class InvalidAliasName(AwsError):
    """Not the form of an alias name."""

    code = "InvalidAliasNameException"


class KmsInvalidState(AwsError):
    """The key's state does not allow the operation."""

    code = "KMSInvalidStateException"


class KmsDisabled(AwsError):
    """The key is not enabled."""

    code = "DisabledException"


class ValidationFailed(AwsError):
    """A parameter outside its range."""

    code = "ValidationException"


class InvalidMarker(AwsError):
    """A Marker that no listing gave."""

    code = "InvalidMarkerException"


class MalformedPolicy(AwsError):
    """Not the form of a key policy."""

    code = "MalformedPolicyDocumentException"
    message = "The key policy is no document of statements, each with an effect."
