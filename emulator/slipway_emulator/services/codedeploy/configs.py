# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Deployment configurations: the predefined ones, the rules of custom ones, and the minimum they mean for a fleet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from . import validation
from .exceptions import CodeDeployException

PREFIX = "CodeDeployDefault."
PLATFORMS = ("Server", "Lambda", "ECS")
DEFAULTS = {"Server": "OneAtATime", "Lambda": "LambdaAllAtOnce", "ECS": "ECSAllAtOnce"}


@dataclass
class DeploymentConfig:
    """One configuration, its blocks in the API's shape."""

    name: str
    platform: str
    minimum: dict[str, Any] | None = None
    routing: dict[str, Any] | None = None
    zonal: dict[str, Any] | None = None
    config_id: str = field(default_factory=lambda: str(uuid4()))
    created: datetime = datetime(2014, 11, 12, tzinfo=UTC)

    def as_info(self) -> dict[str, Any]:
        return {
            "deploymentConfigId": self.config_id,
            "deploymentConfigName": self.name,
            "minimumHealthyHosts": self.minimum,
            "createTime": self.created,
            "computePlatform": self.platform,
            "trafficRoutingConfig": self.routing,
            "zonalConfig": self.zonal,
        }

    def minimum_of(self, hosts: int) -> int:
        """How many of `hosts` must stay healthy."""
        return _minimum(self.minimum, hosts)

    def zone_minimum_of(self, hosts: int) -> int:
        """The same for the hosts of one Availability Zone."""
        return _minimum((self.zonal or {}).get("minimumHealthyHostsPerZone"), hosts)

    def monitor_seconds(self, first: bool) -> int:
        """How long to wait after a zone; the first one may have a time of its own."""
        zonal = self.zonal or {}
        general = int(zonal.get("monitorDurationInSeconds") or 0)
        own = zonal.get("firstZoneMonitorDurationInSeconds") if first else None
        return general if own is None else int(own)


def _minimum(minimum: dict[str, Any] | None, hosts: int) -> int:
    """A share is rounded up; one at a time leaves all but one."""
    kind, value = (minimum or {}).get("type"), int((minimum or {}).get("value", 0))
    if kind == "FLEET_PERCENT":
        return math.ceil(hosts * value / 100)
    return max(hosts - value, 0) if kind == "MOST_CONCURRENCY" else value


def default_name(platform: str) -> str:
    """The configuration used where neither group nor deployment names one."""
    return PREFIX + DEFAULTS[platform]


def _server(name: str, kind: str, value: int) -> DeploymentConfig:
    return DeploymentConfig(PREFIX + name, "Server", minimum={"type": kind, "value": value})


def _shift(platform: str, name: str, kind: str, minutes: int = 0) -> DeploymentConfig:
    routing: dict[str, Any] = {"type": kind}
    if kind == "TimeBasedCanary":
        routing["timeBasedCanary"] = {"canaryPercentage": 10, "canaryInterval": minutes}
    if kind == "TimeBasedLinear":
        routing["timeBasedLinear"] = {"linearPercentage": 10, "linearInterval": minutes}
    return DeploymentConfig(PREFIX + platform + name, platform, routing=routing)


def predefined() -> list[DeploymentConfig]:
    """The configurations every account has, in the service's spelling (`Every1Minute`, but `Every1Minutes` for ECS)."""
    return [
        # MOST_CONCURRENCY is not in the API's enum: only this one is described so
        _server("OneAtATime", "MOST_CONCURRENCY", 1),
        _server("HalfAtATime", "FLEET_PERCENT", 50),
        _server("AllAtOnce", "FLEET_PERCENT", 0),
        _shift("ECS", "AllAtOnce", "AllAtOnce"),
        *(_shift("ECS", f"Linear10PercentEvery{m}Minutes", "TimeBasedLinear", m) for m in (1, 3)),
        *(_shift("ECS", f"Canary10Percent{m}Minutes", "TimeBasedCanary", m) for m in (5, 15)),
        _shift("Lambda", "AllAtOnce", "AllAtOnce"),
        *(_shift("Lambda", f"Canary10Percent{m}Minutes", "TimeBasedCanary", m) for m in (5, 10, 15, 30)),
        _shift("Lambda", "Linear10PercentEvery1Minute", "TimeBasedLinear", 1),
        *(_shift("Lambda", f"Linear10PercentEvery{m}Minutes", "TimeBasedLinear", m) for m in (2, 3, 10)),
    ]


def check(platform: str, minimum: Any, routing: Any, zonal: Any) -> None:
    """Refuse blocks that do not fit the platform or each other."""
    validation.enum(platform, PLATFORMS, "InvalidComputePlatformException", "The compute platform")
    if platform == "Server":
        if routing:
            raise _routing("A traffic routing configuration is not supported for the Server compute platform")
        _check_minimum(minimum, "InvalidMinimumHealthyHostValueException")
        _check_zonal(zonal)
        return
    if minimum:
        raise CodeDeployException(
            "InvalidMinimumHealthyHostValueException",
            f"Minimum healthy hosts are not supported for the {platform} compute platform",
        )
    if zonal:
        raise _zonal("A zonal configuration is supported only for the Server compute platform")
    _check_routing(routing or {})


def _check_minimum(minimum: dict[str, Any] | None, code: str) -> None:
    if not minimum:
        raise CodeDeployException(code, "The minimum healthy hosts were not specified")
    kind, value = minimum.get("type"), minimum.get("value", 0)
    validation.enum(kind, ("HOST_COUNT", "FLEET_PERCENT"), code, "The minimum healthy hosts type")
    top = 99 if kind == "FLEET_PERCENT" else None
    if kind is None or value < 0 or (top is not None and value > top):
        raise CodeDeployException(code, f"The minimum healthy hosts value {value} of type {kind} is invalid")


def _zonal(why: str) -> CodeDeployException:
    return CodeDeployException("InvalidZonalDeploymentConfigurationException", why)


def _check_zonal(zonal: dict[str, Any] | None) -> None:
    if not zonal:
        return
    for name in ("firstZoneMonitorDurationInSeconds", "monitorDurationInSeconds"):
        if (zonal.get(name) or 0) < 0:
            raise _zonal(f"{name} cannot be negative")
    if zonal.get("minimumHealthyHostsPerZone"):
        _check_minimum(zonal["minimumHealthyHostsPerZone"], "InvalidZonalDeploymentConfigurationException")


def _routing(why: str) -> CodeDeployException:
    return CodeDeployException("InvalidTrafficRoutingConfigurationException", why)


def _check_routing(routing: dict[str, Any]) -> None:
    kind = routing.get("type")
    members = {"AllAtOnce": None, "TimeBasedCanary": "timeBasedCanary", "TimeBasedLinear": "timeBasedLinear"}
    if kind not in members:
        raise _routing(f"The traffic routing type {kind!r} is invalid; valid values: {', '.join(members)}")
    given = {name for name in ("timeBasedCanary", "timeBasedLinear") if routing.get(name)}
    if given != ({members[kind]} if members[kind] else set()):
        raise _routing(f"Traffic routing of type {kind} needs exactly the block of that type")
    for name in given:
        _check_steps(routing[name], name.removeprefix("timeBased").lower())


def _check_steps(block: dict[str, int], word: str) -> None:
    percentage, minutes = block.get(f"{word}Percentage", 0), block.get(f"{word}Interval", 0)
    if not 1 <= percentage <= 99:
        raise _routing(f"{word}Percentage must be between 1 and 99")
    steps = 1 if word == "canary" else math.ceil(100 / percentage) - 1
    if minutes < 1 or minutes * steps > 2880:
        raise _routing(f"{word}Interval must be at least one minute, and the whole shift may take 2880 minutes at most")
