# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Launches: what a launch template says is honored, and every instance becomes a host."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses import EC2Response
from moto.ssm.models import ssm_backends

from ...clock import clock
from ...contents import images
from ...faults import faults
from ...hosts import Host, registry
from .._patching import wrap
from . import ami_states, profiles
from .user_data import decoded

GROUP_TAG = "aws:autoscaling:groupName"
RESOLVE = "resolve:ssm:"

faults.declare(
    "launch-fails",
    "EC2 refuses to launch an instance",
    ("region", "availability_zone", "instance_type", "auto_scaling_group", "image_id"),
    code="InsufficientInstanceCapacity",
    message="",
)


def extend() -> None:
    """Put the corrections onto moto's launches."""
    wrap(EC2Response, "run_instances", _asked_to_run)
    wrap(EC2Backend, "run_instances", _run_instances)


def _asked_to_run(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """EC2 launches MaxCount where it can; moto launches MinCount, and answers for a profile with an error of IAM."""
    name, arn = self._get_param("IamInstanceProfile.Name"), self._get_param("IamInstanceProfile.Arn")
    if name or arn:
        profiles.check(self.ec2_backend, name, arn)
    most = self._get_param("MaxCount")
    if most:
        self.params["MinCount"] = int(most)
    return original(self)


def _run_instances(
    original: Callable[..., Any],
    self: Any,
    image_id: str,
    count: int,
    user_data: Any,
    security_group_names: list[str],
    **kwargs: Any,
) -> Any:
    template = kwargs.get("launch_template")
    version = self._get_template_from_args(template) if template else None
    data = version.data if version else {}
    image_id = resolve(self, image_id or data.get("ImageId", ""))
    ami_states.refuse_disabled(self, image_id)
    _fill(kwargs, data)
    group = kwargs.get("tags", {}).get("instance", {}).get(GROUP_TAG)
    _fail(self, image_id, group, kwargs)
    given = _profile(self, kwargs, data)
    reservation = original(self, image_id, count, user_data, security_group_names, **kwargs)
    for instance in reservation.instances:
        _register(self, instance, group)
    _associate(self, reservation, given, explicit=bool(_named(kwargs)))
    return reservation


def resolve(backend: Any, image_id: str) -> str:
    """The AMI an SSM parameter names, where the image is given as `resolve:ssm:NAME`."""
    if not image_id.startswith(RESOLVE):
        return image_id
    name = image_id.removeprefix(RESOLVE)
    parameter = ssm_backends[backend.account_id][backend.region_name].get_parameter(name)
    if parameter is None:
        raise EC2ClientError("InvalidParameterValue", f"The SSM parameter {name} does not exist")
    return parameter.value


def _fill(kwargs: dict[str, Any], data: dict[str, Any]) -> None:
    """What moto leaves behind of a launch template."""
    if not kwargs.get("metadata_options"):
        kwargs["metadata_options"] = data.get("MetadataOptions", {})
    interface: dict[str, Any] = next(iter(data.get("NetworkInterfaces", [])), {})
    if not kwargs.get("nics") and interface:
        kwargs["subnet_id"] = kwargs.get("subnet_id") or interface.get("SubnetId")
        if not kwargs.get("security_group_ids") and interface.get("Groups"):
            kwargs["security_group_ids"] = list(interface["Groups"])
        if kwargs.get("associate_public_ip") is None:
            kwargs["associate_public_ip"] = interface.get("AssociatePublicIpAddress")
    if data.get("Placement", {}).get("AvailabilityZone") and not kwargs.get("subnet_id"):
        kwargs["placement"] = kwargs.get("placement") or data["Placement"]["AvailabilityZone"]


def _fail(backend: Any, image_id: str, group: str | None, kwargs: dict[str, Any]) -> None:
    subnet = backend.get_subnet(kwargs["subnet_id"]) if kwargs.get("subnet_id") else None
    zone = subnet.availability_zone if subnet else kwargs.get("placement") or f"{backend.region_name}a"
    kind = str(kwargs.get("instance_type"))
    rule = faults.take(
        "launch-fails",
        region=backend.region_name,
        availability_zone=zone,
        instance_type=kind,
        auto_scaling_group=group or "",
        image_id=image_id,
    )
    if rule:
        text = (
            f"We currently do not have sufficient {kind} capacity in the Availability Zone you requested ({zone}). "
            "Our system will be working on provisioning additional capacity."
        )
        raise EC2ClientError(rule["code"], rule["message"] or text)


def _named(kwargs: dict[str, Any]) -> dict[str, Any]:
    names = ("iam_instance_profile_name", "iam_instance_profile_arn")
    return {name: kwargs[name] for name in names if kwargs.get(name)}


def _profile(backend: Any, kwargs: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The instance profile by name or ARN: the caller's, else the template's; checked."""
    ours = data.get("IamInstanceProfile", {})
    template = {"iam_instance_profile_name": ours.get("Name"), "iam_instance_profile_arn": ours.get("Arn")}
    wanted = _named(kwargs) or _named(template)
    if wanted:
        profiles.check(backend, wanted.get("iam_instance_profile_name"), wanted.get("iam_instance_profile_arn"))
    return wanted


def _associate(backend: Any, reservation: Any, profile: dict[str, Any], explicit: bool) -> None:
    """moto's RunInstances associates a profile it was given with the first instance itself, and with no other."""
    for instance in reservation.instances[1 if explicit else 0 :] if profile else []:
        backend.associate_iam_instance_profile(instance_id=instance.id, **profile)


def _register(backend: Any, instance: Any, group: str | None) -> None:
    now = clock.datetime()
    instance.launch_time = now.replace(tzinfo=None)
    host = Host(
        instance_id=instance.id,
        account_id=backend.account_id,
        region=backend.region_name,
        image_id=instance.image_id,
        contents=images.of(instance.image_id),
        launched_at=clock.now(),
        auto_scaling_group=group,
    )
    registry.add(host)
    host.boot(partial(_run_user_data, host, instance.user_data))


def _run_user_data(host: Host, user_data: Any) -> None:
    """cloud-init runs it once; what goes wrong in it keeps nothing else from running."""
    text = decoded(user_data)
    if text:
        host.boot_problem = host.act(lambda machine: machine.run_user_data(text))
