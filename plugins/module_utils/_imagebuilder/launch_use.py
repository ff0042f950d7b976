# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What launches from AMIs in one Region: instances, Auto Scaling groups, launch templates and configurations. Private."""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.calls import NO_TEMPLATE
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

Uses = t.Dict[str, t.List[str]]  # AMI, or ARN of an image -> what needs it, in words
FILTER = 200  # values that EC2 takes in one filter
NAMES = 10  # that GetParameters takes
THERE = ("pending", "running", "stopping", "stopped")
RESOLVE = "resolve:ssm:"
SHOWN = 3  # instances that are named


def uses_in_region(aws: Connection, ids: t.Set[str], rollback_days: int, now: datetime.datetime) -> Uses:
    """What needs each of the AMIs, and perhaps more of them."""
    groups = items(aws, "autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups")
    found: t.List[t.Tuple[str, str]] = [*_instances(aws, ids), *_configurations(aws, groups), *_overrides(groups)]
    found += _templates(aws, groups, ids, now - datetime.timedelta(days=rollback_days))
    uses: Uses = {}
    for ami, user in found:
        uses.setdefault(ami, []).append(f"{user} in {aws.region}")
    return uses


def _instances(aws: Connection, ids: t.Set[str]) -> t.Iterator[t.Tuple[str, str]]:
    """Those that run or can be started again."""
    named: t.Dict[t.Tuple[str, str], t.List[str]] = {}
    ordered = sorted(ids)
    for start in range(0, len(ordered), FILTER):
        asked = [
            {"Name": "image-id", "Values": ordered[start : start + FILTER]},
            {"Name": "instance-state-name", "Values": list(THERE)},
        ]
        for reservation in items(aws, "ec2", "describe_instances", "Reservations", Filters=asked):
            for one in reservation["Instances"]:
                named.setdefault((one["ImageId"], one["State"]["Name"]), []).append(one["InstanceId"])
    for (ami, state), hosts in named.items():
        more = f" and {len(hosts) - SHOWN} more" if len(hosts) > SHOWN else ""
        yield ami, f"{state} instance{'s' if len(hosts) > 1 else ''} {', '.join(hosts[:SHOWN])}{more}"


def _configurations(aws: Connection, groups: t.List[Shape]) -> t.Iterator[t.Tuple[str, str]]:
    """Launch configurations, and the groups that use them."""
    for one in items(aws, "autoscaling", "describe_launch_configurations", "LaunchConfigurations"):
        name = one["LaunchConfigurationName"]
        yield one["ImageId"], f"launch configuration {name}"
        for group in groups:
            if group.get("LaunchConfigurationName") == name:
                yield (
                    one["ImageId"],
                    f"Auto Scaling group {group['AutoScalingGroupName']} (launch configuration {name})",
                )


def _overrides(groups: t.List[Shape]) -> t.Iterator[t.Tuple[str, str]]:
    """AMIs that a mixed instances policy names itself."""
    for group in groups:
        template = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
        for override in template.get("Overrides") or []:
            if override.get("ImageId"):
                yield (
                    override["ImageId"],
                    f"Auto Scaling group {group['AutoScalingGroupName']} (mixed instances policy)",
                )


def _specifications(group: Shape) -> t.Iterator[t.Tuple[Shape, str]]:
    """The launch templates of a group, those of its mixed instances policy too."""
    if group.get("LaunchTemplate"):
        yield group["LaunchTemplate"], ""
    template = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    for each in (template, *(template.get("Overrides") or [])):
        if each.get("LaunchTemplateSpecification"):
            yield each["LaunchTemplateSpecification"], "mixed instances policy, "


def _templates(
    aws: Connection, groups: t.List[Shape], ids: t.Set[str], since: datetime.datetime
) -> t.Iterator[t.Tuple[str, str]]:
    """Versions that a group uses, that are the default or the newest, or that were replaced since then."""
    heads = items(
        aws, "ec2", "describe_launch_template_versions", "LaunchTemplateVersions", Versions=["$Latest", "$Default"]
    )
    used = [(group["AutoScalingGroupName"], *pair) for group in groups for pair in _specifications(group)]
    named = {spec.get("LaunchTemplateId") or spec.get("LaunchTemplateName") for _group, spec, _how in used}
    templates = {one["LaunchTemplateId"]: one["LaunchTemplateName"] for one in heads if _worth(one, ids, named)}
    read = {template: _versions(aws, template) for template in sorted(templates)}
    images = _images(aws, [version for versions in read.values() for version in versions])
    for template, versions in read.items():
        users = [
            (f"Auto Scaling group {group} ({how}", spec)
            for group, spec, how in used
            if template in _names(spec, templates)
        ]
        yield from _of_template(versions, images, users, since)


def _worth(head: Shape, ids: t.Set[str], named: t.Container[t.Any]) -> bool:
    """Whether all versions of a template are read: a group uses it, or it launches one of the images or what a parameter names."""
    image = str(head["LaunchTemplateData"].get("ImageId") or "")
    return (
        head["LaunchTemplateId"] in named
        or head["LaunchTemplateName"] in named
        or image in ids
        or image.startswith(RESOLVE)
    )


def _names(spec: Shape, templates: t.Mapping[str, str]) -> t.Set[str]:
    """Ids of the template that a specification names by its id or its name."""
    return {
        key
        for key, name in templates.items()
        if spec.get("LaunchTemplateId") == key or spec.get("LaunchTemplateName") == name
    }


def _versions(aws: Connection, template: str) -> t.List[Shape]:
    try:
        found = items(
            aws, "ec2", "describe_launch_template_versions", "LaunchTemplateVersions", LaunchTemplateId=template
        )
    except is_boto3_error_code(NO_TEMPLATE):  # deleted in the meantime
        return []
    return sorted(found, key=lambda version: int(version["VersionNumber"]))


def _images(aws: Connection, versions: t.List[Shape]) -> t.Dict[str, str]:
    """The AMI by what a version names: an AMI, or a parameter that holds one."""
    named = {str(version["LaunchTemplateData"].get("ImageId") or "") for version in versions}
    values = parameters(aws, [name.removeprefix(RESOLVE) for name in named if name.startswith(RESOLVE)])
    return {name: values.get(name.removeprefix(RESOLVE), name) for name in named}


def parameters(aws: Connection, names: t.Iterable[str]) -> t.Dict[str, str]:
    """The values of those SSM parameters that exist, by name or ARN as given."""
    values: t.Dict[str, str] = {}
    ordered = sorted(set(names))
    for start in range(0, len(ordered), NAMES):
        for one in aws.client("ssm").get_parameters(Names=ordered[start : start + NAMES])["Parameters"]:
            for name in (one["Name"], one.get("ARN")):
                values[f"{name}{one.get('Selector') or ''}"] = str(one["Value"])
    return values


def _of_template(
    versions: t.List[Shape], images: t.Mapping[str, str], users: t.List[t.Tuple[str, Shape]], since: datetime.datetime
) -> t.Iterator[t.Tuple[str, str]]:
    for index, version in enumerate(versions):
        ami = _image(version, images)
        name = f"launch template {version['LaunchTemplateName']}, version {version['VersionNumber']}"
        latest = index == len(versions) - 1
        for user, spec in users:
            if _is_version(str(spec.get("Version") or "$Default"), version, latest):
                yield ami, f"{user}{name})"
        if version.get("DefaultVersion") or latest:
            which = " and ".join([*["default"] * bool(version.get("DefaultVersion")), *["newest"] * latest])
            yield ami, f"{name} (its {which} version)"
        replaced = next((later for later in versions[index + 1 :] if _image(later, images) != ami), None)
        if replaced and replaced["CreateTime"] >= since:
            yield ami, f"{name} (replaced on {replaced['CreateTime'].date().isoformat()}, within the rollback window)"


def _image(version: Shape, images: t.Mapping[str, str]) -> str:
    return images[str(version["LaunchTemplateData"].get("ImageId") or "")]


def _is_version(wanted: str, version: Shape, latest: bool) -> bool:
    if wanted == "$Latest":
        return latest
    return bool(version.get("DefaultVersion")) if wanted == "$Default" else wanted == str(version["VersionNumber"])
