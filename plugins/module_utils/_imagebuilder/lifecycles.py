# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for lifecycle policies, and what their runs did. Knows nothing of Ansible. Private to this collection.

Neither the order of rules, recipes, Regions and accounts means anything, nor does a flag that is false where AWS may
leave it out: both sides are compared in one form.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import refuse
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, Whole, chosen
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import check_version, own_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import need, read, same_role
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.reading import found
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import warn_of_missing_role
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.rules import lifecycle_problems
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked, spoken

POLICY = "lifecycle-policy"
SELECTION: Shape = {"recipes": None, "tagMap": None}
NEEDED = ("execution_role", "resource_type", "policy_details", "resource_selection")
OPTIONS = ("name", "description", "status", *NEEDED)


def wanted_policy(params: Shape) -> Shape:
    """What a task asks for, in the shape of Get."""
    wanted = asked(params, *OPTIONS)
    if wanted["policyDetails"] is not None:
        wanted["policyDetails"] = Whole(_ordered(wanted["policyDetails"]))
    selection = _selection(wanted["resourceSelection"])
    return {**wanted, "resourceSelection": chosen(selection, SELECTION), "tags": params["tags"]}


def find_lifecycle_policy(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The policy as Get returns it, in the form in which policies are compared."""
    for recipe in (params["resource_selection"] or {}).get("recipes") or []:
        check_version(recipe["semantic_version"], wildcards=True)
    live = read(aws, POLICY, own_arn(aws, POLICY, params["name"]))
    if params["state"] == "present":
        refuse(lifecycle_problems(params, live or {}))
    if live is None:
        need(params, "lifecycle policy", *NEEDED)
    else:
        details = _ordered(live.get("policyDetails") or [])
        selection = _selection(live.get("resourceSelection") or {})
        live = {"status": "ENABLED", **live, "policyDetails": details, "resourceSelection": selection}
        same_role(live, params)
    role = params["execution_role"]
    if params["state"] == "present" and role and role != (live or {}).get("executionRole"):
        warn_of_missing_role(aws, role)
    return live


def policies(aws: Connection, params: Shape) -> t.List[Shape]:
    """The policies that are asked for, with their runs when asked for by name."""
    policies = found(aws, POLICY, params)
    if params["include_executions"] and params["name"]:
        policies = [{**policy, "executions": executions(aws, policy["arn"])} for policy in policies]
    return policies


def executions(aws: Connection, arn: str) -> t.List[Shape]:
    """The runs for a policy or an image, newest first; what the newest one did is told in full."""
    runs = listed(aws, "list_lifecycle_executions", "lifecycleExecutions", resourceArn=arn)
    runs.sort(key=lambda run: run["startTime"], reverse=True)
    return [{**run, "resources": resources(aws, run)} if run is runs[0] else run for run in runs]


def resources(aws: Connection, run: Shape) -> t.List[Shape]:
    """The images of a run; of those that were not changed as planned also their AMIs or container images."""
    asked_for = {"lifecycleExecutionId": run["lifecycleExecutionId"]}
    images = listed(aws, "list_lifecycle_execution_resources", "resources", **asked_for)
    return [{**image, "resources": _parts(aws, asked_for, image)} if _stuck(image) else image for image in images]


def _stuck(image: Shape) -> bool:
    return (image.get("state") or {}).get("status") in ("FAILED", "SKIPPED")


def _parts(aws: Connection, asked_for: Shape, image: Shape) -> t.List[Shape]:
    parent = {"parentResourceId": image["resourceId"]}
    return listed(aws, "list_lifecycle_execution_resources", "resources", **asked_for, **parent)


def _ordered(details: t.List[Shape]) -> t.List[Shape]:
    return sorted((_rule(spoken(detail)) for detail in details), key=lambda rule: str(rule["action"].get("type")))


def _rule(rule: Shape) -> Shape:
    """Without what says no more than nothing would, and lists in one order."""
    action, exclusions = dict(rule["action"]), dict(rule.get("exclusionRules") or {})
    if exclusions.get("amis"):
        exclusions["amis"] = {name: _sorted(value) for name, value in exclusions["amis"].items() if value is not False}
    flags = {name: value for name, value in action.pop("includeResources", {}).items() if value}
    return {
        **{name: value for name, value in rule.items() if name != "exclusionRules"},
        "action": {**action, **({"includeResources": flags} if flags else {})},
        **({"exclusionRules": exclusions} if spoken(exclusions) else {}),
    }


def _sorted(value: t.Any) -> t.Any:
    return sorted(value) if isinstance(value, list) else value


def _selection(selection: t.Optional[Shape]) -> t.Optional[Shape]:
    if not selection or not selection.get("recipes"):
        return selection
    recipes = sorted(selection["recipes"], key=lambda recipe: (recipe["name"], recipe["semanticVersion"]))
    return {**selection, "recipes": recipes}
