# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image names where a build failed, whatever the phase, the step or the Region, and what to do next."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, client, distributions, done, ingredients
from support.modules import run_module

from slipway_emulator.faults import faults

MODULE = "imagebuilder_image"
DIRECT = {
    "image_recipe": "web",
    "infrastructure_configuration": "web",
    "distribution_configuration": "web",
    "wait_delay": 600,
}
PHASES = HELLO + "".join(
    HELLO.partition("phases:\n")[2].replace("build", phase).replace("Hello", f"Hello{phase}")
    for phase in ("validate", "test")
)
STEPS = {  # of the workflows of Amazon one in each state, and whether the build had its AMI before
    "LaunchBuildInstance": False,
    "CreateOutputAMI": False,
    "LaunchTestInstance": True,
    "DistributeOutputAMI": True,
    "ApplyImageConfigurations": True,
}
RETRY = "continue this build with state=retried of imagebuilder_image, or run the task again to build a new image"
LICENSE = f"arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-{'0' * 32}"
EVERYTHING: dict[str, t.Any] = {
    **distributions("us-east-1")[0],
    "license_configuration_arns": [LICENSE],
    "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/web"}],
    "fast_launch_configurations": [{"enabled": True}],
    "s3_export_configuration": {"role_name": "image-builder", "disk_image_format": "VMDK", "s3_bucket": "disks"},
}


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def failed(**rule: t.Any) -> str:
    """What the module says of a build that a fault fails."""
    faults.add({"message": "it broke", "times": 1, **rule})
    outcome = run_module(MODULE, {**DIRECT, "force": True})
    assert outcome.failed and outcome["image"]["state"]["status"] == "FAILED"
    return str(outcome.msg)


def distribute(*entries: dict[str, t.Any]) -> None:
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": list(entries)})


def test_every_phase_of_a_component_is_named() -> None:
    done("imagebuilder_component", {"name": "web", "data": PHASES})
    for phase, step in (("build", "Hello"), ("validate", "Hellovalidate"), ("test", "Hellotest")):
        told = failed(kind="step-fails", phase=phase)
        assert f"failed in phase {phase}, step {step} (ExecuteBash): it broke" in told
        assert (RETRY in told) == (phase == "test")


def test_a_step_of_the_workflows_is_named_in_each_state() -> None:
    for step, made in STEPS.items():
        told = failed(kind="workflow-step-fails", step=step)
        assert f"step {step} of workflow " in told and "it broke" in told
        assert (RETRY in told) == made, step


def test_the_copy_to_one_region_is_named_and_made_good_by_a_retry() -> None:
    distribute(*distributions("eu-west-1", "eu-central-1", "us-east-1"))
    told = failed(kind="distribution-fails", region="us-east-1", status="TIMED_OUT")
    assert "Region us-east-1, account 123456789012, copy TIMED_OUT: it broke" in told and RETRY in told
    again = done(MODULE, {"image_recipe": "web", "state": "retried", "wait_delay": 60})
    regions = [ami["region"] for ami in again["image"]["output_resources"]["amis"]]
    assert sorted(regions) == ["eu-central-1", "eu-west-1", "us-east-1"], "what was copied is not copied again"


def test_every_step_after_the_copy_is_named_with_its_region() -> None:
    template = client("ec2", "us-east-1").create_launch_template(LaunchTemplateName="web", LaunchTemplateData={})
    templates = [{"launch_template_id": template["LaunchTemplate"]["LaunchTemplateId"]}]
    distribute({**EVERYTHING, "launch_template_configurations": templates})
    steps = ["ASSOCIATE_LICENSES", "UPDATE_LAUNCH_TEMPLATES", "PUT_SSM_PARAMETERS"]
    for step in steps:
        faults.add({"kind": "image-configuration-fails", "step": step, "message": f"no {step}"})
    told = str(run_module(MODULE, DIRECT).msg)
    for step in steps:
        assert f"Region us-east-1, account 123456789012, {step} FAILED: no {step}" in told
    assert "UPDATE_FAST_LAUNCH_CONFIGURATIONS FAILED: Fast launching can be configured only for Windows" in told
    assert "EXPORT_AMI FAILED: The bucket 'disks' does not exist" in told and RETRY in told
