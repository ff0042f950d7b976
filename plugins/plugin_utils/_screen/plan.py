# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of a deployment -> lines for the screen. Pure."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import some
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import blue_green_plan, layout, shift_plan
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.failure import in_words, problems
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import paragraph

Result = t.Mapping[str, t.Any]

MOST_WAVES = 10
MOST_IDS = 6  # hosts of a wave that are named
LABEL = 11  # characters of the widest label and a blank
# The scripts of these events come from the revision that a host has, so the new AppSpec says nothing about them.
OF_THE_OLD = ("ApplicationStop", "BeforeBlockTraffic", "AfterBlockTraffic")
EVENTS = (
    "BeforeInstall",
    "AfterInstall",
    "ApplicationStart",
    "BeforeAllowTraffic",
    "AfterAllowTraffic",
    "ValidateService",
)


def lines(result: Result, place: str | None, hooks: t.Mapping[str, t.Sequence[str]] | None, width: int) -> list[str]:
    """What a deployment would do; nothing where there is none to come. `hooks` are those of the AppSpec, None if unknown."""
    plan = result.get("plan")
    if not plan:
        return []
    told = [_title(result, place or _place(result))]
    if plan.get("compute_platform"):
        rows = [line for label, text in shift_plan.rows(result, plan) for line in _said(label, text, width)]
        return [*told, *rows, *_armed(plan, width), *problems(plan.get("problems") or [], width)]
    if result.get("revision"):
        told += _said(
            "revision", f"{in_words(result.get('previous_revision'))} -> {in_words(result['revision'])}", width
        )
    told += _said("reason", str(result.get("reason") or ""), width)
    for label, text in blue_green_plan.rows(plan) if plan.get("green") else ():
        told += _said(label, text, width)
    told += _hosts(plan, width)
    known = _of_bundle(plan) if hooks is None else hooks
    told += _said("hooks", _hooks(known), width) if plan.get("waves") or plan.get("green") else []
    return told + _armed(plan, width) + problems(plan.get("problems") or [], width)


def refusal(result: Result) -> str:
    """In one sentence that problems stand against a deployment that was only planned."""
    against = [one for one in result["plan"].get("problems") or [] if one.get("blocks")]
    count = "1 problem prevents" if len(against) == 1 else f"{len(against)} problems prevent"
    return f"{str(result.get('msg') or '').partition(': ')[0]}: {count} it."


def _title(result: Result, place: str) -> str:
    if result.get("joined"):
        return f"Plan: join {result['deployment']['deployment_id']}, which is already deploying to {place}"
    return f"Plan: deploy to {place}"


def _place(result: Result) -> str:
    """Where to, from the message of a refusal."""
    return str(result.get("msg") or "").partition(": ")[0].rpartition(" ")[2]


def _said(label: str, text: str, width: int) -> list[str]:
    return paragraph(text, width, label=label.ljust(LABEL)) if text else []


def _hosts(plan: Result, width: int) -> list[str]:
    if plan.get("deployment_config_name") is None or (plan.get("green") and not plan["hosts"]):
        return []
    waves = plan.get("waves") or []
    count = len(plan["hosts"])
    text = f"{count} in {len(waves)} waves, {plan['minimum_healthy_hosts']} must stay healthy ({plan['deployment_config_name']})"
    told = _said("hosts", text, width)
    for zone in plan.get("zones") or []:
        watched = f", then {zone['monitor_seconds']} s to watch" if zone["monitor_seconds"] else ""
        told += _said("zone", f"{zone['availability_zone']}: {sum(map(len, zone['waves']))} hosts{watched}", width)
    for number, wave in enumerate(waves[:MOST_WAVES], 1):
        told += _said(f"wave {number}", some(wave, MOST_IDS), width)
    return told + [f"{line} waves" for line in layout.more(len(waves), MOST_WAVES)]


def _of_bundle(plan: Result) -> dict[str, list[str]] | None:
    """The scripts as they were read from a bundle that is stored."""
    found = plan.get("hooks")
    return None if found is None else {one["lifecycle_event_name"]: one["scripts"] for one in found}


def _hooks(hooks: t.Mapping[str, t.Sequence[str]] | None) -> str:
    if hooks is None:
        return "not known: the AppSpec is in the bundle"
    told = [f"{event} ({', '.join(hooks[event])})" for event in EVENTS if hooks.get(event)]
    old = [event for event in OF_THE_OLD if hooks.get(event)]
    later = f"; {', '.join(old)} of the revision that a host has" if old else ""
    return f"{', '.join(told) or 'none'}{later}"


def _armed(plan: Result, width: int) -> list[str]:
    """Whether a failure is rolled back, and which alarms stop it."""
    told: list[str] = []
    if "auto_rollback_configuration" in plan:
        rollback = plan["auto_rollback_configuration"] or {}
        told += _said(
            "rollback", f"on {', '.join(rollback.get('events') or [])}" if rollback.get("enabled") else "off", width
        )
    if "alarm_configuration" in plan:
        told += _said("alarms", _alarms(plan["alarm_configuration"] or {}), width)
    return told


def _alarms(configured: Result) -> str:
    names = [one["name"] for one in configured.get("alarms") or []]
    if not names:
        return "none"
    return some(names, MOST_IDS) if configured.get("enabled") else f"off ({some(names, MOST_IDS)})"
