# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instance refresh: waves, warm-up, hooks, skip matching, checkpoints, cancel and roll back."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.autoscaling import autoscaling_backends
from support import compute
from support.refreshes import NEW, OF_FLEET, fleet, refresh, start, versions

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.signals import launch_hook

pytestmark = pytest.mark.usefixtures("world")


def test_it_goes_in_waves_that_keep_the_share_healthy_and_warm_up() -> None:
    scaling = fleet()
    start(scaling, NEW)
    assert refresh(scaling)["Status"] == "InProgress"
    assert versions() == ["1", "1", "2", "2"]
    assert refresh(scaling)["PercentageComplete"] == 0 and refresh(scaling)["InstancesToUpdate"] == 4
    assert "warming up" in refresh(scaling)["StatusReason"]
    clock.advance(50)
    assert versions() == ["1", "1", "2", "2"]
    clock.advance(10)
    assert versions() == ["2", "2", "2", "2"]
    assert refresh(scaling)["PercentageComplete"] == 50
    clock.advance(60)
    done = refresh(scaling)
    assert (done["Status"], done["PercentageComplete"], done["InstancesToUpdate"]) == ("Successful", 100, 0)
    assert done["EndTime"] > done["StartTime"]
    assert compute.described()["LaunchTemplate"]["Version"] == "2"


@pytest.mark.parametrize(("share", "first_wave"), [(0, 4), (50, 2), (75, 1), (100, 1)])
def test_the_first_wave_by_the_healthy_share(share: int, first_wave: int) -> None:
    scaling = fleet()
    start(scaling, NEW, MinHealthyPercentage=share)
    assert refresh(scaling)["Status"] == "InProgress"
    assert versions().count("2") == first_wave


def test_it_launches_first_where_it_may_have_more_than_all_healthy() -> None:
    scaling, seen = fleet(), []
    start(scaling, NEW, MinHealthyPercentage=100, MaxHealthyPercentage=150)
    while refresh(scaling)["Status"] != "Successful":
        seen.append("".join(sorted(versions())))
        assert compute.described()["DesiredCapacity"] == 4
        clock.advance(5)
    assert list(dict.fromkeys(seen)) == ["111122", "1122", "112222", "2222"] and versions() == ["2"] * 4


@pytest.mark.parametrize("share", [101, 110])
def test_one_instance_more_is_the_least(share: int) -> None:
    scaling = fleet(2)
    start(scaling, NEW, MinHealthyPercentage=90, MaxHealthyPercentage=share)
    assert refresh(scaling)["Status"] == "InProgress" and versions() == ["1", "1", "2"]


def test_the_maintenance_policy_of_the_group_holds_where_nothing_else_is_asked_for() -> None:
    scaling = fleet()
    shares = {"MinHealthyPercentage": 75, "MaxHealthyPercentage": 150}
    scaling.update_auto_scaling_group(**OF_FLEET, InstanceMaintenancePolicy=shares)
    scaling.update_auto_scaling_group(**OF_FLEET, DefaultCooldown=10)
    assert compute.described()["InstanceMaintenancePolicy"] == shares
    scaling.start_instance_refresh(**OF_FLEET, DesiredConfiguration=NEW)
    assert refresh(scaling)["Preferences"] == {"MinHealthyPercentage": 75} and versions() == ["1"] * 4 + ["2"] * 2
    none = {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}
    scaling.update_auto_scaling_group(**OF_FLEET, InstanceMaintenancePolicy=none)
    assert "InstanceMaintenancePolicy" not in compute.described()
    for wrong in (
        {"MinHealthyPercentage": 75},
        {**shares, "MaxHealthyPercentage": 250},
        {**none, **shares, "MinHealthyPercentage": 10},
    ):
        with pytest.raises(ClientError, match="ValidationError"):
            scaling.update_auto_scaling_group(**OF_FLEET, InstanceMaintenancePolicy=wrong)


@pytest.mark.parametrize("act", ["cancel_instance_refresh", "rollback_instance_refresh"])
def test_what_was_launched_on_top_goes_with_the_refresh(act: str) -> None:
    scaling = fleet()
    ids = [member["InstanceId"] for member in compute.members()]
    start(scaling, NEW, MinHealthyPercentage=100, MaxHealthyPercentage=200)
    assert refresh(scaling)["Status"] == "InProgress" and versions() == ["1"] * 4 + ["2"] * 4
    getattr(scaling, act)(AutoScalingGroupName="fleet")
    clock.advance(60)
    assert [member["InstanceId"] for member in compute.members()] == ids and versions() == ["1"] * 4


def test_skip_matching_replaces_only_what_differs() -> None:
    scaling = fleet(2)
    start(scaling, NEW, InstanceWarmup=0, SkipMatching=True)
    clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
    ids = [m["InstanceId"] for m in compute.members()]
    start(scaling, NEW, SkipMatching=True)
    assert refresh(scaling)["Status"] == "Successful"
    assert [m["InstanceId"] for m in compute.members()] == ids
    start(scaling, NEW, InstanceWarmup=0)
    clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
    assert not set(ids) & {m["InstanceId"] for m in compute.members()}


def test_one_at_a_time() -> None:
    scaling = fleet()
    start(scaling, NEW)
    with pytest.raises(ClientError, match="InstanceRefreshInProgress"):
        start(scaling, NEW)


def test_hooks_hold_it_and_a_failing_one_is_told() -> None:
    scaling = fleet(2)
    hook = {"LifecycleHookName": "deploy", "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"}
    scaling.put_lifecycle_hook(AutoScalingGroupName="fleet", **hook)
    verdict = {"result": "ABANDON"}

    def answer(_sender: Any, account_id: str, region: str, **facts: Any) -> None:
        backend: Any = autoscaling_backends[account_id][region]
        result = verdict["result"]
        clock.after(
            30,
            lambda: backend.complete_lifecycle_action(facts["group_name"], facts["hook_name"], facts["token"], result),
        )

    with launch_hook.connected_to(answer):
        start(scaling, NEW, InstanceWarmup=0)
        assert "Pending:Wait" in refresh(scaling).get("StatusReason", "") or versions().count("1") == 1
        clock.advance(600)
        stuck = refresh(scaling)
        assert (stuck["Status"], stuck["PercentageComplete"]) == ("InProgress", 0)
        assert "abandoned by the lifecycle hook deploy" in stuck["StatusReason"]
        assert [a["StatusCode"] for a in compute.activities()].count("Cancelled") > 5
        assert versions().count("1") == 1
        verdict["result"] = "CONTINUE"
        clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")


def test_a_suspended_process_blocks_it() -> None:
    scaling = fleet(2)
    scaling.suspend_processes(AutoScalingGroupName="fleet", ScalingProcesses=["InstanceRefresh"])
    start(scaling, NEW)
    clock.advance(600)
    assert "suspended" in refresh(scaling)["StatusReason"] and versions() == ["1", "1"]
    scaling.resume_processes(AutoScalingGroupName="fleet", ScalingProcesses=["InstanceRefresh"])
    scaling.suspend_processes(AutoScalingGroupName="fleet", ScalingProcesses=["Terminate"])
    clock.advance(60)
    assert "Terminate" in refresh(scaling)["StatusReason"] and versions() == ["1", "1"]
    scaling.resume_processes(AutoScalingGroupName="fleet")
    clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")


def test_cancelled_it_leaves_what_it_did_and_the_groups_own_template() -> None:
    scaling = fleet()
    start(scaling, NEW)
    clock.advance(10)
    scaling.cancel_instance_refresh(AutoScalingGroupName="fleet")
    assert refresh(scaling)["Status"] == "Cancelling"
    clock.advance(10)
    assert refresh(scaling)["Status"] == "Cancelled"
    clock.advance(600)
    assert versions() == ["1", "1", "2", "2"]
    scaling.set_desired_capacity(AutoScalingGroupName="fleet", DesiredCapacity=5)
    assert versions() == ["1", "1", "1", "2", "2"]
    with pytest.raises(ClientError, match="ActiveInstanceRefreshNotFound"):
        scaling.cancel_instance_refresh(AutoScalingGroupName="fleet")


def test_rolled_back_it_brings_the_old_version_again() -> None:
    scaling = fleet()
    start(scaling, NEW)
    clock.advance(65)
    scaling.rollback_instance_refresh(AutoScalingGroupName="fleet")
    assert refresh(scaling)["Status"] == "RollbackInProgress"
    clock.run_until(lambda: refresh(scaling)["Status"] == "RollbackSuccessful")
    assert versions() == ["1", "1", "1", "1"]
    assert refresh(scaling)["RollbackDetails"]["RollbackReason"] == "Rollback due to user request."
    assert compute.described()["LaunchTemplate"]["Version"] == "1"
    start(scaling)
    with pytest.raises(ClientError, match="IrreversibleInstanceRefresh"):
        scaling.rollback_instance_refresh(AutoScalingGroupName="fleet")


def test_what_is_protected_is_waited_for_an_hour() -> None:
    scaling = fleet(2)
    kept = compute.members()[0]["InstanceId"]
    protect = {"AutoScalingGroupName": "fleet", "InstanceIds": [kept]}
    scaling.set_instance_protection(**protect, ProtectedFromScaleIn=True)
    start(scaling, NEW, InstanceWarmup=0)
    clock.advance(1800)
    assert versions() == ["1", "2"] and "protected from scale in" in refresh(scaling)["StatusReason"]
    scaling.set_instance_protection(**protect, ProtectedFromScaleIn=False)
    clock.advance(20)
    assert refresh(scaling)["Status"] == "Successful"
    kept = compute.members()[0]["InstanceId"]
    scaling.set_instance_protection(AutoScalingGroupName="fleet", InstanceIds=[kept], ProtectedFromScaleIn=True)
    start(scaling, NEW, InstanceWarmup=0)
    clock.advance(3700)
    failed = refresh(scaling)
    assert (failed["Status"], failed["PercentageComplete"], failed["InstancesToUpdate"]) == ("Failed", 50, 1)
    assert kept in failed["StatusReason"] and kept in [m["InstanceId"] for m in compute.members()]


@pytest.mark.parametrize(("wish", "left"), [("Refresh", ["2", "2"]), ("Ignore", ["1", "2"])])
def test_what_is_protected_is_replaced_or_left_on_wish(wish: str, left: list[str]) -> None:
    scaling = fleet(2)
    kept = compute.members()[0]["InstanceId"]
    scaling.set_instance_protection(AutoScalingGroupName="fleet", InstanceIds=[kept], ProtectedFromScaleIn=True)
    start(scaling, NEW, InstanceWarmup=0, ScaleInProtectedInstances=wish)
    clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
    assert versions() == left


@pytest.mark.parametrize(
    ("wish", "status"), [("Wait", "Failed"), ("Ignore", "Successful"), ("Terminate", "Successful")]
)
def test_an_instance_in_standby(wish: str, status: str) -> None:
    scaling = fleet(2)
    parked = compute.members()[0]["InstanceId"]
    standby = {"InstanceIds": [parked], "ShouldDecrementDesiredCapacity": False}
    scaling.enter_standby(AutoScalingGroupName="fleet", **standby)
    start(scaling, NEW, InstanceWarmup=0, StandbyInstances=wish)
    clock.advance(3700)
    assert refresh(scaling)["Status"] == status
    assert (parked in [m["InstanceId"] for m in compute.members()]) == (wish != "Terminate")


def test_launches_that_ec2_refuses_fail_it() -> None:
    scaling = fleet(2)
    rule = faults.add({"kind": "launch-fails", "auto_scaling_group": "fleet", "message": "No capacity."})
    start(scaling, NEW, InstanceWarmup=0)
    clock.advance(1800)
    assert refresh(scaling)["Status"] == "InProgress" and len(compute.members()) == 1
    clock.advance(1900)
    failed = refresh(scaling)
    assert failed["Status"] == "Failed" and "No capacity." in failed["StatusReason"]
    faults.remove(rule["id"])


def test_skip_matching_knows_launch_configurations_and_types() -> None:
    scaling = fleet(2)
    for name in ("first", "second"):
        scaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId=compute.image(), InstanceType="t3.micro"
        )
    for name, replaced in (("first", 2), ("first", 0), ("second", 2)):
        before = {m["InstanceId"] for m in compute.members()}
        scaling.update_auto_scaling_group(AutoScalingGroupName="fleet", LaunchConfigurationName=name)
        start(scaling, InstanceWarmup=0, SkipMatching=True)
        clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
        assert len(before - {m["InstanceId"] for m in compute.members()}) == replaced
        assert {m["LaunchConfigurationName"] for m in compute.members()} == {name}
    specification = {"LaunchTemplateName": "fleet", "Version": "2"}
    for size in ("t3.micro", "t3.small"):
        policy = {"LaunchTemplateSpecification": specification, "Overrides": [{"InstanceType": size}]}
        scaling.update_auto_scaling_group(AutoScalingGroupName="fleet", MixedInstancesPolicy={"LaunchTemplate": policy})
        start(scaling, InstanceWarmup=0, SkipMatching=True)
        clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
        assert {m["InstanceType"] for m in compute.members()} == {size}


def test_it_rests_at_a_checkpoint() -> None:
    scaling = fleet()
    start(scaling, NEW, InstanceWarmup=10, CheckpointPercentages=[25, 100], CheckpointDelay=600)
    clock.advance(60)
    assert versions() == ["1", "1", "1", "2"]
    assert "Checkpoint of 25 percent" in refresh(scaling)["StatusReason"]
    clock.advance(500)
    assert versions() == ["1", "1", "1", "2"]
    clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
    assert versions() == ["2", "2", "2", "2"]


def test_a_deleted_group_ends_it() -> None:
    scaling = fleet(2)
    start(scaling, NEW)
    scaling.delete_auto_scaling_group(AutoScalingGroupName="fleet", ForceDelete=True)
    clock.advance(60)
    with pytest.raises(ClientError, match="'fleet' not found"):
        refresh(scaling)
    assert compute.client("ec2").describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["running"]}]
    )["Reservations"] == []  # fmt: skip


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ({"MinHealthyPercentage": 101}, "MinHealthyPercentage must be between 0 and 100"),
        ({"MaxHealthyPercentage": 201}, "MaxHealthyPercentage must be between 100 and 200"),
        ({"MinHealthyPercentage": 50, "MaxHealthyPercentage": 200}, "difference cannot be greater than 100"),
        ({"CheckpointPercentages": [50, 20]}, "ascending"),
        ({"AutoRollback": True}, "AutoRollback requires"),
        ({"StandbyInstances": "Refresh"}, "StandbyInstances must be one of Terminate, Ignore, Wait"),
        (
            {"MaxHealthyPercentage": 100, "MinHealthyPercentage": None},
            "MaxHealthyPercentage needs MinHealthyPercentage",
        ),
    ],
)
def test_wrong_preferences_are_refused(preferences: dict[str, Any], message: str) -> None:
    scaling = fleet(1)
    given = {name: value for name, value in {"MinHealthyPercentage": 50, **preferences}.items() if value is not None}
    with pytest.raises(ClientError, match=message):
        scaling.start_instance_refresh(AutoScalingGroupName="fleet", Preferences=given)
    assert scaling.describe_instance_refreshes(AutoScalingGroupName="fleet")["InstanceRefreshes"] == []


def test_refreshes_come_in_pages_newest_first() -> None:
    scaling = fleet(1)
    ids = []
    for _turn in range(3):
        ids.append(start(scaling, NEW, InstanceWarmup=0))
        clock.run_until(lambda: refresh(scaling)["Status"] == "Successful")
    first = scaling.describe_instance_refreshes(AutoScalingGroupName="fleet", MaxRecords=2)
    rest = scaling.describe_instance_refreshes(AutoScalingGroupName="fleet", NextToken=first["NextToken"])
    found = [r["InstanceRefreshId"] for r in [*first["InstanceRefreshes"], *rest["InstanceRefreshes"]]]
    assert found == ids[::-1]
    only = scaling.describe_instance_refreshes(AutoScalingGroupName="fleet", InstanceRefreshIds=[ids[1]])
    assert [r["InstanceRefreshId"] for r in only["InstanceRefreshes"]] == [ids[1]]
