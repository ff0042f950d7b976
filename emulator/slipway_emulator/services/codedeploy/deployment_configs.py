# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Operations on deployment configurations."""

from __future__ import annotations

from typing import Any

from slipway_emulator.clock import clock

from . import configs, limits, validation
from .exceptions import CodeDeployException
from .state import State


class DeploymentConfigs(State):
    def create_deployment_config(
        self,
        deployment_config_name: str | None = None,
        minimum_healthy_hosts: dict[str, Any] | None = None,
        traffic_routing_config: dict[str, Any] | None = None,
        compute_platform: str | None = None,
        zonal_config: dict[str, Any] | None = None,
    ) -> str:
        name = validation.name(deployment_config_name, "DeploymentConfig")
        if name in self.configs:
            raise CodeDeployException(
                "DeploymentConfigAlreadyExistsException", f"Deployment configuration already exists with name: {name}"
            )
        if name.startswith(configs.PREFIX):
            raise CodeDeployException(
                "InvalidDeploymentConfigNameException",
                f"The name of a custom configuration cannot start with {configs.PREFIX}",
            )
        platform = compute_platform or "Server"
        configs.check(platform, minimum_healthy_hosts, traffic_routing_config, zonal_config)
        if sum(not n.startswith(configs.PREFIX) for n in self.configs) >= limits.CUSTOM_CONFIGS:
            raise CodeDeployException(
                "DeploymentConfigLimitExceededException",
                f"The limit of {limits.CUSTOM_CONFIGS} configurations is reached",
            )
        minimum = {"value": 0, **minimum_healthy_hosts} if minimum_healthy_hosts else None
        self.configs[name] = configs.DeploymentConfig(
            name, platform, minimum, traffic_routing_config, zonal_config, created=clock.datetime()
        )
        return self.configs[name].config_id

    def list_deployment_configs(self, next_token: str | None = None) -> tuple[list[str], str | None]:
        return validation.page(list(self.configs), next_token)

    def delete_deployment_config(self, deployment_config_name: str | None = None) -> None:
        """Deleting what is not there is no error."""
        name = validation.name(deployment_config_name, "DeploymentConfig")
        if name.startswith(configs.PREFIX):
            raise CodeDeployException("InvalidOperationException", f"The configuration {name} cannot be deleted")
        users = [
            f"{application.name}/{group.name}"
            for application in self.applications.values()
            for group in application.groups.values()
            if group.settings["deploymentConfigName"] == name
        ]
        running = [d.deployment_id for d in self.deployments.values() if d.config.name == name and not d.ended]
        if users or running:
            raise CodeDeployException(
                "DeploymentConfigInUseException",
                f"The deployment configuration {name} is in use by {', '.join(users or running)}",
            )
        self.configs.pop(name, None)
