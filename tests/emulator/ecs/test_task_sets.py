# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Task sets: counts, scale, the primary one, and how they end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support.ecs_shop import EcsWorld

from slipway_emulator.clock import clock
from slipway_emulator.world import world

ON = {"cluster": "shop", "service": "web"}


@pytest.fixture
def at() -> Iterator[EcsWorld]:
    with world():
        yield EcsWorld()


def external(at: EcsWorld, **more: Any) -> None:
    given = dict.fromkeys(("taskDefinition", "launchType", "loadBalancers", "networkConfiguration"))
    at.service(controller="EXTERNAL", **{**given, **more})


def task_set(at: EcsWorld, **more: Any) -> dict[str, Any]:
    given = {"taskDefinition": "web", "launchType": "FARGATE", "networkConfiguration": at.network(), **more}
    return at.ecs.create_task_set(**ON, **given)["taskSet"]


@pytest.mark.parametrize(
    ("desired", "percent", "computed"), [(2, 100, 2), (3, 50, 2), (10, 33, 4), (4, 0, 0), (3, 34, 2)]
)
def test_the_scale_is_rounded_up(at: EcsWorld, desired: int, percent: int, computed: int) -> None:
    external(at, desiredCount=desired)
    made = task_set(at, scale={"value": percent, "unit": "PERCENT"})
    assert (made["computedDesiredCount"], made["pendingCount"]) == (computed, computed)
    clock.advance(60)
    [found] = at.task_sets()
    assert (found["runningCount"], found["pendingCount"], found["stabilityStatus"]) == (computed, 0, "STEADY_STATE")


def test_a_service_of_codedeploy_has_a_primary_task_set_at_once(at: EcsWorld) -> None:
    service = at.service()
    [made] = service["taskSets"]
    assert (made["status"], made["computedDesiredCount"], service["deployments"]) == ("PRIMARY", 2, [])
    with pytest.raises(ClientError, match="EXTERNAL deployment controller"):
        task_set(at)
    with pytest.raises(ClientError, match="EXTERNAL deployment controller"):
        at.ecs.update_task_set(**ON, taskSet=made["id"], scale={"value": 50, "unit": "PERCENT"})


def test_another_scale_and_another_desired_count(at: EcsWorld) -> None:
    external(at, desiredCount=4)
    made = task_set(at)
    clock.advance(60)
    half = at.ecs.update_task_set(**ON, taskSet=made["id"], scale={"value": 50, "unit": "PERCENT"})["taskSet"]
    assert half["computedDesiredCount"] == 2
    clock.advance(60)
    assert len(at.tasks()) == 2
    at.ecs.update_service(**ON, desiredCount=8)
    assert at.task_sets()[0]["computedDesiredCount"] == 4
    with pytest.raises(ClientError, match="between 0 and 100"):
        at.ecs.update_task_set(**ON, taskSet=made["id"], scale={"value": 101, "unit": "PERCENT"})


@pytest.mark.parametrize("by", ["id", "taskSetArn"])
def test_the_service_takes_over_from_its_primary_task_set(at: EcsWorld, by: str) -> None:
    external(at)
    first, second = task_set(at), task_set(at, taskDefinition=at.revision("nginx:2"), loadBalancers=at.behind(at.one))
    at.ecs.update_service_primary_task_set(**ON, primaryTaskSet=first["id"])
    answer = at.ecs.update_service_primary_task_set(**ON, primaryTaskSet=second[by])
    assert answer["taskSet"]["status"] == "PRIMARY"
    assert {one["id"]: one["status"] for one in at.task_sets()} == {first["id"]: "ACTIVE", second["id"]: "PRIMARY"}
    service = at.described()
    assert service["taskDefinition"] == second["taskDefinition"]
    assert service["loadBalancers"] == at.behind(at.one)


def test_how_a_task_set_ends(at: EcsWorld) -> None:
    external(at)
    first, second = task_set(at), task_set(at, loadBalancers=at.behind(at.one))
    at.ecs.update_service_primary_task_set(**ON, primaryTaskSet=first["id"])
    clock.advance(60)
    with pytest.raises(ClientError, match="primary task set cannot be deleted"):
        at.ecs.delete_task_set(**ON, taskSet=first["id"], force=True)
    with pytest.raises(ClientError, match="scaled above 0"):
        at.ecs.delete_task_set(**ON, taskSet=second["id"])
    assert at.ecs.delete_task_set(**ON, taskSet=second["id"], force=True)["taskSet"]["status"] == "DRAINING"
    assert at.health(at.one) == ["draining", "draining"]
    clock.advance(320)
    assert [one["id"] for one in at.task_sets()] == [first["id"]]
    for call in (at.ecs.delete_task_set, at.ecs.update_task_set):
        more = {"scale": {"value": 1, "unit": "PERCENT"}} if call == at.ecs.update_task_set else {}
        with pytest.raises(ClientError, match="TaskSetNotFoundException"):
            call(**ON, taskSet=second["id"], **more)


def test_what_is_not_there_is_told(at: EcsWorld) -> None:
    external(at)
    made = task_set(at)
    found = at.ecs.describe_task_sets(**ON, taskSets=[made["id"], "ecs-svc/1"])
    assert [one["id"] for one in found["taskSets"]] == [made["id"]]
    assert found["failures"] == [{"arn": "ecs-svc/1", "reason": "MISSING"}]
