# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Groups that move the traffic of an ECS service or a Lambda function -> variables. Pure. Private."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY
from ansible_collections.slipway.aws.plugins.plugin_utils._files import adoption
from ansible_collections.slipway.aws.plugins.plugin_utils._files.adoption import CHOSEN, Group, Map, Platform

# What the option for other settings of a group takes, in the role of each platform.
OF_FUNCTION = ("alarm_configuration", "auto_rollback_configuration", "trigger_configurations")
OF_SERVICE = (*OF_FUNCTION, "blue_green_deployment_configuration", "load_balancer_info")
NOT_READ = "The service does not exist or cannot be read, so the next run needs slipway_image."
NOT_DEPLOYED = "Nothing was deployed successfully yet, so the next run needs slipway_function."
OWN = ("service_role_arn", "deployment_config_name")


def _settings(
    group: Group, tags: Map, names: dict[str, t.Any], others: tuple[str, ...], release: Map
) -> dict[str, t.Any]:
    given = adoption.given_options(group)
    said = {
        **names,
        **{name: given[name] for name in OWN if name in given},
        "options": {name: given[name] for name in others if name in given},
        "tags": adoption.common_tags(group, tags),
        **(release if group.is_live else {}),
    }
    return {name: value for name, value in said.items() if value not in EMPTY}


def _left_out(group: Group, said: Map, release: Map, unknown: str) -> list[str]:
    [(member, value)] = release.items()
    if member in said:
        return []
    if not value:
        return [unknown]
    return [f"The last release is {value}. {adoption.would_deploy(group, 'it does not serve')}"]


def _service(group: Group, tags: Map) -> dict[str, t.Any]:
    named = next(iter(group.settings.get("ecs_services") or []), {})
    names = {"cluster": named.get("cluster_name"), "service": named.get("service_name")}
    return _settings(group, tags, names, OF_SERVICE, _definition(group))


def _definition(group: Group) -> dict[str, t.Any]:
    return {"task_definition": (group.fleet.get("service") or {}).get("task_definition")}


def _about_service(group: Group) -> list[str]:
    service = group.fleet.get("service") or {}
    return [f"{service.get('desired_count') or 0} tasks serve."] if service.get("task_definition") else []


def _service_references(said: t.Sequence[dict[str, t.Any]]) -> dict[str, str]:
    task_definition = f"'' if slipway_image | default('') else {CHOSEN}.task_definition | default('')"
    return adoption.references("ecs", said) | adoption.referring(
        said,
        cluster=("slipway_cluster", f"{CHOSEN}.cluster"),
        service=("slipway_service", f"{CHOSEN}.service"),
        task_definition=("ecs_deployment_task_definition", task_definition),
    )


def _function(group: Group, tags: Map) -> dict[str, t.Any]:
    moved = _moved(group)
    names = {"function": moved.get("function_name"), "alias": moved.get("function_alias")}
    return _settings(group, tags, names, OF_FUNCTION, _version(group))


def _moved(group: Group) -> Map:
    """What the last deployment that succeeded did."""
    deployments = group.fleet.get("deployments") or []
    targets = [one for deployment in deployments for one in deployment.get("targets") or []]
    return next((one["lambda_function_info"] for one in targets if one.get("lambda_function_info")), {})


def _version(group: Group) -> dict[str, t.Any]:
    return {"version": _moved(group).get("target_version")}


def _function_references(said: t.Sequence[dict[str, t.Any]]) -> dict[str, str]:
    return adoption.references("lambda", said) | adoption.referring(
        said,
        function=("slipway_function", f"{CHOSEN}.function | default('')"),
        alias=("slipway_alias", f"{CHOSEN}.alias | default('live')"),
        version=("lambda_deployment_version", f"{CHOSEN}.version | default('')"),
    )


PLATFORMS = {
    "Server": adoption.SERVERS,
    "ECS": Platform(
        "another image", "slipway.aws.deploy_ecs -e @FILE -e slipway_image=IMAGE",
        _service, _about_service, adoption.reasons,
        lambda group, said: _left_out(group, said, _definition(group), NOT_READ), _service_references,
    ),
    "Lambda": Platform(
        "the code that the function has now", "slipway.aws.deploy_lambda -e @FILE -e lambda_deployment_version=",
        _function, lambda group: [], adoption.reasons,
        lambda group, said: _left_out(group, said, _version(group), NOT_DEPLOYED), _function_references,
    ),
}  # fmt: skip
