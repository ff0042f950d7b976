# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Actions of listeners and rules: what a forward may name, and the two forms in which AWS tells one to a single group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.elbv2.exceptions import ELBClientError, ValidationError
from moto.elbv2.models import ELBv2Backend, FakeAction

from .._patching import wrap

MOST_GROUPS = 5
MOST_WEIGHT = 999


def extend() -> None:
    wrap(FakeAction, "__init__", _made)
    wrap(ELBv2Backend, "_validate_actions", _validated)


def _made(original: Callable[..., None], self: Any, data: dict[str, Any]) -> None:
    """A forward to one group has both TargetGroupArn and ForwardConfig, whichever of them was sent."""
    original(self, _normal(data) if data.get("Type") == "forward" else data)


def _normal(action: dict[str, Any]) -> dict[str, Any]:
    arn, config = action.get("TargetGroupArn"), action.get("ForwardConfig") or {}
    groups = [{"Weight": 1, **group} for group in config.get("TargetGroups") or []]
    if arn and not groups:
        groups = [{"TargetGroupArn": arn, "Weight": 1}]
    if len(groups) == 1 and not arn:
        arn = groups[0]["TargetGroupArn"]
    stickiness = config.get("TargetGroupStickinessConfig") or {"Enabled": False}
    told = {**action, "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": stickiness}}
    return {**told, "TargetGroupArn": arn} if arn else told


def _validated(original: Callable[..., None], self: Any, actions: list[Any]) -> None:
    for action in actions:
        if action.type == "forward":
            _check_forward(action.data)
    original(self, actions)


def _check_forward(data: dict[str, Any]) -> None:
    groups = data["ForwardConfig"]["TargetGroups"]
    named = data.get("TargetGroupArn")
    if not groups:
        raise ValidationError("A target group ARN must be specified")
    if named and [group["TargetGroupArn"] for group in groups] != [named]:
        raise ValidationError(
            "You cannot specify both a target group ARN and a forward configuration with other target groups"
        )
    if len(groups) > MOST_GROUPS:
        raise ELBClientError("TooManyTargetGroups", f"A forward action takes at most {MOST_GROUPS} target groups")
    arns = [group["TargetGroupArn"] for group in groups]
    if len(set(arns)) != len(arns):
        raise ValidationError("Target groups cannot be specified more than once in a forward action")
    for group in groups:
        if not 0 <= group["Weight"] <= MOST_WEIGHT:
            raise ValidationError(f"Target group weight must be between 0 and {MOST_WEIGHT} inclusive")


def groups_of(action: Any) -> list[str]:
    """ARNs of the target groups that an action forwards to, those of weight 0 included."""
    config = action.data.get("ForwardConfig") or {}
    return [group["TargetGroupArn"] for group in config.get("TargetGroups") or []]
