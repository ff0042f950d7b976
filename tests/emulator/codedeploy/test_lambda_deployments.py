# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployments of Lambda functions: the course of one that succeeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.lambda_shop import LambdaShop

from slipway_emulator.clock import clock
from slipway_emulator.world import world


@pytest.fixture
def shop() -> Iterator[LambdaShop]:
    with world():
        yield LambdaShop()


def test_all_traffic_is_shifted_at_once(shop: LambdaShop) -> None:
    shop.lambda_group()
    deployment_id = shop.shift("1", "2")
    info = shop.ended(deployment_id)
    assert (info["status"], info["computePlatform"]) == ("Succeeded", "Lambda")
    assert info["deploymentOverview"]["Succeeded"] == 1
    assert shop.routing() == {"2": 1.0}
    assert shop.event_statuses(deployment_id) == ["Succeeded"] * 3


def test_a_canary_waits_with_the_rest(shop: LambdaShop) -> None:
    shop.lambda_group("LambdaCanary10Percent5Minutes")
    deployment_id = shop.shift("1", "2")
    shop.run_until_event(deployment_id, "AllowTraffic")
    for _minute in range(5):
        assert shop.routing() == {"1": 0.9, "2": 0.1}
        assert shop.target(deployment_id)["lambdaFunctionInfo"]["targetVersionWeight"] == 10.0
        clock.advance(60)
    assert shop.routing() == {"2": 1.0}
    assert shop.ended(deployment_id)["status"] == "Succeeded"
