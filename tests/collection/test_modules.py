# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every module keeps the promises that the README makes for all of them."""

from __future__ import annotations

import importlib

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.direct import DirectAction
from tests.collection.package import ROOT, Module, keyword_of_call, load, modules

MODULES = modules()
NOUNS = (
    "codedeploy_application", "codedeploy_deployment_config", "codedeploy_deployment_group",
    "imagebuilder_component", "imagebuilder_image_recipe", "imagebuilder_infrastructure_configuration",
    "imagebuilder_distribution_configuration", "imagebuilder_image_pipeline", "codedeploy_on_premises_instance",
    "imagebuilder_lifecycle_policy", "imagebuilder_workflow", "imagebuilder_container_recipe",
)  # fmt: skip
ACTS = ("codedeploy_revision", "codedeploy_deployment", "imagebuilder_image")
SINGLE = (
    "codedeploy_preflight", "codedeploy_fleet_info", "autoscaling_refresh", "ssm_run_command", "ssm_managed_node_info",
    "ssm_package_fleet_info", "ecs_task_definition_revision", "lambda_version", "codedeploy_lifecycle_hook",
    "codedeploy_service_preflight", "codedeploy_bake_time", "autoscaling_health", "codedeploy_census_info",
    "imagebuilder_workflow_step", "imagebuilder_image_distribution", "imagebuilder_image_use_info",
    "imagebuilder_resource_policy", "imagebuilder_workflow_step_info",
)  # fmt: skip
PARTS = ("policy_statements", "iam_host_role_info", "autoscaling_group_settings", "autoscaling_group_settings_info")
EXPECTED = {*NOUNS, *PARTS, *ACTS, *SINGLE, *(f"{name}_info" for name in (*NOUNS, *ACTS))}
LOCAL = ("show_failure",)  # runs on the controller alone, so there is nothing to connect to
AMAZON_FRAGMENTS = {"amazon.aws.common.modules", "amazon.aws.region.modules", "amazon.aws.boto3"}
each_module = pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)


def test_every_module_that_is_announced_is_there() -> None:
    assert {module.name for module in MODULES} >= EXPECTED


def test_action_group_names_every_module() -> None:
    group = load("meta/runtime.yml")["action_groups"]["aws"]
    assert {"metadata": {"extend_group": ["amazon.aws.aws"]}} in group
    connecting = [module.name for module in MODULES if module.name not in LOCAL]
    assert sorted(entry for entry in group if isinstance(entry, str)) == sorted(connecting)


@each_module
def test_is_documented_under_its_own_name(module: Module) -> None:
    assert module.documentation["module"] == module.name
    assert module.documentation["version_added"] == "1.0.0"
    assert module.documentation["seealso"]


@each_module
def test_has_examples_by_full_name(module: Module) -> None:
    actions = {key for task in module.examples or [] for key in task}
    assert f"slipway.aws.{module.name}" in actions
    assert all(task.get("name") for task in module.examples or [])


@each_module
def test_documents_what_it_returns(module: Module) -> None:
    assert module.returns


@pytest.mark.parametrize("module", [one for one in MODULES if one.name not in LOCAL], ids=lambda module: module.name)
def test_takes_connection_options_and_attributes_from_the_fragments(module: Module) -> None:
    kind = "info" if module.name.endswith("_info") else "act" if module.name in (*ACTS, *SINGLE) else "noun"
    assert set(module.fragments) >= AMAZON_FRAGMENTS
    assert f"slipway.aws._attributes.{kind}" in module.fragments


@each_module
def test_supports_check_mode(module: Module) -> None:
    assert keyword_of_call(module.tree, "supports_check_mode") == [True]


@each_module
def test_info_modules_only_ask(module: Module) -> None:
    state = module.documentation.get("options", {}).get("state", {})
    assert not {"get", "list", "query"} & set(state.get("choices", []))
    if module.name.endswith("_info"):
        assert not state


def test_every_module_has_the_action_plugin_that_runs_it() -> None:
    """`make contents` writes those that are missing; one without a module would hide that of another collection."""
    actions = {path.stem for path in (ROOT / "plugins" / "action").glob("*.py")}
    assert actions == {module.name for module in MODULES}


@pytest.mark.parametrize("name", sorted(module.name for module in MODULES if module.name not in LOCAL))
def test_every_action_plugin_runs_its_module_in_a_fork(name: str) -> None:
    action = importlib.import_module(f"ansible_collections.slipway.aws.plugins.action.{name}").ActionModule
    assert issubclass(action, DirectAction)


def members_returned(module: Module) -> dict[str, str]:
    """Types of the members of what a module returns, by name; those of `problems` are the same everywhere."""
    contents = [result.get("contains") or {} for result in module.returns.values()]
    return {name: member["type"] for members in contents for name, member in members.items()}


@pytest.mark.parametrize(
    "module", [one for one in MODULES if one.name.endswith("_info")], ids=lambda module: module.name
)
def test_an_info_module_and_its_noun_return_the_same(module: Module) -> None:
    """Documentation of results cannot come from a fragment, so it stands twice."""
    nouns = [one for one in MODULES if one.name == module.name.removesuffix("_info")]
    ours = members_returned(module)
    assert ours
    for noun in nouns:
        theirs = members_returned(noun)
        assert {name: kind for name, kind in ours.items() if name in theirs and theirs[name] != kind} == {}


def test_problems_are_documented_alike() -> None:
    """In whatever module they are returned: a playbook that reads them in one reads them in the other."""
    found = [
        member["contains"]
        for module in MODULES
        for result in module.returns.values()
        for name, member in (result.get("contains") or {}).items()
        if name == "problems"
    ]
    assert len(found) > 1
    assert all(
        {name: about["type"] for name, about in one.items()}
        == {name: about["type"] for name, about in found[0].items()}
        for one in found
    )
