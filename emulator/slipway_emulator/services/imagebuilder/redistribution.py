# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""DistributeImage: an image that exists goes to Regions and accounts, as a build of which only the last workflow is run."""

from __future__ import annotations

import copy
from typing import Any

from slipway_emulator.contents import images

from . import arns, parents, workflow_runs
from .builds import Build
from .exceptions import InvalidParameterValueException, InvalidRequestException
from .executions import StepFailed
from .iam import has_role
from .images import Images
from .store import Item, Store, now


class Redistribution(Build):
    """Its AMI is there from the beginning; what is recorded of it is the image that the operation makes."""

    def __init__(self, store: Store, record: Item, ami: Any) -> None:
        super().__init__(store, record, record.get("imageRecipe", {}))
        self.contents = self.stage.contents = images.of(ami.id)
        self.distributor.take_source(ami, self.stage.recipe, self.stage.contents)

    def _uses(self) -> list[Item]:
        return [{"workflowArn": self._managed("distribution", "distribute-image")}]

    @property
    def effects(self) -> workflow_runs.Effects:
        known = super().effects
        seconds, _effect = known["", "DistributeImage"]
        return {**known, ("", "DistributeImage"): (seconds, self._distribute)}

    def _distribute(self) -> None:
        role = str(self.record["executionRole"])
        if not has_role(self.store.account_id, role.rpartition("/")[2]):
            raise StepFailed(f"Failed to assume the execution role {role}.")
        self.distributor.distribute()


class Redistributions(Images):
    """The operation, for a source that is an AMI, an SSM parameter or an image of Image Builder."""

    def distribute_image(self, parameters: Item) -> Item:
        distribution = self.exact(parameters["distributionConfigurationArn"])
        try:
            parent = parents.resolve(self, parameters["sourceImage"], "sourceImage")
        except InvalidParameterValueException as problem:  # which this operation does not answer with
            raise InvalidRequestException(problem.message) from None
        if parent.ami_id is None:
            raise InvalidRequestException("The source image must resolve to an AMI in this Region.")
        source = self.resources.get(parent.image_arn or "") or _of_ami(distribution)
        record = self._redistributed(source, parent, parameters, distribution)
        self.resources[record["arn"]] = record
        build = Redistribution(self, record, parents.find_ami(self.account_id, self.region_name, parent.ami_id))
        self.builds[record["arn"]] = build
        build.start()
        return {"imageBuildVersionArn": record["arn"]}

    def _redistributed(self, source: Item, parent: parents.Parent, parameters: Item, distribution: Item) -> Item:
        """The record of the image that the operation makes: the next build of the image that is distributed."""
        version = str(source["version"]).partition("/")[0]
        arn = self.next_image(source["name"], version)
        record = {
            "arn": str(arn),
            "type": "AMI",
            "name": source["name"],
            "version": f"{version}/{arn.build}",
            "platform": parent.platform,
            "osVersion": parent.os_version,
            "owner": self.account_id,
            "enhancedImageMetadataEnabled": False,  # nothing is collected where nothing is built
            "executionRole": parameters["executionRole"],
            "distributionConfiguration": copy.deepcopy(distribution),
            "loggingConfiguration": parameters.get("loggingConfiguration")
            or {"logGroupName": f"/aws/imagebuilder/{source['name']}"},
            "buildType": "USER_INITIATED",
            "imageSource": "CUSTOM",
            "dateCreated": now(),
            "tags": dict(parameters.get("tags", {})),
            "outputResources": {"amis": []},
        }
        return record | ({"imageRecipe": copy.deepcopy(source["imageRecipe"])} if "imageRecipe" in source else {})


def _of_ami(distribution: Item) -> Item:
    """An AMI has no name and version that an image can have: those of the distribution."""
    return {"name": arns.arn_name(distribution["name"]), "version": "1.0.0"}
