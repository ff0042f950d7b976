# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Handles incoming imagebuilder requests, invokes methods, returns responses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from . import validation
from .models import ImageBuilderBackend, imagebuilder_backends


class ImageBuilderResponse(BaseResponse):
    """Handler for ImageBuilder requests and responses.

    An operation without a method here is not built; the emulator says so in AWS's manner.
    """

    def __init__(self) -> None:
        super().__init__(service_name="imagebuilder")
        self.automated_parameter_parsing = True

    @property
    def imagebuilder_backend(self) -> ImageBuilderBackend:
        """Return backend instance specific for this region."""
        return imagebuilder_backends[self.current_account][self.region]

    def _answer(self, work: Callable[[dict[str, Any]], dict[str, Any]]) -> ActionResult:
        """Check the request against the model, then do the work, or give the answer its client token got before."""
        operation = self._get_action()
        parameters = {name: value for name, value in self.params.items() if value is not None}
        validation.check(operation, parameters)
        return ActionResult(self.imagebuilder_backend.answer(operation, work, parameters))

    def cancel_image_creation(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.cancel_image_creation)

    def cancel_lifecycle_execution(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.cancel_lifecycle_execution)

    def create_component(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_component)

    def create_container_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_container_recipe)

    def create_distribution_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_distribution_configuration)

    def create_image(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_image)

    def create_image_pipeline(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_image_pipeline)

    def create_image_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_image_recipe)

    def create_infrastructure_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_infrastructure_configuration)

    def create_lifecycle_policy(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_lifecycle_policy)

    def create_workflow(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.create_workflow)

    def delete_component(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_component)

    def delete_container_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_container_recipe)

    def delete_distribution_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_distribution_configuration)

    def delete_image(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_image)

    def delete_image_pipeline(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_image_pipeline)

    def delete_image_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_image_recipe)

    def delete_infrastructure_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_infrastructure_configuration)

    def delete_lifecycle_policy(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_lifecycle_policy)

    def delete_workflow(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.delete_workflow)

    def distribute_image(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.distribute_image)

    def get_component(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_component)

    def get_component_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.get_policy, "componentArn"))

    def get_container_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_container_recipe)

    def get_container_recipe_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.get_policy, "containerRecipeArn"))

    def get_distribution_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_distribution_configuration)

    def get_image(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_image)

    def get_image_pipeline(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_image_pipeline)

    def get_image_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.get_policy, "imageArn"))

    def get_image_recipe(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_image_recipe)

    def get_image_recipe_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.get_policy, "imageRecipeArn"))

    def get_infrastructure_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_infrastructure_configuration)

    def get_lifecycle_execution(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_lifecycle_execution)

    def get_lifecycle_policy(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_lifecycle_policy)

    def get_workflow(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_workflow)

    def get_workflow_execution(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_workflow_execution)

    def get_workflow_step_execution(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.get_workflow_step_execution)

    def import_component(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.import_component)

    def list_component_build_versions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_component_build_versions)

    def list_components(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_components)

    def list_container_recipes(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_container_recipes)

    def list_distribution_configurations(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_distribution_configurations)

    def list_image_build_versions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_build_versions)

    def list_image_packages(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_packages)

    def list_image_pipeline_images(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_pipeline_images)

    def list_image_pipelines(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_pipelines)

    def list_image_recipes(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_recipes)

    def list_image_scan_finding_aggregations(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_scan_finding_aggregations)

    def list_image_scan_findings(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_image_scan_findings)

    def list_images(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_images)

    def list_infrastructure_configurations(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_infrastructure_configurations)

    def list_lifecycle_execution_resources(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_lifecycle_execution_resources)

    def list_lifecycle_executions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_lifecycle_executions)

    def list_lifecycle_policies(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_lifecycle_policies)

    def list_tags_for_resource(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_tags_for_resource)

    def list_waiting_workflow_steps(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_waiting_workflow_steps)

    def list_workflow_build_versions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_workflow_build_versions)

    def list_workflow_executions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_workflow_executions)

    def list_workflow_step_executions(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_workflow_step_executions)

    def list_workflows(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.list_workflows)

    def put_component_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.put_policy, "componentArn"))

    def put_container_recipe_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.put_policy, "containerRecipeArn"))

    def put_image_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.put_policy, "imageArn"))

    def put_image_recipe_policy(self) -> ActionResult:
        return self._answer(partial(self.imagebuilder_backend.put_policy, "imageRecipeArn"))

    def retry_image(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.retry_image)

    def send_workflow_step_action(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.send_workflow_step_action)

    def start_image_pipeline_execution(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.start_image_pipeline_execution)

    def start_resource_state_update(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.start_resource_state_update)

    def tag_resource(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.tag_resource)

    def untag_resource(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.untag_resource)

    def update_distribution_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.update_distribution_configuration)

    def update_image_pipeline(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.update_image_pipeline)

    def update_infrastructure_configuration(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.update_infrastructure_configuration)

    def update_lifecycle_policy(self) -> ActionResult:
        return self._answer(self.imagebuilder_backend.update_lifecycle_policy)
