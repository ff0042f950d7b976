# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""AppSpec files of Lambda and ECS deployments as the service reads them, in YAML or JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from slipway_emulator import yaml_reader

from ..problem import Problem

LAMBDA_EVENTS = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")
ECS_EVENTS = ("BeforeInstall", "Install", "AfterInstall", "AllowTestTraffic", "AfterAllowTestTraffic", *LAMBDA_EVENTS)
EVENTS = {"Lambda": LAMBDA_EVENTS, "ECS": ECS_EVENTS}
RESERVED = ("Install", "AllowTestTraffic", "AllowTraffic")  # what the service does by itself
LONGEST_TEXT = 1000  # of an error; it may quote what was sent
TYPES = {"Lambda": "AWS::Lambda::Function", "ECS": "AWS::ECS::Service"}
REQUIRED = {
    "Lambda": ("Name", "Alias", "CurrentVersion", "TargetVersion"),
    "ECS": ("TaskDefinition", "LoadBalancerInfo"),
}


@dataclass(frozen=True)
class AppSpec:
    """The properties of the one resource, keys in PascalCase, and the hook function of each event that has one."""

    properties: dict[str, Any]
    hooks: dict[str, str] = field(default_factory=dict)


def _invalid(why: str) -> Problem:
    return Problem("INVALID_REVISION", f"The AppSpec file is invalid: {why}"[:LONGEST_TEXT])


def parse(text: str, platform: str) -> AppSpec:
    """Raises Problem where the service could not read it."""
    try:
        return _parsed(_load(text), platform)
    except RecursionError as deep:
        raise _invalid("it is nested too deeply") from deep


def _parsed(data: Any, platform: str) -> AppSpec:
    if not isinstance(data, dict):
        raise _invalid("it is not a mapping")
    top = _pascal(data)
    if str(top.get("Version")) not in ("0.0", "0"):
        raise _invalid(f"version must be 0.0, not {top.get('Version')!r}")
    return AppSpec(_properties(top.get("Resources"), platform), _hooks(top.get("Hooks"), platform))


def _load(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip().startswith("{") else yaml_reader.load(text)
    except (ValueError, yaml.YAMLError):
        pass
    try:
        return yaml_reader.load(text)  # a flow mapping begins like JSON
    except yaml.YAMLError as broken:
        raise _invalid(f"it is neither YAML nor JSON: {broken}") from broken


def _pascal(mapping: dict[Any, Any]) -> dict[str, Any]:
    """Keys with a capital, since both spellings are taken."""
    return {str(key)[:1].upper() + str(key)[1:]: value for key, value in mapping.items()}


def _deep_pascal(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _deep_pascal(inner) for key, inner in _pascal(value).items()}
    return [_deep_pascal(item) for item in value] if isinstance(value, list) else value


def _properties(resources: Any, platform: str) -> dict[str, Any]:
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise _invalid("Resources must be a list of exactly one resource")
    [(name, resource)] = resources[0].items() if len(resources[0]) == 1 else [("", None)]
    resource = _deep_pascal(resource)
    if not isinstance(resource, dict) or not isinstance(resource.get("Properties"), dict):
        raise _invalid("the resource needs a name, a Type and Properties")
    if resource.get("Type") != TYPES[platform]:
        raise _invalid(f"the Type of the resource {name} must be {TYPES[platform]}")
    properties: dict[str, Any] = resource["Properties"]
    missing = [key for key in REQUIRED[platform] if properties.get(key) in (None, "")]
    if missing:
        raise _invalid(f"{', '.join(missing)} of the resource {name} is missing")
    (_check_lambda if platform == "Lambda" else _check_ecs)(properties)
    return properties


def _check_lambda(properties: dict[str, Any]) -> None:
    for key in REQUIRED["Lambda"]:
        if isinstance(properties[key], bool) or not isinstance(properties[key], str | int):
            raise _invalid(f"{key} must be a string")
        properties[key] = str(properties[key])
    for key in ("CurrentVersion", "TargetVersion"):
        if not re.fullmatch(r"[1-9]\d{0,18}", properties[key]):
            raise _invalid(f"{key} must be the number of a published version, not {properties[key]!r}")


def _check_ecs(properties: dict[str, Any]) -> None:
    balancer = properties["LoadBalancerInfo"]
    if not isinstance(properties["TaskDefinition"], str):
        raise _invalid("TaskDefinition must be the ARN of a task definition")
    if not isinstance(balancer, dict) or not isinstance(balancer.get("ContainerName"), str):
        raise _invalid("LoadBalancerInfo needs the ContainerName")
    port = str(balancer.get("ContainerPort"))
    if not re.fullmatch(r"\d{1,5}", port):
        raise _invalid("LoadBalancerInfo needs the ContainerPort, a number")
    balancer["ContainerPort"] = int(port)
    _check_network(properties.get("NetworkConfiguration"))
    _check_strategy(properties.get("CapacityProviderStrategy"))


def _check_network(network: Any) -> None:
    if network is None:
        return
    vpc = network.get("AwsvpcConfiguration") if isinstance(network, dict) else None
    needed = ("Subnets", "SecurityGroups", "AssignPublicIp")
    if not isinstance(vpc, dict) or any(vpc.get(key) is None for key in needed):
        raise _invalid(f"NetworkConfiguration needs an AwsvpcConfiguration with {', '.join(needed)}")


def _check_strategy(strategy: Any) -> None:
    if strategy is None:
        return
    if not isinstance(strategy, list) or not all(isinstance(s, dict) and s.get("CapacityProvider") for s in strategy):
        raise _invalid("CapacityProviderStrategy must be a list of items with a CapacityProvider")
    if sum(1 for item in strategy if item.get("Base")) > 1:
        raise _invalid("only one item of CapacityProviderStrategy may have a Base")


def _hooks(hooks: Any, platform: str) -> dict[str, str]:
    if hooks is None:
        return {}
    if not isinstance(hooks, list) or not all(isinstance(entry, dict) for entry in hooks):
        raise _invalid("Hooks must be a list of events with the name or ARN of a Lambda function")
    found: dict[str, str] = {}
    for event, function in (pair for entry in hooks for pair in _pascal(entry).items()):
        if event not in EVENTS[platform] or event in RESERVED:
            raise _invalid(f"Hooks has no event {event} for the {platform} compute platform")
        if event in found or not isinstance(function, str) or not function:
            raise _invalid(f"the hook {event} needs the name or ARN of one Lambda function")
        found[event] = function
    return found
