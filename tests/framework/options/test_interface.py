"""Access to options: four ways to read, four to write, errors, text."""

from __future__ import annotations

import copy
import traceback
from textwrap import dedent

import pytest
from hypothesis import given

from tomodachi.options import KEYS, InvalidOptionValue, Options
from tomodachi_testkit.strategies.options import falsy_options, options

UNKNOWN_HTTP = "'HTTP' object has no attribute 'nope'"
UNKNOWN_TOP = "'Options' object has no attribute 'nope'"


def test_four_ways_to_read():
    o = Options(http=Options.HTTP(port=80))
    assert o.http.port == o["http"]["port"] == o["http.port"] == o.get("http.port") == 80
    assert o.get("http").get("port") == 80


def test_four_ways_to_write():
    o = Options()
    o.http.port = 1
    assert o["http.port"] == 1
    o["http"]["port"] = 2
    assert o.http.port == 2
    o["http.port"] = 3
    assert o.http.port == 3
    o.http = Options.HTTP(port=4)
    assert o["http.port"] == 4


@pytest.mark.parametrize(
    "made",
    [
        Options(amqp=Options.AMQP(port=1, qos=Options.AMQP.QOS(queue_prefetch_count=2))),
        Options(amqp={"port": 1, "qos": {"queue_prefetch_count": 2}}),
        Options(amqp={"port": 1, "qos": Options.AMQP.QOS(queue_prefetch_count=2)}),
        Options(**{"amqp.port": 1, "amqp.qos.queue_prefetch_count": 2}),
        Options(**{"amqp.port": 1, "amqp": {"qos.queue_prefetch_count": 2}}),
        Options(**{"amqp": {"qos": {"queue_prefetch_count": 2}}, "amqp.port": 1}),
        Options(**{"amqp.port": 1, "amqp.qos": {"queue_prefetch_count": 2}}),
    ],
)
def test_sections_dicts_and_dotted_keys_mean_the_same(made: Options):
    expected = Options()
    expected.amqp.port = 1
    expected.amqp.qos.queue_prefetch_count = 2
    assert made == expected


def test_a_dict_assigned_to_a_section_replaces_it():
    o = Options(http=Options.HTTP(port=1, host="a"))
    o.http = {"port": 2}
    assert (o.http.port, o.http.host) == (2, "0.0.0.0")


@pytest.mark.parametrize(
    ("access", "text"),
    [
        (lambda o: o.http.nope, UNKNOWN_HTTP),
        (lambda o: o["http.nope"], UNKNOWN_HTTP),
        (lambda o: o["http"]["nope"], UNKNOWN_HTTP),
        (lambda o: o.get("http.nope"), UNKNOWN_HTTP),
        (lambda o: setattr(o.http, "nope", 1), UNKNOWN_HTTP),
        (lambda o: o.__setitem__("http.nope", 1), UNKNOWN_HTTP),
        (lambda _: Options(http={"nope": 1}), UNKNOWN_HTTP),
        (lambda _: Options.HTTP(nope=1), UNKNOWN_HTTP),
        (lambda o: o.nope, UNKNOWN_TOP),
        (lambda o: o["nope"], UNKNOWN_TOP),
        (lambda o: o["nope.port"], UNKNOWN_TOP),
        (lambda o: setattr(o, "nope", 1), UNKNOWN_TOP),
        (lambda _: Options(nope=1), UNKNOWN_TOP),
        (lambda o: o["http.port.deeper"], "'HTTP' object has no attribute 'port'"),
    ],
)
def test_unknown_keys_are_attribute_errors_that_name_class_and_key(access, text):
    with pytest.raises(AttributeError) as caught:
        access(Options())
    assert str(caught.value) == text
    assert caught.value.name == text.split("'")[3]
    assert type(caught.value.obj).__name__ == text.split("'")[1]


@pytest.mark.parametrize("path", ["nope", "http.nope", "nope.port", "amqp.qos.nope", "a.b.c.d"])
def test_get_gives_its_default_for_unknown_keys_at_any_depth(path: str):
    assert Options().get(path, 17) == 17
    assert Options().get(path, None) is None


@pytest.mark.parametrize("value", [3, None, "http", [("port", 1)]])
def test_section_that_is_no_mapping_is_a_type_error(value: object):
    with pytest.raises(TypeError, match=r"argument after \*\* must be a mapping.*'http'"):
        Options(http=value)


def test_section_of_another_kind_is_a_type_error():
    with pytest.raises(TypeError, match=r"'http' must be an instance of Options\.HTTP"):
        Options(http=Options.AMQP())


def test_row_19_mapping_protocol():
    """Row 19: `in`, `iter`, `len`, `==` work; `keys()` lists option keys only."""
    o = Options()
    assert list(o) == o.keys() == ["http", "aws_sns_sqs", "aws_endpoint_urls", "amqp", "watcher"]
    assert len(o) == 5
    assert o.amqp.qos.keys() == ["queue_prefetch_count", "global_prefetch_count"]
    assert "qos" in o.amqp.keys()  # noqa: SIM118 - keys() is what is tested
    assert "http.port" in o
    assert "http" in o
    assert "aws.region_name" in o
    assert "nope" not in o
    assert "http.nope" not in o
    assert "nope.port" not in o
    assert 17 not in o
    assert Options() == Options()
    assert Options(http={"port": 1}) != Options()
    assert Options().http != Options().amqp
    with pytest.raises(TypeError, match="unhashable"):
        hash(o)


def test_asdict_puts_a_prefix_before_its_keys():
    assert Options().watcher.asdict(prefix="o.watcher.") == {
        "o.watcher.ignored_dirs": [],
        "o.watcher.watched_file_endings": [],
    }
    assert list(Options().items()) == list(Options().asdict().items())


def test_repr_of_a_section_is_that_section_alone():
    assert repr(Options.AMQP.QOS(queue_prefetch_count=5)) == dedent(
        """\
        ∴ qos <class: "Options.AMQP.QOS" -- prefix: "amqp.qos">:
          | queue_prefetch_count = 5
          | global_prefetch_count = 400
        """
    )


def test_repr_of_all_has_blank_lines_between_sections_and_nested_ones_indented():
    text = repr(Options(watcher={"ignored_dirs": ["node_modules"]}))
    assert text.startswith('∴ http <class: "Options.HTTP" -- prefix: "http">:\n  | port = 9700\n')
    assert "\n  | queue_ttl = 86400\n" in text
    assert (
        '\n  · qos <class: "Options.AMQP.QOS" -- prefix: "amqp.qos">:\n'
        "    | queue_prefetch_count = 100\n    | global_prefetch_count = 400\n\n∴ watcher" in text
    )
    assert text.endswith("  | ignored_dirs = ['node_modules']\n  | watched_file_endings = []\n")
    assert text.count("\n\n") == 4


def test_row_19_secrets_are_hidden_in_repr_and_in_errors():
    """Row 19."""
    o = Options(**{key: "hush-hush" for key, spec in KEYS.items() if spec.secret})
    assert "hush-hush" not in repr(o)
    assert repr(o).count('"****"') == 3
    assert o.amqp.password == "hush-hush"
    for key in (key for key, spec in KEYS.items() if spec.secret):
        with pytest.raises(InvalidOptionValue) as caught:
            o[key] = ["hush-hush"]
        assert "hush-hush" not in str(caught.value)


def test_copies_are_independent():
    o = Options(http={"port": 1})
    copied = copy.deepcopy(o)
    copied.http.port = 2
    with pytest.deprecated_call():
        copied["aws.endpoint_url"] = "http://copy"
    assert o.http.port == 1
    assert o.aws_endpoint_urls.sns is None
    assert copied.aws_endpoint_urls.sns == "http://copy"


@given(settings=falsy_options())
def test_every_accepted_value_is_kept_as_it_was_given(settings):
    """None, "", 0 and False are four different things; only `real_ip_from` has one form of none."""
    o = Options(**settings)
    for key, spec in KEYS.items():
        value = settings.get(key, spec.default)
        if key == "http.real_ip_from" and value in (None, ""):
            value = []
        assert o[key] == value
        assert type(o[key]) is type(value)
        assert o.asdict()[key] == value


@given(o=options())
def test_options_survive_their_own_dict_and_are_equal_then(o):
    again = Options(**o.asdict())
    assert again == o
    assert repr(again) == repr(o)


@pytest.mark.parametrize(
    ("use", "near"),
    [
        (lambda o: o.http.server_headers, "server_header"),
        (lambda o: o["aws_sns_sqs.regionname"], "region_name"),
        (lambda o: o.amqp.qos.queue_prefetchcount, "queue_prefetch_count"),
        (lambda o: o.htpp, "http"),
        (lambda _: Options(http={"server_headers": ""}), "server_header"),
    ],
)
def test_tracebacks_say_which_option_was_meant(use, near):
    with pytest.raises(AttributeError) as caught:
        use(Options())
    assert f"Did you mean: '{near}'?" in "".join(traceback.format_exception(caught.value))


def test_a_name_like_no_option_gets_no_suggestion():
    with pytest.raises(AttributeError) as caught:
        Options().http.zzzzzzzz  # noqa: B018 - the access is the test
    assert "Did you mean" not in "".join(traceback.format_exception(caught.value))
