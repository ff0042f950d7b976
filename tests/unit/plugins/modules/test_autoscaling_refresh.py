# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""autoscaling_refresh against the emulator: what is rolled when, how it is followed, and that no failure is silent."""

from __future__ import annotations

import typing as t

import pytest
from support.fleets import GROUP, Fleet
from support.modules import Outcome
from support.rolling import change, done, of_two, operations, refresh, versions

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults


@pytest.fixture
def fleet(world: None) -> Fleet:
    return of_two()


def test_of_hosts_that_are_on_it_nothing_is_written(fleet: Fleet) -> None:
    outcome = done()
    assert not outcome.changed and outcome.writes == [] and not outcome["joined"]
    assert outcome["reason"] == "every host is on version 1 of the launch template shop"
    assert outcome["instance_refresh"] == {} and outcome["plan"]["hosts"] == []
    assert outcome["diff"]["before"] == outcome["diff"]["after"]
    assert operations(outcome) == [
        "DescribeAutoScalingGroups", "DescribeLaunchTemplateVersions", "DescribeInstanceRefreshes",
    ]  # fmt: skip
    assert operations(done(**GROUP)) == operations(outcome)


def test_old_hosts_are_rolled_once(fleet: Fleet) -> None:
    image = change(fleet)
    told = done(check=True)
    assert told.changed and told.writes == []
    assert told["plan"]["hosts"] == fleet.ids and told["plan"]["image_id"] == image
    assert told["plan"]["launch_template"]["version"] == "2" and told["plan"]["min_healthy_percentage"] == 50
    assert told["diff"]["before"]["hosts"][fleet.ids[0]] == "version 1 of the launch template shop"
    assert told["diff"]["after"]["hosts"][fleet.ids[0]] == "replaced by a host on version 2 of the launch template shop"
    outcome = done()
    assert outcome.changed and not outcome["joined"] and outcome["reason"] == told["reason"]
    assert outcome["reason"] == "2 of 2 hosts are not on version 2 of the launch template shop"
    assert [call.operation for call in outcome.writes] == ["StartInstanceRefresh"]
    assert outcome["instance_refresh"]["status"] == "Successful" and versions(fleet) == ["2", "2"]
    assert outcome["instance_refresh"]["preferences"] == {
        "min_healthy_percentage": 50, "instance_warmup": 30, "skip_matching": True,
    }  # fmt: skip
    again = done()
    assert not again.changed and again.writes == []


def test_force_replaces_hosts_that_are_on_it_too(fleet: Fleet) -> None:
    told = done(check=True, force=True)
    assert told.changed and told["plan"]["hosts"] == fleet.ids and told["reason"] == "force is set"
    assert done(force=True, max_healthy_percentage=150).changed
    assert not set(fleet.ids) & set(fleet.in_service("shop"))


def test_a_refresh_in_flight_is_joined(fleet: Fleet) -> None:
    change(fleet)
    started = done(wait=False)
    assert started.changed and started["instance_refresh"]["status"] in ("Pending", "InProgress")
    told = done(check=True)
    assert told["joined"] and told.writes == []
    joined = done(force=True)
    assert joined["joined"] and joined.changed and joined.writes == []
    assert joined["instance_refresh"]["instance_refresh_id"] == started["instance_refresh"]["instance_refresh_id"]
    assert versions(fleet) == ["2", "2"]


def test_out_of_time_it_goes_on_and_a_second_run_joins(fleet: Fleet) -> None:
    change(fleet)
    outcome = refresh(wait_timeout=20)
    assert outcome.failed and outcome.changed
    assert outcome.msg.startswith("Failed to refresh the Auto Scaling group shop: the instance refresh ")
    assert "It continues in AWS; run the task again to continue waiting, or raise wait_timeout." in outcome.msg
    assert done()["joined"] and versions(fleet) == ["2", "2"]


@pytest.mark.parametrize("hidden", [False, True])
def test_a_refresh_that_fails_is_told_with_its_reason(fleet: Fleet, hidden: bool) -> None:
    change(fleet)
    faults.add({"kind": "launch-fails", "auto_scaling_group": "shop"})
    if hidden:
        faults.add({"kind": "denied", "operation": "DescribeScalingActivities"})
    outcome = refresh(wait_timeout=8000)
    assert outcome.failed and outcome["instance_refresh"]["status"] == "Failed"
    assert "ended as Failed at 0 %: " in outcome.msg and "Launching EC2 instance failed." in outcome.msg
    assert ("The last activity of the group that failed says: " in outcome.msg) == (not hidden)
    assert outcome.msg.endswith("fix the cause and run the task again for the others.")
    faults.remove()
    assert done().changed and versions(fleet) == ["2", "2"]


def test_hosts_that_may_not_be_replaced_are_warned_of_and_fail_it(fleet: Fleet) -> None:
    change(fleet)
    fleet.autoscaling.set_instance_protection(
        AutoScalingGroupName="shop", InstanceIds=fleet.ids[:1], ProtectedFromScaleIn=True
    )
    (warning,) = done(check=True)["warnings"]
    assert fleet.ids[0] in warning and fleet.ids[1] not in warning and "AWS waits an hour" in warning
    outcome = refresh(wait_timeout=8000)
    assert outcome.failed and "ended as Failed at 50 %" in outcome.msg and "protected from scale in" in outcome.msg


def test_processes_that_hold_a_refresh_still_are_warned_of(fleet: Fleet) -> None:
    change(fleet)
    assert "warnings" not in done(check=True).result
    fleet.autoscaling.suspend_processes(AutoScalingGroupName="shop", ScalingProcesses=["Launch", "AZRebalance"])
    (warning,) = done(check=True)["warnings"]
    assert "The group's Launch process is suspended: nothing is replaced until it is resumed." in warning


def test_a_refresh_that_somebody_cancels_is_a_failure(fleet: Fleet) -> None:
    change(fleet)
    clock.after(15, lambda: fleet.autoscaling.cancel_instance_refresh(AutoScalingGroupName="shop"))
    outcome = refresh()
    assert outcome.failed and "ended as Cancelled" in outcome.msg
    assert "for the others" in outcome.msg and versions(fleet) == ["1", "2"]


def test_a_refresh_that_is_being_canceled_or_rolled_back_is_joined_and_a_failure(fleet: Fleet) -> None:
    change(fleet)
    wanted = {"LaunchTemplate": {"LaunchTemplateName": "shop", "Version": "2"}}
    fleet.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="shop", LaunchTemplate={"LaunchTemplateName": "shop", "Version": "1"}
    )
    for undo, status in (("cancel", "Cancelled"), ("rollback", "RollbackSuccessful")):
        fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="shop", DesiredConfiguration=wanted)
        clock.advance(11)
        getattr(fleet.autoscaling, f"{undo}_instance_refresh")(AutoScalingGroupName="shop")
        outcome = refresh()
        assert outcome.failed and outcome["joined"] and outcome.writes == []
        assert f"ended as {status}" in outcome.msg and "user request" in outcome.msg
    assert "All hosts are as they were before" in outcome.msg


def test_a_template_that_changes_meanwhile_is_no_success(fleet: Fleet) -> None:
    change(fleet)
    clock.after(15, lambda: change(fleet))
    outcome = refresh()
    assert outcome.failed and outcome["instance_refresh"]["status"] == "Successful"
    assert "succeeded, but 1 of 2 hosts are not on version 3 of the launch template shop" in outcome.msg
    assert done().changed and versions(fleet) == ["3", "3"]


def test_a_lost_answer_does_not_start_two(fleet: Fleet) -> None:
    change(fleet)
    faults.add({"kind": "lost-reply", "operation": "StartInstanceRefresh", "times": 1})
    outcome = done()
    assert not outcome["joined"] and operations(outcome).count("StartInstanceRefresh") == 1
    listed = fleet.autoscaling.describe_instance_refreshes(AutoScalingGroupName="shop")["InstanceRefreshes"]
    assert [one["InstanceRefreshId"] for one in listed] == [outcome["instance_refresh"]["instance_refresh_id"]]


def test_a_lost_request_is_not_repeated_blindly(fleet: Fleet) -> None:
    change(fleet)
    faults.add({"kind": "no-reply", "operation": "StartInstanceRefresh", "times": 1})
    outcome = refresh()
    assert outcome.failed and "Run the task again" in outcome.msg
    assert fleet.autoscaling.describe_instance_refreshes(AutoScalingGroupName="shop")["InstanceRefreshes"] == []


def test_somebody_faster_is_joined(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    change(fleet)
    look, theirs = scaling.latest_refreshes, []

    def lag_behind(aws: t.Any, name: str) -> t.Any:
        found = look(aws, name)
        if not theirs:
            theirs.append(fleet.autoscaling.start_instance_refresh(AutoScalingGroupName="shop")["InstanceRefreshId"])
        return found

    monkeypatch.setattr(scaling, "latest_refreshes", lag_behind)
    outcome = done()
    assert outcome["joined"] and outcome["instance_refresh"]["instance_refresh_id"] == theirs[0]


def test_throttled_looks_are_no_failure(fleet: Fleet) -> None:
    change(fleet)
    faults.add({"kind": "throttle", "operation": "DescribeInstanceRefreshes", "times": 30, "skip": 2})
    assert done()["instance_refresh"]["status"] == "Successful"


@pytest.mark.parametrize(
    "operation", ["DescribeInstanceRefreshes", "StartInstanceRefresh", "DescribeAutoScalingGroups"]
)
def test_without_rights_on_auto_scaling_it_fails(fleet: Fleet, operation: str) -> None:
    change(fleet)
    faults.add({"kind": "denied", "operation": operation, "code": "AccessDenied"})
    outcome = refresh()
    assert outcome.failed and "(AccessDenied)" in outcome.msg and "IAM policy" in outcome.msg


def test_a_missing_group_is_refused(world: None) -> None:
    outcome = refresh()
    assert outcome.failed and "there is no Auto Scaling group shop in eu-west-1. Correct name or region" in outcome.msg
    told = done(check=True)
    assert not told.changed and "no Auto Scaling group shop" in told["warnings"][0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"min_healthy_percentage": 101}, "min_healthy_percentage is 101. Give 0 to 100."),
        ({"max_healthy_percentage": 99}, "max_healthy_percentage is 99"),
        (
            {"max_healthy_percentage": 120, "min_healthy_percentage": None},
            "max_healthy_percentage needs min_healthy_percentage",
        ),
        ({"min_healthy_percentage": 50, "max_healthy_percentage": 151}, "at most 100 more than min_healthy_percentage"),
        ({"application_name": "app"}, "deployment_group_name"),
    ],
)
def test_what_makes_no_sense_is_refused(fleet: Fleet, options: dict[str, t.Any], said: str) -> None:
    outcome = refresh(**options)
    assert outcome.failed and said in outcome.msg and outcome.calls == []


@pytest.mark.parametrize(
    ("policy", "shares", "together"),
    [(None, (90, 100), 1), ((-1, -1), (90, 100), 1), ((50, 100), (50, 100), 1), ((0, 100), (0, 100), 2),
     ((100, 200), (100, 200), 2), ((90, 110), (90, 110), 1)],
)  # fmt: skip
def test_what_is_not_given_is_the_group_s(
    fleet: Fleet, policy: tuple[int, int] | None, shares: tuple[int, int], together: int
) -> None:
    change(fleet)
    if policy:
        least, most = policy
        asked = {"MinHealthyPercentage": least, "MaxHealthyPercentage": most}
        fleet.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", InstanceMaintenancePolicy=asked)
    told = done(min_healthy_percentage=None, instance_warmup=None, wait=False)
    plan = told["plan"]
    assert (plan["min_healthy_percentage"], plan["max_healthy_percentage"]) == shares
    assert plan["hosts_at_a_time"] == together
    (sent,) = [call.parameters for call in told.calls if call.operation == "StartInstanceRefresh"]
    assert sent["Preferences"] == {"SkipMatching": True}


def test_a_numbered_version_and_the_default_one(fleet: Fleet) -> None:
    change(fleet)
    for version, wanted in (("1", 1), ("$Default", 1), ("2", 2)):
        template = {"LaunchTemplateName": "shop", "Version": version}
        fleet.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", LaunchTemplate=template)
        told = done(check=True)
        assert told.changed == (wanted == 2) and told["plan"]["launch_template"]["version"] == str(wanted)


def test_a_mixed_group(fleet: Fleet) -> None:
    specification = {"LaunchTemplateName": "shop", "Version": "$Latest"}
    policy = {"LaunchTemplateSpecification": specification, "Overrides": [{"InstanceType": "t3.micro"}]}
    fleet.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="shop", MixedInstancesPolicy={"LaunchTemplate": policy}
    )
    assert not done().changed
    change(fleet)
    assert done(check=True)["plan"]["hosts"] == fleet.ids
    assert done().changed and not done().changed
    policy["Overrides"] = [{"InstanceType": "t3.small"}]
    fleet.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName="shop", MixedInstancesPolicy={"LaunchTemplate": policy}
    )
    assert done().changed and not done().changed


def test_a_group_with_a_launch_configuration(fleet: Fleet) -> None:
    images = [fleet.image(), fleet.image()]
    for name, image in zip(("first", "second"), images):
        fleet.autoscaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId=image, InstanceType="t3.micro"
        )
    fleet.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", LaunchConfigurationName="first")
    told = done(check=True)
    assert told["plan"]["hosts"] == fleet.ids and told["plan"]["image_id"] == images[0]
    assert told["plan"]["launch_configuration_name"] == "first"
    assert done().changed and not done().changed
    fleet.autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", LaunchConfigurationName="second")
    assert done()["reason"] == "2 of 2 hosts are not on the launch configuration second"
    assert not done().changed


def test_a_group_without_hosts_has_nothing_to_roll(fleet: Fleet) -> None:
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=0)
    change(fleet)
    assert done(force=True)["reason"] == "the group has no hosts"


def test_slices_show_how_far_it_is(fleet: Fleet) -> None:
    change(fleet)
    follow: dict[str, t.Any] = {"seconds": 15}
    runs: list[Outcome] = []
    while not runs or not runs[-1]["followed"]["done"]:
        runs.append(done(follow=follow))
        followed = runs[-1]["followed"]
        follow = {"id": followed["id"], "seconds": 15, "seen": followed["seen"]}
    lines = [line for run in runs for line in run["followed"]["lines"]]
    assert sum(len(run.writes) for run in runs) == 1 and len(runs) > 3
    assert any(line.startswith("shop InProgress: 50 % replaced, 1 hosts to go") for line in lines)
    assert lines[-1] == "shop Successful: 100 % replaced, 0 hosts to go"
    assert len(lines) == len(set(lines))
