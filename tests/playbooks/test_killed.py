# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plays that are killed in the middle, with everything they started. The next run does what is left, and nothing twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
import typing as t
from collections import Counter
from pathlib import Path

import pytest
from support.codedeploy_shop import ROLE, zipped
from support.distributor import SCRIPTS, sources
from support.ecs_served import group_of, served
from support.every_module import is_whole
from support.mixed import launch
from support.plays import REGION, Emulator, Player

INSTALLER = "AWS-ConfigureAWSPackage"
# What the first release of an image writes, in this order, but for the end: DeleteTags.
RELEASE = (
    "CreateImageRecipe",
    "CreateInfrastructureConfiguration",
    "CreateDistributionConfiguration",
    "CreateImagePipeline",
    "StartImagePipelineExecution",
    "UpdateAutoScalingGroup",
    "CreateLaunchTemplateVersion",
    "CreateOrUpdateTags",
    "StartInstanceRefresh",
)
MOST = 180  # seconds until a play must have come to the middle


def children(process: int) -> list[int]:
    """What a process started, what that started, and so on. Workers of ansible-core have sessions of their own."""
    found = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += [int(one) for one in task.read_text().split()]
    return [*found, *(below for one in found for below in children(one))]


def kill_after(operation: str, play: Player, playbook: str, variables: dict[str, t.Any], folder: Path) -> None:
    """Run a playbook until it has asked for this, and kill it while the clock of the emulator stands still."""
    account, before = play.emulator, len(play.emulator.calls())
    quiet = play.environment(PLAY_RECORD=os.devnull)
    started = subprocess.Popen(play.command(playbook, folder, variables), stdout=subprocess.DEVNULL, env=quiet)
    end = time.monotonic() + MOST
    while not any(call["operation"] == operation for call in account.calls()[before:]):
        assert started.poll() is None and time.monotonic() < end, f"the play does not come to {operation}"
        time.sleep(0.02)
    account.control("clock", speed=0)
    for process in (started.pid, *children(started.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    assert started.wait(MOST) == -signal.SIGKILL


@pytest.fixture(autouse=True)
def _at_speed(account: Emulator) -> None:
    """Slow enough that what a play waits for is not over before it is killed."""
    account.reset(20)


def test_a_package_is_installed_once(play: Player, account: Emulator, tmp_path: Path) -> None:
    hosts = launch(account.client, "amazon", 4, Application="shop")
    account.client("s3").create_bucket(Bucket="packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.control("clock", advance=120)
    wish = {
        "slipway_region": REGION,
        "slipway_package": "shop-agent",
        "slipway_version": "1.0.0",
        "slipway_package_src": str(sources(tmp_path / "agent", {"amazon/2023/_any": SCRIPTS})),
        "slipway_bucket": "packages",
        "slipway_node_tags": {"Application": "shop"},
        "distributor_package_check": "true",
        "distributor_package_wait_delay": 1,
    }
    kill_after("SendCommand", play, "slipway.aws.install_package", wish, tmp_path)
    account.control("clock", speed=300)
    then = play("slipway.aws.install_package", wish)
    assert then.published["slipway_verdict"] == "installed"
    ssm = account.client("ssm")
    commands = [one for one in ssm.list_commands()["Commands"] if one["DocumentName"] == INSTALLER]
    ran = Counter(
        one["InstanceId"]
        for command in commands
        for one in ssm.list_command_invocations(CommandId=command["CommandId"])["CommandInvocations"]
    )
    assert ran == dict.fromkeys(hosts, 1)
    assert len(ssm.list_document_versions(Name="shop-agent")["DocumentVersions"]) == 1


def test_a_function_is_published_and_deployed_once(play: Player, account: Emulator, tmp_path: Path) -> None:
    functions = account.client("lambda")
    role = account.client("iam").create_role(RoleName="fn", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    functions.create_function(
        FunctionName="checkout", Role=role, Runtime="python3.13", Handler="main.handler", Publish=True,
        Code={"ZipFile": zipped({"main.py": "1"})},
    )  # fmt: skip
    functions.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    functions.update_function_code(FunctionName="checkout", ZipFile=zipped({"main.py": "2"}))
    wish = {
        "slipway_region": REGION,
        "slipway_application": "checkout",
        "slipway_deployment_group": "live",
        "slipway_function": "checkout",
        "slipway_service_role_arn": ROLE,
        "lambda_deployment_config_name": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "lambda_deployment_wait_delay": 1,
    }
    kill_after("CreateDeployment", play, "slipway.aws.deploy_lambda", wish, tmp_path)
    account.control("clock", speed=300)
    then = play("slipway.aws.deploy_lambda", wish)
    assert not then.writes and functions.get_alias(FunctionName="checkout", Name="live")["FunctionVersion"] == "2"
    listed = functions.list_versions_by_function(FunctionName="checkout")["Versions"]
    assert [one["Version"] for one in listed] == ["$LATEST", "1", "2"]
    assert len(account.client("codedeploy").list_deployments()["deployments"]) == 1


def test_a_task_definition_is_registered_and_deployed_once(
    play: Player, account: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = served(account, monkeypatch)
    release = {**group_of(world), "slipway_image": "nginx:2"}
    for operation in ("RegisterTaskDefinition", "CreateDeployment"):
        kill_after(operation, play, "slipway.aws.deploy_ecs", release, tmp_path)
        account.control("clock", speed=300)
    then = play("slipway.aws.deploy_ecs", release)
    assert not then.writes and world.weights(world.production) == {"one": 0, "two": 100}
    revisions = account.client("ecs").list_task_definitions(familyPrefix="web")["taskDefinitionArns"]
    assert [arn.rpartition("/")[2] for arn in revisions] == ["web:1", "web:2"]
    assert len(account.client("codedeploy").list_deployments()["deployments"]) == 1


def test_an_image_is_built_and_released_once(play: Player, account: Emulator, tmp_path: Path) -> None:
    profile, name = {"IamInstanceProfile": {"Name": "builder"}}, {"LaunchTemplateName": "shop"}
    account.client("iam").create_role(RoleName="builder", AssumeRolePolicyDocument="{}")
    account.client("iam").create_instance_profile(InstanceProfileName="builder")
    account.client("iam").add_role_to_instance_profile(InstanceProfileName="builder", RoleName="builder")
    ec2, fleets = account.client("ec2"), account.client("autoscaling")
    plain = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    ec2.create_launch_template(**name, LaunchTemplateData={"ImageId": plain, "InstanceType": "t3.micro", **profile})
    fleets.create_auto_scaling_group(
        AutoScalingGroupName="shop", MinSize=2, MaxSize=4, DesiredCapacity=2, LaunchTemplate={**name, "Version": "$Latest"},
        VPCZoneIdentifier=ec2.describe_subnets()["Subnets"][0]["SubnetId"],
    )  # fmt: skip
    account.control("clock", advance=300)
    wish = {
        "slipway_region": REGION,
        "slipway_image_name": "shop",
        "slipway_fleet": "shop",
        "golden_image_codedeploy_agent": False,
        "golden_image_instance_profile_name": "builder",
        "golden_image_wait_delay": 1,
        "image_release_wait_delay": 1,
    }
    for operation in RELEASE if is_whole() else ("StartImagePipelineExecution", "StartInstanceRefresh"):
        if operation not in {
            call["operation"] for call in account.calls()
        }:  # the last kill may have come after this one
            kill_after(operation, play, "slipway.aws.release_image", wish, tmp_path)
            account.control("clock", speed=300)
    then = play("slipway.aws.release_image", wish)
    [image] = ec2.describe_images(Owners=["self"])["Images"]
    assert then.writes == ["DeleteTags"], "the hosts have passed their check"
    assert {host["image_id"] for host in account.hosts()} == {image["ImageId"]}
    assert len(fleets.describe_instance_refreshes(AutoScalingGroupName="shop")["InstanceRefreshes"]) == 1
    assert len(ec2.describe_launch_template_versions(**name)["LaunchTemplateVersions"]) == 2
