"""Older spellings of option keys: each goes where it says, warns, and reads back."""

from __future__ import annotations

import warnings

import pytest

from tomodachi.options import KEYS, Options
from tomodachi.options.legacy import LEGACY_KEYS

SQS, URL = "aws_sns_sqs.", "aws_endpoint_urls."
URLS = (URL + "sns", URL + "sqs", URL + "sts")
KMS = (SQS + "sns_kms_master_key_id", SQS + "sqs_kms_master_key_id")
PERIOD = (SQS + "sqs_kms_data_key_reuse_period",)

DOCUMENTED = {
    "aws.region_name": (SQS + "region_name",),
    "aws.aws_region_name": (SQS + "region_name",),
    "aws.secret_access_key": (SQS + "aws_secret_access_key",),
    "aws.aws_secret_access_key": (SQS + "aws_secret_access_key",),
    "aws.access_key_id": (SQS + "aws_access_key_id",),
    "aws.aws_access_key_id": (SQS + "aws_access_key_id",),
    "aws.endpoint_url": URLS,
    "aws.aws_endpoint_url": URLS,
    "aws.endpoint_urls.sns": (URL + "sns",),
    "aws.endpoint_urls.sqs": (URL + "sqs",),
    "aws.endpoint_urls.sts": (URL + "sts",),
    "aws.aws_sns_endpoint_url": (URL + "sns",),
    "aws.sns_endpoint_url": (URL + "sns",),
    "aws.aws_sqs_endpoint_url": (URL + "sqs",),
    "aws.sqs_endpoint_url": (URL + "sqs",),
    "aws.aws_sts_endpoint_url": (URL + "sts",),
    "aws.sts_endpoint_url": (URL + "sts",),
    "aws.topic_prefix": (SQS + "topic_prefix",),
    "aws.queue_name_prefix": (SQS + "queue_name_prefix",),
    "aws.kms_master_key_id": KMS,
    "aws.aws_kms_master_key_id": KMS,
    "aws.sns_kms_master_key_id": KMS[:1],
    "aws.aws_sns_kms_master_key_id": KMS[:1],
    "aws.sqs_kms_master_key_id": KMS[1:],
    "aws.aws_sqs_kms_master_key_id": KMS[1:],
    "aws.kms_data_key_reuse_period": PERIOD,
    "aws.aws_kms_data_key_reuse_period": PERIOD,
    "aws.sqs_kms_data_key_reuse_period": PERIOD,
    "aws.aws_sqs_kms_data_key_reuse_period": PERIOD,
    "aws.queue_policy": (SQS + "queue_policy",),
    "aws.wildcard_queue_policy": (SQS + "wildcard_queue_policy",),
    "aws_sns_sqs.aws_region_name": (SQS + "region_name",),
    "aws_sns_sqs.access_key_id": (SQS + "aws_access_key_id",),
    "aws_sns_sqs.secret_access_key": (SQS + "aws_secret_access_key",),
    "aws_sns_sqs.endpoint_url": URLS,
    "aws_sns_sqs.aws_endpoint_url": URLS,
    "aws_sns_sqs.endpoint_urls.sns": (URL + "sns",),
    "aws_sns_sqs.endpoint_urls.sqs": (URL + "sqs",),
    "aws_sns_sqs.endpoint_urls.sts": (URL + "sts",),
    "aws_sns_sqs.sns_endpoint_url": (URL + "sns",),
    "aws_sns_sqs.aws_sqs_endpoint_url": (URL + "sqs",),
    "aws_sns_sqs.kms_master_key_id": KMS,
    "aws_sns_sqs.aws_kms_master_key_id": KMS,
    "aws_sns_sqs.aws_sns_kms_master_key_id": KMS[:1],
    "aws_sns_sqs.kms_data_key_reuse_period": PERIOD,
    "http.max_buffer_size": ("http.client_max_size",),
    "http.max_upload_size": ("http.client_max_size",),
}


def value_for(key: str) -> object:
    """Something the key accepts that is not its default."""
    return next(v for v in KEYS[key].rule.sample if v and v != KEYS[key].default)


def given_in_all_ways(key: str, value: object) -> list[Options]:
    section, _, name = key.partition(".")
    by_item = Options()
    by_item[key] = value
    return [Options(**{key: value}), by_item, Options(**{section: {name: value}})]


@pytest.mark.parametrize("key", DOCUMENTED)
def test_older_spelling_goes_to_todays_keys_warns_and_reads_back(key: str):
    targets = DOCUMENTED[key]
    value = value_for(targets[0])
    with pytest.deprecated_call(match=f"'{key}' is deprecated"):
        made = given_in_all_ways(key, value)
    for o in made:
        assert [o[target] for target in targets] == [value] * len(targets)
        changed = {k for k, v in o.asdict().items() if v != KEYS[k].default}
        assert changed == set(targets)
        with pytest.deprecated_call():
            assert o[key] == value


def test_no_spelling_is_a_key_of_today():
    assert not set(LEGACY_KEYS) & set(KEYS)
    assert set(DOCUMENTED) <= set(LEGACY_KEYS)


def test_keys_of_today_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        o = Options(**{key: spec.default for key, spec in KEYS.items()})
        assert all(o[key] == spec.default for key, spec in KEYS.items())
        assert "aws.region_name" in o
        assert o.get("aws.nope", 1) == 1


def test_nested_dict_under_aws_endpoint_urls_is_refused():
    """Only the dotted spelling was ever accepted."""
    with pytest.raises(AttributeError, match="'Options' object has no attribute 'aws'"):
        Options(aws={"endpoint_urls": {"sns": "http://x"}})


def test_aws_dict_with_some_unknown_keys_names_them():
    with pytest.raises(AttributeError, match=r"^Invalid attribute\(s\) in dict: nope$"):
        Options(aws={"region_name": "eu-west-1", "nope": 1})


def test_aws_dict_with_only_unknown_keys_is_unknown_itself():
    with pytest.raises(AttributeError, match=r"^'Options' object has no attribute 'aws'$"):
        Options(aws={"nope": 1})


def test_section_on_its_own_cannot_hold_what_has_moved_elsewhere():
    text = "deprecated attribute has moved and OptionsInterface has no parent"
    with pytest.raises(AttributeError, match=text):
        Options.AWSSNSSQS(endpoint_url="http://x")
    with pytest.deprecated_call():
        made = Options(aws_sns_sqs={"endpoint_url": "http://x"})
    assert made.aws_endpoint_urls.sqs == "http://x"


def test_section_on_its_own_holds_older_spellings_of_its_own_keys():
    with pytest.deprecated_call():
        section = Options.AWSSNSSQS(kms_master_key_id="alias/a")
    assert section.sns_kms_master_key_id == section.sqs_kms_master_key_id == "alias/a"
    with pytest.deprecated_call():
        assert section.kms_master_key_id == "alias/a"
    with pytest.deprecated_call():
        assert Options.HTTP(max_upload_size="5M").client_max_size == "5M"


def test_values_are_checked_under_their_name_of_today():
    with pytest.deprecated_call(), pytest.raises(ValueError, match=r"http\.client_max_size: 'big'"):
        Options(http={"max_buffer_size": "big"})
