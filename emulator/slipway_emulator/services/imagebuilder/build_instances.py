# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What happens on the build and test instances: they need a network and a profile, then the components run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from moto.ec2.models import ec2_backends

from slipway_emulator.contents import Contents, images
from slipway_emulator.faults import faults
from slipway_emulator.machine import Machine, StepProblem, steps_of

from . import iam, parents
from .exceptions import InvalidParameterValueException
from .executions import StepFailed
from .objects import Objects
from .store import Item, Store

LONGEST_ERROR = 1024

faults.declare(
    "step-fails",
    "a step of a component fails while an image is built or tested",
    ("service", "image", "region", "component", "phase", "step"),
    message="exit status 1",
)


class BuildStage:
    """The contents of the image to be, from its parent through every component of the recipe."""

    def __init__(self, store: Store, image: Item, recipe: Item) -> None:
        self.store = store
        self.image = image
        self.recipe = recipe
        self.parent_ami: Any = None
        self.machine: Machine | None = None
        self.contents = Contents()
        self.components = [
            (store.reference("components", use["componentArn"]), use.get("parameters", []))
            for use in recipe.get("components", [])
        ]

    def launch(self) -> Item:
        """An instance can be launched: parent AMI, instance profile and network are there."""
        self._check_profile()
        self._check_network()
        if self.parent_ami is None:
            self._take_parent()
        self.machine = Machine(self.contents)
        self.machine.fetch = Objects(self.store, self.image["infrastructureConfiguration"]["instanceProfileName"]).fetch
        self.machine.start_enabled()
        return {"instanceId": f"i-{self.image['arn'].encode().hex()[-17:]}"}

    def _take_parent(self) -> None:
        try:
            parent = parents.resolve(self.store, self.recipe["parentImage"])
        except InvalidParameterValueException as error:
            raise StepFailed(error.message) from None
        if parent.ami_id is None:
            raise StepFailed("In order to use this AWS Marketplace product you need to accept terms and subscribe.")
        self.parent_ami = parents.find_ami(self.store.account_id, self.store.region_name, parent.ami_id)
        self.contents = images.of(parent.ami_id)
        self.image["osVersion"] = parent.os_version

    def _check_profile(self) -> None:
        name = self.image["infrastructureConfiguration"]["instanceProfileName"]
        profile = iam.instance_profile(self.store.account_id, name)
        if profile is None:
            raise StepFailed(
                f"Value ({name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
            )
        if not profile.roles:
            raise StepFailed(
                "Step timed out while step is verifying the Systems Manager Agent availability on the target instance(s)"
            )

    def _check_network(self) -> None:
        wanted = self.image["infrastructureConfiguration"]
        backend = ec2_backends[self.store.account_id][self.store.region_name]
        subnet = wanted.get("subnetId")
        if subnet is None:
            if backend.get_default_vpc() is None:
                raise StepFailed(
                    "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."
                )
            return
        if not any(subnet in zone for zone in backend.subnets.values()):
            raise StepFailed(f"The subnet ID '{subnet}' does not exist")
        for group in wanted.get("securityGroupIds", []):
            if backend.get_security_group_from_id(group) is None:
                raise StepFailed(f"The security group '{group}' does not exist")

    def apply_components(self) -> None:
        """All build phases, then all validate phases, in the order of the recipe."""
        for phase in ("build", "validate"):
            self._run(phase)
        arns = tuple(component["arn"] for component, _given in self.components)
        assert self.machine is not None
        # What ran on the build instance runs on no other, unless it is enabled.
        self.contents = replace(self.machine.contents, components=(*self.contents.components, *arns), services={})

    def taken(self) -> Contents:
        """What an image of the instance contains: the instance as it stands now."""
        if self.machine is not None:
            self.contents = replace(self.machine.contents, components=self.contents.components)
        return self.contents

    def run_tests(self) -> None:
        """On a fresh instance of the new image: what is enabled runs, what is not does not."""
        self._run("test")

    def _run(self, phase: str) -> None:
        assert self.machine is not None  # launched by the workflow's first step
        for component, given in self.components:
            values = {parameter["name"]: parameter["value"][0] for parameter in given if parameter["value"]}
            self._fault(component, phase)
            problem = self.machine.run_phase(component["arn"], component["data"], phase, values)
            if problem:
                raise _failure(component, problem)

    def _fault(self, component: Item, phase: str) -> None:
        for step in steps_of(component["data"], phase):
            rule = faults.take(
                "step-fails",
                service="imagebuilder",
                image=self.image["name"],
                region=self.store.region_name,
                component=component["name"],
                phase=phase,
                step=step["name"],
            )
            if rule:
                raise _failure(component, StepProblem(phase, step["name"], step["action"], str(rule["message"])))


def _failure(component: Item, problem: StepProblem) -> StepFailed:
    return StepFailed(
        f"Component '{component['arn']}' failed in phase '{problem.phase}', step '{problem.step}': {problem.message}",
        componentFailure={
            "componentArn": component["arn"],
            "phaseName": problem.phase,
            "stepName": problem.step,
            "action": problem.action,
            "errorMessage": problem.message[:LONGEST_ERROR],
        },
    )
