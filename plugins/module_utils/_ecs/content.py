# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a task definition says, so that two of them can be compared. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, Shape, digest

# What RegisterTaskDefinition takes beside tags; a test holds it against the model. The rest is assigned by ECS.
SETTABLE = (
    *("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes"),
    *("placementConstraints", "requiresCompatibilities", "cpu", "memory", "pidMode", "ipcMode", "proxyConfiguration"),
    *("inferenceAccelerators", "ephemeralStorage", "runtimePlatform", "enableFaultInjection"),
    "trustedExecutionConfiguration",
)
# Lists of a container whose items have names, and whose order means nothing.
NAMED = ("environment", "secrets", "systemControls")
HEALTH = {"interval": 30, "timeout": 5, "retries": 3}  # what ECS fills in
OWN_ADDRESS = ("awsvpc", "host")  # network modes in which a container's port is the host's
_UNITS = {"VCPU": 1024, "GB": 1024}


def settable(definition: Shape) -> Shape:
    """The members that a registration takes."""
    return {key: definition[key] for key in SETTABLE if definition.get(key) is not None}


def same(one: Shape, other: Shape) -> bool:
    """Whether two task definitions say the same, however they are spelled and whatever ECS filled in."""
    return normalized(one) == normalized(other)


def normalized(definition: Shape) -> Shape:
    """What a task definition says, without defaults and empty members, and with lists without order sorted."""
    asked = settable(definition)
    mode = asked.get("networkMode") or "bridge"
    asked["networkMode"] = mode
    asked["containerDefinitions"] = [_container(one, mode) for one in asked.get("containerDefinitions") or []]
    asked["requiresCompatibilities"] = sorted(asked.get("requiresCompatibilities") or [])
    asked["volumes"] = [_volume(one) for one in asked.get("volumes") or []]
    for size in ("cpu", "memory"):
        asked[size] = _size(asked.get(size))
    return t.cast(Shape, _without_nothing(asked))


def _container(container: Shape, mode: str) -> Shape:
    listed = {key: sorted(container.get(key) or [], key=_name) for key in NAMED}
    health = container.get("healthCheck")
    return {
        "essential": True,
        **container,
        **listed,
        "portMappings": [_port(one, mode) for one in container.get("portMappings") or []],
        "healthCheck": {**HEALTH, **health} if health else None,
    }


def _name(item: Shape) -> str:
    return str(item.get("name") or item.get("namespace") or "")


def _port(mapping: Shape, mode: str) -> Shape:
    own = mapping.get("containerPort") if mode in OWN_ADDRESS else 0
    return {**mapping, "hostPort": mapping.get("hostPort") or own, "protocol": mapping.get("protocol") or "tcp"}


def _volume(volume: Shape) -> Shape:
    shared = volume.get("efsVolumeConfiguration")
    return {**volume, "efsVolumeConfiguration": {"rootDirectory": "/", **shared}} if shared else volume


def _size(size: t.Any) -> str | None:
    """ECS turns `1 vCPU` and `2GB` into units and MiB."""
    found = re.fullmatch(r"\s*([0-9]+\.?[0-9]*|\.[0-9]+)\s*(vcpu|gb)\s*", str(size), re.IGNORECASE)
    return str(round(float(found.group(1)) * _UNITS[found.group(2).upper()])) if found else size


def _without_nothing(value: t.Any) -> t.Any:
    """Without what is empty, zero or off: it is what ECS takes for a member that is not given."""
    if isinstance(value, dict):
        kept = {key: _without_nothing(item) for key, item in value.items()}
        return {key: item for key, item in kept.items() if item not in (*EMPTY, 0, False) or key == "essential"}
    return [_without_nothing(item) for item in value] if isinstance(value, list) else value


def hidden(definition: Shape) -> Shape:
    """The task definition with digests in the place of the values of environment variables, which may be passwords."""
    containers = [
        {
            **one,
            "environment": [
                {**each, "value": digest(each["value"])} if each.get("value") else each for each in one["environment"]
            ],
        }
        if one.get("environment")
        else one
        for one in definition.get("containerDefinitions") or []
    ]
    return {**definition, "containerDefinitions": containers}
