# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listeners of load balancers, and where they send traffic. Private to this collection."""

from __future__ import annotations

import contextlib

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "elbv2"


def read_shares(aws: Connection, listener: str) -> dict[str, float] | None:
    """Percent of the traffic of a listener by the ARN of a target group, those without traffic included; None without a listener.

    Its default action tells it, and where that forwards to nothing, the first of its rules that forwards does.
    """
    try:
        found = aws.client(SERVICE).describe_listeners(ListenerArns=[listener])["Listeners"]
    except is_boto3_error_code("ListenerNotFound"):
        return None
    shares = shares_of(found[0].get("DefaultActions") or []) if found else {}
    if found and not shares:
        rules = aws.client(SERVICE).describe_rules(ListenerArn=listener)["Rules"]
        shares = next(filter(None, (shares_of(rule.get("Actions") or []) for rule in rules)), {})
    return shares if found else None


def shares_of(actions: list[Shape]) -> dict[str, float]:
    """Percent by target group of the action that forwards."""
    forward = next((one for one in actions if one.get("Type") == "forward"), {})
    groups = (forward.get("ForwardConfig") or {}).get("TargetGroups") or []
    if not groups:
        return {forward["TargetGroupArn"]: 100.0} if forward.get("TargetGroupArn") else {}
    weights = {one["TargetGroupArn"]: one.get("Weight", 1) for one in groups}
    total = sum(weights.values()) or 1
    return {arn: round(100 * weight / total, 2) for arn, weight in weights.items()}


def name_of(target_group: str) -> str:
    """The name in the ARN of a target group."""
    return target_group.rpartition("targetgroup/")[2].partition("/")[0]


def health(aws: Connection, target_group: str) -> list[Shape]:
    """The targets of a target group with their health; those that are leaving it do not count."""
    found = aws.client(SERVICE).describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return [one for one in found if one["TargetHealth"]["State"] != "draining"]


def target_groups(aws: Connection, names: list[str]) -> dict[str, Shape]:
    """Target groups by name; unknown ones are left out."""
    client = aws.client(SERVICE)
    found: dict[str, Shape] = {}
    for name in names:  # one unknown name fails the whole question
        with contextlib.suppress(client.exceptions.TargetGroupNotFoundException):
            found[name] = client.describe_target_groups(Names=[name])["TargetGroups"][0]
    return found
