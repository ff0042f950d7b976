# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Operations on deployments: create, list, stop, roll back, follow-on deployments."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from . import fleet, group_settings, limits, locations, notices, validation
from .applications import Applications
from .blue_green import rules as blue_green_rules
from .blue_green.run import BlueGreenRun, TakeBack
from .deployment import SIDELINE, Deployment
from .entities import DeploymentGroup
from .exceptions import (
    ApplicationNameRequired,
    CodeDeployException,
    DeploymentAlreadyCompleted,
    DeploymentGroupNameRequired,
    DeploymentLimitExceeded,
    InvalidInput,
    Unsupported,
)
from .groups import DeploymentGroups
from .run import Run
from .server_run import ServerRun
from .traffic.ecs_run import EcsRun
from .traffic.lambda_run import LambdaRun
from .traffic.run import TrafficRun

STATUSES = ("Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready")
RUNS: dict[str, type[Run]] = {"Server": ServerRun, "Lambda": LambdaRun, "ECS": EcsRun}


class Deployments(Applications, DeploymentGroups):
    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.runs: dict[str, Run] = {}

    def create_deployment(
        self, application_name: str | None, deployment_group_name: str | None, revision: Any, settings: dict[str, Any]
    ) -> str:
        """`settings`: the other options in the API's shape."""
        group = self.group_of(application_name, deployment_group_name)
        _refuse_restart(settings)
        revision = self.with_content(group.application, locations.check(revision, group.application.platform))
        self._check_options(group, settings)
        _refuse_what_nothing_runs(group, revision)
        self._refuse_zones(group, settings)
        active = self.history(group).active
        if active:
            raise DeploymentLimitExceeded(group=group.name, deployment_id=active.deployment_id)
        return self.launch(group, revision, settings).deployment_id

    def _check_options(self, group: DeploymentGroup, settings: dict[str, Any]) -> None:
        config = self.find_config(settings.get("deploymentConfigName") or group.settings["deploymentConfigName"])
        if config.platform != group.application.platform:
            raise CodeDeployException(
                "InvalidDeploymentConfigNameException",
                f"The configuration {config.name} cannot be used with the {group.application.platform} compute platform",
            )
        group_settings.check_network_listeners(group.settings.get("loadBalancerInfo"), config.routing)
        validation.description(settings.get("description"))
        behaviors = ("DISALLOW", "OVERWRITE", "RETAIN")
        code = "InvalidFileExistsBehaviorException"
        validation.enum(settings.get("fileExistsBehavior"), behaviors, code, "fileExistsBehavior")
        group_settings.check_alarms(settings.get("overrideAlarmConfiguration"))
        group_settings.check_rollback(settings.get("autoRollbackConfiguration"))
        group_settings.check_processes(settings.get("ec2DeploymentOptions"))
        _check_platform_options(group.application.platform, settings)
        blue_green_rules.check(self, group, settings.get("targetInstances"))

    def _refuse_zones(self, group: DeploymentGroup, settings: dict[str, Any]) -> None:
        config = self.configs[settings.get("deploymentConfigName") or group.settings["deploymentConfigName"]]
        if config.zonal and group.is_blue_green():
            raise Unsupported("Blue/green deployments one Availability Zone at a time are not built in this emulator")

    def launch(self, group: DeploymentGroup, revision: Any, settings: dict[str, Any], **more: Any) -> Deployment:
        """Make a deployment and put it on the clock. `more`: creator, hosts, rollback, related."""
        name = settings.get("deploymentConfigName") or group.settings["deploymentConfigName"]
        history = self.history(group)
        deployment = Deployment(group, self.configs[name], revision, settings, previous=history.target_revision, **more)
        deployment.tell = functools.partial(notices.tell, self, deployment)
        self.deployments[deployment.deployment_id] = deployment
        self.used(group.application, revision, deployment.deployment_id)
        if deployment.creator not in SIDELINE:
            history.last_attempted = deployment
        run = self.runs[deployment.deployment_id] = _run_of(deployment)(self, deployment, self._done)
        run.begin()
        deployment.tell("DeploymentStart")
        return deployment

    def _done(self, run: Run, event: str | None) -> None:
        run.deployment.tell(notices.ENDS[run.deployment.status])
        self.deployment_ended(run.deployment)
        if event:
            self.roll_back(run, event)
        else:
            self.deployment_succeeded(run.deployment)

    def deployment_ended(self, deployment: Deployment) -> None:
        self.runs.pop(deployment.deployment_id, None)

    def deployment_succeeded(self, deployment: Deployment) -> None:
        if deployment.replacement:
            deployment.group.settings = {**deployment.group.settings, **deployment.replacement}
            self.keep_hooks(deployment.group)
        if deployment.creator not in SIDELINE:
            self.history(deployment.group).last_successful = deployment
            self.update_outdated(deployment.group)

    def roll_back(self, run: Run, event: str) -> None:
        """A new deployment of the last good revision, if events or the caller of StopDeployment ask for it."""
        deployment = run.deployment
        if not _wants_rollback(deployment, event, run.stop_rollback):
            return
        last = self.history(deployment.group).last_successful
        if run.changed_nothing:
            deployment.rollback["rollbackMessage"] = "The deployment changed nothing, so there is nothing to roll back."
        elif last is None or deployment.group.application.groups.get(deployment.group.name) is not deployment.group:
            run.undo()
            deployment.rollback["rollbackMessage"] = (
                "There is no earlier successful deployment of this deployment group to roll back to."
            )
        else:
            self._launch_rollback(deployment, last, event)

    def _launch_rollback(self, deployment: Deployment, last: Deployment, event: str) -> None:
        kept = ("deploymentConfigName", "ignoreApplicationStopFailures", "overrideAlarmConfiguration")
        settings = {name: deployment.settings[name] for name in kept if name in deployment.settings}
        if event == "DEPLOYMENT_STOP_ON_ALARM":
            # the alarm that stopped the deployment is still on and would stop the way back as well
            settings["overrideAlarmConfiguration"] = {"enabled": False}
        if last.settings.get("fileExistsBehavior"):
            settings["fileExistsBehavior"] = last.settings["fileExistsBehavior"]
        text = f"The deployment {deployment.deployment_id} was rolled back to the revision of {last.deployment_id}."
        rollback = {"rollbackTriggeringDeploymentId": deployment.deployment_id, "rollbackMessage": text}
        made = self.launch(
            deployment.group, last.revision, settings,
            creator="codeDeployRollback", rollback=rollback, undoes=deployment,
        )  # fmt: skip
        deployment.rollback.update(rollbackDeploymentId=made.deployment_id, rollbackMessage=text)
        made.tell("DeploymentRollback")

    def update_outdated(self, group: DeploymentGroup) -> None:
        """Hosts that an Auto Scaling group launched meanwhile carry the old revision: deploy the new one to them."""
        last = self.history(group).last_successful
        if last is None or self.history(group).active or group.settings.get("outdatedInstancesStrategy") == "IGNORE":
            return
        hosts = fleet.scaling_instances(self, group.hooks)
        missed = [h for h in hosts if h not in last.targets and self._is_outdated(group, h)]
        if not missed:
            return
        root = last.related.get("autoUpdateOutdatedInstancesRootDeploymentId") or last.deployment_id
        related = {"autoUpdateOutdatedInstancesRootDeploymentId": root}
        made = self.launch(
            group, last.revision, {"description": "Auto-update of outdated instances"},
            creator="CodeDeployAutoUpdate", hosts=missed, related=related,
        )  # fmt: skip
        if root in self.deployments:
            ids = self.deployments[root].related.setdefault("autoUpdateOutdatedInstancesDeploymentIds", [])
            ids.append(made.deployment_id)

    def _is_outdated(self, group: DeploymentGroup, host: str) -> bool:
        """It carries a revision of this group, and not the one that was last deployed."""
        carried = self.revision_on(group, host)
        return carried is not None and not locations.same(carried, self.history(group).target_revision)

    def batch_get_deployments(self, deployment_ids: list[str] | None = None) -> list[Deployment]:
        """Unknown ids are dropped."""
        required = CodeDeployException("DeploymentIdRequiredException", "At least one deployment ID must be specified")
        ids = [validation.deployment_id(i) for i in validation.batch(deployment_ids, limits.BATCH, required)]
        return [self.deployments[i] for i in ids if i in self.deployments]

    def list_deployments(
        self,
        application_name: str | None = None,
        deployment_group_name: str | None = None,
        external_id: str | None = None,
        include_only_statuses: list[str] | None = None,
        create_time_range: dict[str, datetime] | None = None,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        """Newest first."""
        if application_name and not deployment_group_name:
            raise DeploymentGroupNameRequired
        if deployment_group_name and not application_name:
            raise ApplicationNameRequired
        start, end = _range(create_time_range or {})
        for status in include_only_statuses or []:
            validation.enum(status, STATUSES, "InvalidDeploymentStatusException", "The deployment status")
        group = self.group_of(application_name, deployment_group_name) if application_name else None
        found: Iterable[Deployment] = reversed(list(self.deployments.values()))
        found = [d for d in found if (group is None or d.group is group) and start <= d.created <= end]
        if include_only_statuses:
            found = [d for d in found if d.status in include_only_statuses]
        ids = [] if external_id else [d.deployment_id for d in found]
        return validation.page(ids, next_token)

    def stop_deployment(
        self, deployment_id: str | None = None, auto_rollback_enabled: bool | None = None
    ) -> tuple[str, str]:
        """`Pending` while events still run; a repeated call after a stop says `Succeeded`."""
        deployment = self.find_deployment(deployment_id)
        if deployment.status in ("Succeeded", "Failed"):
            raise DeploymentAlreadyCompleted(deployment_id=deployment_id)
        run = self.runs.get(deployment.deployment_id)
        if run is not None:
            run.stop("MANUAL_STOP", "The deployment was stopped by a request.", auto_rollback_enabled)
        if deployment.ended:
            return "Succeeded", "No more commands will be scheduled for execution in the deployment instances"
        return "Pending", "Stopping the deployment: waiting for running lifecycle events to end"

    def continue_deployment(self, deployment_id: str | None = None, deployment_wait_type: str | None = None) -> None:
        deployment = self.find_deployment(deployment_id)
        waits = ("READY_WAIT", "TERMINATION_WAIT")
        validation.enum(deployment_wait_type, waits, "InvalidDeploymentWaitTypeException", "The wait type")
        if deployment.ended:
            raise DeploymentAlreadyCompleted(deployment_id=deployment_id)
        if deployment.group.application.platform == "Lambda" or not deployment.group.is_blue_green():
            raise CodeDeployException(
                "UnsupportedActionForDeploymentTypeException", "Only blue/green deployments wait to be continued"
            )
        if not self.runs[deployment.deployment_id].continue_from(deployment_wait_type):
            raise CodeDeployException(
                "DeploymentIsNotInReadyStateException", f"The deployment {deployment_id} does not wait to be continued"
            )

    def put_lifecycle_event_hook_execution_status(
        self,
        deployment_id: str | None = None,
        lifecycle_event_hook_execution_id: str | None = None,
        status: str | None = None,
    ) -> str:
        """What a hook function reports."""
        deployment = self.find_deployment(deployment_id)
        if deployment.group.application.platform == "Server":
            raise CodeDeployException(
                "UnsupportedActionForDeploymentTypeException", "Only ECS and Lambda deployments have Lambda hooks"
            )
        code = "InvalidLifecycleEventHookExecutionStatusException"
        if validation.enum(status, ("Succeeded", "Failed"), code, "The status of a hook") is None:
            raise CodeDeployException(code, "The status of a hook must be Succeeded or Failed")
        execution_id = lifecycle_event_hook_execution_id or ""
        if execution_id not in deployment.hooks:
            raise CodeDeployException(
                "InvalidLifecycleEventHookExecutionIdException",
                f"The deployment {deployment_id} has no lifecycle event hook execution {execution_id!r}",
            )
        run = self.runs.get(deployment.deployment_id)
        if deployment.hooks[execution_id].status != "InProgress" or not isinstance(run, TrafficRun):
            raise CodeDeployException(
                "LifecycleEventAlreadyCompletedException", "The lifecycle event is already completed"
            )
        run.report(str(status))
        return execution_id


def _run_of(deployment: Deployment) -> type[Run]:
    """What runs a deployment. Single hosts, and those that missed a deployment, are deployed to where they are."""
    platform = deployment.group.application.platform
    if platform != "Server" or deployment.hosts is not None:
        return RUNS[platform]
    if deployment.undoes:
        return TakeBack if any(target.label for target in deployment.undoes.targets.values()) else ServerRun
    return BlueGreenRun if deployment.group.is_blue_green() else ServerRun


def _wants_rollback(deployment: Deployment, event: str, asked: bool | None) -> bool:
    if deployment.creator == "codeDeployRollback" or deployment.creator in SIDELINE:
        return False
    configuration = deployment.effective("autoRollbackConfiguration")
    wanted = bool(configuration.get("enabled")) and event in (configuration.get("events") or [])
    return wanted if asked is None else asked


def _refuse_restart(settings: dict[str, Any]) -> None:
    mode = settings.get("deploymentMode")
    validation.enum(mode, ("STANDARD", "RESTART"), "InvalidInputException", "The deployment mode")
    if mode == "RESTART":
        raise Unsupported("Deployments of mode RESTART are not built in this emulator")


def _check_platform_options(platform: str, settings: dict[str, Any]) -> None:
    if platform != "Server" and (settings.get("ec2DeploymentOptions") or settings.get("fileExistsBehavior")):
        raise InvalidInput
    if platform != "Lambda":
        return
    for name, code in (
        ("updateOutdatedInstancesOnly", "InvalidUpdateOutdatedInstancesOnlyValueException"),
        ("ignoreApplicationStopFailures", "InvalidIgnoreApplicationStopFailuresValueException"),
    ):
        if settings.get(name):
            raise CodeDeployException(code, f"{name} must be false for the Lambda compute platform")


def _refuse_what_nothing_runs(group: DeploymentGroup, revision: locations.Location) -> None:
    platform = group.application.platform
    if platform not in RUNS:
        raise Unsupported(f"Deployments of the {platform} compute platform are not built in this emulator")
    if platform != "Server":
        return
    if revision["revisionType"] == "GitHub":
        raise Unsupported("Deployments of GitHub revisions are not built in this emulator, which reaches no network")


def _range(given: dict[str, datetime]) -> tuple[datetime, datetime]:
    start = _aware(given.get("start")) or datetime.min.replace(tzinfo=UTC)
    end = _aware(given.get("end")) or datetime.max.replace(tzinfo=UTC)
    if start > end:
        raise CodeDeployException("InvalidTimeRangeException", "The start time must be earlier than the end time.")
    return start, end


def _aware(moment: datetime | None) -> datetime | None:
    """moto reads timestamps as naive UTC."""
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
