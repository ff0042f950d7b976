# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What CreateService and UpdateService refuse."""

from __future__ import annotations

from typing import Any

from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException
from moto.elbv2.models import elbv2_backends

from .shared import LAUNCH_TYPES, controller, fargate
from .tasks import check_network

CONTROLLERS = ("ECS", "CODE_DEPLOY", "EXTERNAL")
OWNED = {
    "taskDefinition": "task definition",
    "loadBalancers": "load balancers",
    "networkConfiguration": "network configuration",
    "platformVersion": "platform version",
    "capacityProviderStrategy": "capacity provider strategy",
    "serviceRegistries": "service registries",
    "serviceConnectConfiguration": "service connect configuration",
    "volumeConfigurations": "volume configurations",
}


def check_new(backend: Any, given: dict[str, Any]) -> None:
    """CreateService: raise what AWS answers."""
    kind = (given.get("deploymentController") or {}).get("type") or "ECS"
    if kind not in CONTROLLERS:
        raise InvalidParameterException(f"Invalid deployment controller type: {kind}")
    check_launch(given)
    if kind == "EXTERNAL":
        return
    if not given.get("taskDefinition"):
        raise InvalidParameterException("TaskDefinition can not be blank.")
    if kind == "CODE_DEPLOY":
        _check_blue_green(given)
    definition = backend.describe_task_definition(given["taskDefinition"])
    if definition.status != "ACTIVE":
        raise EcsClientException("TaskDefinition is inactive")
    check_parts(backend, definition, given)


def check_launch(given: dict[str, Any]) -> None:
    """A launch type or a strategy."""
    launch = given.get("launchType")
    if launch not in (None, *LAUNCH_TYPES):
        raise EcsClientException(f"launch type should be one of [{','.join(LAUNCH_TYPES)}]")
    if launch and given.get("capacityProviderStrategy"):
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again."
        )


def _check_blue_green(given: dict[str, Any]) -> None:
    if not given.get("loadBalancers"):
        raise InvalidParameterException(
            "A load balancer is required for services with a CODE_DEPLOY deployment controller."
        )
    if given.get("schedulingStrategy") == "DAEMON":
        raise InvalidParameterException(
            "The DAEMON scheduling strategy is not supported for services with a CODE_DEPLOY deployment controller."
        )


def check_parts(backend: Any, definition: Any, given: dict[str, Any]) -> None:
    """What a service or task set and its task definition have to agree about."""
    on_fargate = fargate(given.get("launchType"), given.get("capacityProviderStrategy"))
    if on_fargate and "FARGATE" not in definition.compatibilities:
        raise InvalidParameterException("Task definition does not support launch_type FARGATE.")
    check_network(definition, given.get("networkConfiguration"))
    for load_balancer in given.get("loadBalancers") or []:
        _check_load_balancer(backend, definition, load_balancer)


def _check_load_balancer(backend: Any, definition: Any, given: dict[str, Any]) -> None:
    name, port, arn = given.get("containerName"), given.get("containerPort"), given.get("targetGroupArn")
    container = next((one for one in definition.container_definitions if one["name"] == name), None)
    if container is None:
        raise InvalidParameterException(f"The container {name} does not exist in the task definition.")
    if port not in [mapping.get("containerPort") for mapping in container["portMappings"]]:
        raise InvalidParameterException(f"The container {name} did not have a container port {port} defined.")
    if not arn:
        return
    group = elbv2_backends[backend.account_id][backend.region_name].target_groups.get(arn)
    if group is None:
        raise InvalidParameterException("The specified target group does not exist.")
    if definition.network_mode == "awsvpc" and group.target_type != "ip":
        raise InvalidParameterException(
            f"The provided target group {arn} has target type {group.target_type}, "
            "which is incompatible with the awsvpc network mode specified in the task definition."
        )
    if not group.load_balancer_arns:
        raise InvalidParameterException(
            f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )


def check_name(known: Any) -> None:
    """A name can be given again once its service is gone."""
    if known is None or known.status == "INACTIVE":
        return
    if known.status == "DRAINING":
        raise InvalidParameterException("Unable to Start a service that is still Draining.")
    raise InvalidParameterException("Creation of service was not idempotent.")


def check_update(service: Any, given: dict[str, Any]) -> None:
    """UpdateService: what belongs to another controller than ECS is refused."""
    kind = controller(service)
    wanted = (given.get("deploymentController") or {}).get("type") or kind
    if wanted != kind:
        raise ECSException("UnsupportedFeatureException", "The emulator does not move a service to another controller.")
    if kind == "ECS":
        return
    advice = " Use AWS CodeDeploy to trigger a new deployment." if kind == "CODE_DEPLOY" else ""
    owner = f"on services with {'an' if kind == 'EXTERNAL' else 'a'} {kind} deployment controller.{advice}"
    for member, what in OWNED.items():
        if given.get(member):
            raise InvalidParameterException(f"Unable to update {what} {owner}")
    if given.get("forceNewDeployment"):
        raise InvalidParameterException(f"Cannot force a new deployment {owner}")
