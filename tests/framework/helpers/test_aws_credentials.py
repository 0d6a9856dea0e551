"""Region, keys, token and endpoint, from whatever they come in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from botocore.credentials import Credentials as BotocoreCredentials

from tomodachi.helpers.aws_credentials import KEYS, Credentials


@dataclass
class Own:
    region_name: str = "eu-west-1"
    aws_access_key_id: str = "id"
    other: str = "left out"


def test_credentials_are_made_of_keywords_a_dict_and_one_another() -> None:
    made = Credentials(region_name="r", aws_session_token="t")
    assert Credentials({"region_name": "r", "aws_session_token": "t", "port": 1}) == made
    assert Credentials(made) == made
    assert Credentials({"region_name": "x"}, region_name="r")["region_name"] == "r"


def test_credentials_are_made_of_botocore_s_and_of_dataclasses() -> None:
    from_botocore = Credentials(BotocoreCredentials("id", "secret", "token"))
    assert from_botocore["aws_access_key_id"] == "id"
    assert from_botocore["aws_secret_access_key"] == "secret"
    assert from_botocore["aws_session_token"] == "token"
    assert Credentials(Own())["region_name"] == "eu-west-1"


def test_credentials_are_a_mapping_of_five_keys() -> None:
    credentials = Credentials(region_name="r")
    assert tuple(credentials) == KEYS
    assert len(credentials) == 5
    assert dict(credentials) == credentials.asdict()
    assert credentials.get("region_name") == "r"
    assert credentials.get("endpoint_url", "d") == credentials.get("nope", "d") == "d"
    assert "endpoint_url" in credentials
    credentials["endpoint_url"] = "http://x"
    assert credentials.endpoint_url == "http://x"


def test_unknown_keys_are_errors() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'nope'; known are"):
        Credentials(nope="x")
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        Credentials()["nope"]
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        Credentials()["nope"] = "x"
    with pytest.raises(TypeError, match="can't be read from 'int'"):
        Credentials(7)


def test_secrets_are_not_shown() -> None:
    shown = repr(Credentials(aws_secret_access_key="s3cret", aws_session_token="t0ken"))
    assert "s3cret" not in shown
    assert "t0ken" not in shown
    assert "'****'" in shown
