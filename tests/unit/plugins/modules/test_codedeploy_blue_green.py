# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Blue/green deployments to hosts by the module: planned, made once, waited for, failed, stopped and rolled back."""

from __future__ import annotations

import typing as t

import pytest
from support.balanced import FLEET, Balanced
from support.codedeploy_shop import ROLE
from support.fleets import GROUP
from support.modules import Outcome, run_module

from slipway_emulator.clock import clock

ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
KILLED = {"follow": {"seconds": 1}}  # a slice that nobody follows is a task that was killed
GREEN_TAG = {"tag_filters": [{"key": "role", "value": "green"}]}


@pytest.fixture
def shop(world: None) -> Balanced:
    return Balanced()


def task(check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, **options}, check_mode=check)


def act(state: str, check: bool = False, **options: t.Any) -> Outcome:
    return task(check, state=state, **options)


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]


def steps(plan: dict[str, t.Any]) -> list[tuple[str, t.Any]]:
    return [(one["step"], one["hosts"] if one["minutes"] is None else one["minutes"]) for one in plan["steps"]]


def left_at(status: str, shop: Balanced) -> str:
    """A deployment whose task was killed, and which went on until this status."""
    killed = task(revision=shop.revision(), **KILLED)
    assert not killed["followed"]["done"], killed.msg
    name = str(killed["deployment"]["deployment_id"])
    shop.until(name, status)
    return name


def waiting_to_end(shop: Balanced) -> str:
    done = task(revision=shop.revision(), wait_until="traffic_moved")
    assert not done.failed and done["deployment"]["status"] == "InProgress", done.msg
    return str(done["deployment"]["deployment_id"])


def test_a_copy_takes_over_once(shop: Balanced) -> None:
    blue = shop.copying(ready=None, termination=5)
    policy = {"PolicyName": "more", "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 1}
    shop.autoscaling.put_scaling_policy(AutoScalingGroupName=FLEET, **policy)
    foretold = task(check=True, revision=shop.revision())
    assert foretold.changed and not foretold.writes
    plan = foretold["plan"]
    assert plan["green"] == {
        "provisioning": "COPY_AUTO_SCALING_GROUP",
        "host_count": 2,
        "wave_sizes": [2],
        "auto_scaling_group": "CodeDeploy_prod_<deployment id>",
        "copy_of": FLEET,
        "not_copied": {"scaling_policies": ["more"]},
    }
    assert plan["blue"] == {"hosts": blue, "action": "TERMINATE"} and plan["hosts"] == []
    assert steps(plan) == [
        ("provision_green", 2), ("install_on_green", 2), ("allow_traffic_to_green", 2), ("block_traffic_to_blue", 2),
        ("wait_to_terminate_blue", 5), ("terminate_blue", 2),
    ]  # fmt: skip
    done = task(revision=shop.revision())
    name = done["deployment"]["deployment_id"]
    assert operations(done) == ["CreateDeployment"] and done["deployment"]["status"] == "Succeeded"
    green = sorted(shop.labelled(name, "Green"))
    assert done["blue_green"] == {
        "green_hosts": green,
        "blue_hosts": blue,
        "traffic": "green",
        "green_auto_scaling_group": f"CodeDeploy_prod_{name}",
    }
    for check in (True, False):
        again = task(check, revision=shop.revision())
        assert not again.changed and not again.writes and again["reason"] == "it is live on every host"
    base = {"application_name": "app", "name": "prod", "service_role_arn": ROLE}
    group = run_module("codedeploy_deployment_group", {**base, "auto_scaling_groups": [FLEET]})
    assert not group.changed and group["deployment_group"]["fleet"]["copied_by"] == name


def test_hosts_that_are_there_take_over(shop: Balanced) -> None:
    image = shop.image()
    blue, green = shop.launch(2, image), shop.launch(3, image, role="green")
    info = shop.balancer("classic")
    shop.join(blue)
    shop.replacing(info, "DISCOVER_EXISTING", termination=None, deploymentConfigName="CodeDeployDefault.OneAtATime")
    unsaid = task(revision=shop.revision())
    assert unsaid.failed and "target_instances does not say which" in unsaid.msg and not unsaid.writes
    asked = {"revision": shop.revision(), "target_instances": GREEN_TAG}
    plan = task(check=True, **asked)["plan"]
    assert plan["green"] == {"provisioning": "DISCOVER_EXISTING", "host_count": 3, "wave_sizes": [1, 1, 1]}
    assert {one["instance_id"] for one in plan["hosts"]} == set(green) and len(plan["waves"]) == 3
    assert steps(plan)[-1] == ("keep_blue", 2)
    done = task(**asked)
    assert not done.failed and shop.serving() == set(green), done.msg
    assert done["blue_green"]["blue_hosts"] == sorted(blue) and done["blue_green"]["green_auto_scaling_group"] is None
    assert not task(**asked).changed
    nobody = {
        "target_instances": {"tag_filters": [{"key": "role", "value": "nobody"}]},
        "revision": shop.revision("app-2.zip"),
    }
    assert task(**nobody).failed


def test_options_that_do_not_fit_the_group_are_refused(shop: Balanced) -> None:
    shop.launch(1)
    shop.group()
    in_place = task(revision=shop.revision(), target_instances=GREEN_TAG)
    assert in_place.failed and "deploys in place" in in_place.msg and not in_place.writes


def test_a_wait_before_traffic_moves_is_ended(shop: Balanced) -> None:
    blue = shop.copying(ready=60)
    ready = task(revision=shop.revision(), wait_until="ready")
    assert ready["deployment"]["status"] == "Ready" and shop.serving() == set(blue)
    assert "waits to be continued before traffic moves" in ready["followed"]["lines"][-1]
    other = task(revision=shop.revision("app-2.zip"))
    assert other.failed and "when_active" in other.msg
    assert act("continued", deployment_wait_type="TERMINATION_WAIT").failed
    foretold = act("continued", check=True)
    assert foretold.changed and not foretold.writes and "before traffic moves" in foretold["reason"]
    done = act("continued")
    assert operations(done) == ["ContinueDeployment"] and done["deployment"]["status"] == "Succeeded"
    assert not shop.serving() & set(blue)
    assert not act("continued").changed and not task(revision=shop.revision()).changed


def test_a_wait_before_blue_ends_is_ended(shop: Balanced) -> None:
    blue = shop.copying(termination=60)
    name = waiting_to_end(shop)
    assert not shop.serving() & set(blue)
    again = task(revision=shop.revision(), wait_until="traffic_moved")
    assert not again.changed and "waits to end the blue hosts" in again["reason"]
    busy = task(revision=shop.revision("app-2.zip"))
    assert busy.failed and "state continued ends that wait" in busy.msg and name in busy.msg
    done = act("continued")
    assert "before the blue hosts end" in done["reason"] and done["deployment"]["status"] == "Succeeded"
    assert not act("continued", deployment_wait_type="READY_WAIT").changed


@pytest.mark.parametrize("rollback", [True, False])
def test_a_failure_of_the_green_hosts_leaves_blue_alone(shop: Balanced, rollback: bool) -> None:
    blue = shop.copying(autoRollbackConfiguration=ROLLBACK if rollback else {"enabled": False})
    if rollback:
        task(revision=shop.revision())
        blue = sorted(shop.serving())
    shop.fails(event="ApplicationStart", revision_key="app-2.zip")
    failed = task(revision=shop.revision("app-2.zip"))
    name = failed["deployment"]["deployment_id"]
    green = shop.labelled(name, "Green")
    assert failed.failed and shop.serving() == set(blue)
    assert failed["blue_green"]["traffic"] == "blue" and failed["blue_green"]["blue_hosts"] == blue
    assert {one["target_id"] for one in failed["failed_targets"]} <= set(green)
    assert "The traffic is on the blue hosts as before: " in failed.msg and blue[0] in failed.msg
    assert f"left in the Auto Scaling group CodeDeploy_prod_{name}" in failed.msg


def test_after_such_a_failure_there_is_nothing_to_deploy_or_to_roll_back(shop: Balanced) -> None:
    shop.copying()
    task(revision=shop.revision())
    shop.fails(event="ApplicationStart", revision_key="app-2.zip")
    assert task(revision=shop.revision("app-2.zip")).failed
    back, again = act("rolled_back"), task(revision=shop.revision())
    assert not back.changed and back.writes == [] and "gave no new host traffic" in back["reason"], back.result
    assert not again.changed and again.writes == [], again.result


def test_traffic_goes_back_to_blue_while_it_is_there(shop: Balanced) -> None:
    shop.copying(termination=5)
    first = task(revision=shop.revision(), wait_until="finished")
    blue = first["blue_green"]["green_hosts"]
    moved = task(revision=shop.revision("app-2.zip"), wait_until="traffic_moved")
    assert moved["deployment"]["status"] == "InProgress"
    back = act("rolled_back")
    assert operations(back) == ["StopDeployment"] and shop.serving() == set(blue), back.result
    assert back["blue_green"]["traffic"] == "blue" and back["rollback"]["deployment"]["status"] == "Succeeded"
    assert not act("rolled_back").changed and not task(revision=shop.revision()).changed


def test_after_the_end_of_blue_the_last_good_revision_is_deployed_again(shop: Balanced) -> None:
    shop.copying()
    task(revision=shop.revision())
    task(revision=shop.revision("app-2.zip"))
    back = act("rolled_back")
    assert operations(back) == ["CreateDeployment"] and back["deployment"]["status"] == "Succeeded", back.msg
    assert (
        back["rollback_to"]["host_count"] == 2 and back["rollback_to"]["revision"]["s3_location"]["key"] == "app-1.zip"
    )
    assert not act("rolled_back").changed


def test_a_stop_tells_what_became_of_both_fleets(shop: Balanced) -> None:
    blue = shop.copying(ready=60)
    name = left_at("Ready", shop)
    stopped = act("stopped")
    assert operations(stopped) == ["StopDeployment"] and stopped["deployment"]["status"] == "Stopped"
    assert stopped["blue_green"]["traffic"] == "blue" and shop.serving() == set(blue)
    assert stopped["blue_green"]["green_auto_scaling_group"] == f"CodeDeploy_prod_{name}"


@pytest.mark.parametrize("seconds", [0, 90, 240])
def test_a_play_that_was_killed_is_resumed(shop: Balanced, seconds: int) -> None:
    """At each step of a run: the next one joins the deployment, or finds it done."""
    shop.copying(termination=5)
    killed = task(revision=shop.revision(), **KILLED)
    clock.advance(seconds)
    then = task(revision=shop.revision())
    assert not then.failed and not then.writes, then.msg
    assert then["deployment"]["deployment_id"] == killed["deployment"]["deployment_id"]
    assert then["deployment"]["status"] == "Succeeded" and not task(revision=shop.revision()).changed


def test_a_wait_that_ran_out_is_told(shop: Balanced) -> None:
    blue = shop.copying(ready=10)
    failed = task(revision=shop.revision())
    assert failed.failed and "is Stopped" not in failed.msg and "Stopped" in failed.msg and "TIMEOUT" in failed.msg
    assert shop.serving() == set(blue) and failed["blue_green"]["traffic"] == "blue"
