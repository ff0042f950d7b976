# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Images: one record for each build, its workflow executions and steps."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace

from . import arns, listing, parents
from .builds import Build
from .components import active, by_name
from .containers import ContainerBuild
from .exceptions import (
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceInUseException,
    ResourceNotFoundException,
)
from .executions import DEFAULT_STEP_TIMEOUT, Execution, Step
from .parents import available
from .pipelines import Pipelines, tests_configuration
from .sharing import refuse_shared
from .store import Item, now, picked, references

COPIED = (
    "imageTestsConfiguration",
    "imageScanningConfiguration",
    "workflows",
    "executionRole",
)
SUMMARY = (
    "arn",
    "name",
    "type",
    "version",
    "platform",
    "osVersion",
    "state",
    "owner",
    "dateCreated",
    "outputResources",
    "tags",
    "buildType",
    "imageSource",
    "deprecationTime",
    "lifecycleExecutionId",
    "loggingConfiguration",
)
FILTERS = listing.members("name", "osVersion", "platform", "type", "version")


@dataclass(frozen=True)
class Kind:
    """What images of one type are built by, and what they come to be."""

    name: str
    outputs: str  # member of outputResources
    build: type[Build]


KINDS = {  # by the member that holds the recipe
    "imageRecipe": Kind("AMI", "amis", Build),
    "containerRecipe": Kind("DOCKER", "containers", ContainerBuild),
}


class Images(Pipelines):
    """Operations on images and their builds."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.builds: dict[str, Build] = {}
        self.build_numbers: dict[str, int] = {}

    def create_image(self, parameters: Item) -> Item:
        self.check_build(parameters)
        record = self._start_build(parameters, parameters.get("tags", {}))
        return {"imageBuildVersionArn": record["arn"], "latestVersionReferences": references(record)}

    def start_image_pipeline_execution(self, parameters: Item) -> Item:
        """A disabled pipeline can be run by hand as well."""
        pipeline = self.exact(parameters["imagePipelineArn"])
        record = self._start_build(pipeline, parameters.get("tags", {}), pipeline["arn"])
        pipeline["dateLastRun"] = now()
        return {"imageBuildVersionArn": record["arn"]}

    def _start_build(
        self, wanted: Item, tags: Item, pipeline: str | None = None, build_type: str = "USER_INITIATED"
    ) -> Item:
        recipe, member = self._recipe_of(wanted), _member(wanted)
        record = self._image(member, recipe, wanted, {"sourcePipelineArn": pipeline, "buildType": build_type}, tags)
        build = KINDS[member].build(self, record, record[member], pipeline)
        build.dependencies = self.dependencies(recipe)
        self.resources[record["arn"]] = record
        self.builds[record["arn"]] = build
        build.start()
        return record

    def _recipe_of(self, wanted: Item) -> Item:
        """The recipe that a pipeline or a build is to use at present."""
        member = _member(wanted)
        return self.reference(f"{member}Arn", wanted[f"{member}Arn"])

    def _image(self, member: str, recipe: Item, wanted: Item, origin: Item, tags: Item) -> Item:
        """The record of a new build, with copies of everything it is built from."""
        arn = self.next_image(recipe["name"], recipe["version"])
        record = {
            "arn": str(arn),
            "type": KINDS[member].name,
            "name": recipe["name"],
            "version": f"{recipe['version']}/{arn.build}",
            "platform": recipe["platform"],
            "owner": self.account_id,
            "enhancedImageMetadataEnabled": wanted.get("enhancedImageMetadataEnabled", True),
            **copy.deepcopy(picked(wanted, *COPIED)),
            "imageTestsConfiguration": tests_configuration(wanted),
            member: self._recipe_copy(recipe),
            "infrastructureConfiguration": copy.deepcopy(self.exact(wanted["infrastructureConfigurationArn"])),
            "loggingConfiguration": {"logGroupName": _log_group(recipe, wanted)},
            **origin,
            "imageSource": "CUSTOM",
            "dateCreated": now(),
            "tags": dict(tags),
            "outputResources": {KINDS[member].outputs: []},
        }
        if "distributionConfigurationArn" in wanted:
            record["distributionConfiguration"] = copy.deepcopy(self.exact(wanted["distributionConfigurationArn"]))
        return record

    def next_image(self, name: str, version: str) -> arns.Arn:
        """The ARN of a new build of an image; numbers are not used again."""
        arn = self.arn("image", name, version)
        number = self.build_numbers[str(arn)] = self.build_numbers.get(str(arn), 0) + 1
        return replace(arn, build=number)

    def _recipe_copy(self, recipe: Item) -> Item:
        """The recipe as it was built: build versions in place of wildcards."""
        copied = copy.deepcopy(recipe)
        for use in copied.get("components", []):
            use["componentArn"] = self.reference("components", use["componentArn"], active)["arn"]
        parent = arns.parse(copied["parentImage"])
        if parent is not None:
            copied["parentImage"] = self.reference("parentImage", copied["parentImage"], available)["arn"]
        return copied

    def dependencies(self, recipe: Item) -> list[str]:
        """Everything a recipe refers to, as it stands for at present."""
        parent = recipe["parentImage"]
        if "containerType" not in recipe:
            found = parents.resolve(self, parent)
            parent = found.image_arn or found.ami_id or parent
        elif arns.parse(parent):
            parent = self.reference("parentImage", parent, available)["arn"]
        uses = [use["componentArn"] for use in recipe.get("components", [])]
        return [parent, *(self.reference("components", arn, active)["arn"] for arn in uses)]

    def get_image(self, parameters: Item) -> Item:
        """A version or wildcard ARN finds only builds that became available, the full ARN any."""
        record = self.resolve(parameters["imageBuildVersionArn"], available)
        return {"image": record, "latestVersionReferences": references(record)}

    def delete_image(self, parameters: Item) -> Item:
        """The record only: AMIs and snapshots stay."""
        arn = self.exact(parameters["imageBuildVersionArn"])["arn"]
        if arn in self.builds and not self.builds[arn].over:
            raise InvalidRequestException(f"The image '{arn}' cannot be deleted while it is being built.")
        refuse_shared(self, arn)
        del self.resources[arn]
        self.builds.pop(arn, None)
        return {"imageBuildVersionArn": arn}

    def cancel_image_creation(self, parameters: Item) -> Item:
        build = self._build(parameters["imageBuildVersionArn"])
        if build.over:
            raise InvalidRequestException(f"The image '{build.record['arn']}' is not being built.")
        build.cancel()
        return {"imageBuildVersionArn": build.record["arn"]}

    def retry_image(self, parameters: Item) -> Item:
        build = self._build(parameters["imageBuildVersionArn"])
        status = build.record["state"]["status"]
        if status not in ("FAILED", "CANCELLED"):
            raise ResourceInUseException(f"The image '{build.record['arn']}' is {status}; it cannot be retried.")
        if build.record["type"] != "AMI":
            raise InvalidRequestException("Only the build of an AMI can be retried.")
        if build.distributor.source is None:
            raise InvalidRequestException("Only an image whose build workflow was completed can be retried.")
        build.retry()
        return {"imageBuildVersionArn": build.record["arn"]}

    def _build(self, arn: str) -> Build:
        self.exact(arn)
        if arn not in self.builds:
            raise InvalidRequestException(f"The image '{arn}' was not built in this account.")
        return self.builds[arn]

    def list_images(self, parameters: Item) -> Item:
        found: dict[str, Item] = {}
        for arn, record in self.each("image", owner=parameters.get("owner", "Self")):
            names = ("name", "type", "platform", "osVersion", "owner", "dateCreated", "buildType", "imageSource")
            version = {"arn": str(arn.without_build), "version": arn.version, **picked(record, *names)}
            found.setdefault(version["arn"], version)
        items = listing.select(list(found.values()), parameters.get("filters"), FILTERS)
        if parameters.get("byName"):
            items = by_name(items)
        return listing.page("ListImages", "imageVersionList", items, parameters)

    def list_image_build_versions(self, parameters: Item) -> Item:
        version = parameters.get("imageVersionArn")
        items = [
            picked(record, *SUMMARY)
            for arn, record in self.each("image", owner=None if version else "Self")
            if version in (None, str(arn.without_build))
        ]
        items = listing.select(items, parameters.get("filters"), FILTERS)
        return listing.page("ListImageBuildVersions", "imageSummaryList", items, parameters)

    def list_image_pipeline_images(self, parameters: Item) -> Item:
        pipeline = parameters["imagePipelineArn"]
        items = [picked(r, *SUMMARY) for r in self.records("image") if r.get("sourcePipelineArn") == pipeline]
        items = listing.select(items, parameters.get("filters"), listing.members("name", "version"))
        return listing.page("ListImagePipelineImages", "imageSummaryList", items, parameters)

    def list_image_packages(self, parameters: Item) -> Item:
        """What the build's own collection of metadata found."""
        build = self._build(parameters["imageBuildVersionArn"])
        packages = build.stage.contents.packages if build.record["enhancedImageMetadataEnabled"] else {}
        items: list[Item] = [{"packageName": n, "packageVersion": v} for n, v in sorted(packages.items())]
        return listing.page("ListImagePackages", "imagePackageList", items, parameters)

    def list_workflow_executions(self, parameters: Item) -> Item:
        build = self._build(parameters["imageBuildVersionArn"])
        items = [run.as_json() for run in build.executions]
        page = listing.page("ListWorkflowExecutions", "workflowExecutions", items, parameters)
        reason = build.record["state"].get("reason")
        return {**page, "imageBuildVersionArn": build.record["arn"], "message": reason[:500] if reason else None}

    def get_workflow_execution(self, parameters: Item) -> Item:
        build, run = self._execution(parameters["workflowExecutionId"])
        return {**run.as_json(), "imageBuildVersionArn": build.record["arn"]}

    def list_workflow_step_executions(self, parameters: Item) -> Item:
        build, run = self._execution(parameters["workflowExecutionId"])
        items = [step.as_json() for step in run.steps]
        page = listing.page("ListWorkflowStepExecutions", "steps", items, parameters)
        return {**page, **_places(build, run), "message": run.message}

    def get_workflow_step_execution(self, parameters: Item) -> Item:
        build, run, step = self._step(parameters["stepExecutionId"])
        limits = {"onFailure": step.on_failure, "timeoutSeconds": step.timeout or DEFAULT_STEP_TIMEOUT}
        return {**step.as_json(), **_places(build, run), **limits}

    def list_waiting_workflow_steps(self, parameters: Item) -> Item:
        found = [(build, *build.waiting) for build in self.builds.values() if build.waiting]
        names = ("stepExecutionId", "name", "action", "startTime")
        items = [{**picked(step.as_json(), *names), **_places(build, run)} for build, run, step in found]
        return listing.page("ListWaitingWorkflowSteps", "steps", items, parameters)

    def send_workflow_step_action(self, parameters: Item) -> Item:
        """An answer to a step that waits for one."""
        arn = parameters["imageBuildVersionArn"]
        build, _run, step = self._step(parameters["stepExecutionId"])
        if build.record["arn"] != arn:
            raise InvalidParameterValueException(
                "imageBuildVersionArn", f"The step '{step.id}' is not one of this image."
            )
        if build.waiting is None or build.waiting[1] is not step:
            raise InvalidRequestException(f"The step '{step.id}' is {step.status} and does not wait for an action.")
        build.answer(parameters["action"], parameters.get("reason"))
        return {"stepExecutionId": step.id, "imageBuildVersionArn": arn}

    def _execution(self, execution_id: str) -> tuple[Build, Execution]:
        for build in self.builds.values():
            for run in build.executions:
                if run.id == execution_id:
                    return build, run
        raise ResourceNotFoundException(execution_id)

    def _step(self, step_id: str) -> tuple[Build, Execution, Step]:
        for build in self.builds.values():
            for run in build.executions:
                for step in run.steps:
                    if step.id == step_id:
                        return build, run, step
        raise ResourceNotFoundException(step_id)


def _member(wanted: Item) -> str:
    """The member of an image that holds its recipe."""
    return next(name for name in KINDS if f"{name}Arn" in wanted)


def _places(build: Build, run: Execution) -> Item:
    return {
        "workflowBuildVersionArn": run.workflow["arn"],
        "workflowExecutionId": run.id,
        "imageBuildVersionArn": build.record["arn"],
    }


def _log_group(recipe: Item, wanted: Item) -> str:
    logging = wanted.get("loggingConfiguration", {})
    default = f"/aws/imagebuilder/{recipe['name']}"
    return str(logging.get("logGroupName") or logging.get("imageLogGroupName") or default)
