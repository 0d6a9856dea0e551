"""Context variables by name."""

from __future__ import annotations

import contextvars

import tomodachi


def test_variable_is_made_once_and_read_by_name():
    variable = tomodachi.get_contextvar("test.key")
    assert isinstance(variable, contextvars.ContextVar)
    assert variable.name == "tomodachi.test.key"
    assert tomodachi.get_contextvar("test.key") is variable
    assert tomodachi.context("test.key") is None
    token = variable.set([1])
    assert tomodachi.context("test.key") == [1]
    variable.reset(token)


def test_a_variable_nobody_made_reads_as_none():
    assert tomodachi.context("test.never.made") is None
