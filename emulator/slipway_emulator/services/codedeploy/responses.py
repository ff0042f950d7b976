# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Handles incoming codedeploy requests, invokes methods, returns responses."""

from __future__ import annotations

from typing import Any

from botocore import xform_name
from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from . import locations, validation
from .exceptions import CodeDeployException, Unsupported
from .group_settings import FIELDS
from .models import CodeDeployBackend, codedeploy_backends


def _given(value: Any) -> Any:
    """Without members that are null: JSON clients may send them for what they do not mean to set."""
    if isinstance(value, dict):
        return {name: _given(member) for name, member in value.items() if member is not None}
    return [_given(item) for item in value] if isinstance(value, list) else value


class CodeDeployResponse(BaseResponse):
    """Handler for CodeDeploy requests and responses."""

    def __init__(self) -> None:
        super().__init__(service_name="codedeploy")
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> CodeDeployBackend:
        """Return backend instance specific for this region."""
        return codedeploy_backends[self.current_account][self.region]

    @property
    def _input(self) -> dict[str, Any]:
        """The request in the API's shape."""
        return _given(dict(self.params))

    @property
    def _arguments(self) -> dict[str, Any]:
        """The request as keyword arguments of the backend."""
        return {xform_name(name): value for name, value in self._input.items()}

    def create_application(self) -> ActionResult:
        return ActionResult({"applicationId": self.backend.create_application(**self._arguments)})

    def get_application(self) -> ActionResult:
        application = self.backend.find_application(self._get_param("applicationName"))
        return ActionResult({"application": application.as_info()})

    def batch_get_applications(self) -> ActionResult:
        applications = self.backend.batch_get_applications(**self._arguments)
        return ActionResult({"applicationsInfo": [application.as_info() for application in applications]})

    def list_applications(self) -> ActionResult:
        names, token = self.backend.list_applications(**self._arguments)
        return ActionResult({"applications": names, "nextToken": token})

    def update_application(self) -> ActionResult:
        self.backend.update_application(**self._arguments)
        return EmptyResult()

    def delete_application(self) -> ActionResult:
        self.backend.delete_application(**self._arguments)
        return EmptyResult()

    def register_application_revision(self) -> ActionResult:
        self.backend.register_application_revision(**self._arguments)
        return EmptyResult()

    def get_application_revision(self) -> ActionResult:
        application, revision = self.backend.get_application_revision(**self._arguments)
        return ActionResult(
            {
                "applicationName": application.name,
                "revision": locations.shown(revision.location),
                "revisionInfo": revision.as_info(self.backend.groups_with(application, revision.location)),
            }
        )

    def batch_get_application_revisions(self) -> ActionResult:
        application, revisions, missing = self.backend.batch_get_application_revisions(**self._arguments)
        found = [
            {
                "revisionLocation": locations.shown(r.location),
                "genericRevisionInfo": r.as_info(self.backend.groups_with(application, r.location)),
            }
            for r in revisions
        ]
        message = f"No application revision found for: {missing}" if missing else ""
        return ActionResult({"applicationName": application.name, "errorMessage": message, "revisions": found})

    def list_application_revisions(self) -> ActionResult:
        found, token = self.backend.list_application_revisions(**self._arguments)
        return ActionResult({"revisions": [locations.shown(one) for one in found], "nextToken": token})

    def create_deployment_config(self) -> ActionResult:
        return ActionResult({"deploymentConfigId": self.backend.create_deployment_config(**self._arguments)})

    def get_deployment_config(self) -> ActionResult:
        config = self.backend.find_config(self._get_param("deploymentConfigName"))
        return ActionResult({"deploymentConfigInfo": config.as_info()})

    def list_deployment_configs(self) -> ActionResult:
        names, token = self.backend.list_deployment_configs(**self._arguments)
        return ActionResult({"deploymentConfigsList": names, "nextToken": token})

    def delete_deployment_config(self) -> ActionResult:
        self.backend.delete_deployment_config(**self._arguments)
        return EmptyResult()

    def _settings(self) -> dict[str, Any]:
        return {name: value for name, value in self._input.items() if name in FIELDS}

    def create_deployment_group(self) -> ActionResult:
        wish = self._input
        made = self.backend.create_deployment_group(
            wish.get("applicationName"), wish.get("deploymentGroupName"), wish.get("tags"), self._settings()
        )
        return ActionResult({"deploymentGroupId": made})

    def get_deployment_group(self) -> ActionResult:
        application = self.backend.find_application(self._get_param("applicationName"))
        group = self.backend.find_group(application, self._get_param("deploymentGroupName"))
        return ActionResult({"deploymentGroupInfo": self.backend.group_info(group)})

    def batch_get_deployment_groups(self) -> ActionResult:
        groups, message = self.backend.batch_get_deployment_groups(**self._arguments)
        return ActionResult(
            {"deploymentGroupsInfo": [self.backend.group_info(group) for group in groups], "errorMessage": message}
        )

    def list_deployment_groups(self) -> ActionResult:
        names, token = self.backend.list_deployment_groups(**self._arguments)
        name = self._get_param("applicationName")
        return ActionResult({"applicationName": name, "deploymentGroups": names, "nextToken": token})

    def update_deployment_group(self) -> ActionResult:
        wish = self._input
        self.backend.update_deployment_group(
            wish.get("applicationName"),
            wish.get("currentDeploymentGroupName"),
            wish.get("newDeploymentGroupName"),
            self._settings(),
        )
        return ActionResult({"hooksNotCleanedUp": []})

    def delete_deployment_group(self) -> ActionResult:
        self.backend.delete_deployment_group(**self._arguments)
        return ActionResult({"hooksNotCleanedUp": []})

    def create_deployment(self) -> ActionResult:
        wish = self._input
        made = self.backend.create_deployment(
            wish.pop("applicationName", None), wish.pop("deploymentGroupName", None), wish.pop("revision", None), wish
        )
        return ActionResult({"deploymentId": made})

    def get_deployment(self) -> ActionResult:
        deployment = self.backend.find_deployment(self._get_param("deploymentId"))
        return ActionResult({"deploymentInfo": deployment.as_info()})

    def batch_get_deployments(self) -> ActionResult:
        deployments = self.backend.batch_get_deployments(**self._arguments)
        return ActionResult({"deploymentsInfo": [deployment.as_info() for deployment in deployments]})

    def list_deployments(self) -> ActionResult:
        ids, token = self.backend.list_deployments(**self._arguments)
        return ActionResult({"deployments": ids, "nextToken": token})

    def stop_deployment(self) -> ActionResult:
        status, message = self.backend.stop_deployment(**self._arguments)
        return ActionResult({"status": status, "statusMessage": message})

    def continue_deployment(self) -> ActionResult:
        self.backend.continue_deployment(**self._arguments)
        return EmptyResult()

    def skip_wait_time_for_instance_termination(self) -> ActionResult:
        self.backend.continue_deployment(self._get_param("deploymentId"), "TERMINATION_WAIT")
        return EmptyResult()

    def put_lifecycle_event_hook_execution_status(self) -> ActionResult:
        done = self.backend.put_lifecycle_event_hook_execution_status(**self._arguments)
        return ActionResult({"lifecycleEventHookExecutionId": done})

    def delete_resources_by_external_id(self) -> ActionResult:
        raise Unsupported("Resources of CloudFormation blue/green deployments are not built in this emulator")

    def list_deployment_targets(self) -> ActionResult:
        ids, token = self.backend.list_deployment_targets(**self._arguments)
        return ActionResult({"targetIds": ids, "nextToken": token})

    def get_deployment_target(self) -> ActionResult:
        deployment, target = self.backend.get_deployment_target(**self._arguments)
        return ActionResult({"deploymentTarget": target.as_target(deployment.deployment_id)})

    def batch_get_deployment_targets(self) -> ActionResult:
        deployment, targets = self.backend.batch_get_deployment_targets(**self._arguments)
        return ActionResult({"deploymentTargets": [t.as_target(deployment.deployment_id) for t in targets]})

    def list_deployment_instances(self) -> ActionResult:
        ids, token = self.backend.list_deployment_instances(**self._arguments)
        return ActionResult({"instancesList": ids, "nextToken": token})

    def get_deployment_instance(self) -> ActionResult:
        deployment, target = self.backend.get_deployment_instance(**self._arguments)
        return ActionResult({"instanceSummary": target.as_summary(deployment.deployment_id)})

    def batch_get_deployment_instances(self) -> ActionResult:
        deployment, targets, message = self.backend.batch_get_deployment_instances(**self._arguments)
        found = [target.as_summary(deployment.deployment_id) for target in targets]
        return ActionResult({"instancesSummary": found, "errorMessage": message})

    def register_on_premises_instance(self) -> ActionResult:
        self.backend.register_on_premises_instance(**self._arguments)
        return EmptyResult()

    def deregister_on_premises_instance(self) -> ActionResult:
        self.backend.deregister_on_premises_instance(**self._arguments)
        return EmptyResult()

    def get_on_premises_instance(self) -> ActionResult:
        instance = self.backend.get_on_premises_instance(**self._arguments)
        return ActionResult({"instanceInfo": instance.as_info()})

    def batch_get_on_premises_instances(self) -> ActionResult:
        instances = self.backend.batch_get_on_premises_instances(**self._arguments)
        return ActionResult({"instanceInfos": [instance.as_info() for instance in instances]})

    def list_on_premises_instances(self) -> ActionResult:
        names, token = self.backend.list_on_premises_instances(**self._arguments)
        return ActionResult({"instanceNames": names, "nextToken": token})

    def add_tags_to_on_premises_instances(self) -> ActionResult:
        self.backend.add_tags_to_on_premises_instances(**self._arguments)
        return EmptyResult()

    def remove_tags_from_on_premises_instances(self) -> ActionResult:
        self.backend.remove_tags_from_on_premises_instances(**self._arguments)
        return EmptyResult()

    # GitHub connections are made in the console, so there never is one here

    def list_git_hub_account_token_names(self) -> ActionResult:
        names, token = validation.page([], self._get_param("nextToken"))
        return ActionResult({"tokenNameList": names, "nextToken": token})

    def delete_git_hub_account_token(self) -> ActionResult:
        name = self._get_param("tokenName")
        if not name:
            raise CodeDeployException("GitHubAccountTokenNameRequiredException", "The token name was not specified")
        raise CodeDeployException("GitHubAccountTokenDoesNotExistException", f"No GitHub token found for name: {name}")

    def list_tags_for_resource(self) -> ActionResult:
        tags, token = self.backend.list_tags_for_resource(**self._arguments)
        return ActionResult({"Tags": tags, "NextToken": token})

    def tag_resource(self) -> ActionResult:
        tags = self._input.get("Tags")
        if not tags:
            raise CodeDeployException("TagRequiredException", "A tag was not specified")
        self.backend.tag_resource(self._get_param("ResourceArn"), validation.resource_tags(tags))
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        keys = self._input.get("TagKeys")
        if not keys:
            raise CodeDeployException("TagRequiredException", "A tag key was not specified")
        self.backend.untag_resource(self._get_param("ResourceArn"), keys)
        return EmptyResult()
