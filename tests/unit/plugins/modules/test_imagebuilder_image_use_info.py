# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image_use_info against the emulator: what needs an image is found, wherever it is."""

from __future__ import annotations

import itertools
import typing as t
from types import SimpleNamespace

import pytest
from support.imagebuilder import client, distributions, done, ingredients
from support.modules import CONNECTION, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

MODULE = "imagebuilder_image_use_info"
HOME, FAR = CONNECTION["region"], "us-east-1"
OTHER = "210987654321"
DELETE = {"keep": 0, "delete_after_days": 0, "rollback_days": 0}


NUMBERS = itertools.count(1)
current = SimpleNamespace(arn="", home="", name="")


@pytest.fixture(scope="module", autouse=True)
def _ingredients() -> t.Iterator[None]:
    """One world for all tests here; each has an image of its own."""
    with emulated_world():
        ingredients()
        done("imagebuilder_distribution_configuration", {"name": "web", "distributions": distributions(HOME, FAR)})
        yield


@pytest.fixture(autouse=True)
def ami(_ingredients: None) -> t.Iterator[str]:
    """The AMI in the far Region of an image in two, and a name for what a test creates."""
    amis = built()
    current.home, current.name = amis[HOME], f"web{next(NUMBERS)}"
    yield amis[FAR]
    faults.remove()
    scaling = client("autoscaling", FAR)
    for one in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        scaling.delete_auto_scaling_group(AutoScalingGroupName=one["AutoScalingGroupName"], ForceDelete=True)


def built() -> dict[str, str]:
    direct = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}
    current.arn = done("imagebuilder_image", {**direct, "force": True, "wait": False})["image"]["arn"]
    clock.advance(3600)
    amis = client().get_image(imageBuildVersionArn=current.arn)["image"]["outputResources"]["amis"]
    return {one["region"]: one["image"] for one in amis}


def ec2() -> t.Any:
    return client("ec2", FAR)


def told(**options: t.Any) -> dict[str, t.Any]:
    """What is told of the test's image."""
    images = done(MODULE, {**DELETE, **options})["images"]
    return dict(next(image for image in images if image["arn"] == current.arn))


def held(**options: t.Any) -> list[str]:
    """What needs it."""
    return [one.replace(current.name, "web") for one in told(**options)["held_by"]]


def template(*images: str) -> str:
    """A launch template with a version for each AMI; the first is its default."""
    first, *others = images
    made = ec2().create_launch_template(LaunchTemplateName=current.name, LaunchTemplateData={"ImageId": first})
    for image in others:
        ec2().create_launch_template_version(LaunchTemplateName=current.name, LaunchTemplateData={"ImageId": image})
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def group(**launches: t.Any) -> None:
    zones = [f"{FAR}a"]
    client("autoscaling", FAR).create_auto_scaling_group(
        AutoScalingGroupName=current.name, MinSize=0, MaxSize=0, AvailabilityZones=zones, **launches
    )


def other_ami() -> str:
    return str(ec2().describe_images(Owners=["amazon"])["Images"][0]["ImageId"])


def test_an_image_that_nothing_needs_can_go() -> None:
    found = told()
    assert (found["held_by"], found["shared_with"], found["action"]) == ([], [], "delete")
    assert found["reason"] == "AVAILABLE, 0 days old" and len(found["amis"]) == 2
    assert done(MODULE, DELETE).writes == [] and told(keep=1)["reason"] == "the newest of its name"


def test_instances_need_it_running_or_stopped(ami: str) -> None:
    ids = [one["InstanceId"] for one in ec2().run_instances(ImageId=ami, MinCount=5, MaxCount=5)["Instances"]]
    ec2().stop_instances(InstanceIds=ids[4:])
    clock.advance(600)
    running, stopped = sorted(held())
    assert running.startswith("running instances i-") and running.endswith(" and 1 more in us-east-1")
    assert stopped == f"stopped instance {ids[4]} in us-east-1"
    ec2().terminate_instances(InstanceIds=ids)
    clock.advance(600)
    assert held() == []


def test_launch_templates_need_it_by_default_newest_and_number(ami: str) -> None:
    other = other_ami()
    template(other, ami, other)
    clock.advance(60)
    assert held() == []
    spec = {"LaunchTemplateName": current.name, "Version": "2"}
    group(LaunchTemplate=spec)
    assert held() == ["Auto Scaling group web (launch template web, version 2) in us-east-1"]
    ec2().modify_launch_template(LaunchTemplateName=current.name, DefaultVersion="2")
    assert held()[1:] == ["launch template web, version 2 (its default version) in us-east-1"]


def test_the_rollback_window_needs_it(ami: str) -> None:
    template(ami, other_ami())
    ec2().modify_launch_template(LaunchTemplateName=current.name, DefaultVersion="2")
    group(LaunchTemplate={"LaunchTemplateName": current.name, "Version": "$Latest"})
    clock.advance(86_500)
    (why,) = held(rollback_days=2)
    assert why.startswith("launch template web, version 1 (replaced on ") and "within the rollback window" in why
    assert held(rollback_days=1) == []


def test_a_mixed_instances_policy_needs_it(ami: str) -> None:
    other = other_ami()
    template_id = template(other, ami, other)
    clock.advance(60)
    spec = {"LaunchTemplateSpecification": {"LaunchTemplateId": template_id, "Version": "2"}}
    group(MixedInstancesPolicy={"LaunchTemplate": {**spec, "Overrides": [{"InstanceType": "t3.small"}]}})
    assert held() == ["Auto Scaling group web (mixed instances policy, launch template web, version 2) in us-east-1"]


def test_a_launch_configuration_needs_it(ami: str) -> None:
    scaling = client("autoscaling", FAR)
    scaling.create_launch_configuration(LaunchConfigurationName=current.name, ImageId=ami, InstanceType="t3.micro")
    group(LaunchConfigurationName=current.name)
    assert held() == [
        "launch configuration web in us-east-1",
        "Auto Scaling group web (launch configuration web) in us-east-1",
    ]


def test_a_parameter_that_a_template_names_needs_it(ami: str) -> None:
    client("ssm", FAR).put_parameter(Name="/golden/web", Value=ami, Type="String")
    template("resolve:ssm:/golden/web")
    assert held() == ["launch template web, version 1 (its default and newest version) in us-east-1"]


@pytest.mark.parametrize("form", ["web", "build", "ami", "ssm"])
def test_a_recipe_that_builds_upon_it_needs_it(form: str) -> None:
    client("ssm").put_parameter(Name="/golden/base", Value=current.home, Type="String", Overwrite=True)
    build = f"self:{current.arn.partition('/')[2]}"
    named = {"ami": current.home, "ssm": "ssm:/golden/base", "build": build}.get(form, f"self:{form}")
    done("imagebuilder_image_recipe", {"name": current.name, "parent_image": named})
    assert held() == ["image recipe web/1.0.0"]
    done("imagebuilder_image_recipe", {"name": current.name, "state": "absent"})


def test_what_is_shared_is_read_of_what_would_go() -> None:
    client("ec2").modify_image_attribute(
        ImageId=current.home, LaunchPermission={"Add": [{"UserId": OTHER}, {"Group": "all"}]}
    )
    found = told()
    assert found["shared_with"] == [f"account {OTHER}", "everybody"] and found["action"] == "deprecate"
    done("imagebuilder_image", {"image_build_version_arn": current.arn, "state": "deprecated"})
    assert f"shared with account {OTHER}, everybody, whose notice ends on " in told()["reason"]
    clock.advance(86_500)
    assert told(notice_days=1)["action"] == "delete"


def test_the_number_of_calls_does_not_grow_with_the_images(ami: str) -> None:
    template(ami)
    few = done(MODULE, {"keep": 0})
    built(), built()
    many = done(MODULE, {"keep": 0})
    assert len(many["images"]) == len(few["images"]) + 2 and len(many.calls) == len(few.calls)


def test_images_of_one_pipeline() -> None:
    done("imagebuilder_image_pipeline", {"name": "web", "image_recipe": "web", "infrastructure_configuration": "web"})
    assert done(MODULE, {"image_pipeline": "web"})["images"] == []


def test_what_cannot_be_read_may_be_in_use() -> None:
    faults.add({"kind": "denied", "operation": "DescribeAutoScalingGroups"})
    outcome = run_module(MODULE, DELETE)
    assert outcome.failed and outcome.msg.startswith("Failed to read the images: ")
