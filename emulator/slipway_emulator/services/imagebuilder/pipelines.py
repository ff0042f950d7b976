# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Image pipelines: updated by full replacement, which also re-enables them and forgets the schedule."""

from __future__ import annotations

from typing import Any

from . import listing, schedules, workflow_runs
from .exceptions import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
)
from .store import Item, Store, now, picked

KEPT = (
    "description",
    "imageRecipeArn",
    "containerRecipeArn",
    "infrastructureConfigurationArn",
    "distributionConfigurationArn",
    "imageScanningConfiguration",
    "workflows",
    "executionRole",
    "loggingConfiguration",
    "imageTags",
)
OWN_LOG_GROUPS = "/aws/imagebuilder/"
FILTERS = listing.members(
    "description",
    "distributionConfigurationArn",
    "imageRecipeArn",
    "infrastructureConfigurationArn",
    "name",
    "status",
)


class Pipelines(Store):
    """Operations on image pipelines, and what they share with CreateImage."""

    def create_image_pipeline(self, parameters: Item) -> Item:
        recipe = self.check_build(parameters)
        arn = self.arn("image-pipeline", parameters["name"])
        if str(arn) in self.resources:
            raise ResourceAlreadyExistsException("ImagePipeline", str(arn))
        self.add(arn, {"name": parameters["name"], **_members(parameters, recipe)}, parameters)
        return {"imagePipelineArn": str(arn)}

    def update_image_pipeline(self, parameters: Item) -> Item:
        old = self.exact(parameters["imagePipelineArn"])
        recipe = self.check_build(parameters)
        if ("imageRecipeArn" in old) != ("imageRecipeArn" in parameters):
            raise InvalidParameterCombinationException(
                "A pipeline cannot change between an image recipe and a container recipe."
            )
        kept = picked(old, "arn", "name", "dateCreated", "tags", "dateLastRun", "lastRunStatus")
        self.resources[old["arn"]] = {**kept, **_members(parameters, recipe), "dateUpdated": now()}
        return {"imagePipelineArn": old["arn"]}

    def get_image_pipeline(self, parameters: Item) -> Item:
        return {"imagePipeline": self.exact(parameters["imagePipelineArn"])}

    def delete_image_pipeline(self, parameters: Item) -> Item:
        """Builds of it that run go on."""
        arn = self.exact(parameters["imagePipelineArn"])["arn"]
        del self.resources[arn]
        return {"imagePipelineArn": arn}

    def list_image_pipelines(self, parameters: Item) -> Item:
        items = self.records("image-pipeline")
        items = listing.select(items, parameters.get("filters"), FILTERS)
        return listing.page("ListImagePipelines", "imagePipelineList", items, parameters)

    def check_build(self, parameters: Item) -> Item:
        """The rules that a pipeline and a single build share; the recipe it would build now."""
        if ("imageRecipeArn" in parameters) == ("containerRecipeArn" in parameters):
            raise InvalidParameterCombinationException(
                "Exactly one of 'imageRecipeArn' and 'containerRecipeArn' must be specified."
            )
        recipe = "imageRecipeArn" if "imageRecipeArn" in parameters else "containerRecipeArn"
        found = self.reference(recipe, parameters[recipe])
        for key in ("infrastructureConfigurationArn", "distributionConfigurationArn"):
            if key in parameters:
                self.reference(key, parameters[key])
        self._check_workflows(parameters)
        _check_scanning(parameters)
        _check_logging(parameters)
        if "schedule" in parameters:
            schedules.check(parameters["schedule"])
        return found

    def _check_workflows(self, parameters: Item) -> None:
        workflows = parameters.get("workflows", [])
        if workflows and not parameters.get("executionRole"):
            raise InvalidParameterCombinationException("'executionRole' must be specified together with 'workflows'.")
        for index, workflow in enumerate(workflows):
            found = self.reference(f"workflows[{index}].workflowArn", workflow["workflowArn"])
            for problem in workflow_runs.problems(found, workflow):
                raise InvalidParameterValueException(f"workflows[{index}].parameters", problem)
            of_tests = ":workflow/test/" in workflow["workflowArn"]
            if not of_tests and ("parallelGroup" in workflow or "onFailure" in workflow):
                raise InvalidParameterValueException(
                    f"workflows[{index}]", "parallelGroup and onFailure are for test workflows only."
                )


def tests_configuration(parameters: Item) -> Item:
    return {"imageTestsEnabled": True, "timeoutMinutes": 720, **parameters.get("imageTestsConfiguration", {})}


def _members(parameters: Item, recipe: Item) -> Item:
    members: dict[str, Any] = {
        **picked(parameters, *KEPT),
        "platform": recipe["platform"],
        "enhancedImageMetadataEnabled": parameters.get("enhancedImageMetadataEnabled", True),
        "imageTestsConfiguration": tests_configuration(parameters),
        "status": parameters.get("status", "ENABLED"),
        "consecutiveFailures": 0,
    }
    if "schedule" in parameters:
        members["schedule"] = {**schedules.DEFAULTS, **parameters["schedule"]}
    return members


def _check_scanning(parameters: Item) -> None:
    scanning = parameters.get("imageScanningConfiguration", {})
    enabled = scanning.get("imageScanningEnabled", False)
    if enabled and not tests_configuration(parameters)["imageTestsEnabled"]:
        raise InvalidParameterCombinationException("Image scanning needs image tests to be enabled.")
    if "containerRecipeArn" in parameters and "ON_DEMAND_AMI_CVE" in scanning.get("imageScanningTypes", []):
        raise InvalidParameterCombinationException(
            "ON_DEMAND_AMI_CVE is for images that are built from an image recipe."
        )
    if "scanResultCondition" in scanning and "ON_DEMAND_AMI_CVE" not in scanning.get("imageScanningTypes", []):
        raise InvalidParameterCombinationException(
            "'scanResultCondition' can be specified only with the image scanning type ON_DEMAND_AMI_CVE."
        )


def _check_logging(parameters: Item) -> None:
    for name, group in parameters.get("loggingConfiguration", {}).items():
        if not group.startswith(OWN_LOG_GROUPS) and not parameters.get("executionRole"):
            raise InvalidParameterCombinationException(
                f"'executionRole' must be specified for a {name} outside {OWN_LOG_GROUPS}."
            )
