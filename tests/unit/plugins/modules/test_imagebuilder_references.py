# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What recipes, pipelines and configurations refer to is foretold, in check mode too."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, PARENT, client, distributions, done, ingredients
from support.modules import Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder import references
from slipway_emulator.faults import faults

RECIPE = "imagebuilder_image_recipe"
SIZED = f"""\
parameters:
  - Size: {{type: string}}
  - Mode: {{type: string, default: fast}}
{HELLO}"""
WINDOWS = HELLO.replace("ExecuteBash", "ExecutePowerShell")


@pytest.fixture(scope="module", autouse=True)
def _ingredients(shared_world: None) -> None:
    ingredients()
    done("imagebuilder_component", {"name": "sized", "platform": "Linux", "data": SIZED})
    done("imagebuilder_component", {"name": "shell", "platform": "Windows", "data": WINDOWS})


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls if call.service != "sts"]


def recipe(*components: dict[str, t.Any], name: str = "other") -> dict[str, t.Any]:
    """What a test makes has a name of its own, as all have one world."""
    return {"name": name, "parent_image": PARENT, "components": list(components)}


def sized(*parameters: tuple[str, list[str]]) -> dict[str, t.Any]:
    return {"component_arn": "sized", "parameters": [{"name": name, "value": value} for name, value in parameters]}


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("components", "said"),
    [
        (
            [sized(("Sise", ["1"]), ("Size", ["1"]))],
            "components[0] (sized/x.x.x) has no parameter Sise; it has Mode, Size",
        ),
        ([{"component_arn": "web"}, sized()], "components[1] (sized/x.x.x) needs a value for the parameter Size"),
        ([sized(("Size", ["1"]), ("Size", ["2"]))], "is given the parameter Size more than once"),
        ([sized(("Size", ["1", "2"]))], "takes one value for the parameter Size, and 2 are given"),
        (
            [{"component_arn": "web", "parameters": [{"name": "Any", "value": ["x"]}]}],
            "(web/x.x.x) has no parameter Any; it has none",
        ),
        ([{"component_arn": "web"}, {"component_arn": "web/1.0.0"}], "components contains web more than once"),
        ([{"component_arn": "web"}, {"component_arn": "shell"}], "components are for Linux and Windows"),
    ],
)
def test_components_that_cannot_be_used_so_are_refused(components: list[dict], said: str, check_mode: bool) -> None:
    refused = run_module(RECIPE, recipe(*components), check_mode=check_mode)
    assert refused.failed and said in refused.msg
    assert refused.writes == []


def test_a_new_version_of_a_recipe_is_looked_at_too() -> None:
    done(RECIPE, recipe(sized(("Size", ["1"])), name="again"))
    refused = run_module(RECIPE, {"name": "again", "components": [sized(("Mode", ["slow"]))]}, check_mode=True)
    assert refused.failed and "needs a value for the parameter Size" in refused.msg
    refused = run_module(RECIPE, {"name": "again", "components": [{"component_arn": "shell"}]}, check_mode=True)
    assert refused.failed and "is for Windows, and the parent image is Linux" in refused.msg


def test_what_fits_is_taken_and_looked_up_once() -> None:
    fitting = recipe(sized(("Size", ["1"])), {"component_arn": "web"}, name="fitting")
    made = done(RECIPE, fitting)
    assert made.changed and "warnings" not in made.result
    assert [call.operation for call in made.calls].count("GetComponent") == 2
    again = done(RECIPE, fitting)
    assert operations(again) == ["GetImageRecipe"]


def test_a_component_that_is_not_there_yet_may_come_from_an_earlier_task() -> None:
    told = done(RECIPE, recipe({"component_arn": "later", "parameters": [{"name": "A", "value": ["1"]}]}), True)
    assert told.changed
    assert told["warnings"] == [
        "Not found in eu-west-1: component later/x.x.x. In check mode, ignore this warning if an earlier task creates it. "
        "Otherwise create it first, or correct its name."
    ]
    refused = run_module(RECIPE, recipe({"component_arn": "later"}))
    assert refused.failed and "components[0].component_arn" in refused.msg


def test_who_may_not_look_is_not_stopped() -> None:
    faults.add({"kind": "denied", "operation": "GetComponent"})
    try:
        made = done(RECIPE, recipe(sized(("Size", ["1"])), name="blind"))
    finally:
        faults.remove()
    assert made.changed and "warnings" not in made.result


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("Integer", ["7"], ""),
        ("Integer", ["-7"], ""),
        ("Integer", ["many"], "takes a value of type Integer"),
        ("Boolean", ["true"], ""),
        ("Boolean", ["7"], "takes a value of type Boolean"),
        ("StringList", ["a", "b"], ""),
        ("string", ["a"], ""),
    ],
)
def test_values_have_the_type_of_their_parameter(kind: str, values: list[str], said: str) -> None:
    component = {"data": "x", "parameters": [{"name": "A", "type": kind}]}
    found = list(references._problems({"parameters": [{"name": "A", "value": values}]}, component, None))
    assert [said in text for text in found] == ([True] if said else [])


def test_what_is_not_shown_is_not_judged() -> None:
    """A component of the Marketplace tells neither its document nor, perhaps, its parameters."""
    assert (
        list(references._problems({"parameters": [{"name": "A", "value": ["1"]}]}, {"platform": "Linux"}, "Linux"))
        == []
    )


def test_a_component_that_is_no_longer_active_is_refused() -> None:
    component = {"state": {"status": "DEPRECATED"}, "data": "x"}
    assert list(references._problems({}, component, None)) == ["is deprecated"]


PIPELINE = {"name": "web", "image_recipe": "web", "infrastructure_configuration": "web"}


@pytest.mark.parametrize(
    ("module", "options", "missing"),
    [
        ("imagebuilder_image_pipeline", {**PIPELINE, "image_recipe": "later"}, "image recipe later/x.x.x"),
        (
            "imagebuilder_image_pipeline",
            {**PIPELINE, "infrastructure_configuration": "later", "distribution_configuration": "never"},
            "infrastructure configuration later, distribution configuration never",
        ),
        (
            "imagebuilder_image_pipeline",
            {**PIPELINE, "execution_role": "r", "workflows": [{"workflow": "self:build/mine"}]},
            "workflow build/mine/x.x.x",
        ),
        (
            "imagebuilder_infrastructure_configuration",
            {"name": "later", "instance_profile_name": "nobody"},
            "instance profile nobody",
        ),
        (
            "imagebuilder_distribution_configuration",
            {
                "name": "later",
                "distributions": [
                    {
                        "region": "eu-west-1",
                        "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0"}],
                        "s3_export_configuration": {
                            "role_name": "export",
                            "disk_image_format": "RAW",
                            "s3_bucket": "no-such-bucket",
                        },
                        "ami_distribution_configuration": {"kms_key_id": "alias/none"},
                    }
                ],
            },
            "launch template lt-0123456789abcdef0, KMS key alias/none, bucket no-such-bucket",
        ),
    ],
)
def test_what_is_not_there_is_told_in_check_mode(module: str, options: dict, missing: str) -> None:
    told = done(module, options, check_mode=True)
    assert told.changed and told.writes == []
    assert [text.partition(". ")[0] for text in told["warnings"]] == [f"Not found in eu-west-1: {missing}"]


def test_what_is_there_is_not_told_and_looked_up_once() -> None:
    data = {"ImageId": "ami-12c6146b", "InstanceType": "t2.micro"}
    made = client("ec2").create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    target = distributions("eu-west-1", "us-east-1")
    target[0]["launch_template_configurations"] = [{"launch_template_id": made["LaunchTemplate"]["LaunchTemplateId"]}]
    module, options = "imagebuilder_distribution_configuration", {"name": "far", "distributions": target}
    assert "warnings" not in done(module, options).result
    target[1]["launch_template_configurations"] = [
        {"launch_template_id": "lt-0123456789abcdef0", "account_id": "210987654321"}
    ]
    changed = done(module, options, check_mode=True)
    assert changed.changed and "warnings" not in changed.result, "a template of another account cannot be seen"
    assert operations(changed) == ["GetDistributionConfiguration"]
    pipeline = {**PIPELINE, "name": "far"}
    told = done("imagebuilder_image_pipeline", {**pipeline, "distribution_configuration": "far"})
    assert "warnings" not in told.result
    again = done("imagebuilder_image_pipeline", {**pipeline, "distribution_configuration": "web"}, check_mode=True)
    assert operations(again) == ["GetImagePipeline", "GetDistributionConfiguration"]


INFRASTRUCTURE = {"name": "other", "instance_profile_name": "image-builder"}


def target(**members: t.Any) -> dict[str, t.Any]:
    return {"name": "other", "distributions": [{"region": "eu-west-1", **members}]}


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        (
            "image_pipeline",
            {**PIPELINE, "workflows": [{"workflow": "aws:build/build-image"}]},
            "workflows requires execution",
        ),
        (
            "image_pipeline",
            {**PIPELINE, "logging_configuration": {"image_log_group_name": "/mine"}},
            "the log group /mine is outside",
        ),
        (
            "image_pipeline",
            {
                **PIPELINE,
                "execution_role": "r",
                "workflows": [{"workflow": "aws:build/build-image", "on_failure": "ABORT"}],
            },
            "parallel_group and on_failure apply only to test workflows",
        ),
        (
            "image_pipeline",
            {**PIPELINE, "image_scanning_configuration": {"scan_result_condition": {"maximum_severity_label": "LOW"}}},
            "scan_result_condition requires image_scanning_types",
        ),
        (
            "image_pipeline",
            {
                **PIPELINE,
                "image_scanning_configuration": {"image_scanning_enabled": True},
                "image_tests_configuration": {"image_tests_enabled": False},
            },
            "image_scanning_enabled requires image_tests_enabled",
        ),
        (
            "infrastructure_configuration",
            {**INFRASTRUCTURE, "placement": {"tenancy": "host", "host_id": "h-1", "host_resource_group_arn": "x"}},
            "placement accepts only one of host_id and host_resource_group_arn",
        ),
        (
            "infrastructure_configuration",
            {**INFRASTRUCTURE, "placement": {"host_id": "h-1"}},
            "placement.host_id requires the tenancy host",
        ),
        (
            "infrastructure_configuration",
            {**INFRASTRUCTURE, "resource_tags": {"Name": "x"}},
            "the key Name of resource",
        ),
        (
            "distribution_configuration",
            {"name": "other", "distributions": distributions("eu-west-1", "eu-west-1")},
            "distributions contains the Region eu-west-1 more than once",
        ),
        (
            "distribution_configuration",
            target(ami_distribution_configuration={"name": "web"}),
            "name must contain {{ imagebuilder:buildDate }} (in eu-west-1)",
        ),
        (
            "distribution_configuration",
            target(ami_distribution_configuration={"launch_permission": {"user_groups": ["some"]}}),
            "user_groups accepts only the group all",
        ),
        (
            "distribution_configuration",
            target(ssm_parameter_configurations=[{"parameter_name": "/a", "ami_account_id": "210987654321"}]),
            "the account 210987654321 of ssm_parameter_configurations",
        ),
        (
            "distribution_configuration",
            target(
                fast_launch_configurations=[
                    {
                        "enabled": True,
                        "launch_template": {"launch_template_id": "lt-0123456789abcdef0", "launch_template_name": "x"},
                    }
                ]
            ),
            "launch_template accepts only one of launch_template_id and launch_template_name",
        ),
    ],
)
def test_combinations_that_aws_refuses_are_refused_first(
    module: str, options: dict, said: str, check_mode: bool
) -> None:
    refused = run_module(f"imagebuilder_{module}", options, check_mode=check_mode)
    assert refused.failed and said in refused.msg
    assert refused.writes == []


def test_what_a_pipeline_has_already_counts() -> None:
    mine = {**PIPELINE, "name": "mine"}
    done("imagebuilder_image_pipeline", {**mine, "execution_role": "builder"})
    done("imagebuilder_image_pipeline", {**mine, "workflows": [{"workflow": "aws:build/build-image"}]})
    done("imagebuilder_image_pipeline", {**mine, "image_tests_configuration": {"image_tests_enabled": False}})
    scanned = {**mine, "image_scanning_configuration": {"image_scanning_enabled": True}}
    assert run_module("imagebuilder_image_pipeline", scanned, check_mode=True).failed
    assert done("imagebuilder_image_pipeline", {**scanned, "image_tests_configuration": {}}).changed
