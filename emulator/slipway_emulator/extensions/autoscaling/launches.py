# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Launches of a group: every instance from the version, with the profile and into the zone it should have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from moto.autoscaling.exceptions import ValidationError
from moto.autoscaling.models import ASG_NAME_TAG, FakeAutoScalingGroup, InstanceState
from moto.core.exceptions import ServiceException

from ...clock import clock
from .._patching import put, wrap
from ..ec2 import launches as ec2_launches
from ..ec2 import profiles
from . import activities, hooks
from .shared import COUNTED, reconcile, suspended

NOT_VALID = "You must use a valid fully-formed launch template."
RETRY_SECONDS = 60.0  # between attempts to launch what could not be launched


def extend() -> None:
    """Put the corrections onto moto's groups."""
    put(FakeAutoScalingGroup, active_instances, replace_autoscaling_group_instances)
    wrap(FakeAutoScalingGroup, "_set_launch_configuration", _set_launch_configuration)
    own = FakeAutoScalingGroup.__dict__["launch_template"].fget
    FakeAutoScalingGroup.launch_template = property(  # type: ignore[method-assign,assignment]
        lambda group: (
            None if group.mixed_instances_policy else own(group)
        )  # the policy names it, and the group does not
    )
    InstanceState.launch_template = property(_launch_template)  # type: ignore[assignment]  # moto's tells the default version
    InstanceState.launch_configuration_name = property(_configuration)  # type: ignore[assignment]  # moto's tells the group's


def _launch_template(state: Any) -> dict[str, Any] | None:
    """The template and version the instance itself was launched from; EC2 tags every such instance with them."""
    tags = {tag["key"]: tag["value"] for tag in state.instance.get_tags()}
    template_id = tags.get("aws:ec2launchtemplate:id")
    if not template_id:
        return None
    template = state.auto_scaling_group.ec2_backend.launch_templates.get(template_id)
    return {
        "LaunchTemplateId": template_id,
        "LaunchTemplateName": template.name if template else None,
        "Version": tags["aws:ec2launchtemplate:version"],
    }


def _configuration(state: Any) -> str | None:
    """The launch configuration the instance itself was launched from."""
    found: str | None = state.__dict__.get("launched_with")
    return found


def active_instances(self: Any) -> list[Any]:
    """Instances that count towards the desired capacity, those on their way included."""
    return [state for state in self.instance_states if state.lifecycle_state in COUNTED]


def _set_launch_configuration(original: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    original(self, *args, **kwargs)
    if self.ec2_launch_template is not None:
        check_template(self, self.ec2_launch_template.get_version(self.launch_template_version))


def check_template(group: Any, version: Any) -> None:
    """Refuse a template that EC2 would not launch, when it is given and not first when it is used."""
    profile = version.data.get("IamInstanceProfile", {})
    try:
        image_id = ec2_launches.resolve(group.ec2_backend, version.image_id)
        if image_id and image_id not in group.ec2_backend.amis:
            raise ValidationError(f"The image id '[{image_id}]' does not exist")
        if profile:
            profiles.check(group.ec2_backend, profile.get("Name"), profile.get("Arn"))
    except ServiceException as refused:
        raise ValidationError(f"{NOT_VALID} {refused.message}") from refused


def replace_autoscaling_group_instances(self: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
    """Launch as many; what cannot be launched is tried again after a minute."""
    if suspended(self, "Launch"):
        return
    places = Places(self)
    for _turn in range(count_needed):
        if not launch(self, propagated_tags, places):
            clock.after(RETRY_SECONDS, partial(reconcile, self))
            return


class Places:
    """Where a group's instances are, counted once for all that are launched together."""

    def __init__(self, group: Any) -> None:
        active = active_instances(group)
        self.active = len(active)
        self.subnets = Counter(state.instance.subnet_id for state in active)
        self.zones = Counter(state.availability_zone for state in active)

    def took(self, state: Any) -> None:
        self.active += state.lifecycle_state in COUNTED
        self.subnets[state.instance.subnet_id] += 1
        self.zones[state.availability_zone] += 1


def launch(group: Any, tags: dict[str, str], places: Places | None = None) -> bool:
    """Launch one instance; a refusal by EC2 becomes a failed activity."""
    places = places or Places(group)
    before = places.active
    cause = (
        "an instance was started in response to a difference between desired and actual capacity, "
        f"increasing the capacity from {before} to {before + 1}."
    )
    try:
        instance = run(group, tags, places)
    except ServiceException as refused:
        message = f"{refused.message} Launching EC2 instance failed."
        activities.record(group, "Launching a new EC2 instance.", cause, "Failed", message)
        return False
    instance.autoscaling_group = group
    state = InstanceState(
        instance, lifecycle_state="Pending", protected_from_scale_in=group.new_instances_protected_from_scale_in
    )
    state.launched_with = None if template_of(group)[0] else group.launch_configuration_name  # type: ignore[attr-defined]
    group.instance_states.append(state)
    description = f"Launching a new EC2 instance: {instance.id}"
    state.activity = activities.record(group, description, cause, "InProgress")  # type: ignore[attr-defined]
    hooks.launched(group, state)
    places.took(state)
    return True


def template_of(group: Any) -> tuple[Any, Any]:
    """The launch template and its version for the next launch: a running refresh may want another than the group's."""
    wanted = group.__dict__.get("refresh_launching")
    template = wanted.template if wanted else group.ec2_launch_template
    version = wanted.version if wanted else getattr(group, "launch_template_version", None)
    return (template, template.get_version(version)) if template else (None, None)


def run(group: Any, tags: dict[str, str], places: Places | None = None) -> Any:
    template, version = template_of(group)
    config = None if template else group.launch_config
    source: Any = version or config
    instance_type = _instance_type(group) or source.instance_type
    tags = {**(version.instance_tags if version else {}), **tags, ASG_NAME_TAG: group.name}
    profile = _profile(config)
    reservation = group.ec2_backend.run_instances(
        source.image_id,
        1,
        source.user_data,
        source.security_groups,
        instance_type=instance_type,
        is_instance_type_default=not instance_type,
        tags={"instance": tags},
        launch_config=config,
        launch_template={"LaunchTemplateId": template.id, "Version": version.number} if template else None,
        associate_public_ip=config.associate_public_ip_address if config else None,
        key_name=config.key_name if config else None,
        metadata_options=(config.metadata_options or {}) if config else {},
        **profile,
        **_place(group, places or Places(group)),
    )
    instance = reservation.instances[0]
    if profile:
        group.ec2_backend.associate_iam_instance_profile(instance_id=instance.id, **profile)
    return instance


def _profile(config: Any) -> dict[str, str]:
    """A launch configuration's instance profile, which may be a name or an ARN."""
    name = config.iam_instance_profile if config else None
    if not name:
        return {}
    return {"iam_instance_profile_arn" if name.startswith("arn:") else "iam_instance_profile_name": name}


def instance_types(group: Any) -> list[str]:
    """The instance types that a mixed instances policy names, by its order."""
    wanted = group.__dict__.get("refresh_launching")
    policy = wanted.policy if wanted else group.mixed_instances_policy
    overrides = (policy or {}).get("LaunchTemplate", {}).get("Overrides") or []
    return [one["InstanceType"] for one in overrides if one.get("InstanceType")]


def _instance_type(group: Any) -> str:
    return next(iter(instance_types(group)), "")


def _place(group: Any, places: Places) -> dict[str, Any]:
    """The subnet, or without subnets the zone, that has the fewest instances of the group."""
    if group.vpc_zone_identifier:
        subnets = [subnet.strip() for subnet in group.vpc_zone_identifier.split(",")]
        return {"subnet_id": min(subnets, key=lambda s: places.subnets[s]), "region_name": group.region}
    zone = min(group.availability_zones, key=lambda z: places.zones[z])
    subnet = group.ec2_backend.get_default_subnets().get(zone)
    return {"subnet_id": subnet.id, "region_name": group.region} if subnet else {"placement": zone}
