# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts of an Auto Scaling group are not on what the group launches at present. Only reads. Private to this collection."""

from __future__ import annotations

import math
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import launch_versions as versions
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.launch_versions import Aim
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

HOLD_IT = ("InstanceRefresh", "Launch", "Terminate")  # processes without which a refresh does not go on


LEAST, MOST = "MinHealthyPercentage", "MaxHealthyPercentage"
DEFAULT_SHARES = {LEAST: 90, MOST: 100}  # AWS's own, where the group has no maintenance policy


class NoScalingGroup(Refused):
    """The Auto Scaling group does not exist."""


class Hosts(t.NamedTuple):
    """The instances of a group, those that are old, and what the group launches: template versions or a configuration."""

    members: list[Shape]
    old: list[Shape]
    templates: list[Shape]  # as EC2 describes them, the group's own first
    configuration: str | None
    suspended: list[str]  # processes
    aim: Aim | None = None  # where that is not what the group itself launches at present
    capacity: int = 0  # how many instances the group is to have
    shares: dict[str, int] = DEFAULT_SHARES  # percentages of healthy hosts, for a refresh that says nothing else
    unchecked: str = ""  # the version that a check has still to pass

    @property
    def wanted(self) -> str:
        """What hosts should be on, in words."""
        if self.configuration is not None:
            return f"the launch configuration {self.configuration}"
        if self.aim:
            return versions.named(self.aim.version)
        own = self.templates[0]
        return f"version {own['VersionNumber']} of the launch template {own['LaunchTemplateName']}"

    @property
    def described(self) -> Shape:
        """What hosts should be on, for the result."""
        if self.configuration is not None:
            return {"launch_configuration_name": self.configuration}
        told: Shape = {"launch_template": versions.described(self.templates[0])}
        if self.aim and not self.aim.is_own:
            told["previous_launch_template"] = versions.described(self.aim.own)
            told["previous_image_id"] = versions.image_of(self.aim.own)
        return told

    @property
    def is_unchecked(self) -> bool:
        """Whether no check has passed yet on what hosts should be on."""
        return bool(self.templates) and self.unchecked == ":".join(versions.key(self.templates[0]))

    @property
    def in_the_way(self) -> list[str]:
        """What will hold a refresh up, in sentences."""
        held = [name for name in self.suspended if name in HOLD_IT]
        kept = [
            one["InstanceId"]
            for one in self.old
            if one.get("ProtectedFromScaleIn") or one["LifecycleState"] == "Standby"
        ]
        said = []
        if held:
            said.append(
                f"The group's {' and '.join(held)} process is suspended: nothing is replaced until it is resumed."
            )
        if kept:
            text = f"Protected from scale in, or in Standby: {', '.join(kept)}. AWS waits an hour for this to change"
            said.append(f"{text}, and then fails the refresh.")
        return said

    def image(self, aws: Connection) -> str | None:
        """The AMI that new hosts get. No call but for a launch configuration."""
        if self.configuration is not None:
            return scaling.image_of_configuration(aws, self.configuration)
        return versions.image_of(self.templates[0])

    def at_a_time(self, shares: dict[str, int]) -> int:
        """How many are replaced together: launched on top first where the group may be larger for a while."""
        if shares[MOST] > 100:
            return max(1, math.floor(self.capacity * shares[MOST] / 100) - self.capacity)
        return max(1, self.capacity - math.ceil(self.capacity * shares[LEAST] / 100))

    def diff(self) -> Shape:
        """What the hosts are on before and after."""
        before = {one["InstanceId"]: _source(one) for one in self.members}
        after = {**before, **{one["InstanceId"]: f"replaced by a host on {self.wanted}" for one in self.old}}
        return {"before": {"hosts": before}, "after": {"hosts": after}}


def find_group(aws: Connection, name: str) -> Shape:
    """The group, which has to exist."""
    group = scaling.find_group(aws, name)
    if group is None:
        text = f"there is no Auto Scaling group {name} in {aws.region}. Correct name or region, or create it"
        raise NoScalingGroup(f"{text} with amazon.aws.autoscaling_group.")
    return group


def read_hosts(aws: Connection, name: str) -> Hosts:
    """The group's hosts: one call, and one for each launch template it may launch from."""
    return hosts_of(aws, find_group(aws, name))


def hosts_of(aws: Connection, group: Shape, aim: Aim | None = None) -> Hosts:
    """The hosts of a group that is known, those that are not on the aim or on what the group launches as old ones."""
    configuration, templates = group.get("LaunchConfigurationName"), [aim.version] if aim else []
    if configuration is None and not aim:
        templates = [scaling.read_template(aws, one) for one in _specifications(group)]
    members, types = sorted(scaling.members(group), key=lambda one: str(one["InstanceId"])), _types(group)
    old = [one for one in members if not _is_current(one, configuration, templates, types)]
    suspended = [one["ProcessName"] for one in group.get("SuspendedProcesses") or []]
    capacity, unchecked = group.get("DesiredCapacity") or 0, scaling.unchecked(group)
    return Hosts(members, old, templates, configuration, suspended, aim, capacity, _shares(group), unchecked)


def _shares(group: Shape) -> dict[str, int]:
    """Those of the maintenance policy; -1 in it means that there is none."""
    policy = group.get("InstanceMaintenancePolicy") or {}
    return {
        name: int(value) if (value := policy.get(name, -1)) != -1 else usual for name, usual in DEFAULT_SHARES.items()
    }


def _specifications(group: Shape) -> list[Shape]:
    """The launch templates that a group launches from: its own, and those of single instance types of a mixed group."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    found = [group.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification")]
    found += [one.get("LaunchTemplateSpecification") for one in policy.get("Overrides") or []]
    given = [one for one in found if one]
    if not given:
        raise Refused("the group has no launch template and no launch configuration. Add one.")
    return [one for i, one in enumerate(given) if one not in given[:i]]


def _types(group: Shape) -> set[str]:
    """The instance types of a mixed group; empty where any may come."""
    policy = (group.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    named = [one.get("InstanceType") for one in policy.get("Overrides") or []]
    return set() if None in named else {str(one) for one in named}


def _is_current(host: Shape, configuration: str | None, templates: list[Shape], types: set[str]) -> bool:
    """Whether a refresh that skips what matches would leave the host: AWS looks at its template and its type."""
    if configuration is not None:
        return host.get("LaunchConfigurationName") == configuration
    its = host.get("LaunchTemplate") or {}
    known = {versions.key(one) for one in templates}
    fits = not types or host.get("InstanceType") in types
    return fits and (its.get("LaunchTemplateId"), str(its.get("Version"))) in known


def _source(host: Shape) -> str:
    its = host.get("LaunchTemplate") or {}
    if its:
        return f"version {its.get('Version')} of the launch template {its.get('LaunchTemplateName')}"
    configuration = host.get("LaunchConfigurationName")
    return f"the launch configuration {configuration}" if configuration else "neither template nor configuration"
