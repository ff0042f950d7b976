# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the backend keeps: applications, deployment groups, revisions, on-premises instances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import uuid4

from slipway_emulator.clock import clock

from . import locations
from .group_settings import Settings

READY = {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0}
TERMINATE = {"action": "TERMINATE", "terminationWaitTimeInMinutes": 0}


def new_id() -> str:
    return str(uuid4())


@dataclass
class Revision:
    """A registered revision of an application."""

    location: locations.Location
    description: str | None = None
    registered: datetime = field(default_factory=clock.datetime)
    first_used: datetime | None = None
    last_used: datetime | None = None

    def as_info(self, groups: list[str]) -> dict[str, Any]:
        return {
            "description": self.description,
            "deploymentGroups": groups,
            "firstUsedTime": self.first_used,
            "lastUsedTime": self.last_used,
            "registerTime": self.registered,
        }


@dataclass
class Application:
    name: str
    platform: str
    application_id: str = field(default_factory=new_id)
    created: datetime = field(default_factory=clock.datetime)
    groups: dict[str, DeploymentGroup] = field(default_factory=dict)
    revisions: dict[tuple[str, ...], Revision] = field(default_factory=dict)

    def as_info(self) -> dict[str, Any]:
        return {
            "applicationId": self.application_id,
            "applicationName": self.name,
            "createTime": self.created,
            "linkedToGitHub": False,
            "computePlatform": self.platform,
        }


@dataclass
class DeploymentGroup:
    """A group: its settings in the API's shape, its hooks, and the health of its instances."""

    application: Application
    name: str
    settings: Settings
    group_id: str = field(default_factory=new_id)
    hooks: dict[str, str] = field(default_factory=dict)  # Auto Scaling group -> launch hook
    termination_hooks: dict[str, str] = field(default_factory=dict)
    health: dict[str, bool] = field(default_factory=dict)  # instance -> healthy, kept across deployments

    def as_info(self) -> dict[str, Any]:
        """As Get returns it without its deployments: defaults filled, unused blocks left out, Auto Scaling groups with their hooks."""
        s = self.settings
        sets = {name: s.get(name) for name in ("ec2TagSet",) if (s.get(name) or {}).get("ec2TagSetList")}
        return {
            "applicationName": self.application.name,
            "deploymentGroupId": self.group_id,
            "deploymentGroupName": self.name,
            "deploymentConfigName": s["deploymentConfigName"],
            "ec2TagFilters": s.get("ec2TagFilters") or [],
            "onPremisesInstanceTagFilters": s.get("onPremisesInstanceTagFilters") or [],
            "autoScalingGroups": [
                {"name": n, "hook": h, "terminationHook": self.termination_hooks.get(n)} for n, h in self.hooks.items()
            ],
            "serviceRoleArn": s["serviceRoleArn"],
            "triggerConfigurations": s.get("triggerConfigurations") or [],
            "alarmConfiguration": s.get("alarmConfiguration"),
            "autoRollbackConfiguration": _rollback_info(s.get("autoRollbackConfiguration")),
            "deploymentStyle": s["deploymentStyle"],
            "outdatedInstancesStrategy": s.get("outdatedInstancesStrategy") or "UPDATE",
            "blueGreenDeploymentConfiguration": self.blue_green(),
            "loadBalancerInfo": s.get("loadBalancerInfo") or None,
            **sets,
            "onPremisesTagSet": s.get("onPremisesTagSet") or {"onPremisesTagSetList": []},
            "computePlatform": self.application.platform,
            "ecsServices": s.get("ecsServices"),
            "ec2DeploymentOptions": s.get("ec2DeploymentOptions"),
            "terminationHookEnabled": bool(s.get("terminationHookEnabled")),
        }

    def is_blue_green(self) -> bool:
        return bool(self.settings["deploymentStyle"]["deploymentType"] == "BLUE_GREEN")

    def blue_green(self) -> dict[str, Any] | None:
        """The waits of an ECS group are always shown, since clients count with them."""
        given: dict[str, Any] | None = self.settings.get("blueGreenDeploymentConfiguration")
        if self.application.platform != "ECS" or given is None:
            return given
        ready, end = "deploymentReadyOption", "terminateBlueInstancesOnDeploymentSuccess"
        return {ready: {**READY, **(given.get(ready) or {})}, end: {**TERMINATE, **(given.get(end) or {})}}


def _rollback_info(configuration: dict[str, Any] | None) -> dict[str, Any]:
    """The service shows a switched-off rollback without its events."""
    if not configuration or not configuration.get("enabled"):
        return {"enabled": False}
    return configuration


@dataclass
class OnPremisesInstance:
    name: str
    arn: str
    user_arn: str | None = None
    session_arn: str | None = None
    registered: datetime = field(default_factory=clock.datetime)
    deregistered: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)

    def as_info(self) -> dict[str, Any]:
        return {
            "instanceName": self.name,
            "iamSessionArn": self.session_arn,
            "iamUserArn": self.user_arn,
            "instanceArn": self.arn,
            "registerTime": self.registered,
            "deregisterTime": self.deregistered,
            "tags": [{"Key": k, "Value": v} for k, v in self.tags.items()],
        }
