# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Instance refresh: alarms, automatic and asked-for rollback, bake time, mixed groups, warm pools, the last checkpoint."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute
from support.refreshes import NEW, OF_FLEET, alarm, fleet, refresh, start, versions

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
WATCHED = {"AlarmSpecification": {"Alarms": ["errors"]}, "InstanceWarmup": 10}


def status(scaling: Any) -> str:
    return str(refresh(scaling)["Status"])


def test_an_alarm_fails_it() -> None:
    scaling = fleet()
    alarm("errors")
    start(scaling, NEW, **WATCHED)
    clock.advance(5)
    alarm("errors", "ALARM")
    clock.advance(10)
    assert status(scaling) == "Failed" and "alarm errors is in the ALARM state" in refresh(scaling)["StatusReason"]
    assert versions() == ["1", "1", "2", "2"] and compute.described()["LaunchTemplate"]["Version"] == "1"


def test_an_alarm_rolls_it_back_and_tells_how_far_it_was() -> None:
    scaling = fleet()
    alarm("errors")
    started = start(scaling, NEW, AutoRollback=True, CheckpointPercentages=[25, 100], CheckpointDelay=600, **WATCHED)
    clock.advance(60)
    begun = refresh(scaling)["StartTime"]
    alarm("errors", "ALARM")
    clock.advance(10)
    undoing = refresh(scaling)
    assert (undoing["Status"], undoing["InstanceRefreshId"]) == ("RollbackInProgress", started)
    clock.run_until(lambda: status(scaling) == "RollbackSuccessful")
    undone = refresh(scaling)
    assert versions() == ["1", "1", "1", "1"] and compute.described()["LaunchTemplate"]["Version"] == "1"
    told = undone["RollbackDetails"]
    assert (told["PercentageCompleteOnRollback"], told["InstancesToUpdateOnRollback"]) == (25, 3)
    assert "alarm errors" in told["RollbackReason"] and told["RollbackStartTime"] > begun == undone["StartTime"]
    assert (undone["PercentageComplete"], undone["InstancesToUpdate"]) == (0, 3)


def test_an_alarm_while_it_bakes_rolls_it_back() -> None:
    scaling = fleet(2)
    alarm("errors")
    start(scaling, NEW, AutoRollback=True, BakeTime=600, **WATCHED)
    clock.run_until(lambda: status(scaling) == "Baking")
    assert refresh(scaling)["PercentageComplete"] == 100 and compute.described()["LaunchTemplate"]["Version"] == "1"
    alarm("errors", "ALARM")
    clock.run_until(lambda: status(scaling) == "RollbackSuccessful")
    assert versions() == ["1", "1"]


def test_after_the_bake_time_it_is_over() -> None:
    scaling = fleet(2)
    start(scaling, NEW, InstanceWarmup=0, BakeTime=600)
    clock.advance(300)
    assert status(scaling) == "Baking"
    clock.advance(600)
    assert status(scaling) == "Successful" and compute.described()["LaunchTemplate"]["Version"] == "2"


def test_launches_that_fail_roll_it_back() -> None:
    scaling = fleet(2)
    rule = faults.add({"kind": "launch-fails", "auto_scaling_group": "fleet", "message": "No capacity."})
    start(scaling, NEW, InstanceWarmup=0, AutoRollback=True)
    clock.advance(3700)
    assert status(scaling) == "RollbackInProgress"
    assert "No capacity." in refresh(scaling)["RollbackDetails"]["RollbackReason"]
    clock.advance(3700)
    assert status(scaling) == "RollbackFailed" and "No capacity." in refresh(scaling)["StatusReason"]
    faults.remove(rule["id"])


def test_a_roll_back_is_not_rolled_back_but_can_be_canceled() -> None:
    scaling = fleet()
    start(scaling, NEW)
    clock.advance(65)
    scaling.rollback_instance_refresh(**OF_FLEET)
    with pytest.raises(ClientError, match="ActiveInstanceRefreshNotFound"):
        scaling.rollback_instance_refresh(**OF_FLEET)
    scaling.cancel_instance_refresh(**OF_FLEET)
    clock.advance(10)
    assert status(scaling) == "Cancelled"


def test_what_matched_before_stays_when_it_is_rolled_back() -> None:
    scaling = fleet()
    start(scaling, NEW)
    clock.advance(10)
    scaling.cancel_instance_refresh(**OF_FLEET)
    clock.advance(10)
    new = {m["InstanceId"] for m in compute.members() if m["LaunchTemplate"]["Version"] == "2"}
    start(scaling, NEW, SkipMatching=True)
    clock.advance(10)
    scaling.rollback_instance_refresh(**OF_FLEET)
    clock.run_until(lambda: status(scaling) == "RollbackSuccessful")
    assert versions() == ["1", "1", "2", "2"] and new < {m["InstanceId"] for m in compute.members()}


def test_a_last_checkpoint_below_100_is_the_end() -> None:
    scaling = fleet()
    start(scaling, NEW, InstanceWarmup=0, CheckpointPercentages=[50], CheckpointDelay=60)
    clock.run_until(lambda: status(scaling) == "Successful")
    assert versions() == ["1", "1", "2", "2"]


def test_a_mixed_group_gets_the_policy_and_gets_its_own_back() -> None:
    scaling = fleet(2)

    def policy(version: str, size: str) -> dict[str, Any]:
        template = {"LaunchTemplateName": "fleet", "Version": version}
        return {"LaunchTemplate": {"LaunchTemplateSpecification": template, "Overrides": [{"InstanceType": size}]}}

    def types() -> set[tuple[str, str]]:
        return {(m["LaunchTemplate"]["Version"], m["InstanceType"]) for m in compute.members()}

    scaling.update_auto_scaling_group(**OF_FLEET, MixedInstancesPolicy=policy("1", "t3.micro"))
    start(scaling, {"MixedInstancesPolicy": policy("2", "t3.small")}, InstanceWarmup=0, BakeTime=60)
    clock.run_until(lambda: status(scaling) == "Baking")
    assert types() == {("2", "t3.small")}
    scaling.rollback_instance_refresh(**OF_FLEET)
    clock.run_until(lambda: status(scaling) == "RollbackSuccessful")
    assert types() == {("1", "t3.micro")}
    start(scaling, {"MixedInstancesPolicy": policy("2", "t3.small")}, InstanceWarmup=0)
    clock.run_until(lambda: status(scaling) == "Successful")
    template = compute.described()["MixedInstancesPolicy"]["LaunchTemplate"]
    assert template["LaunchTemplateSpecification"]["Version"] == "2"
    assert template["Overrides"] == [{"InstanceType": "t3.small"}] and types() == {("2", "t3.small")}


def test_a_warm_pool_is_replaced_too() -> None:
    scaling = fleet(2)
    scaling.put_warm_pool(**OF_FLEET, MaxGroupPreparedCapacity=4)
    clock.advance(120)

    def pool() -> dict[str, str]:
        found = scaling.describe_warm_pool(**OF_FLEET)["Instances"]
        return {one["InstanceId"]: one["LaunchTemplate"]["Version"] for one in found}

    before = pool()
    start(scaling, NEW, InstanceWarmup=0)
    clock.advance(1)
    progress = refresh(scaling)["ProgressDetails"]
    assert progress["WarmPoolProgress"] == {"PercentageComplete": 100, "InstancesToUpdate": 0}
    clock.run_until(lambda: status(scaling) == "Successful")
    assert list(pool().values()) == ["2", "2"] and not set(pool()) & set(before)


@pytest.mark.parametrize("version", ["$Latest", "$Default", "parameter"])
def test_a_group_whose_template_moves_cannot_go_back(version: str) -> None:
    scaling = fleet(1)
    if version == "parameter":
        name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
        data = {"ImageId": f"resolve:ssm:{name}"}
        made = compute.client("ec2").create_launch_template_version(
            LaunchTemplateName="fleet", SourceVersion="1", LaunchTemplateData=data
        )["LaunchTemplateVersion"]
        version = str(made["VersionNumber"])
    template = {"LaunchTemplateName": "fleet", "Version": version}
    scaling.update_auto_scaling_group(**OF_FLEET, LaunchTemplate=template)
    with pytest.raises(ClientError, match="AutoRollback requires"):
        start(scaling, NEW, AutoRollback=True)
    start(scaling, NEW)
    with pytest.raises(ClientError, match="IrreversibleInstanceRefresh"):
        scaling.rollback_instance_refresh(**OF_FLEET)


@pytest.mark.parametrize(
    ("preferences", "message"),
    [
        ({"CheckpointDelay": 60}, "CheckpointDelay needs CheckpointPercentages"),
        ({"AlarmSpecification": {"Alarms": ["nothing"]}}, "alarms do not exist: nothing"),
        ({"AlarmSpecification": {"Alarms": [str(n) for n in range(11)]}}, "at most 10 alarms"),
    ],
)
def test_wrong_preferences_are_refused(preferences: dict[str, Any], message: str) -> None:
    scaling = fleet(1)
    with pytest.raises(ClientError, match=message):
        start(scaling, NEW, **preferences)


@pytest.mark.parametrize(
    ("desired", "message"),
    [
        ({**NEW, "MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": "t3.nano"}]}}}, "cannot contain"),
        ({"MixedInstancesPolicy": {"LaunchTemplate": {"Overrides": [{"InstanceType": "t3.nano"}]}}}, "must contain"),
        ({"LaunchTemplate": {**NEW["LaunchTemplate"], "LaunchTemplateId": "lt-1"}}, "either launchTemplateId or"),
        ({"LaunchTemplate": {"LaunchTemplateName": "fleet", "Version": "9"}}, "ValidationError.*valid fully-formed"),
    ],
)  # fmt: skip
def test_a_wrong_desired_configuration_is_refused(desired: dict[str, Any], message: str) -> None:
    scaling = fleet(1)
    with pytest.raises(ClientError, match=message):
        start(scaling, desired)
