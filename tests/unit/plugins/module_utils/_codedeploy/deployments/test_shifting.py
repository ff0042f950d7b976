# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pure parts of deployments that move traffic: steps, AppSpecs, notes, and what progress says."""

from __future__ import annotations

import hashlib
import json
import typing as t

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import notes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    appspec,
    evidence,
    progress,
    schedule,
    services,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused


def linear(percent: int, minutes: int) -> dict[str, t.Any]:
    return {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": percent, "linearInterval": minutes}}


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("CodeDeployDefault.ECSAllAtOnce", [(0, 100)]),
        ("CodeDeployDefault.LambdaAllAtOnce", [(0, 100)]),
        ("CodeDeployDefault.ECSCanary10Percent15Minutes", [(0, 10), (15, 100)]),
        ("CodeDeployDefault.LambdaCanary10Percent5Minutes", [(0, 10), (5, 100)]),
        ("CodeDeployDefault.LambdaLinear10PercentEvery1Minute", [(n, 10 * n + 10) for n in range(10)]),
        ("CodeDeployDefault.ECSLinear10PercentEvery3Minutes", [(3 * n, 10 * n + 10) for n in range(10)]),
    ],
)
def test_the_configurations_of_aws_are_known_without_a_call(name: str, steps: list[tuple[int, int]]) -> None:
    routing = schedule.predefined(name)
    assert routing is not None and schedule.steps(routing) == steps


@pytest.mark.parametrize("name", ["CodeDeployDefault.OneAtATime", "mine", "CodeDeployDefault.LambdaAllAtOnce2"])
def test_other_configurations_are_read(name: str) -> None:
    assert schedule.predefined(name) is None


def test_the_last_step_is_what_is_left() -> None:
    assert [step.percent for step in schedule.steps(linear(30, 2))] == [30, 60, 90, 100]
    assert [step.percent for step in schedule.steps(linear(50, 2))] == [50, 100]


def test_the_same_content_is_the_same_text() -> None:
    one = appspec.of_service(
        {"TaskDefinition": "web:1", "PlatformVersion": "1.4.0"}, {"AfterInstall": "a", "BeforeInstall": "b"}
    )
    two = appspec.of_service(
        {"PlatformVersion": "1.4.0", "TaskDefinition": "web:1"}, {"BeforeInstall": "b", "AfterInstall": "a"}
    )
    assert appspec.revision_of(one) == appspec.revision_of(two)
    content = appspec.revision_of(one)["appSpecContent"]
    assert content["sha256"] == hashlib.sha256(content["content"].encode()).hexdigest()
    assert json.loads(content["content"])["Hooks"] == [{"BeforeInstall": "b"}, {"AfterInstall": "a"}]


def test_what_is_written_can_be_read() -> None:
    spec = appspec.of_function("fn", "live", "1", "2", {"AfterAllowTraffic": "check"})
    assert appspec.read(appspec.text_of(spec)) == spec


def test_an_appspec_that_would_be_refused_is_told_why() -> None:
    with pytest.raises(Refused, match="CodeDeploy would refuse the AppSpec"):
        appspec.read("version: 0.0\nResources: []\n")


def target(before: str, after: str) -> Target:
    spec = appspec.of_function("fn", "live", before, after, {})
    return Target(spec, {"version": before}, {"version": after}, "due")


@pytest.mark.parametrize("asked", [None, "a fix [urgent]", "x" * 200])
@pytest.mark.parametrize("rollback_of", [None, "d-ABCDEF123"])
def test_a_description_says_what_served(asked: str | None, rollback_of: str | None) -> None:
    source = Source(appspec.LAMBDA, {}, rollback_of=rollback_of)
    text = evidence.description(asked, source, target("1", "2"))
    assert text and text.startswith(asked or "[")
    assert notes.noted({"description": text}) == notes.Note("1", "2", None, rollback_of)


def test_the_comment_of_the_user_has_precedence() -> None:
    text = evidence.description("x" * 250, Source(appspec.LAMBDA, {}), target("1", "2"))
    assert text == "x" * 250 and notes.noted({"description": text}) is None


def events(**statuses: str) -> list[dict[str, str]]:
    return [{"lifecycleEventName": name, "status": status} for name, status in statuses.items()]


@pytest.mark.parametrize(
    ("until", "status", "told", "reached"),
    [
        ("ready", "InProgress", events(Install="InProgress", AllowTraffic="Pending"), False),
        ("ready", "Ready", events(Install="Succeeded", AllowTraffic="Pending"), True),
        ("ready", "InProgress", events(AllowTraffic="InProgress"), True),
        ("traffic_moved", "InProgress", events(AllowTraffic="InProgress"), False),
        ("traffic_moved", "InProgress", events(AllowTraffic="Succeeded", AfterAllowTraffic="InProgress"), False),
        ("traffic_moved", "InProgress", events(AllowTraffic="Succeeded", AfterAllowTraffic="Succeeded"), True),
        ("finished", "InProgress", events(AllowTraffic="Succeeded", AfterAllowTraffic="Succeeded"), False),
    ],
)
def test_how_far_it_has_to_be(until: str, status: str, told: list[dict[str, str]], reached: bool) -> None:
    assert progress.is_reached(until, status, {"lifecycleEvents": told}) == reached


def test_options_lie_over_what_serves() -> None:
    live = services.live_properties(
        {
            "loadBalancers": [{"containerName": "web", "containerPort": 80}],
            "networkConfiguration": {
                "awsvpcConfiguration": {"subnets": ["a"], "securityGroups": ["g"], "assignPublicIp": "DISABLED"}
            },
            "capacityProviderStrategy": [{"capacityProvider": "spot", "weight": 1, "base": 0}],
        }
    )
    asked = services.asked_properties(
        {"container_port": 8080, "network_configuration": {"assign_public_ip": True}}, live
    )
    assert asked["LoadBalancerInfo"] == {"ContainerName": "web", "ContainerPort": 8080}
    network = {"Subnets": ["a"], "SecurityGroups": ["g"], "AssignPublicIp": "ENABLED"}
    assert asked["NetworkConfiguration"] == {"AwsvpcConfiguration": network}
    assert live["CapacityProviderStrategy"] == [{"CapacityProvider": "spot", "Weight": 1, "Base": 0}]


def test_a_network_without_security_groups_is_left_to_aws() -> None:
    """AWS takes subnets, security groups and the public address together or not at all."""
    assert services.live_properties({"networkConfiguration": {"awsvpcConfiguration": {"subnets": ["a"]}}}) == {}
