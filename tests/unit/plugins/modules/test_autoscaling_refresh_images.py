# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""autoscaling_refresh with an AMI: the version it makes, how a release ends badly, and the way back."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.fleets import Fleet
from support.modules import Outcome
from support.refreshes import alarm
from support.rolling import done, newest, of_two, operations, refresh, versions

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

GROUP = {"AutoScalingGroupName": "shop"}
WATCHED = {"alarm_specification": {"alarms": ["errors"]}, "auto_rollback": True}


@pytest.fixture
def fleet(world: None) -> Fleet:
    return of_two()


def writes(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]


def described(fleet: Fleet) -> dict[str, t.Any]:
    return fleet.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["shop"])["AutoScalingGroups"][0]


def own(fleet: Fleet) -> str:
    return described(fleet)["LaunchTemplate"]["Version"]


def images(fleet: Fleet) -> set[str]:
    ids = [one["InstanceId"] for one in described(fleet)["Instances"]]
    found = fleet.ec2.describe_instances(InstanceIds=ids)["Reservations"]
    return {one["ImageId"] for reservation in found for one in reservation["Instances"]}


def launches(fleet: Fleet, version: str) -> None:
    template = {"LaunchTemplateName": "shop", "Version": version}
    fleet.autoscaling.update_auto_scaling_group(**GROUP, LaunchTemplate=template)


def test_an_image_is_released_once(fleet: Fleet) -> None:
    (before,), image = images(fleet), fleet.image()
    told = done(check=True, image_id=image, checkpoint_percentages=[50], checkpoint_delay=60)
    assert told.changed and told.writes == [] and told["plan"]["hosts"] == fleet.ids
    assert told["plan"]["image_id"] == image and told["plan"]["previous_image_id"] == before
    assert told["plan"]["previous_launch_template"]["version"] == "1" and told["plan"]["hosts_at_a_time"] == 1
    assert told["plan"]["checkpoint_percentages"] == [50, 100] and "version" not in told["plan"]["launch_template"]
    outcome = done(image_id=image, checkpoint_percentages=[50], checkpoint_delay=60)
    assert writes(outcome) == ["UpdateAutoScalingGroup", "CreateLaunchTemplateVersion", "StartInstanceRefresh"]
    assert outcome["plan"]["launch_template"]["version"] == "2" and images(fleet) == {image} and own(fleet) == "2"
    assert outcome["reason"] == f"2 of 2 hosts are not on a new version of the launch template shop ({image})"
    again = done(image_id=image)
    assert not again.changed and len(again.calls) == 3 and again.writes == []
    assert not done().changed


def test_an_image_is_named_by_a_parameter(fleet: Fleet) -> None:
    image, named = fleet.image(), {"image_id": "resolve:ssm:/shop/image"}
    outcome = refresh(**named)
    assert outcome.failed and outcome.writes == [] and "there is no parameter /shop/image in eu-west-1" in outcome.msg
    boto3.client("ssm", "eu-west-1").put_parameter(Name="/shop/image", Value=image, Type="String")
    assert done(**named)["plan"]["image_id"] == image and images(fleet) == {image} and not done(**named).changed


def test_the_version_differs_in_the_image_only(fleet: Fleet) -> None:
    done(image_id=fleet.image())
    old, new = fleet.ec2.describe_launch_template_versions(LaunchTemplateName="shop")["LaunchTemplateVersions"]
    assert {**old["LaunchTemplateData"], "ImageId": None} == {**new["LaunchTemplateData"], "ImageId": None}
    assert not new["DefaultVersion"] and "in place of" in new["VersionDescription"]


@pytest.mark.parametrize("lost", ["CreateLaunchTemplateVersion", "StartInstanceRefresh", "UpdateAutoScalingGroup"])
@pytest.mark.parametrize("kind", ["lost-reply", "no-reply"])
def test_a_lost_answer_makes_nothing_twice(fleet: Fleet, lost: str, kind: str) -> None:
    image = fleet.image()
    faults.add({"kind": kind, "operation": lost, "times": 1})
    outcome = refresh(image_id=image)
    if outcome.failed:
        assert kind == "no-reply" and "Run the task again" in outcome.msg
        outcome = done(image_id=image)
    listed = fleet.ec2.describe_launch_template_versions(LaunchTemplateName="shop")["LaunchTemplateVersions"]
    assert len(listed) == 2 and images(fleet) == {image}
    assert len(fleet.autoscaling.describe_instance_refreshes(**GROUP)["InstanceRefreshes"]) == 1


def test_after_a_run_that_was_killed_the_version_is_used_and_the_refresh_joined(fleet: Fleet) -> None:
    image = fleet.image()
    faults.add({"kind": "denied", "operation": "StartInstanceRefresh", "times": 1})
    assert refresh(image_id=image).failed and own(fleet) == "1"
    started = done(image_id=image, wait=False)
    assert writes(started) == ["StartInstanceRefresh"]
    joined = done(image_id=image)
    assert joined["joined"] and joined.writes == [] and images(fleet) == {image}


def test_a_refresh_that_brings_something_else_is_not_joined(fleet: Fleet) -> None:
    done(image_id=fleet.image(), wait=False)
    outcome = refresh(image_id=fleet.image())
    assert outcome.failed and outcome.writes == [] and "brings version 2 of another release" in outcome.msg
    assert "state=cancelled" in outcome.msg


def test_an_alarm_returns_the_hosts_and_all_is_told(fleet: Fleet) -> None:
    (before,), image = images(fleet), fleet.image()
    alarm("errors")
    clock.after(15, lambda: alarm("errors", "ALARM"))
    outcome = refresh(image_id=image, **WATCHED)
    assert outcome.failed and outcome["instance_refresh"]["status"] == "RollbackSuccessful"
    assert f" to version 2 of the launch template shop ({image}) ended as RollbackSuccessful at " in outcome.msg
    assert "The CloudWatch alarm errors is in the ALARM state." in outcome.msg
    assert f"as they were before, on version 1 of the launch template shop ({before})" in outcome.msg
    assert outcome["rolled_back_to"]["image_id"] == before and images(fleet) == {before} and own(fleet) == "1"
    refused = refresh(image_id=image, **WATCHED)
    assert refused.failed and refused.writes == [] and "alarm errors is on" in refused.msg
    alarm("errors", "OK")
    again = done(image_id=image, **WATCHED)
    assert writes(again) == ["StartInstanceRefresh"] and own(fleet) == "2"


def test_hosts_that_fail_their_health_checks_over_and_over_end_it(fleet: Fleet) -> None:
    (before,), image = images(fleet), fleet.image()

    def fall_ill() -> None:
        for one in described(fleet)["Instances"]:
            if one["LaunchTemplate"]["Version"] == "2":
                fleet.autoscaling.set_instance_health(InstanceId=one["InstanceId"], HealthStatus="Unhealthy")
        clock.after(61, fall_ill)

    clock.after(5, fall_ill)
    outcome = refresh(image_id=image, max_unhealthy_hosts=2, auto_rollback=True, instance_warmup=300)
    assert outcome.failed and "hosts were ended because of failed health checks" in outcome.msg
    assert outcome["rolled_back_to"]["image_id"] == before and images(fleet) == {before}
    outcome = refresh(image_id=image, max_unhealthy_hosts=2, instance_warmup=300)
    assert outcome.failed and "so the refresh was canceled" in outcome.msg


def test_hosts_that_are_replaced_did_not_fail_their_health_checks(fleet: Fleet) -> None:
    image = fleet.image()
    assert done(image_id=image, max_unhealthy_hosts=1).changed and images(fleet) == {image}


def test_the_first_checkpoint_is_told_and_can_be_the_end_of_the_task(fleet: Fleet) -> None:
    image = fleet.image()
    asked = {"image_id": image, "checkpoint_percentages": [50, 100], "checkpoint_delay": 3000, "wait_timeout": 9000}
    outcome = done(wait_until="checkpoint", follow={"seconds": 9000, "seen": ""}, **asked)
    while not outcome["followed"]["done"]:
        follow = {"id": outcome["followed"]["id"], "seconds": 9000, "seen": outcome["followed"]["seen"]}
        outcome = done(wait_until="checkpoint", follow=follow, **asked)
    assert outcome["instance_refresh"]["status"] == "InProgress" and versions(fleet) == ["1", "2"]
    assert "50 % replaced, 1 hosts to go, checkpoint of 50 % reached" in outcome["followed"]["seen"]
    back = done(state="rolled_back")
    assert writes(back) == ["RollbackInstanceRefresh"] and back["instance_refresh"]["status"] == "RollbackSuccessful"
    assert versions(fleet) == ["1", "1"]
    again = done(state="rolled_back")
    assert not again.changed and "the last instance refresh ended as RollbackSuccessful" in again["reason"]


def test_hosts_are_returned_to_what_served_before_once(fleet: Fleet) -> None:
    (first,), image = images(fleet), fleet.image()
    done(image_id=image)
    told = done(check=True, state="rolled_back")
    assert told.changed and told.writes == [] and told["plan"]["image_id"] == first
    assert told["plan"]["previous_image_id"] == image and "was made in place of version 1" in told["reason"]
    alarm("errors", "ALARM")
    outcome = done(state="rolled_back", **{**WATCHED, "auto_rollback": None})
    assert writes(outcome) == ["StartInstanceRefresh"] and images(fleet) == {first} and own(fleet) == "1"
    again = done(state="rolled_back")
    assert not again.changed and "returned the hosts from version 2 to version 1" in again["reason"]
    assert writes(done(image_id=image)) == ["StartInstanceRefresh"] and own(fleet) == "2"


def test_a_way_back_in_progress_is_joined_and_not_turned(fleet: Fleet) -> None:
    (first,) = images(fleet)
    done(image_id=fleet.image())
    assert writes(done(state="rolled_back", wait=False)) == ["StartInstanceRefresh"]
    clock.advance(40)
    told = done(check=True, state="rolled_back")
    assert told["joined"] and told["plan"]["image_id"] == first
    joined = done(state="rolled_back")
    assert joined["joined"] and joined.writes == [] and images(fleet) == {first}


def test_a_way_back_that_ended_half_way_is_gone_on(fleet: Fleet) -> None:
    (first,), image = images(fleet), fleet.image()
    done(image_id=image)
    done(state="rolled_back", wait=False)
    clock.advance(5)
    done(state="cancelled")
    assert images(fleet) == {first, image}
    back = done(state="rolled_back")
    assert "was to bring back version 1 of the launch template" in back["reason"] and images(fleet) == {first}
    assert not done(state="rolled_back").changed


def test_a_way_back_to_the_group_s_own_version_is_gone_once(fleet: Fleet) -> None:
    done(image_id=fleet.image())
    (before,) = images(fleet)
    done(image_id=fleet.image(), wait=False)
    clock.advance(5)
    done(state="cancelled")
    assert writes(done(state="rolled_back", wait=False)) == ["StartInstanceRefresh"]
    clock.advance(20)
    joined = done(state="rolled_back")
    assert joined["joined"] and joined.writes == [] and images(fleet) == {before}
    again = done(state="rolled_back")
    assert not again.changed and "the last instance refresh returned the hosts to version 2" in again["reason"]


def test_what_a_check_has_still_to_pass_is_marked(fleet: Fleet) -> None:
    image = fleet.image()
    began = done(image_id=image, mark_unchecked=True, wait=False)
    assert writes(began)[-2:] == ["CreateOrUpdateTags", "StartInstanceRefresh"] and began["unchecked"]
    done(image_id=image)
    assert done(check=True, image_id=image)["unchecked"] and not done(check=True, image_id=fleet.image())["unchecked"]
    told = done(check=True, state="checked")
    assert told.changed and told.writes == [] and ":2 was not checked yet" in told["reason"]
    assert writes(done(state="checked")) == ["DeleteTags"]
    assert not done(state="checked").changed and not done(check=True, image_id=image)["unchecked"]


def test_the_way_back_is_told_by_refreshes_and_versions(fleet: Fleet) -> None:
    """Version 2 served, 3 failed, 4 serves; then nobody tells, and the newest other AMI that did not fail is taken."""
    made = [fleet.image() for _turn in range(3)]
    for image in made:
        fleet.ec2.create_launch_template_version(
            LaunchTemplateName="shop", SourceVersion="1", LaunchTemplateData={"ImageId": image}
        )
    launches(fleet, "1")

    def bring(version: str) -> dict[str, t.Any]:
        return {"desired_configuration": {"launch_template": {"launch_template_name": "shop", "version": version}}}

    done(**bring("2"))
    clock.after(15, lambda: fleet.autoscaling.rollback_instance_refresh(**GROUP))
    assert refresh(**bring("3")).failed
    done(**bring("4"))
    told = done(check=True, state="rolled_back")
    assert "the instance refresh before brought version 2" in told["reason"]
    launches(fleet, "3")
    done()
    assert newest(fleet)["Status"] == "Successful"
    launches(fleet, "4")
    done(force=True)
    assert done(state="rolled_back")["plan"]["image_id"] == made[0]


def test_a_canceled_refresh_is_undone_by_one_to_the_group_s_own_version(fleet: Fleet) -> None:
    assert not done(state="cancelled").changed
    (before,) = images(fleet)
    done(image_id=fleet.image(), wait=False)
    clock.advance(5)
    assert done(check=True, state="cancelled").changed
    outcome = done(state="cancelled")
    assert writes(outcome) == ["CancelInstanceRefresh"] and outcome["instance_refresh"]["status"] == "Cancelled"
    assert len(images(fleet)) == 2
    back = done(state="rolled_back")
    assert "ended as Cancelled, and 1 of 2 hosts are not on version 1" in back["reason"] and images(fleet) == {before}


def test_without_evidence_or_a_way_it_is_refused(fleet: Fleet) -> None:
    outcome = refresh(state="rolled_back")
    assert outcome.failed and "no earlier version with another AMI" in outcome.msg
    assert outcome.msg.startswith("Failed to roll back the Auto Scaling group shop: nothing tells what served before")
    done(force=True, wait=False)
    outcome = refresh(state="rolled_back")
    assert outcome.failed and outcome.writes == [] and "because the group launches $Latest" in outcome.msg


def test_an_image_that_is_gone_is_not_gone_back_to(fleet: Fleet) -> None:
    (before,) = images(fleet)
    done(image_id=fleet.image())
    fleet.ec2.deregister_image(ImageId=before)
    outcome = refresh(state="rolled_back")
    assert outcome.failed and outcome.writes == [] and f"there is no AMI {before}" in outcome.msg
    outcome = refresh(image_id="ami-00000000000000000")
    assert outcome.failed and outcome.writes == [] and "there is no AMI ami-00000000000000000" in outcome.msg


def test_a_mixed_group_keeps_its_policy(fleet: Fleet) -> None:
    template = {"LaunchTemplateName": "shop", "Version": "$Latest"}
    policy = {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": "t3.small"}]}
    fleet.autoscaling.update_auto_scaling_group(**GROUP, MixedInstancesPolicy={"LaunchTemplate": policy})
    image = fleet.image()
    done(image_id=image, auto_rollback=True)
    kept = described(fleet)["MixedInstancesPolicy"]["LaunchTemplate"]
    assert kept["Overrides"] == policy["Overrides"] and kept["LaunchTemplateSpecification"]["Version"] == "2"
    assert images(fleet) == {image} and not done(image_id=image).changed
    done(state="rolled_back")
    assert images(fleet) != {image} and described(fleet)["Instances"][0]["InstanceType"] == "t3.small"


def test_what_cannot_be_released_is_refused_in_words(fleet: Fleet) -> None:
    image, other = fleet.image(), {"LaunchTemplateName": "shop", "Version": "1"}
    policy = {
        "LaunchTemplateSpecification": other,
        "Overrides": [{"InstanceType": "t3.small", "LaunchTemplateSpecification": other}],
    }
    fleet.autoscaling.update_auto_scaling_group(**GROUP, MixedInstancesPolicy={"LaunchTemplate": policy})
    outcome = refresh(image_id=image)
    assert outcome.failed and outcome.writes == [] and "a launch template of its own for t3.small" in outcome.msg
    fleet.autoscaling.create_launch_configuration(LaunchConfigurationName="old", ImageId=image, InstanceType="t3.nano")
    fleet.autoscaling.update_auto_scaling_group(**GROUP, LaunchConfigurationName="old")
    outcome = refresh(image_id=image)
    assert outcome.failed and outcome.writes == [] and "has the launch configuration old" in outcome.msg


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"auto_rollback": True}, "auto_rollback needs image_id or desired_configuration"),
        ({"checkpoint_percentages": [50, 20]}, "in ascending order"),
        ({"checkpoint_delay": 5}, "checkpoint_delay needs checkpoint_percentages"),
        ({"bake_time": 172_801}, "bake_time is 172801"),
        ({"alarm_specification": {"alarms": [str(n) for n in range(11)]}}, "has 11 alarms"),
        ({"state": "rolled_back", "image_id": "ami-1"}, "state=rolled_back finds the version by itself"),
    ],
)
def test_what_makes_no_sense_is_refused(fleet: Fleet, options: dict[str, t.Any], said: str) -> None:
    outcome = refresh(**options)
    assert outcome.failed and said in outcome.msg and outcome.calls == []


def test_an_alarm_that_does_not_exist_is_refused(fleet: Fleet) -> None:
    outcome = refresh(image_id=fleet.image(), **WATCHED)
    assert outcome.failed and outcome.writes == [] and "there is no CloudWatch alarm errors in eu-west-1" in outcome.msg
    faults.add({"kind": "denied", "operation": "DescribeAlarms"})
    assert "StartInstanceRefresh" in operations(refresh(image_id=fleet.image(), **WATCHED))
