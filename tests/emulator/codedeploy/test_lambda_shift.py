# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The traffic of an alias in every second of a shift."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto.awslambda.utils import get_backend
from support.codedeploy_shop import ACCOUNT, REGION
from support.lambda_shop import PREFIX, LambdaShop

from slipway_emulator.clock import clock
from slipway_emulator.world import world

MINUTE = 60


def expected(routing: dict[str, Any], second: int) -> int:
    """Percent on the new version, by the words of the user guide."""
    if routing["type"] == "AllAtOnce":
        return 100
    if routing["type"] == "TimeBasedCanary":
        over = second >= routing["timeBasedCanary"]["canaryInterval"] * MINUTE
        return 100 if over else routing["timeBasedCanary"]["canaryPercentage"]
    linear = routing["timeBasedLinear"]
    increments = 1 + second // (linear["linearInterval"] * MINUTE)
    return min(100, increments * linear["linearPercentage"])


def share(target: str) -> int:
    """Percent of the alias' traffic on this version, looked up without a request, for every second."""
    alias = get_backend(ACCOUNT, REGION).get_alias("live", "fn")
    weights = alias.weights()
    if alias.function_version == target:
        return 100 - round(100 * sum(weights.values()))
    return round(100 * weights.get(target, 0))


def watch(functions: LambdaShop, routing: dict[str, Any], seconds: list[int], **settings: Any) -> None:
    """Deploy the other version and look at the alias in these seconds of the shift."""
    current = functions.functions.get_alias(FunctionName="fn", Name="live")["FunctionVersion"]
    target = "2" if current == "1" else "1"
    deployment_id = functions.shift(current, target, **settings)
    functions.run_until_event(deployment_id, "AllowTraffic")
    start = clock.now()
    for second in seconds:
        clock.advance(start + second - clock.now())
        assert share(target) == expected(routing, second), second
    assert functions.ended(deployment_id)["status"] == "Succeeded"
    assert functions.routing() == {target: 1.0}


def predefined() -> list[str]:
    linear = ["LambdaLinear10PercentEvery1Minute", *(f"LambdaLinear10PercentEvery{m}Minutes" for m in (2, 3, 10))]
    return ["LambdaAllAtOnce", *(f"LambdaCanary10Percent{m}Minutes" for m in (5, 10, 15, 30)), *linear]


def test_every_predefined_configuration_is_watched(functions: LambdaShop) -> None:
    names = functions.codedeploy.list_deployment_configs()["deploymentConfigsList"]
    assert sorted(n.removeprefix(PREFIX) for n in names if ".Lambda" in n) == sorted(predefined())


@pytest.mark.parametrize("name", predefined())
def test_predefined_configurations(functions: LambdaShop, name: str) -> None:
    functions.lambda_group(name)
    got = functions.codedeploy.get_deployment_config(deploymentConfigName=PREFIX + name)["deploymentConfigInfo"]
    watch(functions, got["trafficRoutingConfig"], list(range(10 * 10 * MINUTE)))


@st.composite
def shifts(draw: Any) -> tuple[dict[str, Any], list[int]]:
    """A configuration, and seconds in order that matter: around each step, and any."""
    word = draw(st.sampled_from(("canary", "linear")))
    percentage = draw(st.integers(1, 99))
    waits = 1 if word == "canary" else -(-100 // percentage) - 1
    interval = draw(st.integers(1, 2880 // waits))
    block = {f"{word}Percentage": percentage, f"{word}Interval": interval}
    steps = {step * interval * MINUTE + near for step in range(waits + 1) for near in (-1, 0, 1)}
    others = draw(st.sets(st.integers(0, waits * interval * MINUTE), max_size=20))
    return {"type": f"TimeBased{word.title()}", f"timeBased{word.title()}": block}, sorted((steps | others) - {-1})


def test_configurations_of_ones_own() -> None:
    with world():
        functions = LambdaShop()
        functions.lambda_group()
        names = iter(range(50))

        @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(shifts())
        def hold(shift: tuple[dict[str, Any], list[int]]) -> None:
            routing, seconds = shift
            name = f"own-{next(names)}"
            functions.codedeploy.create_deployment_config(
                deploymentConfigName=name, computePlatform="Lambda", trafficRoutingConfig=routing
            )
            watch(functions, routing, seconds, deploymentConfigName=name)

        hold()


def test_ten_percent_are_ten_steps_and_nine_waits(functions: LambdaShop) -> None:
    functions.lambda_group("LambdaLinear10PercentEvery1Minute")
    deployment_id = functions.shift()
    functions.run_until_event(deployment_id, "AllowTraffic")
    seen = []
    for _minute in range(10):
        seen.append(functions.target(deployment_id)["lambdaFunctionInfo"]["targetVersionWeight"])
        clock.advance(MINUTE)
    assert seen == [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]


def test_a_target_tells_what_is_shifted(functions: LambdaShop) -> None:
    functions.lambda_group()
    deployment_id = functions.shift()
    info = functions.ended(deployment_id)
    assert (info["status"], info["computePlatform"]) == ("Succeeded", "Lambda")
    assert info["deploymentOverview"]["Succeeded"] == 1
    assert info["instanceTerminationWaitTimeStarted"] is False
    target = functions.target(deployment_id)
    assert (target["targetId"], target["status"]) == ("fn:live", "Succeeded")
    assert target["targetArn"] == f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:fn:live"
    assert target["lambdaFunctionInfo"] == {
        "functionName": "fn",
        "functionAlias": "live",
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 100.0,
    }
    names = [event["lifecycleEventName"] for event in target["lifecycleEvents"]]
    assert names == ["BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"]
    assert functions.event_statuses(deployment_id) == ["Succeeded"] * 3
    [found] = functions.codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=["fn:live"])[
        "deploymentTargets"
    ]
    assert found["deploymentTargetType"] == "LambdaTarget"
    with pytest.raises(functions.codedeploy.exceptions.DeploymentTargetListSizeExceededException):
        functions.codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=["fn:live"] * 2)
