# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Builds of container images: made on an instance, pushed to ECR, distributed from there."""

from __future__ import annotations

from collections.abc import Iterator

from slipway_emulator.contents import Contents, images
from slipway_emulator.faults import faults

from . import arns, parents, repositories, scanning, workflow_runs
from .build_instances import BuildStage
from .builds import COMPONENTS_SECONDS, Build
from .distribution import Distributor
from .exceptions import InvalidParameterValueException
from .executions import StepFailed
from .store import Item

ECS_OPTIMIZED = "ami-ecs"  # what builds, unless the recipe says otherwise
SCAN_REPOSITORY = "image-builder-image-scanning-repository"


class ContainerStage(BuildStage):
    """The contents of a container image, from those of its parent."""

    def _take_parent(self) -> None:
        instance = self.recipe.get("instanceConfiguration", {}).get("image")
        self.parent_ami = ECS_OPTIMIZED
        if instance:
            try:
                self.parent_ami = parents.resolve(self.store, instance, "instanceConfiguration.image").ami_id
            except InvalidParameterValueException as error:
                raise StepFailed(error.message) from None
        self.contents = self._of_parent()
        self.image["osVersion"] = f"{self.contents.platform_name} {self.contents.platform_version}"

    def _of_parent(self) -> Contents:
        """Known of what was built here; those of others are taken for plain Amazon Linux."""
        parent = self.recipe["parentImage"]
        if arns.parse(parent):
            made = self.store.reference("parentImage", parent).get("outputResources", {}).get("containers", [])
            parent = next((uri for place in made for uri in place["imageUris"]), parent)
        return images.of(parent)


class ContainerDistributor(Distributor):
    """From the repository of the recipe to those of every Region."""

    def push_source(self, recipe: Item, contents: Contents) -> None:
        """To the repository of the recipe, in the build Region."""
        self.recipe, self.contents = recipe, contents
        uris = self._push(self.store.region_name, recipe["targetRepository"]["repositoryName"], [])
        self.source = uris[0]

    def _entry(self, entry: Item) -> Iterator[Item]:
        wanted = entry.get("containerDistributionConfiguration")
        if not wanted:
            return
        region, account = entry["region"], self.store.account_id
        fault = faults.take("distribution-fails", image=self.image["name"], region=region, account=account)
        try:
            if fault:
                raise StepFailed(str(fault["message"]))
            self._push(region, wanted["targetRepository"]["repositoryName"], wanted.get("containerTags", []))
        except StepFailed as failure:
            status = fault["status"] if fault else "FAILED"
            yield {"region": region, "targetAccountId": account, "status": status, "errorMessage": failure.message}

    def _push(self, region: str, repository: str, tags: list[str]) -> list[str]:
        own = self.image["version"].replace("/", "-")
        arn = self.image["arn"]
        uris = repositories.push(self.store.account_id, region, repository, [*tags, own], arn)
        for uri in uris:
            images.record(uri, self.contents)
        self._list(region, uris)
        return uris

    def _list(self, region: str, uris: list[str]) -> None:
        made = self.image["outputResources"]["containers"]
        there = next((place for place in made if place["region"] == region), None)
        if there is None:
            made.append({"region": region, "imageUris": uris})
            return
        there["imageUris"] += [uri for uri in uris if uri not in there["imageUris"]]


class ContainerBuild(Build):
    """Drives the record of one container image."""

    managed_for = "container"
    distributor: ContainerDistributor

    def _begin(self, recipe: Item) -> None:
        self.stage = ContainerStage(self.store, self.record, recipe)
        self.distributor = ContainerDistributor(self.store, self.record)

    @property
    def effects(self) -> workflow_runs.Effects:
        return {**super().effects, ("BUILD", "ExecuteComponents"): (COMPONENTS_SECONDS, self._make)}

    def _make(self) -> None:
        self.stage.apply_components()
        self.distributor.push_source(self.stage.recipe, self.stage.contents)

    def _collect(self) -> None:
        """Amazon Inspector scans a copy in a repository for scans."""
        wanted = self.record["imageScanningConfiguration"].get("ecrConfiguration", {})
        repository, tags = wanted.get("repositoryName"), wanted.get("containerTags") or [scanning.TAG]
        place = (self.store.account_id, self.store.region_name)
        if repository is None:
            repositories.ensure(*place, SCAN_REPOSITORY)
        repositories.push(*place, repository or SCAN_REPOSITORY, tags, self.record["arn"])
        super()._collect()
