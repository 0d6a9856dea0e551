"""Ids and random numbers of the runtime come from the generator in force."""

from contextvars import copy_context
from random import Random

from tomodachi.helpers import entropy


def test_ids_are_version_4_and_differ() -> None:
    """RFC 9562, section 5.4."""
    ids = {entropy.uuid4() for _ in range(100)}
    assert len(ids) == 100
    assert {identity.version for identity in ids} == {4}
    assert {identity.variant for identity in ids} == {"specified in RFC 4122"}


def test_the_same_seed_gives_the_same_ids_in_its_own_context_only() -> None:
    def drawn() -> list[str]:
        entropy.set_random(Random(7))
        return [str(entropy.uuid4()), str(entropy.fraction())]

    assert copy_context().run(drawn) == copy_context().run(drawn)
    assert entropy.uuid4() != entropy.uuid4()


def test_the_generator_before_can_be_put_back() -> None:
    before = entropy.get_random()
    token = entropy.set_random(Random(1))
    entropy.reset_random(token)
    assert entropy.get_random() is before
