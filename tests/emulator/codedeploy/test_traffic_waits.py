# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What ends the waits of deployments that shift traffic, and what does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs_shop import EcsShop

from slipway_emulator.clock import clock
from slipway_emulator.world import world

ALWAYS = {"enabled": True, "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]}


@pytest.fixture
def shop() -> Iterator[EcsShop]:
    with world():
        yield EcsShop()


def ready(shop: EcsShop) -> str:
    """A deployment that waits for ContinueDeployment."""
    shop.ecs_group(ready=30, autoRollbackConfiguration=ALWAYS)
    deployment_id = shop.swap()
    clock.run_until(lambda: shop.record(deployment_id).status == "Ready")
    return deployment_id


def test_a_wait_that_is_over_is_a_time_out_that_nothing_rolls_back(shop: EcsShop) -> None:
    deployment_id = ready(shop)
    [target] = shop.record(deployment_id).targets.values()
    assert target.status == "Ready"
    clock.advance(1800)
    info = shop.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "TIMEOUT")
    assert "rollbackInfo" not in info


def test_any_wait_is_ended_by_a_request_that_names_none(shop: EcsShop) -> None:
    deployment_id = ready(shop)
    shop.codedeploy.continue_deployment(deploymentId=deployment_id)
    with pytest.raises(shop.codedeploy.exceptions.DeploymentIsNotInReadyStateException):
        shop.codedeploy.continue_deployment(deploymentId=deployment_id)
    assert shop.ended(deployment_id)["status"] == "Succeeded"
    with pytest.raises(shop.codedeploy.exceptions.DeploymentAlreadyCompletedException):
        shop.codedeploy.continue_deployment(deploymentId=deployment_id)


def test_a_deployment_that_waits_can_be_stopped(shop: EcsShop) -> None:
    deployment_id = ready(shop)
    shop.codedeploy.stop_deployment(deploymentId=deployment_id)
    info = shop.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")


@pytest.mark.parametrize(
    "ask",
    [
        lambda api, i: api.list_deployment_instances(deploymentId=i),
        lambda api, i: api.get_deployment_instance(deploymentId=i, instanceId="shop:web"),
        lambda api, i: api.batch_get_deployment_instances(deploymentId=i, instanceIds=["shop:web"]),
    ],
)
def test_the_deprecated_calls_do_not_know_ecs(shop: EcsShop, ask: Callable[[Any, str], Any]) -> None:
    with pytest.raises(ClientError) as refused:
        ask(shop.codedeploy, ready(shop))
    assert refused.value.response["Error"]["Code"] == "InvalidComputePlatformException"
