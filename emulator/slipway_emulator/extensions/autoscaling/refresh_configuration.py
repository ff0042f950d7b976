# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a group launches, and what an instance refresh has it launch instead."""

from __future__ import annotations

import copy
from typing import Any, NamedTuple

from moto.autoscaling.exceptions import ValidationError
from moto.ec2.exceptions import EC2ClientError

from .launches import NOT_VALID, check_template

PARAMETER = "resolve:ssm:"


class Launching(NamedTuple):
    """A launch template in a version as it was spelled, and the mixed instances policy that names it."""

    template: Any
    version: str
    policy: dict[str, Any] | None = None

    def moves(self) -> bool:
        """Whether it may stand for something else tomorrow, so that nothing can be brought back to it."""
        image = str(self.template.get_version(self.version).image_id or "")
        return self.version.startswith("$") or image.startswith(PARAMETER)


def of_group(group: Any) -> Launching | None:
    """What the group launches; None with a launch configuration."""
    if not group.ec2_launch_template:
        return None
    return Launching(
        group.ec2_launch_template, str(group.launch_template_version), copy.deepcopy(group.mixed_instances_policy)
    )


def wanted(group: Any, desired: dict[str, Any] | None) -> Launching | None:
    """What a DesiredConfiguration names, checked as a launch would find it."""
    if not desired:
        return None
    policy = desired.get("MixedInstancesPolicy")
    if policy and desired.get("LaunchTemplate"):
        raise ValidationError("The desired configuration cannot contain a launch template and a mixed instances policy")
    mixed = (policy or {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    named = desired.get("LaunchTemplate") or mixed
    if not named:
        raise ValidationError("The desired configuration must contain a launch template or a mixed instances policy")
    version = named.get("Version") or "$Default"
    try:
        template = _template(group, named)
        found = template.get_version(version)
    except EC2ClientError as refused:
        raise ValidationError(f"{NOT_VALID} {refused.message}") from refused
    check_template(group, found)
    return Launching(template, version, copy.deepcopy(policy))


def _template(group: Any, named: dict[str, Any]) -> Any:
    if bool(named.get("LaunchTemplateId")) == bool(named.get("LaunchTemplateName")):
        raise ValidationError("Valid requests must contain either launchTemplateId or LaunchTemplateName")
    if named.get("LaunchTemplateId"):
        return group.ec2_backend.get_launch_template(named["LaunchTemplateId"])
    return group.ec2_backend.get_launch_template_by_name(named["LaunchTemplateName"])


def adopt(group: Any, launching: Launching) -> None:
    """Make it what the group itself launches."""
    group.launch_config, group.launch_configuration_name = None, None
    group.mixed_instances_policy = copy.deepcopy(launching.policy)
    named = {"LaunchTemplateId": launching.template.id, "Version": launching.version}
    group._set_launch_configuration(None, None if launching.policy else named, group.mixed_instances_policy)
