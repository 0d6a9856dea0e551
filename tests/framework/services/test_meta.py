"""What becomes of a class that extends `tomodachi.Service`."""

from __future__ import annotations

import uuid

import pytest

import tomodachi
from tomodachi.logging import Logger


def is_leaf(cls: type) -> bool:
    return tomodachi.CLASS_ATTRIBUTE in cls.__dict__


def test_a_class_loses_its_mark_when_another_extends_it():
    class Base(tomodachi.Service):
        pass

    assert is_leaf(Base)

    class Leaf(Base):
        pass

    assert not is_leaf(Base)
    assert is_leaf(Leaf)
    assert not is_leaf(tomodachi.Service)
    assert tomodachi.TOMODACHI_CLASSES[-2:] == [Base, Leaf]


def test_missing_name_uuid_and_options_are_given_per_class():
    class One(tomodachi.Service):
        name = ""

    class Two(tomodachi.Service):
        uuid = ""

    assert One.name == Two.name == "service"
    assert uuid.UUID(One.uuid).version == 4
    assert One.uuid != Two.uuid
    assert One().uuid == One().uuid
    assert isinstance(One.options, tomodachi.Options)
    assert One.options is not Two.options
    assert One().options is One.options


def test_a_made_up_uuid_is_not_inherited_and_a_given_one_is():
    class MadeUp(tomodachi.Service):
        pass

    class Given(tomodachi.Service):
        uuid = "u"
        name = "n"

    class ExtendsMadeUp(MadeUp):
        pass

    class ExtendsGiven(Given):
        pass

    assert ExtendsMadeUp.uuid != MadeUp.uuid
    assert (ExtendsGiven.uuid, ExtendsGiven.name) == ("u", "n")


def test_made_up_options_are_copied_for_a_subclass_and_given_ones_are_shared():
    class MadeUp(tomodachi.Service):
        pass

    class Given(tomodachi.Service):
        options = tomodachi.Options(http={"port": 1})

    MadeUp.options.http.port = 5

    class ExtendsMadeUp(MadeUp):
        pass

    class ExtendsGiven(Given):
        pass

    assert ExtendsMadeUp.options == MadeUp.options
    assert ExtendsMadeUp.options is not MadeUp.options
    assert ExtendsGiven.options is Given.options


@pytest.mark.parametrize("value", [None, {}, ""])
def test_empty_options_are_options_not_given(value):
    """As in tomodachi 0.29.0, without a warning."""
    cls = tomodachi.TomodachiServiceMeta("Empty", (tomodachi.Service,), {"options": value})
    assert cls.options == tomodachi.Options()


def test_options_as_a_dict_are_converted_with_a_warning():
    with pytest.deprecated_call(match="tomodachi.Options"):

        class OfDict(tomodachi.Service):
            options = {"http": {"port": 1}}  # noqa: RUF012 - as old services have it

    assert OfDict.options.http.port == 1


@pytest.mark.parametrize("value", [3, "http", [1]])
def test_options_of_another_kind_are_refused(value):
    with pytest.raises(ValueError, match="Invalid value for 'options' attribute"):
        tomodachi.TomodachiServiceMeta("Bad", (tomodachi.Service,), {"options": value})


def test_discovery_warns_also_when_inherited():
    with pytest.deprecated_call(match="discovery"):

        class Discovered(tomodachi.Service):
            discovery = ()

    with pytest.deprecated_call(match="discovery"):
        type("Again", (Discovered,), {})


def test_message_protocol_warns_where_it_is_set():
    with pytest.deprecated_call(match="message_envelope"):

        class Older(tomodachi.Service):
            message_protocol = None

    class Inherits(Older):
        pass


def test_logger_is_the_contexts_until_it_is_set():
    class Logged(tomodachi.Service):
        pass

    service = Logged()
    token = tomodachi.get_contextvar("service.logger").set("tomodachi.test")
    try:
        assert isinstance(service.logger, Logger)
        assert service.logger.name == "tomodachi.test"
        own = tomodachi.get_logger("own")
        service.logger = own
        assert service.logger is own
        del service.logger
        assert service.logger.name == "tomodachi.test"
    finally:
        tomodachi.get_contextvar("service.logger").reset(token)


def test_a_class_may_have_a_logger_of_its_own():
    class Own(tomodachi.Service):
        logger = "mine"

    class Inherits(Own):
        pass

    assert Inherits().logger == "mine"
