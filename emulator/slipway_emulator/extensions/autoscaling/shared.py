# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What every part of the Auto Scaling extension needs."""

from __future__ import annotations

from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError

from slipway_emulator.numerals import is_number

# States of an instance that count towards the desired capacity.
ON_THE_WAY = ("Pending", "Pending:Wait", "Pending:Proceed")
COUNTED = ("InService", *ON_THE_WAY)
ALL_METRICS = (
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
)


def find_group(backend: Any, name: str) -> Any:
    """The group; a ValidationError as Auto Scaling words it when there is none."""
    group = backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")
    return group


def alive(group: Any) -> bool:
    """Whether the group has not been deleted meanwhile."""
    return group.autoscaling_backend.autoscaling_groups.get(group.name) is group


def suspended(group: Any, process: str) -> bool:
    return process in group._suspended_processes


def reconcile(group: Any) -> None:
    """Bring the number of instances back to the desired capacity, and to what an instance refresh has on top of it."""
    if alive(group):
        desired = group.desired_capacity
        group.set_desired_capacity((desired or 0) + group.__dict__.get("surplus", 0))
        group.desired_capacity = desired


def paged(items: list[Any], token: str | None, size: int) -> tuple[list[Any], str | None]:
    """A page and the token of the next."""
    if token and not is_number(token):
        raise AutoscalingClientError("InvalidNextToken", "The NextToken value is not valid.")
    start = int(token or 0)
    return items[start : start + size], str(start + size) if start + size < len(items) else None
