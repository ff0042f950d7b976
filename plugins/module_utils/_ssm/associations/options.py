# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of associations of State Manager, and the members of the API that they stand for. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Whole, given
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.options import TARGETS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import parameters

ALARMS: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "ignore_poll_alarm_failure": {"type": "bool"},
        "alarms": {"type": "list", "elements": "dict", "options": {"name": {"type": "str", "required": True}}},
    },
}
LOCATIONS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "accounts": {"type": "list", "elements": "str"},
        "regions": {"type": "list", "elements": "str"},
        "exclude_accounts": {"type": "list", "elements": "str"},
        "include_child_organization_units": {"type": "bool"},
        "execution_role_name": {"type": "str"},
        "target_location_max_concurrency": {"type": "str"},
        "target_location_max_errors": {"type": "str"},
        "target_location_alarm_configuration": ALARMS,
        "targets": TARGETS,
        "targets_max_concurrency": {"type": "str"},
        "targets_max_errors": {"type": "str"},
    },
}
ASSOCIATION_OPTIONS: dict[str, t.Any] = {
    "document_name": {"type": "str"},
    "document_version": {"type": "str"},
    "parameters": {"type": "dict"},
    "targets": TARGETS,
    "target_maps": {"type": "list", "elements": "dict"},
    "automation_target_parameter_name": {"type": "str"},
    "schedule_expression": {"type": "str"},
    "schedule_offset": {"type": "int"},
    "duration": {"type": "int"},
    "apply_only_at_cron_interval": {"type": "bool"},
    "max_concurrency": {"type": "str"},
    "max_errors": {"type": "str"},
    "compliance_severity": {"type": "str", "choices": ["CRITICAL", "HIGH", "MEDIUM", "LOW", "UNSPECIFIED"]},
    "sync_compliance": {"type": "str", "choices": ["AUTO", "MANUAL"]},
    "calendar_names": {"type": "list", "elements": "str"},
    "target_locations": LOCATIONS,
    "output_location": {
        "type": "dict",
        "options": {
            "s3_location": {
                "type": "dict",
                "options": {
                    "output_s3_bucket_name": {"type": "str"},
                    "output_s3_key_prefix": {"type": "str", "no_log": False},
                    "output_s3_region": {"type": "str"},
                },
            },
        },
    },
    "alarm_configuration": ALARMS,
    "association_dispatch_assume_role": {"type": "str"},
}
USERS_OWN = ("parameters", "target_maps")  # whose keys are not members of the API
LOCATION = {
    "ExecutionRoleName": "AWS-SystemsManager-AutomationExecutionRole",
    "IncludeChildOrganizationUnits": False,
}


def wish(params: Shape) -> Shape:
    """What a task asks for, in the members of the API; None where it says nothing."""
    asked = {name: given(params[name]) for name in ASSOCIATION_OPTIONS}
    members = {name: value for name, value in asked.items() if name not in USERS_OWN}
    shape: Shape = snake_dict_to_camel_dict(members, capitalize_first=True)
    for member in ("ScheduleOffset", "Duration"):
        shape[member] = "" if shape[member] == 0 else shape[member]
    lists, maps = asked["parameters"], asked["target_maps"]
    shape["Parameters"] = None if lists is None else parameters(lists, {})
    shape["TargetMaps"] = None if maps is None else [parameters(one, {}) for one in maps]
    return canonical(shape)


def canonical(shape: Shape) -> Shape:
    """The shape with lists whose order means nothing sorted, and with what AWS takes where a location says nothing."""
    found = dict(shape)
    if found.get("Targets") is not None:
        found["Targets"] = Whole(_targets(found["Targets"]))
    if found.get("TargetLocations") is not None:
        locations = [_location(one) for one in found["TargetLocations"]]
        found["TargetLocations"] = Whole(sorted(locations, key=lambda one: json.dumps(one, sort_keys=True)))
    if found.get("CalendarNames") is not None:
        found["CalendarNames"] = sorted(found["CalendarNames"])
    return found


def _targets(targets: list[Shape]) -> list[Shape]:
    """AWS answers `instanceids` for `InstanceIds`."""
    named = [
        {"Key": "InstanceIds" if one["Key"].lower() == "instanceids" else one["Key"], "Values": sorted(one["Values"])}
        for one in targets
    ]
    return sorted(named, key=lambda one: (one["Key"], one["Values"]))


def _location(location: Shape) -> Shape:
    lists = {name: sorted(location[name]) for name in ("Accounts", "Regions", "ExcludeAccounts") if location.get(name)}
    targets = {"Targets": _targets(location["Targets"])} if location.get("Targets") else {}
    kept = {name: value for name, value in location.items() if value not in ("", [], {}, None)}
    return {**LOCATION, **kept, **lists, **targets}
