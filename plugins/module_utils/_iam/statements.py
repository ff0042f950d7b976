# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Statements of policies: compare them by what they mean, merge them by Sid, see which rights are missing. Pure."""

from __future__ import annotations

import itertools
import typing as t

Statement = dict[str, t.Any]
Policy = dict[str, t.Any]  # empty where there is none

VERSION = "2012-10-17"
PRINCIPALS = ("Principal", "NotPrincipal")
# Operators that hold where a value is equal to, or matched by, one of those that are listed.
MATCHING = ("StringEquals", "StringLike", "ArnEquals", "ArnLike")


def statements(policy: Policy) -> list[Statement]:
    """The statements of a policy, which AWS also takes and returns as a single map."""
    found = policy.get("Statement") or []
    return [found] if isinstance(found, dict) else list(found)


def merged(policy: Policy, ours: t.Iterable[Statement], adopt: bool = True) -> Policy:
    """The policy with our statements in it: each in place of the one of its Sid, else at the end; others as they are.

    `adopt` also takes a statement without a Sid that says the same apart from its conditions for ours.
    """
    kept = statements(policy)
    for wanted in ours:
        at = _place(kept, wanted, adopt)
        if at is None:
            kept.append(wanted)
        elif not same(kept[at], narrowed := _with_conditions_of(kept[at], wanted)):
            kept[at] = narrowed
    return {**(policy or {"Version": VERSION}), "Statement": kept}


def without(policy: Policy, sids: t.Collection[str]) -> Policy:
    """The policy without the statements of these Sids; empty where nothing is left."""
    kept = [one for one in statements(policy) if one.get("Sid") not in sids]
    return {**policy, "Statement": kept} if kept else {}


def equal(one: Policy, other: Policy) -> bool:
    """Whether two policies hold the same statements in the same order."""
    pair = statements(one), statements(other)
    return len(pair[0]) == len(pair[1]) and all(same(*each) for each in zip(*pair))


def same(one: Statement, other: Statement) -> bool:
    """Whether two statements mean the same, whatever the order and form of what they list."""
    return _canonical(one) == _canonical(other)


def missing(policies: t.Iterable[Policy], wanted: t.Iterable[Statement]) -> list[Statement]:
    """Those of the wanted statements that the policies do not grant already."""
    held = [_canonical(one) for policy in policies for one in statements(policy)]
    return [one for one in wanted if not _granted(held, _canonical(one))]


def _place(kept: list[Statement], wanted: Statement, adopt: bool) -> int | None:
    for at, one in enumerate(kept):
        if one.get("Sid") == wanted["Sid"]:
            return at
    unnamed = [at for at, one in enumerate(kept) if adopt and not one.get("Sid") and _core(one) == _core(wanted)]
    return unnamed[0] if unnamed else None


def _core(statement: Statement) -> Statement:
    return {key: value for key, value in _canonical(statement).items() if key not in ("Sid", "Condition")}


def _with_conditions_of(existing: Statement, wanted: Statement) -> Statement:
    """Conditions that somebody put to our statement stay: without them it would grant more."""
    asked = wanted.get("Condition", {})
    ours = {(operator, key.lower()) for operator, keys in asked.items() for key in keys}
    condition: dict[str, dict[str, t.Any]] = {operator: dict(keys) for operator, keys in asked.items()}
    for operator, keys in (existing.get("Condition") or {}).items():
        for key, value in keys.items():
            if (operator, key.lower()) not in ours:
                condition.setdefault(operator, {})[key] = value
    return {**wanted, "Condition": condition} if condition else wanted


def _canonical(statement: Statement) -> Statement:
    return {key: _element(key, value) for key, value in statement.items() if value not in ("", [], {}, None)}


def _element(key: str, value: t.Any) -> t.Any:
    if key in PRINCIPALS:
        kinds = {"AWS": value} if isinstance(value, str) else value
        return {kind: sorted({_account(name) for name in _texts(names)}) for kind, names in kinds.items()}
    if key == "Condition":
        return {
            operator: {name.lower(): sorted(set(_texts(values))) for name, values in keys.items()}
            for operator, keys in value.items()
        }
    if key in ("Action", "NotAction"):
        return sorted({action.lower() for action in _texts(value)})
    return sorted(set(_texts(value))) if key in ("Resource", "NotResource") else value


def _texts(value: t.Any) -> list[str]:
    """AWS takes one value for a list of one, and returns numbers and booleans as text."""
    items = value if isinstance(value, list) else [value]
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in items]


def _account(principal: str) -> str:
    """An account has two names: its id, and the ARN of its root."""
    parts = principal.split(":")
    return parts[4] if parts[0] == "arn" and parts[2:4] == ["iam", ""] and parts[5:] == ["root"] else principal


def _granted(held: list[Statement], wanted: Statement) -> bool:
    if wanted["Effect"] != "Allow" or any(key.startswith("Not") for key in wanted):
        return any({**one, "Sid": ""} == {**wanted, "Sid": ""} for one in held)
    who: list[tuple[str, str] | None] = [
        (kind, n) for kind, names in wanted.get("Principal", {}).items() for n in names
    ]
    requests = itertools.product(who or [None], wanted["Action"], wanted.get("Resource", [None]))
    allowing = [one for one in held if one.get("Effect") == "Allow" and _holds(one, wanted)]
    return all(any(_allows(one, *request) for one in allowing) for request in requests)


def _allows(statement: Statement, who: tuple[str, str] | None, action: str, resource: str | None) -> bool:
    return (
        _allows_principal(statement, who)
        and _allows_action(statement, action)
        and (resource is None or any(spans(pattern, resource) for pattern in statement.get("Resource", [])))
    )


def _allows_principal(statement: Statement, who: tuple[str, str] | None) -> bool:
    if who is None:
        return True
    kind, name = who
    names = statement.get("Principal", {}).get(kind, [])
    return name in names or (kind == "AWS" and "*" in names)


def _allows_action(statement: Statement, action: str) -> bool:
    if "NotAction" in statement:
        return "*" not in action and not any(spans(pattern, action) for pattern in statement["NotAction"])
    return any(spans(pattern, action) for pattern in statement.get("Action", []))


def _holds(statement: Statement, wanted: Statement) -> bool:
    """Whether each condition of the statement is one that the wanted statement asks for too, or a wider one."""
    asked = wanted.get("Condition", {})
    return all(
        any(_implies(asked_operator, keys.get(name), operator, values) for asked_operator, keys in asked.items())
        for operator, names in statement.get("Condition", {}).items()
        for name, values in names.items()
    )


def _implies(asked: str, asked_values: list[str] | None, operator: str, values: list[str]) -> bool:
    if asked_values is None:
        return False
    plain = operator.removesuffix("IfExists")
    if asked not in MATCHING or plain not in MATCHING:
        return asked == operator and asked_values == values
    matches: t.Callable[[str, str], bool] = str.__eq__ if plain == "StringEquals" else spans
    return all(any(matches(value, one) for value in values) for one in asked_values)


def spans(pattern: str, text: str) -> bool:
    """Whether all that `text` stands for, itself perhaps a pattern, is matched by `pattern`.

    Goes back to the last `*` only, so that many of them cost no more than their number times the text's length.
    """
    at = read = mark = 0
    star = -1
    while read < len(text):
        if pattern[at : at + 1] == "*":
            star, mark, at = at, read, at + 1
        elif pattern[at : at + 1] == text[read] or (pattern[at : at + 1] == "?" and text[read] != "*"):
            at, read = at + 1, read + 1
        elif star >= 0:
            mark += 1
            at, read = star + 1, mark
        else:
            return False
    return not pattern[at:].strip("*")
