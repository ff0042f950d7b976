# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment group can be on each compute platform, as far as AWS refuses the rest. Private to this collection.

As in `group_rules`: a member that is not there is not known, and no rule speaks of it.
"""

from __future__ import annotations

import collections.abc as c

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import PAIR
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import SELECTION
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, option_name

Problems = c.Iterator[str]
PREDEFINED = "CodeDeployDefault."
PAIRS = "load_balancer_info.target_group_pair_info_list"


def platform(group: Shape) -> str | None:
    """The compute platform: the live group's or its application's, or the one that the options are for."""
    balancers = group.get("loadBalancerInfo") or {}
    if group.get("computePlatform"):
        return str(group["computePlatform"])
    if group.get("ecsServices") or balancers.get("targetGroupPairInfoList"):
        return "ECS"
    selected = any(group.get(member) for member in SELECTION)
    return "Server" if selected or any(balancers.values()) else None


def _evidence(group: Shape) -> str:
    """The option that a platform is inferred from; the application may have another."""
    if group.get("computePlatform"):
        return ""
    return f"{'ecs_services' if group.get('ecsServices') else PAIRS}, which is for "


def platform_problems(group: Shape) -> Problems:
    has = platform(group)
    if has is None:
        return
    for member in (member for member, value in _foreign(group, has).items() if value):
        yield f"{option_name(member)} cannot be used with {_evidence(group)}the compute platform {has}"
    style, config = group.get("deploymentStyle") or {}, group.get("deploymentConfigName") or ""
    if has != "Server" and (
        style.get("deploymentType") == "IN_PLACE" or style.get("deploymentOption") == "WITHOUT_TRAFFIC_CONTROL"
    ):
        yield f"the compute platform {has} supports only the deployment_style BLUE_GREEN and WITH_TRAFFIC_CONTROL"
    if config.startswith(PREDEFINED) and _platform_of(config) != has:
        yield f"deployment_config_name {config} is for the compute platform {_platform_of(config)}, not for {has}"
    if has == "ECS":
        yield from _services(group)
        yield from _ecs_traffic(group)
        yield from _ecs_blue_green(group)


def _foreign(group: Shape, has: str) -> Shape:
    """What a platform has no use for. ECS refuses Auto Scaling groups even when the list is empty, so that is never sent."""
    balancers = group.get("loadBalancerInfo") or {}
    green = (group.get("blueGreenDeploymentConfiguration") or {}).get("greenFleetProvisioningOption")
    hosts = {member: group.get(member) for member in SELECTION}
    if has == "Server":
        pairs = balancers.get("targetGroupPairInfoList")
        return {"ecsServices": group.get("ecsServices"), "targetGroupPairInfoList": pairs}
    if has == "ECS":
        lists = {member: balancers.get(member) for member in ("elbInfoList", "targetGroupInfoList")}
        return {**hosts, **lists, "greenFleetProvisioningOption": green}
    return {
        **hosts,
        "ecsServices": group.get("ecsServices"),
        "loadBalancerInfo": any(balancers.values()),
        "blueGreenDeploymentConfiguration": group.get("blueGreenDeploymentConfiguration"),
    }


def _platform_of(predefined: str) -> str:
    name = predefined.removeprefix(PREDEFINED)
    return next((platform for platform in ("ECS", "Lambda") if name.startswith(platform)), "Server")


def _services(group: Shape) -> Problems:
    services = group.get("ecsServices")
    if services is not None and len(services) != 1:
        yield f"ecs_services needs exactly one service, but there are {len(services)}"
    if not all(each.get("serviceName") and each.get("clusterName") for each in services or []):
        yield "ecs_services needs service_name and cluster_name"


def _ecs_traffic(group: Shape) -> Problems:
    balancers = group.get("loadBalancerInfo")
    pairs = (balancers or {}).get("targetGroupPairInfoList") or []
    if balancers is not None and not pairs:
        yield f"{PAIRS} is missing, which ECS needs: two target_groups and their prod_traffic_route"
    if len(pairs) > 1:
        yield f"{PAIRS} allows only one pair"
    for pair in pairs:
        yield from _pair(pair, group.get("deploymentConfigName"))


def _pair(pair: Shape, config: str | None) -> Problems:
    names = [each.get("name") for each in pair.get("targetGroups") or []]
    if len(names) != 2 or not all(names):
        yield f"{PAIRS} needs the names of two target_groups"
    elif names[0] == names[1]:
        yield f"{PAIRS} has the target group {names[0]} twice; the two must differ"
    if any(str(name).startswith("arn:") for name in names):
        yield f"{PAIRS} has an ARN in target_groups. Use the name of the target group"
    listeners = {route: (pair.get(route) or {}).get("listenerArns") or [] for route in PAIR if route != "targetGroups"}
    for route, arns in listeners.items():
        if len(arns) != 1 and (route == "prodTrafficRoute" or pair.get(route)):
            yield f"{option_name(route)} needs exactly one of listener_arns"
    if all(len(arns) == 1 for arns in listeners.values()):
        yield from _two_listeners(*(arns[0] for arns in listeners.values()))
    network = any(":listener/net/" in arn for arns in listeners.values() for arn in arns)
    if network and config and config.startswith(PREDEFINED) and config != f"{PREDEFINED}ECSAllAtOnce":
        yield f"a Network Load Balancer supports only {PREDEFINED}ECSAllAtOnce, not {config}"


def _two_listeners(production: str, test: str) -> Problems:
    """The ARN of a listener is that of its load balancer and an id of its own."""
    if production == test:
        yield "prod_traffic_route and test_traffic_route have the same listener; tests need one of their own"
    elif production.rpartition("/")[0] != test.rpartition("/")[0]:
        yield "prod_traffic_route and test_traffic_route have listeners of two load balancers; use one load balancer"


def _ecs_blue_green(group: Shape) -> Problems:
    block = group.get("blueGreenDeploymentConfiguration")
    if block is not None and not block:
        text = "blue_green_deployment_configuration is missing, which ECS needs"
        yield f"{text}: terminate_blue_instances_on_deployment_success and deployment_ready_option"
    if ((block or {}).get("terminateBlueInstancesOnDeploymentSuccess") or {}).get("action") == "KEEP_ALIVE":
        yield "the action KEEP_ALIVE cannot be used with ECS. Use TERMINATE with a termination_wait_time_in_minutes"
