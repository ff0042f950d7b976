# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The version of a launch template that the hosts of a group are to be launched from. Private to this collection.

A release of an AMI is a version of the group's own launch template that differs in nothing else. Its description tells
which version it replaces, so that a rollback needs no other memory.
"""

from __future__ import annotations

import copy
import re
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, may_have_happened
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import look_until

PARAMETER = "resolve:ssm:"
OURS = re.compile(r"slipway: \S+ in place of \S+ \(version (\d+)\)")
NO_IMAGE = ("InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable")


class Aim(t.NamedTuple):
    """Which version hosts are to be on, and which one the group launches so far."""

    version: Shape  # as EC2 describes it; without VersionNumber it has to be created
    own: Shape  # what the group launches at present
    policy: Shape | None  # the mixed instances policy of the group
    follows: str  # how the group spells its version

    @property
    def image(self) -> str:
        return str(image_of(self.version))

    @property
    def number(self) -> int | None:
        return self.version.get("VersionNumber")

    @property
    def moves(self) -> bool:
        """Whether the group has the latest or the default version, whatever that is, so that AWS cannot roll back."""
        return self.follows.startswith("$")

    @property
    def is_own(self) -> bool:
        """Whether the group launches it already."""
        return key(self.version) == key(self.own)

    def configuration(self) -> Shape:
        """The DesiredConfiguration of a refresh."""
        return launching(self.policy, self.version)


def key(version: Shape) -> tuple[str, str]:
    return version["LaunchTemplateId"], str(version.get("VersionNumber"))


def image_of(version: Shape) -> str | None:
    found = version["LaunchTemplateData"].get("ImageId")
    return None if found is None else str(found)


def named(version: Shape) -> str:
    """`version 3 of the launch template shop (ami-1)`."""
    number = version.get("VersionNumber")
    which = "a new version" if number is None else f"version {number}"
    return f"{which} of the launch template {version['LaunchTemplateName']} ({image_of(version)})"


def described(version: Shape) -> Shape:
    """For a result."""
    template = {
        "launch_template_id": version["LaunchTemplateId"],
        "launch_template_name": version["LaunchTemplateName"],
    }
    number = version.get("VersionNumber")
    return template if number is None else {**template, "version": str(number)}


def launching(policy: Shape | None, version: Shape) -> Shape:
    """The members by which a group, or a refresh, names what it launches."""
    template = {"LaunchTemplateId": version["LaunchTemplateId"], "Version": str(version["VersionNumber"])}
    if policy is None:
        return {"LaunchTemplate": template}
    whole = copy.deepcopy(policy)
    whole["LaunchTemplate"]["LaunchTemplateSpecification"] = template
    return {"MixedInstancesPolicy": whole}


def asked_of(refresh: Shape) -> Shape:
    """The launch template that a refresh names; nothing where it brings what the group launches."""
    desired = refresh.get("DesiredConfiguration") or {}
    policy = (desired.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    found: Shape = desired.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification") or {}
    return found


def is_asked(asked: Shape, version: Shape) -> bool:
    """Whether a refresh that names a launch template so brings this version."""
    same = version["LaunchTemplateId"], version["LaunchTemplateName"]
    template = asked.get("LaunchTemplateId") or asked.get("LaunchTemplateName")
    return template in same and asked.get("Version") == str(version.get("VersionNumber"))


def specification(group: Shape) -> Shape:
    """The launch template of a group, refused in words where it has none."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    found = group.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification")
    if found:
        _refuse_overrides(policy)
        return t.cast(Shape, found)
    if group.get("LaunchConfigurationName"):
        text = f"the group has the launch configuration {group['LaunchConfigurationName']}, which cannot be changed"
        raise Refused(f"{text}. Give the group a launch template first, then its AMIs can be released and rolled back.")
    raise Refused("the group has no launch template. Add one.")


def _refuse_overrides(policy: Shape) -> None:
    own = [one for one in policy.get("Overrides") or [] if one.get("LaunchTemplateSpecification")]
    if own:
        types = ", ".join(str(one.get("InstanceType") or "instance requirements") for one in own)
        text = f"the mixed instances policy of the group has a launch template of its own for {types}"
        raise Refused(
            f"{text}. Remove it there, or refresh the group without image_id after you have changed each template."
        )


def find_aim(aws: Connection, group: Shape, params: Shape) -> Aim | None:
    """What the options ask for; None when they say nothing, and the group's own version counts."""
    desired = (params["desired_configuration"] or {}).get("launch_template")
    if not params["image_id"] and not desired:
        return None
    asked = specification(group)
    own = scaling.read_template(aws, asked)
    if desired:
        wanted = {
            "LaunchTemplateId": desired["launch_template_id"],
            "LaunchTemplateName": desired["launch_template_name"],
        }
        version = scaling.read_template(aws, {**wanted, "Version": desired["version"]})
    else:
        version = _with_image(aws, own, _image_id(aws, params["image_id"]))
    _refuse_parameter(own, params)
    return Aim(version, own, group.get("MixedInstancesPolicy"), asked.get("Version") or "$Default")


def _image_id(aws: Connection, image: str) -> str:
    """The AMI that a parameter names now. A version with the parameter itself could not be rolled back to."""
    if not image.startswith(PARAMETER):
        return image
    name = image[len(PARAMETER) :]
    try:
        return str(aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except is_boto3_error_code("ParameterNotFound") as problem:
        text = f"there is no parameter {name} in {aws.region}"
        raise Refused(f"{text}. Correct image_id or region, or bake the image that the parameter names.") from problem


def _refuse_parameter(own: Shape, params: Shape) -> None:
    image = image_of(own) or ""
    if params["auto_rollback"] and image.startswith(PARAMETER):
        text = f"{named(own)} takes its AMI from a parameter, so AWS cannot roll back to it"
        raise Refused(f"{text}. Give the group a version with the ID of an AMI first, or remove auto_rollback.")


def _with_image(aws: Connection, own: Shape, image: str) -> Shape:
    """The group's version with this AMI: itself, a later one that was made for this, or one that is to be created."""
    if image_of(own) == image:
        return own
    wanted = {**own["LaunchTemplateData"], "ImageId": image}
    made = _made(aws, own, wanted)
    blank = {name: own[name] for name in ("LaunchTemplateId", "LaunchTemplateName")}
    return made or {**blank, "LaunchTemplateData": wanted}


def _made(aws: Connection, own: Shape, wanted: Shape) -> Shape | None:
    """The newest later version of this content. One that was made from another version would tell a wrong way back."""
    later = versions(aws, own["LaunchTemplateId"], own["VersionNumber"] + 1)
    same = (
        one for one in later if one["LaunchTemplateData"] == wanted and replaced(one) in (None, own["VersionNumber"])
    )
    return max(same, key=lambda one: int(one["VersionNumber"]), default=None)


def versions(aws: Connection, template_id: str, least: int = 1) -> list[Shape]:
    """The versions of a launch template from this number on."""
    asked: Shape = {"LaunchTemplateId": template_id, "MinVersion": str(least)}
    return items(aws, "ec2", "describe_launch_template_versions", "LaunchTemplateVersions", **asked)


def replaced(version: Shape) -> int | None:
    """The number of the version that a version of ours was made to replace."""
    found = OURS.match(version.get("VersionDescription") or "")
    return int(found.group(1)) if found else None


def prepare(aws: Connection, name: str, aim: Aim) -> Aim:
    """Everything a refresh needs before it starts: a group whose version stays what it is, and the version itself.

    A group that launches the latest version would launch the new one at once, and AWS could not roll back.
    """
    if aim.moves:
        fixed = launching(aim.policy, aim.own)
        aws.client(scaling.SERVICE).update_auto_scaling_group(AutoScalingGroupName=name, **fixed)
    return aim if aim.number is not None else aim._replace(version=_create(aws, aim))


def _create(aws: Connection, aim: Aim) -> Shape:
    own = aim.own
    text = f"slipway: {aim.image} in place of {image_of(own)} (version {own['VersionNumber']})"
    asked = {
        "LaunchTemplateId": own["LaunchTemplateId"],
        "SourceVersion": str(own["VersionNumber"]),
        "VersionDescription": text,
        "LaunchTemplateData": {"ImageId": aim.image},
    }
    try:
        made = aws.client("ec2", once=True).create_launch_template_version(**asked)["LaunchTemplateVersion"]
    except FAILURES as problem:
        if not may_have_happened(problem):
            raise
        found = look_until(lambda: _made(aws, own, aim.version["LaunchTemplateData"]))
        if found is None:
            text = "the response to the request for a version of the launch template was lost, and none has appeared"
            raise Refused(
                f"{text}. Run the task again: it uses the version if it exists after all. ({problem})"
            ) from problem
        return found
    return {**aim.version, "VersionNumber": made["VersionNumber"], "VersionDescription": text}


def refuse_image(aws: Connection, version: Shape) -> None:
    """Refuse a version whose AMI is gone or cannot be launched yet. One call."""
    image = image_of(version)
    if image is None or image.startswith(PARAMETER):
        return
    try:
        found = aws.client("ec2").describe_images(ImageIds=[image])["Images"]
    except is_boto3_error_code(NO_IMAGE):
        found = []
    state = found[0].get("State", "available") if found else None
    if state is None:
        raise Refused(f"there is no AMI {image} in {aws.region} that this account may use. Correct image_id or region.")
    if state != "available":
        raise Refused(f"the AMI {image} is {state}, so nothing can be launched from it. Wait until it is available.")
