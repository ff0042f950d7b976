# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The production listener at every second of a shift, for each kind of deployment configuration."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.ecs_shop import EcsShop

from slipway_emulator.clock import clock
from slipway_emulator.world import world

MINUTE = 60
# What each configuration promises: (seconds after the start, percentage on green), written out rather than computed.
PREDEFINED = {
    "ECSAllAtOnce": [(0, 100)],
    "ECSCanary10Percent5Minutes": [(0, 10), (5 * MINUTE, 100)],
    "ECSCanary10Percent15Minutes": [(0, 10), (15 * MINUTE, 100)],
    "ECSLinear10PercentEvery1Minutes": [(n * MINUTE, 10 * n + 10) for n in range(10)],
    "ECSLinear10PercentEvery3Minutes": [(3 * n * MINUTE, 10 * n + 10) for n in range(10)],
}


def share_of_green(shop: EcsShop) -> int:
    """Read without a request, since it is asked for so often."""
    backend = importlib.import_module("moto.elbv2.models").elbv2_backends["123456789012"][shop.region]
    [action] = backend.describe_listeners(None, [shop.production])[0].default_actions
    weights = {group["TargetGroupArn"]: group["Weight"] for group in action.data["ForwardConfig"]["TargetGroups"]}
    assert sum(weights.values()) == 100
    return weights[shop.two]


def check_every_second(shop: EcsShop, promised: list[tuple[int, int]]) -> None:
    deployment_id = shop.swap()
    shop.run_until_event(deployment_id, "Install")
    seen = []
    while not shop.record(deployment_id).ended:
        [target] = shop.record(deployment_id).targets.values()
        event = next(event for event in target.events if event.name == "AllowTraffic")
        passed = round(clock.now() - event.started.timestamp(), 3) if event.started else -1.0
        expected = max((share for second, share in promised if second <= passed), default=0)
        assert share_of_green(shop) == expected, passed
        seen.append(expected)
        clock.advance(1)
    assert share_of_green(shop) == 100
    assert set(seen) == {0, *(share for _second, share in promised)}


@pytest.mark.parametrize("name", PREDEFINED)
def test_predefined_configurations(name: str) -> None:
    with world():
        shop = EcsShop()
        shop.ecs_group(name)
        check_every_second(shop, PREDEFINED[name])


@settings(max_examples=8, deadline=None)
@given(kind=st.sampled_from(["Canary", "Linear"]), percentage=st.integers(10, 99), interval=st.integers(1, 3))
@example(kind="Linear", percentage=33, interval=1)
@example(kind="Linear", percentage=50, interval=2)
@example(kind="Canary", percentage=1, interval=1)
def test_custom_configurations(kind: str, percentage: int, interval: int) -> None:
    if kind == "Canary":
        promised = [(0, percentage), (interval * MINUTE, 100)]
    else:
        count = -(-100 // percentage)
        promised = [(n * interval * MINUTE, min(100, percentage * (n + 1))) for n in range(count)]
    with world():
        shop = EcsShop()
        block: Any = {f"{kind.lower()}Percentage": percentage, f"{kind.lower()}Interval": interval}
        shop.codedeploy.create_deployment_config(
            deploymentConfigName="own", computePlatform="ECS",
            trafficRoutingConfig={"type": f"TimeBased{kind}", f"timeBased{kind}": block},
        )  # fmt: skip
        shop.ecs_group("own")
        check_every_second(shop, promised)


def test_a_rollback_takes_everything_back_at_once() -> None:
    with world():
        shop = EcsShop()
        shop.ecs_group()
        shop.swapped()
        config = "CodeDeployDefault.ECSLinear10PercentEvery1Minutes"
        deployment_id = shop.swap(image="nginx:3", deploymentConfigName=config)
        shop.run_until_event(deployment_id, "AllowTraffic")
        clock.advance(150)
        assert shop.weights(shop.production) == {"two": 70, "one": 30}
        shop.codedeploy.stop_deployment(deploymentId=deployment_id, autoRollbackEnabled=True)
        rollback_id = shop.info(deployment_id)["rollbackInfo"]["rollbackDeploymentId"]
        assert shop.ended(rollback_id)["status"] == "Succeeded"
        assert shop.weights(shop.production) == {"two": 100, "one": 0}
