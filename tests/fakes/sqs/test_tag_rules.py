"""Tags of queues, by https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html."""

from __future__ import annotations

import pytest

from tomodachi_fakes.sqs.errors import InvalidParameterValue
from tomodachi_fakes.sqs.tag_rules import check_tags


@pytest.mark.parametrize(
    "tags",
    [
        {"k" * 128: "v" * 256},
        {"Größe": "12 世界"},
        {"a_.:/=+-@ b": "a_.:/=+-@\tb", "laws:": "laws:"},
        {"k": ""},
        {f"k{n}": "" for n in range(50)},
    ],
)
def test_tags_that_a_queue_may_have(tags: dict[str, str]) -> None:
    check_tags("q", tags)


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"": "v"}, "Tag keys must be between 1 and 128 characters in length."),
        ({"k" * 129: "v"}, "Tag keys must be between 1 and 128 characters in length."),
        ({"k": "v" * 257}, "Tag values must be between 0 and 256 characters in length."),
        ({f"k{n}": "" for n in range(51)}, "Too many tags added for queue q."),
        ({"aws:k": "v"}, "Tag keys can't start with the reserved prefix aws:."),
        ({"k": "AWS:v"}, "Tag values can't start with the reserved prefix aws:."),
    ],
)
def test_tags_that_are_refused(tags: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidParameterValue) as caught:
        check_tags("q", tags)

    assert caught.value.message == message


@pytest.mark.parametrize("text", ["a,b", "{}", "#1", "😀", "a\x00"])
def test_keys_and_values_have_the_same_characters(text: str) -> None:
    for tags in ({text: "v"}, {"k": text}):
        with pytest.raises(InvalidParameterValue, match="letters, digits, white space"):
            check_tags("q", tags)
