# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What playbooks say to somebody who has given them little or nothing."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from support.codedeploy_shop import ROLE
from support.plays import REGION, Emulator, Player

APPLICATION = ("slipway_application", "slipway_deployment_group")


@pytest.mark.parametrize(
    ("playbook", "given", "missing"),
    [
        ("deploy", {}, (*APPLICATION, "slipway_bundle", "slipway_bucket")),
        ("deploy", {"slipway_application": "", "app_deployment_group": "prod", "slipway_bundle": ".", "slipway_bucket": "b"}, APPLICATION[:1]),
        ("deploy", {"app_deployment_revision": {"a": "b"}, "app_deployment_blue_green": "discover"}, (*APPLICATION, "app_deployment_target_instances")),
        ("bake", {}, ("slipway_image_name",)),
        ("promote", {}, ("slipway_image_name", "slipway_image_execution_role")),
        ("bake_and_deploy", {"slipway_order": "sideways"}, (*APPLICATION, "slipway_fleet", "slipway_image_name", "slipway_bundle", "slipway_order")),
        ("preflight", {"slipway_deployment_group": "prod"}, APPLICATION[:1]),
        ("install_agent", {}, ("slipway_hosts",)),
        ("install_package", {}, ("slipway_package", "slipway_node_tags")),
        ("install_package", {"slipway_package_preset": "cloudwatch-agent", "slipway_node_tags": ""}, ("slipway_node_tags",)),
        ("remove_package", {"slipway_package": ""}, ("slipway_package",)),
        ("deploy_lambda", {"slipway_application": "", "lambda_deployment_group": "live"}, ("slipway_application", "slipway_function")),
        ("rollback_lambda", {}, APPLICATION),
        ("deploy_ecs", {"slipway_deployment_group": "web"}, ("slipway_application", "slipway_image")),
        ("rollback_ecs", {}, APPLICATION),
        ("release_image", {"slipway_image_ids": "{}"}, ("slipway_fleets", "slipway_image_ids")),
        ("rollback_image", {"slipway_fleets": "", "slipway_fleet": ""}, ("slipway_fleets",)),
        ("rollback", {"slipway_application": "shop"}, APPLICATION[1:]),
        ("adopt", {"slipway_deployment_group": "prod"}, APPLICATION[:1]),
    ],
)  # fmt: skip
def test_a_playbook_names_all_that_is_missing_with_an_example(
    play: Player, playbook: str, given: dict[str, t.Any], missing: tuple[str, ...]
) -> None:
    run = play(f"slipway.aws.{playbook}", given, code=2)
    (said,) = run.failures
    before, _set, example = said.partition(". Set ")
    assert before.startswith("Missing or not valid: ")
    assert [
        name
        for name in before.replace(":", ",").replace(" (", ", ").split(", ")
        if name.startswith(("slipway_", "app_"))
    ] == list(missing)
    assert f"ansible-playbook slipway.aws.{playbook} -e slipway_region=eu-central-1 -e" in example
    assert all(f"-e {name}=" in example for name in missing)
    assert run.calls == []


def test_without_a_region_it_is_named(play: Player, tmp_path: Path) -> None:
    bare = {"AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": str(tmp_path / "none")}
    run = play("slipway.aws.preflight", code=2, **bare)
    assert "slipway_region (the Region, which AWS_REGION or a profile can name too)" in run.failures[0]


def test_the_agent_is_installed_without_a_region_because_every_host_knows_its_own(play: Player, tmp_path: Path) -> None:
    bare = {"AWS_DEFAULT_REGION": "", "AWS_CONFIG_FILE": str(tmp_path / "none")}
    run = play("slipway.aws.install_agent", code=2, **bare)
    assert run.failures[0].startswith("Missing or not valid: slipway_hosts (")


def test_the_first_command_in_an_empty_account_says_what_to_do(play: Player) -> None:
    run = play("slipway.aws.preflight")
    assert any("There is no CodeDeploy application in this Region" in said for said in run.messages)
    assert run.published["slipway_report"] == {}
    assert run.writes == run.changed == []


@pytest.fixture(scope="module")
def applications(account: Emulator) -> None:
    """Two applications, three groups, none with a host; one application has no group."""
    codedeploy = account.client("codedeploy")
    for application, groups in {"shop": ("prod", "canary"), "404": ("prod",), "attic": ()}.items():
        codedeploy.create_application(applicationName=application)
        for name in groups:
            codedeploy.create_deployment_group(
                applicationName=application, deploymentGroupName=name, serviceRoleArn=ROLE
            )


@pytest.mark.usefixtures("applications")
def test_the_first_command_lists_what_is_there(play: Player) -> None:
    run = play("slipway.aws.preflight")
    assert run.published["slipway_report"] == {"404": ["prod"], "attic": [], "shop": ["canary", "prod"]}
    assert run.result("Show the applications and their deployment groups")["msg"] == run.published["slipway_report"]
    assert any("-e slipway_application=404 -e slipway_deployment_group=prod" in said for said in run.messages)
    assert run.writes == run.changed == []


@pytest.mark.usefixtures("applications")
def test_an_application_alone_lists_its_groups(play: Player) -> None:
    run = play(
        "slipway.aws.preflight", {"slipway_application": 404, "slipway_region": REGION}
    )  # YAML reads it as a number
    assert run.published["slipway_report"] == {"404": ["prod"]}
    wrong = play("slipway.aws.preflight", {"slipway_application": "shopp"}, code=2)
    assert "There is no CodeDeploy application shopp" in wrong.failures[0]
    assert "There are: 404, attic, shop" in wrong.failures[0]


@pytest.mark.usefixtures("applications")
@pytest.mark.parametrize(("group", "verdict"), [("prod", "not_ready"), ("gone", "failed")])
def test_a_failed_preflight_publishes_its_verdict_and_report(play: Player, group: str, verdict: str) -> None:
    asked = {"slipway_application": "shop", "slipway_deployment_group": group, "slipway_probe": ""}
    run = play("slipway.aws.preflight", asked, code=2)
    assert run.published["slipway_verdict"] == verdict
    assert run.published["slipway_report"]
    assert len(run.failures) == 1
