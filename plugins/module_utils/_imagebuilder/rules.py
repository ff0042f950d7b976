# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Combinations of options that Image Builder refuses, told before anything is written. Pure. Private to this collection.

`kept` is what the live resource has of an option that a task leaves out.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import camel

OWN_LOG_GROUPS = "/aws/imagebuilder/"
RESERVED_TAGS = ("CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags")
RATE = re.compile(r"rate\([0-9]+ (?:minute|hour|day)s?\)")
CRON = re.compile(r"cron\((.*)\)")
TEMPLATE = re.compile(r"lt-[a-z0-9_-]{17}")
BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*\}\}")
Problems = t.Iterator[str]


def pipeline_problems(params: Shape, live: Shape) -> Problems:
    """Of an image pipeline."""
    role = _kept(params, live, "execution_role")
    workflows, scanning = params["workflows"] or [], params["image_scanning_configuration"] or {}
    yield from _schedule(given(params["schedule"] or {}), live.get("schedule") or {})
    groups = (group for group in (params["logging_configuration"] or {}).values() if group)
    if workflows and not role:
        yield "workflows requires execution_role"
    for group in groups:
        if not group.startswith(OWN_LOG_GROUPS) and not role:
            yield f"the log group {group} is outside {OWN_LOG_GROUPS} and requires execution_role"
    for workflow in workflows:
        of_tests = ":workflow/test/" in workflow["workflow_arn"]
        if not of_tests and (workflow.get("parallel_group") or workflow.get("on_failure")):
            yield "parallel_group and on_failure apply only to test workflows"
    if scanning.get("scan_result_condition") and "ON_DEMAND_AMI_CVE" not in (
        scanning.get("image_scanning_types") or []
    ):
        yield "scan_result_condition requires image_scanning_types with ON_DEMAND_AMI_CVE"
    if scanning.get("image_scanning_enabled") and not _tested(params, live):
        yield "image_scanning_enabled requires image_tests_enabled"


def _schedule(asked: Shape, now: Shape) -> Problems:
    expression = asked.get("schedule_expression", "")
    cron = CRON.fullmatch(expression)
    if not expression or RATE.fullmatch(expression) or expression == now.get("scheduleExpression"):
        return
    fields = cron[1].split() if cron else []
    if cron is None:
        yield f"schedule_expression {expression} is neither cron(...) nor rate(...) with minutes, hours or days"
    elif len(fields) != 6 or (fields[2] == "?") == (fields[4] == "?"):
        yield (
            f"schedule_expression {expression} requires six fields (minute hour day month weekday year), of which exactly "
            "one of day and weekday is ?, such as cron(0 2 ? * sun *)"
        )


def _tested(params: Shape, live: Shape) -> bool:
    """Whether image tests run; AWS runs them unless it is told otherwise, and an empty block tells it nothing."""
    asked = given(params["image_tests_configuration"])
    said = (asked or {}).get("image_tests_enabled")
    now = {} if asked == {} else live.get("imageTestsConfiguration") or {}
    return bool(now.get("imageTestsEnabled", True) if said is None else said)


def infrastructure_problems(params: Shape) -> Problems:
    """Of an infrastructure configuration."""
    placement = params["placement"] or {}
    if params["subnet_id"] and not params["security_group_ids"]:
        yield "subnet_id requires security_group_ids"
    hosts = [option for option in ("host_id", "host_resource_group_arn") if placement.get(option)]
    if len(hosts) > 1:
        yield "placement accepts only one of host_id and host_resource_group_arn"
    if hosts and placement.get("tenancy") != "host":
        yield f"placement.{hosts[0]} requires the tenancy host"
    for key in params["resource_tags"] or {}:
        if key in RESERVED_TAGS:
            yield f"the key {key} of resource_tags is reserved by AWS"


def distribution_problems(distributions: t.List[Shape]) -> Problems:
    """Of the distributions of a distribution configuration."""
    regions = [each["region"] for each in distributions]
    for region in sorted({region for region in regions if regions.count(region) > 1}):
        yield f"distributions contains the Region {region} more than once"
    for each in distributions:
        yield from (f"{problem} (in {each['region']})" for problem in _of_region(each))


def _of_region(each: Shape) -> Problems:
    ami = each.get("ami_distribution_configuration") or {}
    if ami.get("name") and not BUILD_DATE.search(ami["name"]):
        yield "ami_distribution_configuration.name must contain {{ imagebuilder:buildDate }}"
    if set((ami.get("launch_permission") or {}).get("user_groups") or []) - {"all"}:
        yield "launch_permission.user_groups accepts only the group all"
    for parameter in each.get("ssm_parameter_configurations") or []:
        account = parameter.get("ami_account_id")
        if account and account not in (ami.get("target_account_ids") or []):
            yield f"the account {account} of ssm_parameter_configurations is not one of target_account_ids"
    fast = [launch.get("launch_template") or {} for launch in each.get("fast_launch_configurations") or []]
    for template in (each.get("launch_template_configurations") or []) + fast:
        template_id = template.get("launch_template_id")
        if template_id and not TEMPLATE.fullmatch(template_id):
            yield f"{template_id} is not the id of a launch template"
    for template in fast:
        if template.get("launch_template_id") and template.get("launch_template_name"):
            yield "launch_template accepts only one of launch_template_id and launch_template_name"


def lifecycle_problems(params: Shape, live: Shape) -> Problems:
    """Of a lifecycle policy."""
    details = params["policy_details"] or []
    kind = _kept(params, live, "resource_type")
    selection = given(params["resource_selection"])
    actions = [detail["action"]["type"] for detail in details]
    if params["policy_details"] == []:
        yield "policy_details requires at least one rule"
    for action in sorted({action for action in actions if actions.count(action) > 1}):
        yield f"policy_details contains more than one rule with the action {action}"
    for detail in details:
        yield from (f"{problem} (in the rule {detail['action']['type']})" for problem in _of_rule(detail, kind))
    if selection is not None and bool(selection.get("recipes")) == bool(selection.get("tag_map")):
        yield "resource_selection requires either recipes or tag_map"


def _of_rule(detail: Shape, kind: t.Optional[str]) -> Problems:
    action, rule = detail["action"]["type"], given(detail["filter"])
    include = given(detail["action"].get("include_resources") or {})
    if rule["type"] == "COUNT" and action != "DELETE":
        yield "the filter type COUNT requires the action DELETE"
    if (rule["type"] == "AGE") != ("unit" in rule):
        yield "filter.unit is required for the type AGE and is accepted only for it"
    if "retain_at_least" in rule and rule["type"] != "AGE":
        yield "filter.retain_at_least requires the type AGE"
    if include.get("snapshots") and (action != "DELETE" or not include.get("amis")):
        yield "include_resources.snapshots requires the action DELETE and include_resources.amis"
    if kind == "CONTAINER_IMAGE":
        yield from _of_container_rule(detail, include)
    elif include.get("containers"):
        yield "include_resources.containers requires the resource_type CONTAINER_IMAGE"


def _of_container_rule(detail: Shape, include: Shape) -> Problems:
    if detail["action"]["type"] != "DELETE":
        yield "container images can only be deleted"
    if include.get("amis") or (detail.get("exclusion_rules") or {}).get("amis"):
        yield "include_resources.amis and exclusion_rules.amis require the resource_type AMI_IMAGE"


def _kept(params: Shape, live: Shape, option: str) -> t.Any:
    return live.get(camel(option)) if params[option] is None else params[option]
