# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the Auto Scaling groups of a deployment group is told, and a lost launch hook is put back when asked."""

from __future__ import annotations

import typing as t

import pytest
from support.codedeploy_shop import ROLE
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import BOOT_SECONDS

NOUN = {"application_name": "app", "name": "prod", "service_role_arn": ROLE}


@pytest.fixture
def fleet(world: None) -> Fleet:
    """A deployment group of the Auto Scaling group shop."""
    found = Fleet()
    found.scaled("shop", 2)
    clock.advance(BOOT_SECONDS)
    found.group(ec2TagFilters=[], autoScalingGroups=["shop"])
    return found


def told(*, preflight: bool = True, **options: t.Any) -> list[dict[str, t.Any]]:
    """The problems, which preflight and fleet_info tell alike."""
    outcome = run_module("codedeploy_preflight", {**GROUP, "probe": "none", "fail_on": "never", **options})
    info = run_module("codedeploy_fleet_info", GROUP)
    assert info["fleet"]["problems"] == outcome["preflight"]["problems"] and not info.writes
    return list(outcome["preflight"]["problems"])


def hooks(fleet: Fleet, name: str = "shop") -> list[str]:
    found = fleet.autoscaling.describe_lifecycle_hooks(AutoScalingGroupName=name)["LifecycleHooks"]
    return [one["LifecycleHookName"] for one in found]


def drop_hooks(fleet: Fleet, name: str = "shop") -> None:
    for hook in hooks(fleet, name):
        fleet.autoscaling.delete_lifecycle_hook(AutoScalingGroupName=name, LifecycleHookName=hook)


def recreate(fleet: Fleet) -> None:
    fleet.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="shop", ForceDelete=True)
    clock.advance(60)
    template = {"LaunchTemplateName": "shop", "Version": "$Latest"}
    size = {"MinSize": 0, "MaxSize": 9, "DesiredCapacity": 2}
    fleet.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="shop", **size, LaunchTemplate=template, VPCZoneIdentifier=fleet.subnet
    )
    clock.run_until(lambda: len(fleet.in_service("shop")) == 2)


def suspend(fleet: Fleet, *names: str) -> None:
    fleet.autoscaling.suspend_processes(AutoScalingGroupName="shop", ScalingProcesses=list(names))


def warm(fleet: Fleet) -> None:
    fleet.autoscaling.put_warm_pool(AutoScalingGroupName="shop", MaxGroupPreparedCapacity=4)
    clock.advance(BOOT_SECONDS + 1)


def deploy(fleet: Fleet, key: str = "app-1.zip") -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision(key)})


def test_a_sound_group_has_no_problems(fleet: Fleet) -> None:
    assert told() == []
    suspend(fleet, "AZRebalance", "HealthCheck")
    assert told() == []


@pytest.mark.parametrize(
    ("harm", "cause", "words", "remedy"),
    [
        (drop_hooks, "launch_hook_missing", "shop lacks the launch hook", "repair_launch_hooks"),
        (lambda f: suspend(f, "Launch", "AZRebalance"), "process_suspended", "shop has suspended Launch", "resume"),
        (lambda f: suspend(f, "Terminate"), "process_suspended", "suspended Terminate", "resume"),
        (lambda f: suspend(f, "AddToLoadBalancer", "Launch"), "process_suspended", "Launch, AddToLoadBalancer", "resume"),
        (warm, "warm_pool", "2 hosts wait in the warm pool of the Auto Scaling group shop", "launch hook"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_blocks_nothing(
    fleet: Fleet, harm: t.Callable[[Fleet], None], cause: str, words: str, remedy: str
) -> None:
    harm(fleet)
    (found,) = told()
    assert (found["cause"], found["blocks"]) == (cause, False)
    assert words in found["message"] and remedy in found["remedy"]
    outcome = run_module("codedeploy_preflight", GROUP)
    assert not outcome.failed and outcome["preflight"]["verdict"] == "ready"
    assert words.lower() in str(outcome["warnings"]).lower() and found["remedy"] in str(outcome["warnings"])


def test_a_group_that_was_made_again_is_told_from_one_that_lost_its_hook(fleet: Fleet) -> None:
    assert deploy(fleet).changed
    drop_hooks(fleet)
    assert [one["cause"] for one in told()] == ["launch_hook_missing"]
    recreate(fleet)
    (found,) = told()
    assert found["cause"] == "auto_scaling_group_recreated" and "after the last deployment" in found["message"]


def test_a_group_that_is_gone_is_told(fleet: Fleet) -> None:
    fleet.launch(1)
    fleet.codedeploy.update_deployment_group(
        applicationName="app", currentDeploymentGroupName="prod", ec2TagFilters=[{"Key": "role", "Type": "KEY_ONLY"}]
    )
    fleet.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="shop", ForceDelete=True)
    (found,) = told()
    assert found["cause"] == "auto_scaling_group_missing" and "no Auto Scaling group shop" in found["message"]
    assert not found["blocks"] and deploy(fleet).changed
    suspending = {"ec2_deployment_options": {"auto_scaling_group_processes_to_suspend": ["AZRebalance"]}}
    outcome = run_module("codedeploy_preflight", {**GROUP, "probe": "none", **suspending})
    assert outcome.failed and outcome["preflight"]["problems"] == [{**found, "blocks": True}]
    outcome = run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision("app-2.zip"), **suspending})
    assert outcome.failed and "AUTO_SCALING_CONFIGURATION" in outcome.msg and "codedeploy_fleet_info" in outcome.msg


def test_a_termination_hook_counts_where_it_is_wanted(fleet: Fleet) -> None:
    fleet.codedeploy.update_deployment_group(
        applicationName="app", currentDeploymentGroupName="prod", terminationHookEnabled=True
    )
    drop_hooks(fleet)
    assert [one["cause"] for one in told()] == ["launch_hook_missing", "termination_hook_missing"]
    assert run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True}).changed
    assert told() == [] and len(hooks(fleet)) == 2


def test_all_of_it_together_is_told_each_once(fleet: Fleet) -> None:
    drop_hooks(fleet)
    suspend(fleet, "Launch")
    warm(fleet)
    assert [one["cause"] for one in told()] == ["launch_hook_missing", "process_suspended", "warm_pool"]


def test_hooks_that_may_not_be_read_are_warned_of(fleet: Fleet) -> None:
    drop_hooks(fleet)
    faults.add({"kind": "denied", "operation": "DescribeLifecycleHooks"})
    outcome = run_module("codedeploy_preflight", GROUP)
    assert not outcome.failed and outcome["preflight"]["problems"] == []
    assert "Lifecycle hooks of the Auto Scaling group shop could not be read" in str(outcome["warnings"])


def test_a_stopped_host_of_a_warm_pool_that_tags_choose_is_named_as_such(world: None) -> None:
    fleet = Fleet()
    fleet.scaled("shop", 1)
    tag = {"Key": "aws:autoscaling:groupName", "Value": "shop", "Type": "KEY_AND_VALUE"}
    fleet.group(ec2TagFilters=[tag])
    fleet.autoscaling.put_warm_pool(AutoScalingGroupName="shop", MaxGroupPreparedCapacity=2)
    clock.advance(BOOT_SECONDS + 1)
    outcome = run_module("codedeploy_preflight", GROUP)
    (found,) = outcome["preflight"]["not_ready"]
    assert outcome.failed and found["cause"] == "instance_warm" and "Warmed:Stopped" in found["reason"]
    assert "auto_scaling_groups" in found["remedy"] and "Start the instance" not in outcome.msg


def test_the_calls_are_one_for_each_auto_scaling_group(fleet: Fleet) -> None:
    asked = [
        call.operation for call in run_module("codedeploy_fleet_info", GROUP).calls if call.service == "autoscaling"
    ]
    assert sorted(asked) == ["DescribeAutoScalingGroups", "DescribeInstanceRefreshes", "DescribeLifecycleHooks"]


@pytest.mark.parametrize("harm", [drop_hooks, recreate])
def test_a_lost_hook_is_put_back_when_asked(fleet: Fleet, harm: t.Callable[[Fleet], None]) -> None:
    deploy(fleet)
    harm(fleet)
    assert not run_module("codedeploy_deployment_group", NOUN).changed and hooks(fleet) == []
    asked = {**NOUN, "repair_launch_hooks": True}
    foretold, done, again = (
        run_module("codedeploy_deployment_group", asked, check_mode=c) for c in (True, False, False)
    )
    expected = {"before": {"lost_launch_hooks": ["shop"]}, "after": {"lost_launch_hooks": []}}
    for outcome in (foretold, done):
        assert outcome.changed
        assert {k: {n: v[n] for n in v if n == "lost_launch_hooks"} for k, v in outcome["diff"].items()} == expected
    assert not foretold.writes and not again.changed and not again.writes
    sent = [call.parameters["autoScalingGroups"] for call in done.writes]
    assert sent == [[], ["shop"]] and len(hooks(fleet)) == 1
    fleet.autoscaling.set_desired_capacity(AutoScalingGroupName="shop", DesiredCapacity=3)
    clock.run_until(lambda: len(fleet.in_service("shop")) == 3)
    launched = fleet.codedeploy.list_deployments(applicationName="app", deploymentGroupName="prod")["deployments"]
    assert len(launched) == 2  # the new host got the code


def test_only_the_group_that_lost_its_hook_is_taken_out(fleet: Fleet) -> None:
    launch = {"LaunchTemplate": {"LaunchTemplateName": "shop"}, "VPCZoneIdentifier": fleet.subnet}
    fleet.autoscaling.create_auto_scaling_group(AutoScalingGroupName="back", MinSize=0, MaxSize=1, **launch)
    run_module("codedeploy_deployment_group", {**NOUN, "auto_scaling_groups": ["shop", "back"]})
    drop_hooks(fleet)
    kept = hooks(fleet, "back")
    done = run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True})
    assert [call.parameters["autoScalingGroups"] for call in done.writes] == [["back"], ["shop", "back"]]
    assert hooks(fleet, "back") == kept


def test_the_hook_of_a_fleet_that_is_copied_comes_back(fleet: Fleet) -> None:
    """Such a group must have exactly one Auto Scaling group, also while its hook is put back."""
    copied = {"green_fleet_provisioning_option": {"action": "COPY_AUTO_SCALING_GROUP"}}
    run_module("codedeploy_deployment_group", {**NOUN, "blue_green_deployment_configuration": copied})
    drop_hooks(fleet)
    done = run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True})
    assert done.msg == "" and done.changed and len(hooks(fleet)) == 1
    assert done["deployment_group"]["blue_green_deployment_configuration"] == copied
    assert not run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True}).changed


def test_a_repair_that_stops_half_way_says_how_to_go_on(fleet: Fleet) -> None:
    drop_hooks(fleet)
    faults.add({"kind": "denied", "operation": "UpdateDeploymentGroup", "skip": 1, "times": 1})
    outcome = run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True})
    assert outcome.failed and "auto_scaling_groups: [shop]" in outcome.msg
    again = run_module("codedeploy_deployment_group", {**NOUN, "auto_scaling_groups": ["shop"]})
    assert again.changed and len(hooks(fleet)) == 1


def test_a_group_that_is_gone_cannot_get_its_hook_back(fleet: Fleet) -> None:
    fleet.autoscaling.delete_auto_scaling_group(AutoScalingGroupName="shop", ForceDelete=True)
    for check in (True, False):
        outcome = run_module("codedeploy_deployment_group", {**NOUN, "repair_launch_hooks": True}, check_mode=check)
        assert outcome.failed and "the Auto Scaling group shop does not exist" in outcome.msg and not outcome.writes
    left_out = {**NOUN, "repair_launch_hooks": True, "auto_scaling_groups": []}
    assert run_module("codedeploy_deployment_group", left_out).changed
