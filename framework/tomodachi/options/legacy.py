"""Older spellings of option keys, and the keys they stand for today.

A value set under an older spelling goes to every key in its row; reading one reads the first.
"""

from __future__ import annotations

_SQS, _URL = "aws_sns_sqs.", "aws_endpoint_urls."
_ALL_URLS = tuple(_URL + service for service in ("sns", "sqs", "sts"))
_BOTH_KMS = (_SQS + "sns_kms_master_key_id", _SQS + "sqs_kms_master_key_id")

# name under "aws" -> today's keys
_AWS: dict[str, tuple[str, ...]] = {
    "region_name": (_SQS + "region_name",),
    "access_key_id": (_SQS + "aws_access_key_id",),
    "secret_access_key": (_SQS + "aws_secret_access_key",),
    "session_token": (_SQS + "aws_session_token",),
    "endpoint_url": _ALL_URLS,
    "kms_master_key_id": _BOTH_KMS,
    "sns_kms_master_key_id": (_BOTH_KMS[0],),
    "sqs_kms_master_key_id": (_BOTH_KMS[1],),
    "kms_data_key_reuse_period": (_SQS + "sqs_kms_data_key_reuse_period",),
    "sqs_kms_data_key_reuse_period": (_SQS + "sqs_kms_data_key_reuse_period",),
}
_AWS |= {f"{name}_endpoint_url": (_URL + name,) for name in ("sns", "sqs", "sts")}
_AWS |= {f"aws_{name}": targets for name, targets in _AWS.items()}

_UNPREFIXED = ("topic_prefix", "queue_name_prefix", "queue_policy", "wildcard_queue_policy")


def _legacy_keys() -> dict[str, tuple[str, ...]]:
    keys: dict[str, tuple[str, ...]] = {}
    for name, targets in _AWS.items():
        keys[f"aws.{name}"] = targets
        if _SQS + name not in targets:
            keys[_SQS + name] = targets
    for name in _UNPREFIXED:
        keys[f"aws.{name}"] = (_SQS + name,)
    for service in ("sns", "sqs", "sts"):
        for section in ("aws.", _SQS):
            keys[f"{section}endpoint_urls.{service}"] = (_URL + service,)
    for name in ("max_buffer_size", "max_upload_size"):
        keys[f"http.{name}"] = ("http.client_max_size",)
    return keys


LEGACY_KEYS: dict[str, tuple[str, ...]] = _legacy_keys()
