# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Triggers: what a deployment tells the SNS topics of its group."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends

from .deployment import Deployment, Target
from .entities import DeploymentGroup
from .state import State

ENDS = {"Succeeded": "DeploymentSuccess", "Failed": "DeploymentFailure", "Stopped": "DeploymentStop"}


def tell(state: State, deployment: Deployment, event: str, target: Target | None = None) -> None:
    """Publish to every trigger that asks for the event; `target`: of an Instance event."""
    for trigger in deployment.group.settings.get("triggerConfigurations") or []:
        if event in (trigger.get("triggerEvents") or []):
            own = _of_target(target) if target else _of_deployment(deployment)
            message = {
                "region": state.region_name,
                "accountId": state.account_id,
                "eventTriggerName": trigger["triggerName"],
                "deploymentId": deployment.deployment_id,
                **own,
            }
            status = (target or deployment).status.upper()
            where = f"{deployment.deployment_id} in {state.region_name} to {deployment.group.application.name}"
            _publish(state, trigger["triggerTargetArn"], json.dumps(message), f"{status}: AWS CodeDeploy {where}")


def test(state: State, group: DeploymentGroup) -> None:
    """What a topic gets when a trigger to it is saved."""
    for trigger in group.settings.get("triggerConfigurations") or []:
        text = f"This is a test notification of the trigger {trigger['triggerName']} of AWS CodeDeploy."
        _publish(state, trigger["triggerTargetArn"], text, "AWS CodeDeploy test notification")


def _publish(state: State, topic: str, message: str, subject: str) -> None:
    """A topic that is not there misses it, as one that the service may not publish to."""
    region = topic.split(":")[3] or state.region_name
    backend = sns_backends[state.account_id][region]
    if topic in backend.topics:
        try:
            backend.publish(message, arn=topic, subject=subject[:100])
        except ServiceException:
            return


def _of_deployment(deployment: Deployment) -> dict[str, Any]:
    told: dict[str, Any] = {
        "applicationName": deployment.group.application.name,
        "deploymentGroupName": deployment.group.name,
        "createTime": _moment(deployment.created),
        "completeTime": _moment(deployment.completed) if deployment.completed else None,
        "deploymentOverview": json.dumps(deployment.overview()) if deployment.is_started else None,
        "status": deployment.status.upper(),
    }
    if deployment.error:
        error = {"ErrorCode": deployment.error["code"], "ErrorMessage": deployment.error["message"]}
        told["errorInformation"] = json.dumps(error)
    return {name: value for name, value in told.items() if value is not None}


def _of_target(target: Target) -> dict[str, Any]:
    events = [
        {
            "LifecycleEvent": event.name,
            "LifecycleEventStatus": event.status,
            "StartTime": _seconds(event.started),
            "EndTime": _seconds(event.ended),
        }
        for event in target.events
    ]
    return {
        "instanceId": target.arn,
        "lastUpdatedAt": _seconds(target.updated),
        "instanceStatus": target.status,
        "lifecycleEvents": events,
    }


def _moment(moment: datetime) -> str:
    return f"{moment:%a %b %d %H:%M:%S} UTC {moment:%Y}"


def _seconds(moment: datetime | None) -> str | None:
    return f"{moment.timestamp():.3f}" if moment else None
