# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The ECS services that deployment groups name."""

from __future__ import annotations

from typing import Any

from moto.ecs.exceptions import ClusterNotFoundException
from moto.ecs.models import ecs_backends

from .exceptions import CodeDeployException

Named = dict[str, str]  # clusterName, serviceName: names or ARNs


def identity(named: Named) -> tuple[str, str]:
    """Names, since ARNs stand for the same service."""
    return named["clusterName"].rpartition("/")[2], named["serviceName"].rpartition("/")[2]


def check(account_id: str, region: str, named: Named) -> None:
    """Refuse a service that is not there, or that CodeDeploy does not control."""
    found = _find(account_id, region, named)
    cluster, name = identity(named)
    code = "InvalidECSServiceException"
    if found is None or found.status == "INACTIVE":
        raise CodeDeployException(code, f"The ECS service {name} was not found in the cluster {cluster}")
    if (found.deployment_controller or {}).get("type") != "CODE_DEPLOY":
        raise CodeDeployException(code, f"The deployment controller of the ECS service {name} is not CODE_DEPLOY")


def _find(account_id: str, region: str, named: Named) -> Any:
    cluster, name = identity(named)
    try:
        found, _failures = ecs_backends[account_id][region].describe_services(cluster, [name])
    except ClusterNotFoundException:
        return None
    return found[0] if found else None
