"""The form of a statement in a resource's policy: its elements, and the JSON types they have.

Each service says for itself which elements a statement needs, which actions and resources it may
name, and what its errors are; what a policy allows is decided in `policy.py`, which takes the form for
granted.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html;
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re
from typing import Any

_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
_NAME = r"[\w+=,.@/-]+"
_AWS_PRINCIPAL = re.compile(
    r"\*|[0-9]{12}|arn:aws[a-z-]*:"
    rf"(iam::[0-9]{{12}}:(root|(user|role)/{_NAME})"
    rf"|sts::[0-9]{{12}}:(assumed-role|federated-user)/{_NAME})",
    re.ASCII,
)


def is_version(document: dict[str, Any]) -> bool:
    """Whether a policy is in a version of the language that there is; the first one need not be named."""
    return document.get("Version", _VERSIONS[0]) in _VERSIONS


def is_statement(given: Any) -> bool:
    """Whether this has the form of a statement of a resource's policy."""
    if not isinstance(given, dict) or given.get("Effect") not in _EFFECTS:
        return False
    return (
        isinstance(given.get("Sid", ""), str)
        and is_principal(given.get("Principal", given.get("NotPrincipal")))
        and is_texts(given.get("Action", given.get("NotAction")))
        and is_texts(given.get("Resource", given.get("NotResource", "*")))
        and _is_condition(given.get("Condition", {}))
    )


def is_principal(given: Any) -> bool:
    """Whether this names principals: everybody ("*"), or some by their kind ("AWS", "Service", ...)."""
    if isinstance(given, dict):
        return bool(given) and all(map(is_texts, given.values()))
    return bool(given == "*")


def may_exist(statement: dict[str, Any]) -> bool:
    """Whether a statement's AWS principals can be some: accounts, users, roles, and sessions of these."""
    given = statement.get("Principal", statement.get("NotPrincipal"))
    named = given.get("AWS", []) if isinstance(given, dict) else []
    names = named if isinstance(named, list) else [named]
    return all(map(_AWS_PRINCIPAL.fullmatch, names))


def is_texts(given: Any) -> bool:
    """Whether this is one text, or a list of one or more."""
    if isinstance(given, list):
        return bool(given) and all(isinstance(item, str) for item in given)
    return isinstance(given, str)


def _is_condition(given: Any) -> bool:
    """Operators, each with keys, each with a value or a list of values."""
    return isinstance(given, dict) and all(
        isinstance(keys, dict) and all(map(_is_values, keys.values())) for keys in given.values()
    )


def _is_values(given: Any) -> bool:
    values = given if isinstance(given, list) else [given]
    return bool(values) and all(isinstance(value, str | int | float) for value in values)
