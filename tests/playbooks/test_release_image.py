# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image that goes to fleets in two Regions, and one that fails its check and goes back. One story, in order."""

from __future__ import annotations

import json
import typing as t

import pytest
from support.awx import Awx
from support.plays import KEYS, REGION, Emulator, Player, Run

OTHER = "us-east-2"
PROFILE = "web"
RELEASE, ROLLBACK = "slipway.aws.release_image", "slipway.aws.rollback_image"
Images = dict[str, list[str]]


def fleet(account: Emulator, region: str) -> list[str]:
    """A fleet of two on the first of three AMIs; the AMIs."""
    ec2 = account.client("ec2", region)
    found = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023.*-x86_64"]}])
    first = found["Images"][0]["ImageId"]
    others = [ec2.copy_image(SourceImageId=first, SourceRegion=region, Name=n)["ImageId"] for n in ("two", "three")]
    data = {"ImageId": first, "InstanceType": "t3.micro", "IamInstanceProfile": {"Name": PROFILE}}
    ec2.create_launch_template(LaunchTemplateName="shop", LaunchTemplateData=data)
    account.client("autoscaling", region).create_auto_scaling_group(
        AutoScalingGroupName="shop", MinSize=2, MaxSize=4, DesiredCapacity=2,
        LaunchTemplate={"LaunchTemplateName": "shop", "Version": "$Latest"},
        VPCZoneIdentifier=ec2.describe_subnets()["Subnets"][0]["SubnetId"],
    )  # fmt: skip
    return [first, *others]


@pytest.fixture(scope="module")
def images(account: Emulator) -> Images:
    account.client("iam").create_instance_profile(InstanceProfileName=PROFILE)
    found = {region: fleet(account, region) for region in (REGION, OTHER)}
    account.control("clock", advance=300)
    return found


def wanted(images: Images, number: int, **more: t.Any) -> dict[str, t.Any]:
    return {
        "slipway_region": REGION,
        "slipway_fleets": [{"name": "shop"}, {"name": "shop", "region": OTHER}],
        "slipway_image_ids": {region: found[number] for region, found in images.items()},
        "image_release_min_healthy_percentage": 50,
        "image_release_instance_warmup": 30,
        "image_release_check_commands": ["true"],
        "image_release_wait_delay": 1,
        "image_release_refresh_options": "",  # an answer of a survey that was left empty
        **more,
    }


def running(account: Emulator, region: str) -> set[str]:
    return {host["image_id"] for host in account.hosts(region)}


def fleets(run: Run, member: str) -> list[str]:
    return [one[member] for one in run.published["slipway_report"]["fleets"]]


def test_an_image_goes_to_both_fleets_once(play: Player, account: Emulator, images: Images) -> None:
    run = play(RELEASE, wanted(images, 1))
    assert run.published["slipway_verdict"] == "released" and fleets(run, "verdict") == ["released", "released"]
    assert all(running(account, region) == {found[1]} for region, found in images.items())
    plan = run.result("Show the plan for the release")["msg"][0]
    assert (
        f"shop in {REGION}: 2 hosts would go from {images[REGION][0]} to {images[REGION][1]}, 1 at a time: i-" in plan
    )
    started = [call["region"] for call in run.calls if call["operation"] == "StartInstanceRefresh"]
    assert started == [REGION, OTHER]
    again = play(RELEASE, wanted(images, 1))
    assert again.published["slipway_verdict"] == "already live" and again.writes == again.changed == []
    assert not any(call["operation"] == "SendCommand" for call in again.calls), (
        "the check that passed is not sent again"
    )


def test_a_check_that_fails_returns_the_hosts_and_stops(play: Player, account: Emulator, images: Images) -> None:
    account.control("faults", kind="command-exits", code=7, stderr="no shop here")
    steps = {"image_release_checkpoint_percentages": [50], "image_release_checkpoint_delay": 36000}
    run = play(RELEASE, wanted(images, 2, **steps), code=2)
    account.control("faults", "DELETE")
    assert (
        fleets(run, "verdict") == ["rolled back", "not reached"] and run.published["slipway_verdict"] == "rolled back"
    )
    assert fleets(run, "rolled_back_to")[0] == images[REGION][1] and running(account, REGION) == {images[REGION][1]}
    assert "RollbackInstanceRefresh" in run.writes and running(account, OTHER) == {images[OTHER][1]}
    (said,) = run.failures[-1:]
    assert said.startswith(f"Failed to release the image to the fleet shop in {REGION}: the new hosts did not pass: ")
    assert "no shop here" in said and f"The hosts were returned to {images[REGION][1]}" in said
    assert "1 of 2 fleets were not reached" in said


def test_hosts_that_a_killed_run_left_unchecked_are_returned(play: Player, account: Emulator, images: Images) -> None:
    """What such a run leaves: the mark, the version and a refresh that is over."""
    scaling, group, name = account.client("autoscaling"), {"AutoScalingGroupName": "shop"}, "LaunchTemplateName"
    listed = account.client("ec2").describe_launch_template_versions(**{name: "shop"})["LaunchTemplateVersions"]
    new = next(one for one in listed if one["LaunchTemplateData"]["ImageId"] == images[REGION][2])
    template = {"LaunchTemplateId": new["LaunchTemplateId"], "Version": str(new["VersionNumber"])}
    owner = {"ResourceId": "shop", "ResourceType": "auto-scaling-group", "PropagateAtLaunch": False}
    scaling.create_or_update_tags(
        Tags=[{**owner, "Key": "slipway:unchecked", "Value": ":".join(template.values())}],
    )
    scaling.start_instance_refresh(
        **group, DesiredConfiguration={"LaunchTemplate": template}, Preferences={"InstanceWarmup": 0}
    )
    account.control("clock", advance=1800)
    assert running(account, REGION) == {images[REGION][2]}
    account.control("faults", kind="command-exits", code=7, stderr="no shop here")
    run = play(RELEASE, wanted(images, 2, slipway_fleets=[{"name": "shop"}]), code=2)
    account.control("faults", "DELETE")
    assert fleets(run, "verdict") == ["rolled back"] and running(account, REGION) == {images[REGION][1]}


def test_check_mode_names_the_hosts_before_the_image_is_baked(play: Player, account: Emulator, images: Images) -> None:
    hosts = sorted(host["instance_id"] for host in account.hosts(OTHER) if host["state"] == "running")
    bakes = {"slipway_image_name": "shop", "slipway_image_ids": {}, "golden_image_create_instance_profile": True}
    run = play(RELEASE, wanted(images, 1, slipway_fleets=[{"name": "shop", "region": OTHER}], **bakes), check=True)
    (plan,) = run.result("Show the plan for the release")["msg"]
    assert plan == f"shop in {OTHER}: 2 hosts would get the AMI that is baked first: {', '.join(hosts)}."
    assert run.writes == []


@pytest.fixture
def awx(play: Player, account: Emulator) -> Awx:
    return Awx(play, {}, {**KEYS, "AWS_SECURITY_TOKEN": "an-old-token", "AWS_ENDPOINT_URL": account.address})


def test_answers_of_a_survey_in_check_mode_under_a_runner(awx: Awx, images: Images) -> None:
    """A survey gives texts: lists and maps as JSON, numbers, and nothing for what was not answered."""
    asked = wanted(
        images, 2, slipway_fleets=[{"name": "shop", "region": OTHER}], image_release_checkpoint_percentages=[50]
    )
    answers = {name: value if isinstance(value, str) else json.dumps(value) for name, value in asked.items()}
    empty = {"image_release_alarms": "", "slipway_image_name": "", "image_release_bake_time": ""}
    run = awx.run(RELEASE, "--check", variables={**answers, **empty})
    plan = run.result("Show the plan for the release")["msg"][0]
    assert f"shop in {OTHER}: 2 hosts would go from {images[OTHER][1]} to {images[OTHER][2]}, 1 at a time" in plan
    assert "with a pause after 50" in plan and run.writes == []
    back = awx.run(ROLLBACK, "--check", variables={**answers, **empty})
    assert any("version 2 was made in place of version 1" in said for said in back.messages) and back.writes == []
