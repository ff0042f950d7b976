# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Operations on deployment groups, and the launch hooks they keep on Auto Scaling groups."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from moto.autoscaling.models import autoscaling_backends
from moto.iam.models import iam_backends
from moto.utilities.tagging_service import TaggingService

from slipway_emulator.faults import faults

from . import configs, ecs_services, group_settings, limits, notices, validation
from .entities import Application, DeploymentGroup
from .exceptions import (
    CodeDeployException,
    DeploymentGroupAlreadyExists,
    DeploymentGroupDoesNotExist,
    DeploymentGroupNameRequired,
)
from .group_settings import Settings
from .state import State

HOOKS = {"launch": "autoscaling:EC2_INSTANCE_LAUNCHING", "termination": "autoscaling:EC2_INSTANCE_TERMINATING"}

faults.declare("role-not-assumable", "CodeDeploy cannot assume the service role yet", ("role_arn",))


class DeploymentGroups(State):
    def create_deployment_group(
        self,
        application_name: str | None,
        deployment_group_name: str | None,
        tags: list[dict[str, str]] | None,
        given: Settings,
    ) -> str:
        application = self.find_application(application_name)
        name = validation.name(deployment_group_name, "DeploymentGroup")
        if name in application.groups:
            raise DeploymentGroupAlreadyExists(name=name)
        if len(application.groups) >= limits.GROUPS:
            raise CodeDeployException(
                "DeploymentGroupLimitExceededException", f"The limit of {limits.GROUPS} deployment groups is reached"
            )
        wanted = validation.resource_tags(tags)
        settings = self._checked(application, {**given}, None)
        group = application.groups[name] = DeploymentGroup(application, name, settings)
        self.keep_hooks(group)
        self.tagger.tag_resource(self.group_arn(group), TaggingService.convert_dict_to_tags_input(wanted))
        notices.test(self, group)
        return group.group_id

    def _checked(self, application: Application, settings: Settings, group: DeploymentGroup | None) -> Settings:
        """Settings that a new group (None) or this one may have."""
        self._check_role(settings.get("serviceRoleArn"))
        name = settings.setdefault("deploymentConfigName", configs.default_name(application.platform))
        config = self.find_config(name)
        if config.platform != application.platform:
            raise CodeDeployException(
                "InvalidDeploymentConfigNameException",
                f"The configuration {name} cannot be used with the {application.platform} compute platform",
            )
        settings = group_settings.check(settings, application.platform)
        group_settings.check_network_listeners(settings.get("loadBalancerInfo"), config.routing)
        self._check_scaling_groups(settings.get("autoScalingGroups") or [], group.hooks if group else {})
        self._check_services(settings.get("ecsServices") or [], group)
        return settings

    def _check_scaling_groups(self, names: list[str], hooked: dict[str, str]) -> None:
        """Every one is there, and has room for the launch hook unless it has it."""
        backend = autoscaling_backends[self.account_id][self.region_name]
        for name in names:
            if name not in backend.autoscaling_groups:
                raise CodeDeployException(
                    "InvalidAutoScalingGroupException", f"No Auto Scaling group found with the name: {name}"
                )
            if name not in hooked and len(backend.describe_lifecycle_hooks(name)) >= limits.LIFECYCLE_HOOKS:
                raise CodeDeployException(
                    "LifecycleHookLimitExceededException",
                    f"The limit of {limits.LIFECYCLE_HOOKS} lifecycle hooks of the Auto Scaling group {name} is reached",
                )

    def _check_services(self, services: list[dict[str, str]], group: DeploymentGroup | None) -> None:
        """An ECS service is there, and is deployed to by one deployment group."""
        others = (
            g for application in self.applications.values() for g in application.groups.values() if g is not group
        )
        wanted = {ecs_services.identity(service) for service in services}
        for service in services:
            ecs_services.check(self.account_id, self.region_name, service)
        for other in others if services else ():
            if wanted & {ecs_services.identity(service) for service in other.settings.get("ecsServices") or []}:
                raise CodeDeployException(
                    "ECSServiceMappingLimitExceededException",
                    f"The ECS service is already associated with the deployment group {other.name}",
                )

    def _check_role(self, arn: str | None) -> None:
        """A role that IAM knows must trust CodeDeploy; one that it does not know is taken for good."""
        if not arn:
            raise CodeDeployException("RoleRequiredException", "The role ID was not specified")
        code = "InvalidRoleException"
        parts = validation.ROLE_ARN.fullmatch(arn)
        if parts is None or parts["partition"] != self.partition:
            raise CodeDeployException(code, f"The service role ARN {arn!r} was specified in an invalid format")
        if parts["account"] != self.account_id:
            raise CodeDeployException(code, "Cross-account pass role is not allowed.")
        roles = {role.arn: role for role in iam_backends[self.account_id][self.partition].get_roles()}
        refused = faults.take("role-not-assumable", role_arn=arn)
        if refused or (arn in roles and not _trusts(roles[arn].assume_role_policy_document)):
            raise CodeDeployException(
                code, f"AWS CodeDeploy does not have the permissions required to assume the role {arn}."
            )

    def batch_get_deployment_groups(
        self, application_name: str | None = None, deployment_group_names: list[str] | None = None
    ) -> tuple[list[DeploymentGroup], str]:
        """Groups that are there, and a sentence about those that are not."""
        application = self.find_application(application_name)
        names = validation.batch(deployment_group_names, limits.GROUP_BATCH, DeploymentGroupNameRequired())
        for name in names:
            validation.name(name, "DeploymentGroup")
        missing = [name for name in names if name not in application.groups]
        message = f"No Deployment Group found for name: {', '.join(missing)}" if missing else ""
        return [application.groups[name] for name in names if name in application.groups], message

    def list_deployment_groups(
        self, application_name: str | None = None, next_token: str | None = None
    ) -> tuple[list[str], str | None]:
        return validation.page(list(self.find_application(application_name).groups), next_token)

    def update_deployment_group(
        self, application_name: str | None, current_name: str | None, new_name: str | None, given: Settings
    ) -> None:
        application = self.find_application(application_name)
        group = self.find_group(application, current_name)
        if new_name and new_name != group.name:
            validation.name(new_name, "DeploymentGroup")
            if new_name in application.groups:
                raise DeploymentGroupAlreadyExists(name=new_name)
        group.settings = self._checked(application, group_settings.merged(group.settings, given), group)
        if new_name and new_name != group.name:
            self._rename(group, new_name)
        self.keep_hooks(group)
        notices.test(self, group)

    def _rename(self, group: DeploymentGroup, name: str) -> None:
        before = self.group_arn(group)
        groups = group.application.groups
        group.application.groups = {name if n == group.name else n: g for n, g in groups.items()}
        group.name = name
        self.tagger.copy_tags(before, self.group_arn(group))
        self.tagger.delete_all_tags_for_resource(before)

    def delete_deployment_group(
        self, application_name: str | None = None, deployment_group_name: str | None = None
    ) -> None:
        """Deleting what is not there is no error."""
        application = self.applications.get(validation.name(application_name, "Application"))
        name = validation.name(deployment_group_name, "DeploymentGroup")
        if application and name in application.groups:
            self.drop_group(application.groups[name])

    def delete_application(self, application_name: str | None = None) -> None:
        """With its groups and the records of their deployments; instances and S3 objects stay as they are."""
        application = self.applications.get(validation.name(application_name, "Application"))
        if application is None:
            return
        for group in list(application.groups.values()):
            self.drop_group(group)
        self.tagger.delete_all_tags_for_resource(self.application_arn(application))
        del self.applications[application.name]
        self.deployments = {i: d for i, d in self.deployments.items() if d.group.application is not application}

    def drop_group(self, group: DeploymentGroup) -> None:
        group.settings = {**group.settings, "autoScalingGroups": []}
        self.keep_hooks(group)
        self.tagger.delete_all_tags_for_resource(self.group_arn(group))
        del group.application.groups[group.name]

    def keep_hooks(self, group: DeploymentGroup) -> None:
        """Every Auto Scaling group of the deployment group carries its hooks, no other does."""
        wanted = group.settings.get("autoScalingGroups") or []
        group.hooks = self._kept(group, "launch", group.hooks, wanted)
        ended = wanted if group.settings.get("terminationHookEnabled") else []
        group.termination_hooks = self._kept(group, "termination", group.termination_hooks, ended)

    def _kept(self, group: DeploymentGroup, kind: str, kept: dict[str, str], wanted: list[str]) -> dict[str, str]:
        """Hooks by Auto Scaling group after an update. Whether one that was made before is still there is not looked at."""
        backend = autoscaling_backends[self.account_id][self.region_name]
        for name in set(kept) - set(wanted):
            if f"{name}_{kept[name]}" in backend.lifecycle_hooks:
                backend.delete_lifecycle_hook(name, kept[name])
        return {name: kept.get(name) or _put_hook(backend, group, name, kind) for name in wanted}

    def groups_owning(self, hook: str) -> list[DeploymentGroup]:
        groups = (g for application in self.applications.values() for g in application.groups.values())
        return [group for group in groups if hook in group.hooks.values()]

    def group_of(self, application_name: str | None, group_name: str | None) -> DeploymentGroup:
        """For calls that name both; the group's absence has the code of the group."""
        application = self.find_application(application_name)
        if not group_name:
            raise DeploymentGroupNameRequired
        if group_name not in application.groups:
            validation.name(group_name, "DeploymentGroup")
            raise DeploymentGroupDoesNotExist(name=group_name)
        return application.groups[group_name]


def _put_hook(backend: Any, group: DeploymentGroup, name: str, kind: str) -> str:
    hook = f"CodeDeploy-managed-automatic-{kind}-deployment-hook-{group.name}-{uuid4()}"
    backend.create_lifecycle_hook(
        name=hook,
        as_name=name,
        transition=HOOKS[kind],
        timeout=limits.HOOK_HEARTBEAT_SECONDS,
        result="ABANDON",
    )
    return hook


def _trusts(document: Any) -> bool:
    """Whether a trust policy names CodeDeploy's service principal."""
    try:
        policy = json.loads(document) if isinstance(document, str) else document
    except ValueError:
        return False
    statements = (policy or {}).get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        services = principal.get("Service", []) if isinstance(principal, dict) else [principal]
        for service in [services] if isinstance(services, str) else services:
            if str(service) == "*" or str(service).startswith("codedeploy."):
                return True
    return False
