# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deployment groups: what Get returns and what Create and Update take, brought to one shape. Private.

The shape is the one of CreateDeploymentGroup with everything AWS defaults filled in, so that "not set" and "set to the
default" compare as equal. Nothing here knows of Ansible.
"""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import copies
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import BATCH, SERVICE, names
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.launch_hooks import lost_groups
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import with_tag_list, with_tags
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, Shape, Unordered

NO_ALARMS: Shape = {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []}
NO_ROLLBACK: Shape = {"enabled": False, "events": []}
DEFAULTS: Shape = {
    "deploymentStyle": {"deploymentType": "IN_PLACE", "deploymentOption": "WITHOUT_TRAFFIC_CONTROL"},
    "outdatedInstancesStrategy": "UPDATE",
    "terminationHookEnabled": False,
    "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": []},
    "autoRollbackConfiguration": NO_ROLLBACK,
    "alarmConfiguration": NO_ALARMS,
}
# What selects the hosts. An update that says one of them may drop the others, so they always go together.
SELECTION = (
    "ec2TagFilters",
    "ec2TagSet",
    "onPremisesInstanceTagFilters",
    "onPremisesTagSet",
    "autoScalingGroups",
)
# Blocks that hold nothing but lists; the list that clears the block where an empty block does not.
LISTS = {"ec2TagSet": "ec2TagSetList", "onPremisesTagSet": "onPremisesTagSetList", "loadBalancerInfo": None}
UPDATABLE = (
    *SELECTION,
    "deploymentConfigName",
    "serviceRoleArn",
    "triggerConfigurations",
    "alarmConfiguration",
    "autoRollbackConfiguration",
    "outdatedInstancesStrategy",
    "deploymentStyle",
    "blueGreenDeploymentConfiguration",
    "loadBalancerInfo",
    "ecsServices",
    "ec2DeploymentOptions",
    "terminationHookEnabled",
)
PLATFORM = "computePlatform"
FLEET = "fleet"
# The only style there is on the other platforms; a new group has to say it.
SHIFT: Shape = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}
MISSING = ["ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"]
Update = t.Callable[..., t.Any]
TAG_COMBINATION = ("InvalidEC2TagCombinationException", "InvalidOnPremisesTagCombinationException")

# A role or topic made a moment ago is not yet seen by CodeDeploy: about 30 seconds are given to it.
_once_seen = AWSRetry.exponential_backoff(
    retries=5,
    delay=2,
    backoff=2,
    max_delay=16,
    catch_extra_error_codes=["InvalidRoleException", "InvalidTriggerConfigException"],
)


def find_deployment_group(aws: Connection, params: Shape) -> Shape | None:
    """The group of `application_name` called `name`, in the one shape; None when group or application is missing."""
    application, group = params["application_name"], params["name"]
    try:
        answer = aws.client(SERVICE).get_deployment_group(applicationName=application, deploymentGroupName=group)
    except is_boto3_error_code(MISSING):
        return None
    info = answer["deploymentGroupInfo"]
    live = group_shape(info)
    _follow_copy(aws, params, live)
    if params.get("repair_launch_hooks") and params["state"] == "present":
        live["lostLaunchHooks"] = lost_groups(aws, info, params["auto_scaling_groups"])
    return with_tags(aws, params, live)


def _follow_copy(aws: Connection, params: Shape, live: Shape) -> None:
    """A task that names the Auto Scaling group of which the live one is a copy, asks for the live one."""
    if params["state"] != "present" or not params.get("keep_copied_group"):
        return
    found = copies.fleet(params["name"], params["auto_scaling_groups"], live["autoScalingGroups"])
    if found:
        aws.noted[FLEET], params["auto_scaling_groups"] = found, live["autoScalingGroups"]
    if aws.noted.get(FLEET):
        live[FLEET] = aws.noted[FLEET]


def group_shape(info: Shape) -> Shape:
    """A group as Get returns it, in the one shape: names for Auto Scaling groups, defaults filled, empty blocks gone."""
    shape: Shape = {k: _plain(v) for k, v in info.items()}
    for block in LISTS:  # an unused block comes back with empty lists in it
        shape[block] = {k: v for k, v in (shape.get(block) or {}).items() if v not in EMPTY}
    shape["autoScalingGroups"] = [g["name"] for g in info.get("autoScalingGroups", []) if g.get("name")]
    filled = {k: {**v, **(shape.get(k) or {})} if isinstance(v, dict) else shape.get(k, v) for k, v in DEFAULTS.items()}
    return {k: v for k, v in {**shape, **filled}.items() if v not in EMPTY or k in (*filled, "autoScalingGroups")}


def create_deployment_group(aws: Connection, wanted: Shape) -> None:
    """Empty members are left out: some combinations are refused even when empty."""
    style = {"deploymentStyle": SHIFT} if aws.noted.get(PLATFORM) in ("ECS", "Lambda") else {}
    asked = {k: v for k, v in {**style, **wanted}.items() if v not in EMPTY or isinstance(v, bool)}
    _once_seen(aws.client(SERVICE).create_deployment_group)(**with_tag_list(asked))


def update_deployment_group(aws: Connection, live: Shape, after: Shape) -> None:
    """Send each changed block whole, and the whole selection with it; then put lost launch hooks back."""
    changed = {k: _clearing(k, after[k]) for k in UPDATABLE if k in after and after[k] != live.get(k)}
    selection = {k: after[k] for k in SELECTION if after.get(k)}
    asked = {
        "applicationName": live["applicationName"],
        "currentDeploymentGroupName": live["deploymentGroupName"],
    }
    update = functools.partial(_once_seen(aws.client(SERVICE).update_deployment_group), **asked)
    if changed:
        _send(update, selection, changed, after)
    lost = [name for name in live.get("lostLaunchHooks") or [] if name in after["autoScalingGroups"]]
    if lost:
        _put_hooks_back(update, selection, after.get("blueGreenDeploymentConfiguration") or {}, lost)


def _send(update: Update, selection: Shape, changed: Shape, after: Shape) -> None:
    try:
        update(**{**selection, **changed})
    except is_boto3_error_code(TAG_COMBINATION):
        # Going from filters to a tag set (or back) in one call was refused: empty the one first, then set the other.
        emptied = {k: v for k, v in changed.items() if k in SELECTION and not after[k]}
        update(**emptied)
        update(**{k: v for k, v in {**selection, **changed}.items() if k not in emptied})


def _put_hooks_back(update: Update, selection: Shape, fleets: Shape, lost: list[str]) -> None:
    """CodeDeploy puts a hook on an Auto Scaling group only when the group is added, so it is taken out first.

    A fleet that is a copy of the group must have exactly one, so meanwhile it is not a copy.
    """
    kept = [name for name in selection["autoScalingGroups"] if name not in lost]
    copied = (fleets.get("greenFleetProvisioningOption") or {}).get("action") == "COPY_AUTO_SCALING_GROUP"
    found = {**fleets, "greenFleetProvisioningOption": {"action": "DISCOVER_EXISTING"}}
    update(
        **{**selection, "autoScalingGroups": kept}, **({"blueGreenDeploymentConfiguration": found} if copied else {})
    )
    try:
        update(**selection, **({"blueGreenDeploymentConfiguration": fleets} if copied else {}))
    except FAILURES as problem:
        text = f"{', '.join(lost)} was removed from the deployment group to restore its launch hook, and could not be added again"
        remedy = f"Run the task again with auto_scaling_groups: [{', '.join(selection['autoScalingGroups'])}]."
        raise Refused(f"{text}: {str(problem).rstrip('.')}. {remedy}") from problem


def _clearing(member: str, value: t.Any) -> t.Any:
    """Tag sets are cleared by an empty list inside them, everything else by being empty itself."""
    return {LISTS[member]: []} if value == {} and LISTS.get(member) else value


def delete_deployment_group(aws: Connection, live: Shape) -> None:
    """What is gone is deleted: the model declares no such error, but clients have met it."""
    names = {"applicationName": live["applicationName"], "deploymentGroupName": live["deploymentGroupName"]}
    try:
        aws.client(SERVICE).delete_deployment_group(**names)
    except is_boto3_error_code(MISSING):
        return


def read_deployment_groups(aws: Connection, application: str, wanted: list[str] | None) -> list[Shape]:
    """Groups of an application by name in the one shape, unknown ones left out; all when no names are given."""
    return [group_shape(info) for info in read_infos(aws, application, wanted)]


def read_infos(aws: Connection, application: str, wanted: list[str] | None) -> list[Shape]:
    """The same as AWS returns them. An unknown application has none."""
    client, asked = aws.client(SERVICE), {"applicationName": application}
    found: list[Shape] = []
    try:
        wanted = names(aws, "list_deployment_groups", "deploymentGroups", **asked) if wanted is None else wanted
        for start in range(0, len(wanted), BATCH):
            part = wanted[start : start + BATCH]
            found += client.batch_get_deployment_groups(**asked, deploymentGroupNames=part)["deploymentGroupsInfo"]
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        return []
    return found


def tag_filters(options: list[Shape] | None) -> Unordered | None:
    """Tag filters from options; the type follows from what is given unless it is said."""
    if options is None:
        return None
    return Unordered(_tag_filter(option) for option in options)


def _tag_filter(option: Shape) -> Shape:
    key, value = option.get("key"), option.get("value")
    kind = "KEY_AND_VALUE" if key and value else "KEY_ONLY" if key else "VALUE_ONLY"
    return _plain({"Key": key, "Value": value, "Type": option.get("type") or kind})


def _plain(value: t.Any) -> t.Any:
    """Without members that are null or empty text: Get returns them for what was never set."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None and v != ""}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
