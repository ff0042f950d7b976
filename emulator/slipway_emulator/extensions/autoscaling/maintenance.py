# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The maintenance policy of a group, which moto drops: what stays healthy while instances are replaced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.autoscaling.exceptions import ValidationError

LEAST, MOST = "MinHealthyPercentage", "MaxHealthyPercentage"
DEFAULTS = {LEAST: 90, MOST: 100}
RANGES = {LEAST: (0, 100), MOST: (100, 200)}
NONE = {LEAST: -1, MOST: -1}  # clears the policy


def check(shares: Mapping[str, Any]) -> None:
    """Shares in percent, of a policy or of the preferences of a refresh."""
    for name, (low, high) in RANGES.items():
        value = shares.get(name)
        if value is not None and not low <= int(value) <= high:
            raise ValidationError(f"{name} must be between {low} and {high}, not {value}")
    least, most = shares.get(LEAST), shares.get(MOST)
    if most is not None and (least is None or int(most) - int(least) > 100):
        raise ValidationError(f"{MOST} needs {LEAST}, and their difference cannot be greater than 100")


def checked(given: dict[str, Any] | None) -> dict[str, int] | None:
    """A policy as a request has it."""
    policy = {name: int(value) for name, value in (given or {}).items()}
    if policy and policy != NONE:
        if set(policy) != set(RANGES):
            raise ValidationError(f"An instance maintenance policy needs both {LEAST} and {MOST}")
        check(policy)
    return policy or None


def keep(group: Any, policy: dict[str, int] | None) -> None:
    """What a request says of it; one that says nothing leaves it as it is."""
    if policy:
        group.instance_maintenance_policy = None if policy == NONE else policy


def share(group: Any, preferences: Mapping[str, Any], name: str) -> int:
    """Of a refresh: as it was asked for, or else by the policy of the group, or else by default."""
    policy = getattr(group, "instance_maintenance_policy", None) or {}
    return int(preferences.get(name, policy.get(name, DEFAULTS[name])))
