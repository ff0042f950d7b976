# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Faults that can be put into the world: per host, per call, per service.

A rule is a JSON object: `{"kind": "throttle", "service": "codedeploy", "operation": "GetDeployment", "times": 2}`.
Every kind is declared by the code that acts on it, with the facts a rule may narrow it to (shell patterns allowed) and
the effects it may set; anything else is refused, so that a misspelt rule never silently does nothing.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


class UnknownFault(ValueError):
    """The rule names a kind or a field that nothing acts on."""


@dataclass(frozen=True)
class Kind:
    """What a kind of fault is and which fields a rule of it may have."""

    name: str
    what: str
    facts: tuple[str, ...]
    effects: dict[str, Any] = field(default_factory=dict)  # field -> default


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self.kinds: dict[str, Kind] = {}
        self._ids = itertools.count(1)
        self._rules: list[dict[str, Any]] = []

    def declare(self, name: str, what: str, facts: tuple[str, ...] = (), **effects: Any) -> None:
        """Make a kind known; called at import by the code that acts on it."""
        self.kinds[name] = Kind(name, what, facts, effects)

    def add(self, rule: dict[str, Any]) -> dict[str, Any]:
        """Put a rule in force. Common fields: `times` (how often it acts, null for ever), `skip` (let so many pass)."""
        kind = self.kinds.get(str(rule.get("kind")))
        if kind is None:
            raise UnknownFault(f"unknown kind of fault {rule.get('kind')!r}; known: {', '.join(sorted(self.kinds))}")
        unknown = set(rule) - {"kind", "times", "skip"} - set(kind.facts) - set(kind.effects)
        if unknown:
            allowed = ", ".join(["times", "skip", *kind.facts, *kind.effects])
            raise UnknownFault(
                f"unknown field {', '.join(sorted(unknown))} in a fault of kind {kind.name}; allowed: {allowed}"
            )
        placed = {"times": None, "skip": 0, **kind.effects, **rule, "id": next(self._ids)}
        self._rules.append(placed)
        return placed

    def take(self, kind: str, **facts: str) -> dict[str, Any] | None:
        """The first rule of this kind that fits the facts, used up by one; None when there is none."""
        for rule in self._rules:
            if rule["kind"] != kind or rule["times"] == 0 or not self._fits(rule, facts):
                continue
            if rule["skip"]:
                rule["skip"] -= 1
                continue
            if rule["times"] is not None:
                rule["times"] -= 1
            return rule
        return None

    def find(self, kind: str, **facts: str) -> dict[str, Any] | None:
        """Like `take`, without using the rule up: for lasting conditions."""
        return next(iter(self.fitting(kind, **facts)), None)

    def fitting(self, kind: str, **facts: str) -> list[dict[str, Any]]:
        """Every rule of this kind that fits the facts, none of them used up."""
        return [rule for rule in self._rules if rule["kind"] == kind and rule["times"] != 0 and self._fits(rule, facts)]

    def remove(self, rule_id: int | None = None) -> None:
        """Lift one rule, or all."""
        self._rules = [r for r in self._rules if rule_id is not None and r["id"] != rule_id]

    def as_json(self) -> list[dict[str, Any]]:
        return [dict(rule) for rule in self._rules]

    def _fits(self, rule: dict[str, Any], facts: dict[str, str]) -> bool:
        narrowed = [name for name in self.kinds[rule["kind"]].facts if name in rule]
        return all(fnmatchcase(str(facts.get(name, "")), str(rule[name])) for name in narrowed)


faults = Faults()
