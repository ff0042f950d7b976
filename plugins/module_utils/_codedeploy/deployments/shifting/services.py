# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ECS service as what traffic is moved on. Only reads. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import notes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    appspec,
    evidence,
    foretelling,
    hooks,
    schedule,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    Refused,
    if_allowed,
    if_readable,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs import services
from ansible_collections.slipway.aws.plugins.module_utils._ecs.task_definitions import find_task_definition
from ansible_collections.slipway.aws.plugins.module_utils._elb import listeners

# What AWS recommends for new services; it needs no CodeDeploy.
NATIVE = (
    "Deploy with a new task definition in amazon.aws or community.aws.ecs_service: ECS moves traffic itself, by the strategy BLUE_GREEN, "
    "LINEAR or CANARY of the service's deployment configuration"
)
COPIED = {  # options by the properties that they set
    "LoadBalancerInfo": ("container_name", "container_port"),
    "PlatformVersion": ("platform_version",),
    "NetworkConfiguration": ("network_configuration",),
    "CapacityProviderStrategy": ("capacity_provider_strategy",),
}


class Place(t.NamedTuple):
    """The service with the task set that serves."""

    cluster: str
    name: str
    service: Shape
    primary: Shape
    shares: dict[str, float] | None  # of the traffic by target group; None when not readable or not configured


def find(aws: Connection, group: Shape) -> Place:
    """The service of the deployment group. Two calls. Raises Refused where CodeDeploy cannot deploy to it."""
    named = (group.get("ecsServices") or [{}])[0]
    cluster, name = str(named.get("clusterName") or ""), str(named.get("serviceName") or "")
    service = services.read_service(aws, cluster, name) if name else None
    if service is None:
        text = f"there is no service {name} in the cluster {cluster} in {aws.region}"
        raise Refused(f"{text}. Create it, or correct ecs_services of the deployment group or region.")
    kind = services.controller(service)
    if kind != "CODE_DEPLOY":
        raise Refused(f"the service {name} has the deployment controller {kind}, not CODE_DEPLOY. {way_of(kind)}.")
    primary = services.primary(service)
    if primary is None:
        text = f"the service {name} has no primary task set yet, so there is nothing to move traffic from"
        raise Refused(f"{text}. Wait until ECS has created it.")
    return Place(cluster, name, service, primary, production_shares(aws, group))


def way_of(kind: str) -> str:
    """What to do with a service that something else deploys to."""
    return NATIVE if kind == "ECS" else "Deploy to it with the tool that manages its task sets"


def production_shares(aws: Connection, group: Shape) -> dict[str, float] | None:
    """Where production traffic goes; None where the caller may not read it."""
    arn = listener(group, "prodTrafficRoute")
    if not arn:
        return None
    return if_allowed(lambda: listeners.read_shares(aws, arn), None)


def listener(group: Shape, route: str) -> str | None:
    pairs = (group.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or [{}]
    return next(iter((pairs[0].get(route) or {}).get("listenerArns") or []), None)


def look(aws: Connection, source: Source, group: Shape) -> Target:
    """What a deployment would do to the service."""
    place = find(aws, group)
    live, before = live_properties(place.primary), place.primary["taskDefinition"]
    wanted = _arn(
        aws,
        str(
            (source.spec.properties if source.spec else {}).get("TaskDefinition")
            or source.options.get("task_definition")
        ),
        before,
    )
    if source.spec:
        spec, copied = source.spec._replace(properties={**source.spec.properties, "TaskDefinition": wanted}), {}
    else:
        asked = asked_properties(source.options, live)
        spec = appspec.of_service({"TaskDefinition": wanted, **live, **asked}, source.options.get("hooks") or {})
        copied = {name: value for name, value in live.items() if name not in asked}
    named = {"clusterName": place.cluster, "serviceName": place.name}
    target = Target(spec, {**named, "taskDefinition": before}, {**named, "taskDefinition": wanted}, None, copied=copied)
    found = not_behind(services.target_group(place.primary), place.shares)
    reason, fargate = _reason(place, spec, live, wanted), _on_fargate(place.primary, spec.properties)
    return target._replace(reason=reason, problems=tuple(found), fargate=fargate)


def _on_fargate(primary: Shape, properties: Shape) -> bool:
    """New tasks have the launch type of those that serve, unless the AppSpec names capacity providers."""
    strategy = properties.get("CapacityProviderStrategy") or []
    if strategy:
        return any(str(one.get("CapacityProvider")).startswith("FARGATE") for one in strategy)
    return primary.get("launchType") == "FARGATE"


def problems(aws: Connection, target: Target, group: Shape, config_name: str) -> list[Shape]:
    """What is known to make the deployment fail; one call for the task definition, and one for each hook function."""
    unfit = unfit_config(aws, listener(group, "prodTrafficRoute"), config_name)
    return [*target.problems, *unfit, *_definition(aws, target), *hooks.missing(aws, target.spec)]


def unfit_config(aws: Connection, arn: str | None, config_name: str | None) -> list[Shape]:
    """A Network Load Balancer forwards to one target group, so there is nothing to move in steps."""
    if not config_name or ":listener/net/" not in (arn or ""):
        return []
    routing = foretelling.routing(aws, config_name)
    if routing is None or len(schedule.steps(routing)) == 1:
        return []
    text = f"the listener is one of a Network Load Balancer, and {config_name} moves the traffic in steps"
    return [problem("config_unfit", text, True)]


def _definition(aws: Connection, target: Target) -> list[Shape]:
    """Whether the task definition can run where the service runs, and has the container and the port that get the traffic."""
    name = target.after["taskDefinition"]
    definition = if_readable(lambda: find_task_definition(aws, name))
    if not definition:
        return []
    said = f"the task definition {evidence.short(target.after)}"
    if target.fargate and "FARGATE" not in definition.get("compatibilities", ["FARGATE"]):
        return [
            problem("task_definition_unfit", f"{said} cannot run on Fargate, where the tasks of the service run", True)
        ]
    return _container(target, definition, said)


def _container(target: Target, definition: Shape, said: str) -> list[Shape]:
    balanced = target.spec.properties.get("LoadBalancerInfo") or {}
    ports = {
        one["name"]: [mapping.get("containerPort") for mapping in one.get("portMappings") or []]
        for one in definition["containerDefinitions"]
    }
    container, port = balanced.get("ContainerName"), balanced.get("ContainerPort")
    if not balanced or port in ports.get(container, []):
        return []
    return [problem("container_missing", f"{said} has no container {container} with the port {port}", True)]


def source_before(aws: Connection, group: Shape, newest: Shape, options: Shape) -> Source:
    """The task definition that served before a deployment: its description names it, or the user does.

    After a deployment that failed, what serves now served before.
    """
    place, name = find(aws, group), newest["deploymentId"]
    live, noted = place.primary["taskDefinition"], notes.noted(newest)
    wanted = options.get("task_definition")
    if not wanted and newest["status"] != "Succeeded":
        wanted = live
    if not wanted and (noted is None or noted.after is None):
        text = f"{name} does not tell which task definition served before it: it was not made by this module, or its description is too long"
        raise Refused(f"{text}. Set ecs.task_definition to the one that you want back.")
    if not wanted and noted and noted.after != evidence.short({"taskDefinition": live}):
        text = f"{name} brought {noted.after}, but {evidence.short({'taskDefinition': live})} serves now"
        raise Refused(
            f"{text}, so something else changed the service since. Set ecs.task_definition to the one that you want back."
        )
    before = str(wanted or (noted and noted.before))
    return Source(appspec.ECS, {"task_definition": before, "hooks": options.get("hooks") or {}})


def _arn(aws: Connection, name: str, live: str) -> str:
    """The ARN of a task definition; no call for the one that serves."""
    if name in (live, live.rpartition("/")[2]):
        return live
    found = find_task_definition(aws, name)
    if found is None:
        text = f"there is no active task definition {name} in {aws.region}"
        raise Refused(f"{text}. Correct task_definition, or register it with slipway.aws.ecs_task_definition_revision.")
    return str(found["taskDefinitionArn"])


def live_properties(primary: Shape) -> Shape:
    """The properties of an AppSpec that has tasks run as they do now, those that AWS would otherwise choose itself left out."""
    balanced: Shape = next(iter(primary.get("loadBalancers") or []), {})
    network = (primary.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    strategy = primary.get("capacityProviderStrategy") or []
    found: Shape = {}
    if balanced:
        found["LoadBalancerInfo"] = {
            "ContainerName": balanced["containerName"],
            "ContainerPort": balanced["containerPort"],
        }
    if network and network.get("securityGroups"):
        found["NetworkConfiguration"] = {"AwsvpcConfiguration": _pascal(network)}
    if primary.get("platformVersion"):
        found["PlatformVersion"] = primary["platformVersion"]
    if strategy:
        found["CapacityProviderStrategy"] = [_pascal(one) for one in strategy]
    return found


def asked_properties(options: Shape, live: Shape) -> Shape:
    """The properties that the options set; a container without a port keeps the port of the live one, and the other way round."""
    found: Shape = {}
    container = {"ContainerName": options.get("container_name"), "ContainerPort": options.get("container_port")}
    said = {name: value for name, value in container.items() if value is not None}
    if said:
        found["LoadBalancerInfo"] = {**(live.get("LoadBalancerInfo") or {}), **said}
    if "platform_version" in options:
        found["PlatformVersion"] = options["platform_version"]
    network = options.get("network_configuration")
    if network is not None:
        before = (live.get("NetworkConfiguration") or {}).get("AwsvpcConfiguration") or {}
        found["NetworkConfiguration"] = {"AwsvpcConfiguration": {**before, **_network(network)}}
    strategy = options.get("capacity_provider_strategy")
    if strategy is not None:
        found["CapacityProviderStrategy"] = [_pascal({_camel(k): v for k, v in one.items()}) for one in strategy]
    return found


def _network(block: Shape) -> Shape:
    public = block.get("assign_public_ip")
    said = {"Subnets": block.get("subnets"), "SecurityGroups": block.get("security_groups")}
    found = {name: value for name, value in said.items() if value is not None}
    return found if public is None else {**found, "AssignPublicIp": "ENABLED" if public else "DISABLED"}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(part.capitalize() for part in others)


def _pascal(block: Shape) -> Shape:
    return {f"{name[:1].upper()}{name[1:]}": value for name, value in block.items()}


def _reason(place: Place, spec: appspec.AppSpec, live: Shape, wanted: str) -> str | None:
    """Why a deployment is needed."""
    if place.primary["taskDefinition"] != wanted:
        return f"{evidence.short({'taskDefinition': place.primary['taskDefinition']})} serves"
    share = (place.shares or {}).get(services.target_group(place.primary), 100.0 if place.shares is None else 0.0)
    if share < 100:
        return f"its tasks have {share:g} % of the traffic"
    differing = [name for name, value in spec.properties.items() if name in live and _differs(name, live[name], value)]
    return f"it serves with another {' and '.join(_options(differing))}" if differing else None


def _differs(name: str, live: t.Any, wanted: t.Any) -> bool:
    """Lists are sets here, and LATEST is whatever version there is."""
    if name == "PlatformVersion" and "LATEST" in (live, wanted):
        return False
    return bool(_unordered(live) != _unordered(wanted))


def _unordered(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {key: _unordered(item) for key, item in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else value


def _options(properties: list[str]) -> list[str]:
    return [name for one in properties for name in COPIED[one][:1]]


def not_behind(target_group: str, shares: dict[str, float] | None) -> list[Shape]:
    """Whether production traffic does not reach the tasks that serve; nothing where `shares` of the traffic are not known."""
    if shares is None or shares.get(target_group):
        return []
    text = f"the target group {listeners.name_of(target_group)} of the tasks that serve is not behind the production listener"
    return [problem("primary_not_behind_listener", text, True)]
