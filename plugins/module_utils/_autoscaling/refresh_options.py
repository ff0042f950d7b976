# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task says about an instance refresh, and what of it makes no sense. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._cloudwatch.alarms import read_alarms
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS, Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_allowed, refuse
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION, WAIT_OPTIONS

TIMEOUT = 3600  # seconds; AWS itself sets a refresh no limit
REFRESHED, CANCELLED, ROLLED_BACK, CHECKED = "refreshed", "cancelled", "rolled_back", "checked"
MOST_ALARMS = 10
MOST_SECONDS = 172_800  # of a checkpoint delay and of a bake time

ARGUMENT_SPEC: dict[str, t.Any] = {
    "state": {"type": "str", "choices": [REFRESHED, CANCELLED, ROLLED_BACK, CHECKED], "default": REFRESHED},
    "name": {"type": "str", "required": True, "aliases": ["auto_scaling_group_name"]},
    "image_id": {"type": "str"},
    "desired_configuration": {
        "type": "dict",
        "options": {
            "launch_template": {
                "type": "dict",
                "required": True,
                "options": {
                    "launch_template_id": {"type": "str"},
                    "launch_template_name": {"type": "str"},
                    "version": {"type": "str"},
                },
                "mutually_exclusive": [("launch_template_id", "launch_template_name")],
                "required_one_of": [("launch_template_id", "launch_template_name")],
            },
        },
    },
    "min_healthy_percentage": {"type": "int"},
    "max_healthy_percentage": {"type": "int"},
    "instance_warmup": {"type": "int"},
    "checkpoint_percentages": {"type": "list", "elements": "int"},
    "checkpoint_delay": {"type": "int"},
    "bake_time": {"type": "int"},
    "alarm_specification": {"type": "dict", "options": {"alarms": {"type": "list", "elements": "str"}}},
    "auto_rollback": {"type": "bool"},
    "scale_in_protected_instances": {"type": "str", "choices": ["Refresh", "Ignore", "Wait"]},
    "standby_instances": {"type": "str", "choices": ["Terminate", "Ignore", "Wait"]},
    "max_unhealthy_hosts": {"type": "int"},
    "mark_unchecked": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "application_name": {"type": "str"},
    "deployment_group_name": {"type": "str"},
    "log_tail": {"type": "bool", "default": True},
    "wait_until": {"type": "str", "choices": ["finished", "checkpoint"], "default": "finished"},
    **WAIT_OPTIONS,
    "wait_timeout": {"type": "int", "default": TIMEOUT},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}
SECONDS = ("checkpoint_delay", "bake_time")


def alarms(params: Shape) -> list[str]:
    return list((params["alarm_specification"] or {}).get("alarms") or [])


def checkpoints(params: Shape) -> list[int] | None:
    """With 100 at their end: AWS stops at the last one, and leaves the other hosts as they are."""
    steps = params["checkpoint_percentages"]
    return [*steps, 100] if steps and steps[-1] != 100 else steps


def preferences(params: Shape) -> Shape:
    """What StartInstanceRefresh gets; what is not given is left to the group and to AWS."""
    return given(
        {
            "MinHealthyPercentage": params["min_healthy_percentage"],
            "MaxHealthyPercentage": params["max_healthy_percentage"],
            "InstanceWarmup": params["instance_warmup"],
            "CheckpointPercentages": checkpoints(params) or None,
            "CheckpointDelay": params["checkpoint_delay"] if params["checkpoint_percentages"] else None,
            "BakeTime": params["bake_time"],
            "AlarmSpecification": {"Alarms": alarms(params)} if alarms(params) else None,
            "AutoRollback": params["auto_rollback"],
            "ScaleInProtectedInstances": params["scale_in_protected_instances"],
            "StandbyInstances": params["standby_instances"],
            "SkipMatching": not params["force"],
        }
    )


def check(params: Shape) -> None:
    """Refuse what AWS would refuse, in terms of the options."""
    refuse([*_of_shares(params), *_of_steps(params), *_of_seconds(params), *_of_rollback(params)])


def _of_shares(params: Shape) -> t.Iterator[str]:
    least, most = params["min_healthy_percentage"], params["max_healthy_percentage"]
    if least is not None and not 0 <= least <= 100:
        yield f"min_healthy_percentage is {least}. Give 0 to 100."
    if most is not None and least is None:
        yield "max_healthy_percentage needs min_healthy_percentage. Give both or neither."
    elif most is not None and (not 100 <= most <= 200 or most - least > 100):
        text = f"max_healthy_percentage is {most} with a min_healthy_percentage of {least}"
        yield f"{text}. Give 100 to 200, and at most 100 more than min_healthy_percentage."


def _of_steps(params: Shape) -> t.Iterator[str]:
    steps = params["checkpoint_percentages"] or []
    if steps != sorted(set(steps)) or any(not 1 <= step <= 100 for step in steps):
        yield f"checkpoint_percentages is {steps}. Give percentages from 1 to 100, in ascending order, each once."
    if params["checkpoint_delay"] is not None and params["checkpoint_percentages"] is None:
        yield "checkpoint_delay needs checkpoint_percentages. Give both or neither."


def _of_seconds(params: Shape) -> t.Iterator[str]:
    for name in SECONDS:
        if params[name] is not None and not 0 <= params[name] <= MOST_SECONDS:
            yield f"{name} is {params[name]}. Give 0 to {MOST_SECONDS} seconds."
    if len(alarms(params)) > MOST_ALARMS:
        yield f"alarm_specification has {len(alarms(params))} alarms. Give at most {MOST_ALARMS}."


def _of_rollback(params: Shape) -> t.Iterator[str]:
    aimed = params["image_id"] or params["desired_configuration"]
    if params["auto_rollback"] and not aimed and params["state"] == REFRESHED:
        text = "AWS can only roll back a refresh to a desired configuration"
        yield f"auto_rollback needs image_id or desired_configuration, because {text}."
    if aimed and params["state"] != REFRESHED:
        text = "image_id and desired_configuration are for state=refreshed"
        yield f"{text}. Remove them; state={params['state']} finds the version by itself."


def refuse_alarms(aws: Connection, params: Shape) -> None:
    """An alarm that is on, or that does not exist, would fail the refresh at once. One call, where alarms are given."""
    names = alarms(params)
    known: Shape | None = if_allowed(lambda: read_alarms(aws, names), None) if names else {}
    if known is None:
        return
    missing = [name for name in names if name not in known]
    if missing:
        text = f"there is no CloudWatch alarm {', '.join(missing)} in {aws.region}"
        raise Refused(f"{text}. Correct alarm_specification, or create the alarm.")
    ringing = [name for name in names if known[name].get("StateValue") == "ALARM"]
    if ringing:
        text = f"the CloudWatch alarm {', '.join(ringing)} is on, so AWS would fail the refresh at once"
        raise Refused(f"{text}. Fix the cause of the alarm, and run the task again.")
