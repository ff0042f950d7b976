# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A deployment, its targets and their lifecycle events, as the API shows them."""

from __future__ import annotations

import secrets
import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from slipway_emulator.clock import clock

from . import locations
from .configs import DeploymentConfig
from .entities import DeploymentGroup

# In place and without a load balancer; the three events around blocking and allowing traffic come with one.
EVENTS = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
ENDED = ("Succeeded", "Failed", "Stopped")
COUNTED = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready")


def new_deployment_id() -> str:
    return "d-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _turn in range(9))


@dataclass
class Event:
    """One lifecycle event on one target."""

    name: str
    status: str = "Pending"
    started: datetime | None = None
    ended: datetime | None = None
    diagnostics: dict[str, str] | None = None

    def as_info(self) -> dict[str, Any]:
        return {
            "lifecycleEventName": self.name,
            "diagnostics": self.diagnostics,
            "startTime": self.started,
            "endTime": self.ended,
            "status": self.status,
        }


@dataclass
class Target:
    """What a deployment deploys to: one host, or what a subclass says."""

    TYPE, MEMBER = "InstanceTarget", "instanceTarget"

    target_id: str
    arn: str
    status: str = "Pending"
    updated: datetime | None = None
    events: list[Event] = field(default_factory=lambda: [Event(name) for name in EVENTS])
    label: str | None = None  # Blue or Green

    @classmethod
    def with_events(cls, target_id: str, arn: str, events: tuple[str, ...], label: str | None = None) -> Target:
        return cls(target_id, arn, events=[Event(name) for name in events], label=label)

    def set(self, status: str) -> None:
        self.status, self.updated = status, clock.datetime()

    def skip(self) -> None:
        """Nothing more happens here."""
        for event in self.events:
            event.status = event.status if event.status in ENDED else "Skipped"
        self.set("Skipped")

    def as_target(self, deployment_id: str) -> dict[str, Any]:
        shown = {
            "deploymentId": deployment_id,
            "targetId": self.target_id,
            "targetArn": self.arn,
            "status": self.status,
            "lastUpdatedAt": self.updated,
            "lifecycleEvents": [event.as_info() for event in self.events],
        }
        return {"deploymentTargetType": self.TYPE, self.MEMBER: {**shown, **self.details()}}

    def details(self) -> dict[str, Any]:
        """What only this kind of target has."""
        return {"instanceLabel": self.label}

    def keep(self) -> None:
        """Show from now on what is there at the end of the deployment."""

    def as_summary(self, deployment_id: str) -> dict[str, Any]:
        """The deprecated shape, whose instance id is an ARN."""
        return {
            "deploymentId": deployment_id,
            "instanceId": self.arn,
            "status": self.status,
            "lastUpdatedAt": self.updated,
            "lifecycleEvents": [event.as_info() for event in self.events],
            "instanceType": self.label,
        }


@dataclass
class Deployment:
    """`settings` are the options of CreateDeployment in the API's shape, those that were given."""

    group: DeploymentGroup
    config: DeploymentConfig
    revision: locations.Location
    settings: dict[str, Any]
    creator: str = "user"
    hosts: list[str] | None = None  # only these, whatever the group selects
    previous: locations.Location | None = None
    deployment_id: str = field(default_factory=new_deployment_id)
    status: str = "Created"
    created: datetime = field(default_factory=clock.datetime)
    started: datetime | None = None
    completed: datetime | None = None
    error: dict[str, str] | None = None
    targets: dict[str, Target] = field(default_factory=dict)
    rollback: dict[str, str] = field(default_factory=dict)
    related: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    start: Any = None  # of a traffic shift: where the traffic was, once a rollback may have to take it back there
    undoes: Deployment | None = None  # of a rollback: the deployment that it takes back
    hooks: dict[str, Event] = field(default_factory=dict)  # of a traffic shift: execution id -> event
    termination_wait: bool = False
    replacement: dict[str, Any] | None = None  # what the group selects from now on, after a fleet was replaced
    tell: Callable[..., None] = lambda _event, _target=None: None  # notifies the triggers of the group
    reroutes_back: bool = False  # a rollback that only moves traffic, between hosts that keep what is installed

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    @property
    def is_started(self) -> bool:
        return self.started is not None

    def effective(self, name: str) -> dict[str, Any]:
        """A block that a deployment may set over its group's: rollback, alarms, EC2 options."""
        own = self.settings.get("overrideAlarmConfiguration" if name == "alarmConfiguration" else name)
        return (self.group.settings.get(name) if own is None else own) or {}

    def overview(self) -> dict[str, int] | None:
        if not self.is_started:
            return None
        statuses = [target.status for target in self.targets.values()]
        return {status: statuses.count(status) for status in COUNTED}

    def as_last(self) -> dict[str, Any]:
        return {
            "deploymentId": self.deployment_id,
            "status": self.status,
            "endTime": self.completed,
            "createTime": self.created,
        }

    def as_info(self) -> dict[str, Any]:
        rollback = self.effective("autoRollbackConfiguration")
        return {
            "applicationName": self.group.application.name,
            "deploymentGroupName": self.group.name,
            "deploymentConfigName": self.config.name,
            "deploymentId": self.deployment_id,
            "previousRevision": locations.shown(self.previous) if self.previous else None,
            "revision": locations.shown(self.revision),
            "status": self.status,
            "errorInformation": self.error,
            "createTime": self.created,
            "startTime": self.started,
            "completeTime": self.completed,
            "deploymentOverview": self.overview(),
            "description": self.settings.get("description"),
            "creator": self.creator,
            "ignoreApplicationStopFailures": bool(self.settings.get("ignoreApplicationStopFailures")),
            "autoRollbackConfiguration": rollback if rollback.get("enabled") else {"enabled": False},
            "updateOutdatedInstancesOnly": bool(self.settings.get("updateOutdatedInstancesOnly")),
            "rollbackInfo": self.rollback or None,
            "deploymentStyle": self.group.settings["deploymentStyle"],
            "instanceTerminationWaitTimeStarted": self.termination_wait,
            "blueGreenDeploymentConfiguration": self.group.blue_green(),
            "loadBalancerInfo": self.group.settings.get("loadBalancerInfo") or None,
            "fileExistsBehavior": self.settings.get("fileExistsBehavior") or "DISALLOW",
            "deploymentStatusMessages": self.messages,
            "computePlatform": self.group.application.platform,
            "relatedDeployments": self.related or None,
            "overrideAlarmConfiguration": self.settings.get("overrideAlarmConfiguration"),
            "ec2DeploymentOptions": self.effective("ec2DeploymentOptions") or None,
            "targetInstances": self.settings.get("targetInstances"),
        }


@dataclass
class History:
    """What a group keeps of its deployments."""

    last_successful: Deployment | None = None
    last_attempted: Deployment | None = None

    @property
    def active(self) -> Deployment | None:
        return self.last_attempted if self.last_attempted and not self.last_attempted.ended else None

    @property
    def target_revision(self) -> locations.Location | None:
        return self.last_successful.revision if self.last_successful else None

    def as_info(self) -> dict[str, Any]:
        return {
            "targetRevision": locations.shown(self.target_revision) if self.target_revision else None,
            "lastSuccessfulDeployment": self.last_successful.as_last() if self.last_successful else None,
            "lastAttemptedDeployment": self.last_attempted.as_last() if self.last_attempted else None,
        }
