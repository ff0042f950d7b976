# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of a deployment that moves traffic, and what they ask for. Pure. Private to this collection."""

from __future__ import annotations

import json
import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import appspec, stored
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.progress import UNTIL
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given

WAIT_TYPES = ["READY_WAIT", "TERMINATION_WAIT"]
HOOKS = {
    "before_install": "BeforeInstall",
    "after_install": "AfterInstall",
    "after_allow_test_traffic": "AfterAllowTestTraffic",
    "before_allow_traffic": "BeforeAllowTraffic",
    "after_allow_traffic": "AfterAllowTraffic",
}


def _hooks(platform: str) -> dict[str, t.Any]:
    events = appspec.HOOKS[platform]
    return {"type": "dict", "options": {name: {"type": "str"} for name, event in HOOKS.items() if event in events}}


NETWORK_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "subnets": {"type": "list", "elements": "str"},
        "security_groups": {"type": "list", "elements": "str"},
        "assign_public_ip": {"type": "bool"},
    },
}
CAPACITY_OPTION: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "capacity_provider": {"type": "str", "required": True},
        "base": {"type": "int"},
        "weight": {"type": "int"},
    },
}
ECS_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "task_definition": {"type": "str"},
        "container_name": {"type": "str"},
        "container_port": {"type": "int"},
        "platform_version": {"type": "str"},
        "network_configuration": NETWORK_OPTION,
        "capacity_provider_strategy": CAPACITY_OPTION,
        "hooks": _hooks(appspec.ECS),
    },
}
LAMBDA_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "function_name": {"type": "str"},
        "alias": {"type": "str"},
        "target_version": {"type": "str"},
        "hooks": _hooks(appspec.LAMBDA),
    },
}
# Beside the members of CreateDeployment.
SHIFT_OPTIONS: dict[str, t.Any] = {
    "ecs": ECS_OPTION,
    "lambda": LAMBDA_OPTION,
    "wait_until": {"type": "str", "choices": list(UNTIL), "default": "finished"},
    "repair_alias": {"type": "bool", "default": False},
    "deployment_wait_type": {"type": "str", "choices": WAIT_TYPES},
}
OF_HOSTS = (
    "deployment_mode", "ignore_application_stop_failures", "file_exists_behavior", "update_outdated_instances_only",
    "ec2_deployment_options", "target_instances",
)  # fmt: skip
NOT_OURS = ("revision", "target_instances")
NEEDED = {"ecs": ("task_definition",), "lambda": ("function_name", "alias", "target_version")}


def source_of(params: Shape) -> Source | None:
    """What the task asks for; None when it is a deployment to hosts. Raises Refused."""
    asked = [name for name in ("ecs", "lambda", "revision", "from_group") if params[name] is not None]
    written = (params["revision"] or {}).get("revision_type") == "AppSpecContent"
    location = stored.location_of(params["revision"])
    if not written and not location and "ecs" not in asked and "lambda" not in asked:
        return None
    if len(asked) > 1:
        raise Refused(f"{' and '.join(asked)} cannot be combined. Set only one of them.")
    _refuse_options_of_hosts(params)
    how = {"until": params["wait_until"], "repair": params["repair_alias"]}
    if written:
        spec = read(params["revision"]["app_spec_content"]["content"])
        return Source(spec.platform, {}, spec, **how)
    if location:
        return Source("", {}, location=location, **how)
    missing = [name for name in NEEDED[asked[0]] if not params[asked[0]].get(name)]
    if missing:
        raise Refused(f"{asked[0]} lacks {' and '.join(missing)}. Set {'it' if len(missing) == 1 else 'them'}.")
    return Source(appspec.ECS if asked == ["ecs"] else appspec.LAMBDA, _options(params[asked[0]]), **how)


def hooks_of(params: Shape) -> dict[str, str]:
    """The hook functions that the task names, by event."""
    if params["revision"] and params["revision"].get("app_spec_content"):
        return dict(read(params["revision"]["app_spec_content"]["content"]).hooks)
    block = params["ecs"] or params["lambda"] or {}
    return _events(block.get("hooks") or {})


def served_before(params: Shape) -> Shape:
    """What the task says of the release to return to: `ecs` or `lambda`, as far as given."""
    return _options(params["ecs"] or params["lambda"] or {})


def read(content: t.Any) -> appspec.AppSpec:
    """The AppSpec, given as a map or as text. Raises Refused."""
    return appspec.read(content if isinstance(content, str) else json.dumps(content))


def _options(block: Shape) -> Shape:
    return {**given(block), "hooks": _events(block.get("hooks") or {})}


def _events(hooks: Shape) -> dict[str, str]:
    return {HOOKS[name]: function for name, function in hooks.items() if function}


def _refuse_options_of_hosts(params: Shape) -> None:
    said = [name for name in OF_HOSTS if params[name] is not None]
    if said:
        raise Refused(
            f"{' and '.join(said)} can only be set for deployments to hosts. Remove {'it' if len(said) == 1 else 'them'}."
        )


def members(asked: Shape) -> Shape:
    """Options to API members, without the AppSpec, which is written anew."""
    return snake_dict_to_camel_dict({name: value for name, value in asked.items() if name not in NOT_OURS})
