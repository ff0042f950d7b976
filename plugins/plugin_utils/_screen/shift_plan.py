# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of the plan of a deployment that moves traffic. Pure."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import serving

Result = t.Mapping[str, t.Any]
Rows = t.Iterator[t.Tuple[str, str]]

FIRST_STEPS = 3  # of a long row of steps


def rows(result: Result, plan: Result) -> Rows:
    """Label and text of each line."""
    before, after = result.get("previous_target") or {}, result.get("target") or {}
    yield "of", _of(after)
    yield "moves", f"{serving(before)} -> {serving(after)}"
    yield "reason", str(result.get("reason") or "")
    if plan.get("repair_alias"):
        yield "first", f"all traffic of the alias goes to {serving(before)}"
    yield from (("as now", f"{name} {json.dumps(value)}") for name, value in sorted((plan.get("copied") or {}).items()))
    yield "traffic", f"{steps(plan.get('traffic'))} ({plan.get('deployment_config_name')})"
    hooks = [f"{one['lifecycle_event_name']} ({one['function_name']})" for one in plan.get("hooks") or []]
    yield "hooks", ", ".join(hooks) or "none"
    yield from _waits(plan)


def steps(traffic: t.Sequence[Result] | None) -> str:
    """`10 % at once, 100 % after 5 minutes`."""
    if traffic is None:
        return "in steps that could not be read"
    told = [_step(one) for one in traffic]
    if len(told) > FIRST_STEPS + 2:
        told = [*told[:FIRST_STEPS], "...", told[-1]]
    return ", ".join(told)


def _step(one: Result) -> str:
    minutes = one["minutes"]
    when = f"after {minutes} {'minute' if minutes == 1 else 'minutes'}" if minutes else "at once"
    return f"{one['percent']} % {when}"


def _of(after: Result) -> str:
    if after.get("function_name"):
        return f"the alias {after['function_alias']} of {after['function_name']}"
    return f"the service {after.get('service_name')} in {after.get('cluster_name')}"


def _waits(plan: Result) -> Rows:
    if plan.get("ready_wait_minutes") is not None:
        yield "waits", f"up to {plan['ready_wait_minutes']} minutes to be continued before traffic moves, then it stops"
    if plan.get("termination_wait_minutes") is not None and plan["compute_platform"] == "ECS":
        yield "old tasks", f"end {plan['termination_wait_minutes']} minutes after all traffic moved"
