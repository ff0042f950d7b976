# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All that the account of a test holds of images, their ingredients and the fleets that they are released to."""

from __future__ import annotations

import typing as t

from moto.ec2.models import ec2_backends

from support.codedeploy_shop import ACCOUNT
from support.imagebuilder import client
from support.modules import CONNECTION

HOME, FAR = CONNECTION["region"], "us-east-1"
MOMENTS = ("dateCreated", "dateUpdated", "dateLastRun", "dateNextRun", "ResponseMetadata", "requestId")
# Kind -> how it is listed.
LISTED = {
    "component": "componentVersionList",
    "workflow": "workflowVersionList",
    "image_recipe": "imageRecipeSummaryList",
    "container_recipe": "containerRecipeSummaryList",
    "infrastructure_configuration": "infrastructureConfigurationSummaryList",
    "distribution_configuration": "distributionConfigurationSummaryList",
    "image_pipeline": "imagePipelineList",
    "lifecycle_policy": "lifecyclePolicySummaryList",
}


def everything() -> dict[str, t.Any]:
    """By kind; without what chance or the clock decides."""
    return {
        **{kind: _of_kind(kind) for kind in LISTED},
        "images": _images(),
        "shares": [
            one["featureSet"] for one in client("ram").get_resource_shares(resourceOwner="SELF")["resourceShares"]
        ],
        **{f"amis of {region}": _amis(region) for region in (HOME, FAR)},
        "objects": _objects(),
        **_fleets(),
    }


def _of_kind(kind: str) -> list[t.Any]:
    found = getattr(client(), f"list_{kind}s".replace("policys", "policies"))()[LISTED[kind]]
    if kind in ("component", "workflow"):
        found = [one for version in found for one in _builds(kind, version["arn"])]
    return sorted(({"arn": one["arn"], **_whole(kind, one["arn"])} for one in found), key=lambda one: one["arn"])


def _builds(kind: str, arn: str) -> list[t.Any]:
    listed = getattr(client(), f"list_{kind}_build_versions")(**{f"{kind}VersionArn": arn})
    return list(listed[f"{kind}SummaryList"])


def _whole(kind: str, arn: str) -> dict[str, t.Any]:
    words = kind.split("_")
    noun = words[0] + "".join(word.title() for word in words[1:])
    member = f"{noun}BuildVersionArn" if kind in ("component", "workflow") else f"{noun}Arn"
    found = getattr(client(), f"get_{kind}")(**{member: arn})[noun]
    return {key: value for key, value in found.items() if key not in MOMENTS}


def _images() -> list[t.Any]:
    told = []
    for one in client().list_image_build_versions()["imageSummaryList"]:
        tags = {key: value for key, value in one.get("tags", {}).items() if key != "slipway:source-image"}
        runs = client().list_workflow_executions(imageBuildVersionArn=one["arn"])["workflowExecutions"]
        ran = [(run["type"], run["status"]) for run in runs]
        told.append((one["arn"], one["state"]["status"], tags, len(one["outputResources"].get("amis", [])), ran))
    return sorted(told, key=lambda one: one[0])


def _amis(region: str) -> list[t.Any]:
    """Not by the API, which lists the snapshots of every public AMI too."""
    held = ec2_backends[ACCOUNT][region]
    own = [one for one in held.amis.values() if one.owner_id == ACCOUNT]
    return [sorted((one.state, bool(one.deprecation_time)) for one in own), len(held.snapshots)]


def _objects() -> list[str]:
    s3 = client("s3")
    names = [one["Name"] for one in s3.list_buckets()["Buckets"]]
    return sorted(one["Key"] for name in names for one in s3.list_objects_v2(Bucket=name).get("Contents", []))


def _fleets() -> dict[str, t.Any]:
    scaling, ec2 = client("autoscaling"), client("ec2")
    told: dict[str, t.Any] = {}
    for group in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        name = group["AutoScalingGroupName"]
        refreshes = scaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
        listed = ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
        told[name] = {
            "launches": group["LaunchTemplate"]["Version"],
            "hosts": sorted(one["LaunchTemplate"]["Version"] for one in group["Instances"]),
            "refreshes": [(one["Status"], _asked(one)) for one in refreshes],
            "versions": [(one["VersionNumber"], one["LaunchTemplateData"]["ImageId"]) for one in listed],
        }
    return told


def _asked(refresh: dict[str, t.Any]) -> str:
    return str(refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {}).get("Version"))
