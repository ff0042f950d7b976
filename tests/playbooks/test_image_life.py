# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image is promoted to another Region, and old ones are retired there too: only what nothing needs, and only when asked to."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import PARENT, distributions
from support.plays import REGION, Emulator, Player

FAR = "us-east-1"
NAMES = {"slipway_region": REGION, "slipway_image_name": "web", "slipway_image_execution_role": "image-builder"}
PROMOTE = {**NAMES, "slipway_regions": f"{FAR}", "image_promotion_wait_delay": 1}
RETIRE = {
    **NAMES,
    "image_retirement_keep": 1,
    "image_retirement_delete_after_days": 0,
    "image_retirement_wait_delay": 1,
}


@pytest.fixture(scope="module", autouse=True)
def images(play: Player, account: Emulator) -> None:
    """Two images of one recipe; the first one is in a launch template of the far Region too."""
    iam = account.client("iam")
    iam.create_role(RoleName="image-builder", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="image-builder")
    iam.add_role_to_instance_profile(InstanceProfileName="image-builder", RoleName="image-builder")
    build = {"image_recipe": "web", "infrastructure_configuration": "web", "force": True, "wait": False}
    everywhere = [
        {**one, "ami_distribution_configuration": {"description": "web"}} for one in distributions(REGION, FAR)
    ]
    wishes: list[tuple[str, dict[str, t.Any]]] = [
        ("image_recipe", {"name": "web", "parent_image": PARENT}),
        ("infrastructure_configuration", {"name": "web", "instance_profile_name": "image-builder"}),
        ("distribution_configuration", {"name": "web", "distributions": everywhere}),
        ("image", {**build, "distribution_configuration": "web"}),
    ]
    made = [{"name": noun, f"slipway.aws.imagebuilder_{noun}": {"region": REGION, **wish}} for noun, wish in wishes]
    play(made)
    account.control("clock", advance=3600)
    play([{**made[-1], "slipway.aws.imagebuilder_image": {"region": REGION, **build}}])
    account.control("clock", advance=3600)
    (ami,) = account.client("ec2", FAR).describe_images(Owners=["self"])["Images"]
    data = {"ImageId": ami["ImageId"]}
    account.client("ec2", FAR).create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)


def own_amis(account: Emulator, region: str) -> list[str]:
    return [one["ImageId"] for one in account.client("ec2", region).describe_images(Owners=["self"])["Images"]]


def test_an_image_is_promoted(play: Player, account: Emulator) -> None:
    run = play("slipway.aws.promote", PROMOTE)
    assert run.published["slipway_image_ids"][FAR] in own_amis(account, FAR)
    assert run.our_writes == ["CreateDistributionConfiguration", "DistributeImage"]
    again = play("slipway.aws.promote", PROMOTE)
    assert again.writes == again.changed == []
    assert again.published["slipway_image_ids"] == run.published["slipway_image_ids"]


def test_what_is_needed_stays_and_the_rest_goes(play: Player, account: Emulator) -> None:
    needed = play("slipway.aws.retire", {**RETIRE, "image_retirement_apply": True})
    assert needed.writes == needed.changed == []
    assert needed.result("Show what goes and what stays")["msg"] == [
        "keep web/1.0.0/3: the newest of its name",
        "keep web/1.0.0/2: the newest of its name",
        "keep web/1.0.0/1: needed by launch template web, version 1 (its default and newest version) in us-east-1",
    ]
    account.client("ec2", FAR).delete_launch_template(LaunchTemplateName="web")
    shown = play("slipway.aws.retire", RETIRE)
    assert shown.writes == shown.changed == []
    assert any("Set image_retirement_apply to true to retire 1 of these images." in said for said in shown.messages)
    run = play("slipway.aws.retire", {**RETIRE, "image_retirement_apply": True})
    assert run.changed == ["Remove images with their AMIs and snapshots"]
    assert [one["action"] for one in run.published["slipway_report"]["images"]] == ["delete", "keep", "keep"]
    assert len(own_amis(account, REGION)) == len(own_amis(account, FAR)) == 1
