# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Targets of deployments, and the deprecated calls that name them instances."""

from __future__ import annotations

from typing import Any

from . import limits, validation
from .deployment import Deployment, Target
from .deployments import Deployments
from .exceptions import CodeDeployException, DeploymentNotStarted

TARGET_STATUSES = ("Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Unknown", "Ready")


class Targets(Deployments):
    def _started(self, deployment_id: str | None) -> Deployment:
        deployment = self.find_deployment(deployment_id)
        if not deployment.is_started:
            raise DeploymentNotStarted(deployment_id=deployment.deployment_id)
        return deployment

    def list_deployment_targets(
        self,
        deployment_id: str | None = None,
        target_filters: dict[str, list[str]] | None = None,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        deployment = self._started(deployment_id)
        filters = target_filters or {}
        for name in filters:
            names = ("TargetStatus", "ServerInstanceLabel")
            validation.enum(name, names, "InvalidTargetFilterNameException", "The target filter")
        statuses, labels = filters.get("TargetStatus") or [], filters.get("ServerInstanceLabel") or []
        _check_filters(statuses, labels)
        # hosts of an in-place deployment have no label, so asking for one finds none
        labelled = [t for t in deployment.targets.values() if not labels or t.label in labels]
        return validation.page([t.target_id for t in labelled if not statuses or t.status in statuses], next_token)

    def get_deployment_target(
        self, deployment_id: str | None = None, target_id: str | None = None
    ) -> tuple[Deployment, Target]:
        deployment, targets = self.batch_get_deployment_targets(deployment_id, [target_id] if target_id else [])
        return deployment, targets[0]

    def batch_get_deployment_targets(
        self, deployment_id: str | None = None, target_ids: list[str] | None = None
    ) -> tuple[Deployment, list[Target]]:
        deployment = self._started(deployment_id)
        if not target_ids:
            raise CodeDeployException("DeploymentTargetIdRequiredException", "A deployment target ID was not provided")
        most = limits.BATCH if deployment.group.application.platform == "Server" else 1
        if len(target_ids) > most:
            raise CodeDeployException(
                "DeploymentTargetListSizeExceededException", f"More than {most} target IDs were specified"
            )
        for target_id in target_ids:
            if target_id not in deployment.targets:
                raise CodeDeployException(
                    "DeploymentTargetDoesNotExistException",
                    f"The deployment {deployment.deployment_id} has no target {target_id}",
                )
        return deployment, [deployment.targets[target_id] for target_id in target_ids]

    def _with_instances(self, deployment_id: str | None) -> Deployment:
        """For the deprecated calls, which do not know ECS."""
        deployment = self.find_deployment(deployment_id)
        if deployment.group.application.platform == "ECS":
            raise CodeDeployException(
                "InvalidComputePlatformException", "Deployments of the ECS compute platform have targets, no instances"
            )
        return deployment

    def list_deployment_instances(
        self,
        deployment_id: str | None = None,
        instance_status_filter: list[str] | None = None,
        instance_type_filter: list[str] | None = None,
        next_token: str | None = None,
    ) -> tuple[list[str], str | None]:
        self._with_instances(deployment_id)
        statuses, labels = instance_status_filter or [], instance_type_filter or []
        filters = {"TargetStatus": statuses, "ServerInstanceLabel": labels}
        return self.list_deployment_targets(deployment_id, filters, next_token)

    def get_deployment_instance(
        self, deployment_id: str | None = None, instance_id: str | None = None
    ) -> tuple[Deployment, Target]:
        deployment, found, _missing = self.batch_get_deployment_instances(
            deployment_id, [instance_id] if instance_id else []
        )
        if not found:
            raise CodeDeployException(
                "InstanceDoesNotExistException", f"The deployment {deployment_id} has no instance {instance_id}"
            )
        return deployment, found[0]

    def batch_get_deployment_instances(
        self, deployment_id: str | None = None, instance_ids: list[str] | None = None
    ) -> tuple[Deployment, list[Target], str]:
        """Ids are bare or ARNs; what is not there is named in the sentence."""
        deployment = self._with_instances(deployment_id)
        required = CodeDeployException("InstanceIdRequiredException", "The instance ID was not specified")
        ids = validation.batch(instance_ids, limits.BATCH, required)
        bare = [i.rpartition("/")[2] if i.startswith("arn:") else i for i in ids]
        missing = [i for i in bare if i not in deployment.targets]
        message = f"The deployment has no such instances: {', '.join(missing)}" if missing else ""
        return deployment, [deployment.targets[i] for i in bare if i in deployment.targets], message


def _check_filters(statuses: list[Any], labels: list[Any]) -> None:
    for status in statuses:
        validation.enum(status, TARGET_STATUSES, "InvalidInstanceStatusException", "The instance status")
    for label in labels:
        validation.enum(label, ("Blue", "Green"), "InvalidInstanceTypeException", "The instance type")
