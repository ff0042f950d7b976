# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What triggers publish, and the time that a deployment may take."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from support.balanced import Balanced
from support.codedeploy_shop import ACCOUNT, Shop

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world

DEPLOYMENT = ["Start", "Success", "Failure", "Stop", "Rollback", "Ready"]
INSTANCE = ["Start", "Success", "Failure", "Ready"]
EVENTS = [f"Deployment{what}" for what in DEPLOYMENT] + [f"Instance{what}" for what in INSTANCE]
Read = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def shop() -> Iterator[Balanced]:
    with world():
        yield Balanced()


@pytest.fixture
def topic(shop: Shop) -> tuple[str, Read]:
    """A topic whose messages are read from a queue, each once."""
    sns, sqs = boto3.client("sns", shop.region), boto3.client("sqs", shop.region)
    arn = sns.create_topic(Name="deployments")["TopicArn"]
    url = sqs.create_queue(QueueName="deployments")["QueueUrl"]
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=f"arn:aws:sqs:{shop.region}:{ACCOUNT}:deployments")

    def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                found.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return found

    return arn, read


def triggers(arn: str, *events: str) -> list[dict[str, Any]]:
    return [{"triggerName": "tell", "triggerTargetArn": arn, "triggerEvents": list(events or EVENTS)}]


def told(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [json.loads(message["Message"]) for message in messages]


def test_a_deployment_tells_of_itself_and_of_its_hosts(shop: Balanced, topic: tuple[str, Read]) -> None:
    arn, read = topic
    [host] = shop.hosts(1)
    shop.group(triggerConfigurations=triggers(arn))
    assert "test notification" in read()[0]["Message"]
    info = shop.deployed(shop.bundle())
    messages = read()
    start, began, ended, success = told(messages)
    assert messages[0]["Subject"] == f"CREATED: AWS CodeDeploy {info['deploymentId']} in {shop.region} to app"
    assert (start["status"], success["status"]) == ("CREATED", "SUCCEEDED")
    assert (success["eventTriggerName"], success["deploymentGroupName"]) == ("tell", "prod")
    assert json.loads(success["deploymentOverview"])["Succeeded"] == 1
    assert "errorInformation" not in success
    assert [m["instanceStatus"] for m in (began, ended)] == ["InProgress", "Succeeded"]
    assert ended["instanceId"].endswith(f":instance/{host}")
    assert ended["lifecycleEvents"][-1]["LifecycleEvent"] == "ValidateService"


def test_a_failure_its_rollback_and_a_stop(shop: Balanced, topic: tuple[str, Read]) -> None:
    arn, read = topic
    shop.hosts(1)
    back = {"enabled": True, "events": ["DEPLOYMENT_FAILURE"]}
    events = ("DeploymentFailure", "DeploymentRollback", "DeploymentStop", "InstanceFailure")
    shop.group(triggerConfigurations=triggers(arn, *events), autoRollbackConfiguration=back)
    shop.deployed(shop.bundle("app-1.zip"))
    shop.fails(event="ApplicationStart", revision_key="app-2.zip")
    failed = shop.deployed(shop.bundle("app-2.zip"))
    shop.ended(failed["rollbackInfo"]["rollbackDeploymentId"])
    _test, host, failure, rollback = read()
    assert told([host])[0]["instanceStatus"] == "Failed"
    assert json.loads(told([failure])[0]["errorInformation"])["ErrorCode"] == "HEALTH_CONSTRAINTS"
    assert told([rollback])[0]["deploymentId"] == failed["rollbackInfo"]["rollbackDeploymentId"]
    stopped = shop.deploy(shop.bundle("app-3.zip"))
    shop.codedeploy.stop_deployment(deploymentId=stopped)
    shop.ended(stopped)
    assert [message["status"] for message in told(read())] == ["STOPPED"]


def test_a_second_fleet_that_is_ready(shop: Balanced, topic: tuple[str, Read]) -> None:
    arn, read = topic
    shop.copying(ready=10, triggerConfigurations=triggers(arn, "DeploymentReady", "InstanceReady"))
    deployment_id = shop.deploy(shop.bundle())
    shop.until(deployment_id, "Ready")
    _test, *messages = read()
    assert [m.get("instanceStatus", m.get("status")) for m in told(messages)] == ["Ready", "Ready", "READY"]


def test_a_topic_that_is_not_there_misses_it(shop: Balanced) -> None:
    shop.hosts(1)
    shop.group(triggerConfigurations=triggers(f"arn:aws:sns:{shop.region}:{ACCOUNT}:none"))
    assert shop.deployed(shop.bundle())["status"] == "Succeeded"


def test_a_deployment_in_place_has_twelve_hours(shop: Balanced) -> None:
    shop.hosts(20)
    shop.group(deploymentConfigName="CodeDeployDefault.OneAtATime")
    faults.add({"kind": "hook-slow", "script": "scripts/start.sh", "seconds": 3000})
    info = shop.deployed(shop.bundle())
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert 12 * 3600 <= (info["completeTime"] - info["startTime"]).total_seconds() < 13 * 3600
    assert info["deploymentOverview"]["Skipped"] > 1


def test_a_second_fleet_gets_traffic_within_two_days(shop: Balanced) -> None:
    blue = shop.copying(ready=5 * 1440)
    deployment_id = shop.deploy(shop.bundle())
    clock.run_until(lambda: shop.record(deployment_id).ended, limit=6 * 86_400)
    info = shop.info(deployment_id)
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "TIMEOUT")
    assert (info["completeTime"] - info["startTime"]).total_seconds() == pytest.approx(48 * 3600)
    assert shop.serving() == set(blue)
