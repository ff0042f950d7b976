# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What one account holds in one region, and the look-ups every part of the backend uses."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.utilities.tagging_service import TaggingService

from slipway_emulator.hosts import registry

from . import configs, locations, validation
from .configs import DeploymentConfig
from .deployment import Deployment, History
from .entities import Application, DeploymentGroup, OnPremisesInstance
from .exceptions import (
    ApplicationDoesNotExist,
    DeploymentConfigDoesNotExist,
    DeploymentDoesNotExist,
    DeploymentGroupDoesNotExist,
)


class State(BaseBackend):
    """Base of the backend's parts."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.applications: dict[str, Application] = {}
        self.configs: dict[str, DeploymentConfig] = {config.name: config for config in configs.predefined()}
        self.deployments: dict[str, Deployment] = {}
        self.histories: defaultdict[str, History] = defaultdict(History)  # by deployment group id
        self.on_premises: dict[str, OnPremisesInstance] = {}
        self.tagger = TaggingService()

    def arn(self, resource: str) -> str:
        return f"arn:{self.partition}:codedeploy:{self.region_name}:{self.account_id}:{resource}"

    def application_arn(self, application: Application) -> str:
        return self.arn(f"application:{application.name}")

    def group_arn(self, group: DeploymentGroup) -> str:
        return self.arn(f"deploymentgroup:{group.application.name}/{group.name}")

    def find_application(self, name: str | None) -> Application:
        """Raises for a missing or malformed name and for an application that is not there."""
        name = validation.name(name, "Application")
        if name not in self.applications:
            raise ApplicationDoesNotExist(name=name)
        return self.applications[name]

    def find_group(self, application: Application, name: str | None) -> DeploymentGroup:
        name = validation.name(name, "DeploymentGroup")
        if name not in application.groups:
            raise DeploymentGroupDoesNotExist(name=name)
        return application.groups[name]

    def find_config(self, name: str | None) -> DeploymentConfig:
        name = validation.name(name, "DeploymentConfig")
        if name not in self.configs:
            raise DeploymentConfigDoesNotExist(name=name)
        return self.configs[name]

    def find_deployment(self, deployment_id: str | None) -> Deployment:
        found = self.deployments.get(validation.deployment_id(deployment_id))
        if found is None:
            raise DeploymentDoesNotExist(deployment_id=deployment_id)
        return found

    def history(self, group: DeploymentGroup) -> History:
        return self.histories[group.group_id]

    def group_info(self, group: DeploymentGroup) -> dict[str, Any]:
        """A group as Get returns it."""
        return {**group.as_info(), **self.history(group).as_info()}

    def groups_with(self, application: Application, location: locations.Location) -> list[str]:
        """Groups whose target revision is this one."""
        groups = application.groups.values()
        return [group.name for group in groups if locations.same(self.history(group).target_revision, location)]

    def revision_on(self, group: DeploymentGroup, target_id: str) -> locations.Location | None:
        """The revision a deployment of the group brought to its end on a host."""
        known = self.on_premises.get(target_id)
        host = registry.get(known.arn if known else target_id)
        installation = host.installations.get(group.group_id) if host else None
        return installation.revision if installation and installation.succeeded else None
