# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Traffic shifting between versions of a Lambda function by the module: planned, made once, joined, failed, stopped and rolled back."""

from __future__ import annotations

import typing as t

import pytest
from support.lambda_shop import LambdaShop
from support.modules import CONNECTION, Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

GROUP = {"application_name": "app", "deployment_group_name": "prod"}
ROLLBACK = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"]}


@pytest.fixture
def shop(world: None) -> LambdaShop:
    found = LambdaShop(CONNECTION["region"])
    found.lambda_group("LambdaCanary10Percent5Minutes", autoRollbackConfiguration=ROLLBACK)
    return found


def deploy(version: str = "2", check: bool = False, hooks: dict[str, str] | None = None, **options: t.Any) -> Outcome:
    asked = {"function_name": "fn", "alias": "live", "target_version": version, "hooks": hooks}
    return run_module("codedeploy_deployment", {**GROUP, "lambda": asked, **options}, check_mode=check)


def act(state: str, check: bool = False, **options: t.Any) -> Outcome:
    return run_module("codedeploy_deployment", {**GROUP, "state": state, **options}, check_mode=check)


def writes(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]


def half_moved(shop: LambdaShop) -> str:
    """A deployment to version 2 of which one step is done."""
    started = deploy(wait=False)
    clock.advance(60)
    assert shop.routing() == {"1": 0.9, "2": 0.1}
    return str(started["deployment"]["deployment_id"])


def test_traffic_is_moved_once(shop: LambdaShop) -> None:
    foretold = deploy(check=True)
    assert foretold.changed and not foretold.writes
    plan = foretold["plan"]
    assert plan["traffic"] == [{"minutes": 0, "percent": 10}, {"minutes": 5, "percent": 100}]
    assert plan["auto_rollback_configuration"] == {"enabled": True, "events": ROLLBACK["events"]}
    done = deploy()
    assert done.changed and writes(done) == ["CreateDeployment"]
    assert done["deployment"]["status"] == "Succeeded" and shop.routing() == {"2": 1.0}
    assert done["traffic"] == [{"version": "2", "percent": 100.0}]
    assert done["diff"] == foretold["diff"]
    assert (done["diff"]["before"]["version"], done["diff"]["after"]["version"]) == ("1", "2")
    for check in (True, False):
        again = deploy(check=check)
        assert not again.changed and not again.writes and again["reason"] == "it has all traffic"
    assert len(again.calls) == 3


def test_the_steps_of_a_configuration_of_ones_own_are_foretold(shop: LambdaShop) -> None:
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 50, "linearInterval": 3}}
    shop.codedeploy.create_deployment_config(
        deploymentConfigName="halves", computePlatform="Lambda", trafficRoutingConfig=routing
    )
    told = deploy(check=True, deployment_config_name="halves")
    assert told["plan"]["traffic"] == [{"minutes": 0, "percent": 50}, {"minutes": 3, "percent": 100}]
    faults.add({"kind": "denied", "operation": "GetDeploymentConfig"})
    assert deploy(check=True, deployment_config_name="halves")["plan"]["traffic"] is None


def test_an_alias_tells_the_share_of_each_version() -> None:
    routing = {"AdditionalVersionWeights": {"2": 0.1, "3": 0.0}}
    assert aliases.shares({"FunctionVersion": "1", "RoutingConfig": routing}) == {"1": 90.0, "2": 10.0}
    assert aliases.shares({"FunctionVersion": "1"}) == {"1": 100.0}


def test_traffic_is_told_as_it_moves(shop: LambdaShop) -> None:
    follow: dict[str, t.Any] = {"seconds": 15}
    shown: list[str] = []
    while True:
        followed = deploy(follow=follow)["followed"]
        shown += followed["lines"]
        if followed["done"]:
            break
        follow = {"id": followed["id"], "seconds": 15, "seen": followed["seen"]}
    assert any("AllowTraffic, 10 % of the traffic on version 2, 90 % on version 1" in line for line in shown)
    assert "Succeeded" in shown[-1] and len(shown) < 12


def test_a_quiet_poll_is_one_call(shop: LambdaShop) -> None:
    name = half_moved(shop)
    moved = deploy(follow={"id": name, "seconds": 1})["followed"]
    quiet = deploy(follow={"id": name, "seen": moved["seen"], "seconds": 0})
    assert [call.operation for call in quiet.calls] == ["ListDeploymentTargets", "BatchGetDeploymentTargets"]


def test_a_deployment_in_flight_is_joined(shop: LambdaShop) -> None:
    name = half_moved(shop)
    joined = deploy()
    assert joined["joined"] and not joined.writes and joined["deployment"]["deployment_id"] == name
    assert shop.routing() == {"2": 1.0}


def test_a_deployment_that_others_started_is_joined_by_its_target(shop: LambdaShop) -> None:
    name = shop.shift("1", "2", hooks={"BeforeAllowTraffic": "none"})
    shop.function("none")
    clock.advance(60)
    joined = deploy(wait=False)
    assert joined["joined"] and joined["deployment"]["deployment_id"] == name and not joined.writes


def test_another_version_in_flight_is_refused(shop: LambdaShop) -> None:
    half_moved(shop)
    shop.release("3")
    refused = deploy("3")
    assert refused.failed and "when_active" in refused.msg and not refused.writes


def test_a_hook_that_fails_is_named_with_its_log(shop: LambdaShop) -> None:
    shop.function("check")
    deploy()
    faults.add({"kind": "hook-fails", "function_name": "check"})
    failed = deploy(shop.release("3"), hooks={"before_allow_traffic": "check"})
    assert failed.failed and shop.routing() == {"2": 1.0}
    (target,) = failed["failed_targets"]
    assert (target["lifecycle_event_name"], target["function_name"]) == ("BeforeAllowTraffic", "check")
    assert target["log_group"] == "/aws/lambda/check"
    for said in ("BeforeAllowTraffic", "check", "/aws/lambda/check", "HOOK_EXECUTION_FAILURE", "rolled back"):
        assert said in failed.msg, failed.msg


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"version": "7"}, "has no version 7"),
        ({"version": "$LATEST"}, "$LATEST"),
        ({"hooks": {"after_allow_traffic": "nobody"}}, "no function nobody"),
    ],
)
def test_what_is_known_to_fail_is_refused_in_check_mode_too(
    shop: LambdaShop, options: dict[str, t.Any], said: str
) -> None:
    for check in (True, False):
        refused = deploy(check=check, **options)
        assert refused.failed and said in refused.msg and not refused.writes


def test_an_alias_left_on_two_versions_is_recognised_and_repaired(shop: LambdaShop) -> None:
    name = half_moved(shop)
    stopped = act("stopped", auto_rollback_enabled=False)
    assert not stopped.failed and stopped["deployment"]["status"] == "Stopped"
    assert shop.routing() == {"1": 0.9, "2": 0.1}
    refused = deploy()
    assert refused.failed and name in refused.msg and "repair_alias" in refused.msg and not refused.writes
    foretold = deploy(repair_alias=True, check=True)
    assert foretold["plan"]["repair_alias"] and not foretold.writes
    done = deploy(repair_alias=True)
    assert writes(done) == ["UpdateAlias", "CreateDeployment"] and shop.routing() == {"2": 1.0}


def test_to_stay_on_the_version_a_repair_is_enough(shop: LambdaShop) -> None:
    half_moved(shop)
    act("stopped", auto_rollback_enabled=False)
    done = deploy("1", repair_alias=True)
    assert done.changed and writes(done) == ["UpdateAlias"] and shop.routing() == {"1": 1.0}
    assert not deploy("1", repair_alias=True).changed


def test_a_running_deployment_is_rolled_back_by_a_stop(shop: LambdaShop) -> None:
    half_moved(shop)
    foretold = act("rolled_back", check=True)
    assert foretold.changed and not foretold.writes
    done = act("rolled_back")
    assert not done.failed and done.changed and writes(done) == ["StopDeployment"] and shop.routing() == {"1": 1.0}
    again = act("rolled_back")
    assert not again.changed and not again.writes and not again.failed


def test_a_deployment_that_is_stopped_before_it_starts_has_nothing_to_roll_back(shop: LambdaShop) -> None:
    shop.shift("1", "2")
    done = act("rolled_back")
    assert not done.failed and done.changed and writes(done) == ["StopDeployment"] and shop.routing() == {"1": 1.0}
    assert done["deployment"]["status"] == "Stopped"
    again = act("rolled_back")
    assert not again.failed and not again.changed and not again.writes
    assert "is Stopped and ended before it moved any traffic" in again["reason"]


def test_aws_rolls_back_to_an_earlier_success(shop: LambdaShop) -> None:
    deploy()
    deploy(shop.release("3"), wait=False)
    clock.advance(60)
    done = act("rolled_back")
    assert done["rollback"]["deployment"]["status"] == "Succeeded" and shop.routing() == {"2": 1.0}
    assert writes(done) == ["StopDeployment"] and not act("rolled_back").changed


def test_a_finished_deployment_is_rolled_back_by_what_served_before(shop: LambdaShop) -> None:
    deploy()
    foretold = act("rolled_back", check=True)
    assert foretold["target"]["version"] == "1" and not foretold.writes
    done = act("rolled_back")
    assert not done.failed and writes(done) == ["CreateDeployment"] and shop.routing() == {"1": 1.0}
    again = act("rolled_back")
    assert not again.changed and not again.writes and "rolled back" in again["reason"]


def test_without_a_deployment_there_is_nothing_to_return_to(shop: LambdaShop) -> None:
    refused = act("rolled_back")
    assert refused.failed and "nothing was deployed" in refused.msg


def test_a_change_by_others_makes_a_rollback_unknown(shop: LambdaShop) -> None:
    deploy()
    shop.functions.update_alias(FunctionName="fn", Name="live", FunctionVersion="1")
    refused = act("rolled_back")
    assert refused.failed and "something else changed it" in refused.msg and not refused.writes


@pytest.mark.parametrize("as_text", [True, False])
def test_an_appspec_of_the_user_is_sent_as_json(shop: LambdaShop, as_text: bool) -> None:
    properties = {"Name": "fn", "Alias": "live", "CurrentVersion": 1, "TargetVersion": 2}
    wanted: t.Any = {"version": 0.0, "Resources": [{"fn": {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    if as_text:
        wanted = (
            "version: 0.0\nresources:\n- fn:\n    type: AWS::Lambda::Function\n    properties:\n"
            "      name: fn\n      alias: live\n      currentversion: '1'\n      targetversion: '2'\n"
        )
    revision = {"revision_type": "AppSpecContent", "app_spec_content": {"content": wanted}}
    done = run_module("codedeploy_deployment", {**GROUP, "revision": revision})
    assert not done.failed and shop.routing() == {"2": 1.0}
    again = run_module("codedeploy_deployment", {**GROUP, "revision": revision})
    assert not again.changed and not again.writes


def stored(shop: LambdaShop, text: str, kind: str = "YAML", **more: str) -> dict[str, t.Any]:
    shop.bundle("appspec", data=text.encode())
    return {
        "revision_type": "S3",
        "s3_location": {"bucket": shop.bucket, "key": "appspec", "bundle_type": kind, **more},
    }


@pytest.mark.parametrize("kind", ["YAML", "JSON"])
def test_an_appspec_in_s3_is_read_and_deployed_once(shop: LambdaShop, kind: str) -> None:
    shop.function("check")
    revision = stored(shop, shop.appspec(hooks={"AfterAllowTraffic": "check"}), kind)
    foretold = run_module("codedeploy_deployment", {**GROUP, "revision": revision}, check_mode=True)
    assert [one["function_name"] for one in foretold["plan"]["hooks"]] == ["check"] and not foretold.writes
    done = run_module("codedeploy_deployment", {**GROUP, "revision": revision})
    assert not done.failed and shop.routing() == {"2": 1.0}
    assert done["revision"]["s3_location"]["e_tag"] and done["deployment"]["revision"] == done["revision"]
    again = run_module("codedeploy_deployment", {**GROUP, "revision": revision})
    assert not again.changed and not again.writes


def test_the_hook_of_an_appspec_in_s3_is_named_in_a_later_slice(shop: LambdaShop) -> None:
    shop.function("check")
    faults.add({"kind": "hook-fails", "function_name": "check"})
    task = {**GROUP, "revision": stored(shop, shop.appspec(hooks={"BeforeAllowTraffic": "check"})), "wait_delay": 150}
    begun = run_module("codedeploy_deployment", {**task, "wait": False})
    clock.advance(900)
    follow = {"id": begun["deployment"]["deployment_id"], "seconds": 15}
    failed = run_module("codedeploy_deployment", {**task, "follow": follow})
    assert failed.failed and "/aws/lambda/check" in failed.msg


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        ({"key": "gone"}, "there is no object"),
        ({"e_tag": "0" * 32}, "the object has another ETag"),
        ({"bucket": "gone"}, "there is no such bucket"),
        ({}, "CodeDeploy would refuse the AppSpec s3://"),
    ],
)
def test_an_appspec_in_s3_that_cannot_be_used_is_refused(shop: LambdaShop, revision: dict[str, str], said: str) -> None:
    wanted = stored(shop, "version: 0.0")
    wanted["s3_location"].update(revision)
    for check in (True, False):
        refused = run_module("codedeploy_deployment", {**GROUP, "revision": wanted}, check_mode=check)
        assert refused.failed and said in refused.msg and not refused.writes, refused.msg


def test_an_appspec_from_another_version_is_refused(shop: LambdaShop) -> None:
    shop.release("3")
    revision = {"revision_type": "AppSpecContent", "app_spec_content": {"content": shop.appspec("2", "3")}}
    refused = run_module("codedeploy_deployment", {**GROUP, "revision": revision})
    assert refused.failed and "is on 1" in refused.msg and not refused.writes


def test_a_lost_answer_is_looked_up(shop: LambdaShop) -> None:
    faults.add({"kind": "lost-reply", "service": "codedeploy", "operation": "CreateDeployment", "times": 1})
    done = deploy()
    assert not done.failed and writes(done) == ["CreateDeployment"] and shop.routing() == {"2": 1.0}


def test_an_alarm_stops_it(shop: LambdaShop) -> None:
    shop.codedeploy.update_deployment_group(
        applicationName="app",
        currentDeploymentGroupName="prod",
        alarmConfiguration={"enabled": True, "alarms": [{"name": "errors"}]},
    )
    refused = deploy(check=True)
    assert refused.failed and "there is no alarm errors" in refused.msg and refused["plan"]["problems"]


def test_half_moved_traffic_is_taken_back_after_a_stop(shop: LambdaShop) -> None:
    half_moved(shop)
    act("stopped", auto_rollback_enabled=False)
    done = act("rolled_back")
    assert not done.failed and done.changed and shop.routing() == {"1": 1.0}


def test_a_success_that_others_undo_is_told(shop: LambdaShop) -> None:
    name = half_moved(shop)
    clock.advance(600)
    weights = {"AdditionalVersionWeights": {"2": 0.25}}
    shop.functions.update_alias(FunctionName="fn", Name="live", FunctionVersion="1", RoutingConfig=weights)
    told = deploy(follow={"id": name, "seconds": 15})
    assert told.failed and "does not send all traffic to version 2: 75 % on version 1 and 25 % on version 2" in told.msg
