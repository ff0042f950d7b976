# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a deployment task to its result. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import IGNORABLE
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import acts, calls, revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Wish
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits

S3_OPTIONS: dict[str, t.Any] = {
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "bundle_type": {"type": "str", "required": True, "choices": ["zip", "tar", "tgz"]},
    "version": {"type": "str"},
    "e_tag": {"type": "str"},
}
GIT_HUB_OPTIONS: dict[str, t.Any] = {
    "repository": {"type": "str", "required": True},
    "commit_id": {"type": "str", "required": True},
}
REVISION_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "revision_type": {"type": "str", "required": True, "choices": ["S3", "GitHub"]},
        "s3_location": {"type": "dict", "options": S3_OPTIONS},
        "git_hub_location": {"type": "dict", "options": GIT_HUB_OPTIONS},
    },
    "required_if": [("revision_type", "S3", ("s3_location",)), ("revision_type", "GitHub", ("git_hub_location",))],
}
ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
ROLLBACK_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "enabled": {"type": "bool"},
        "events": {"type": "list", "elements": "str", "choices": ROLLBACK_EVENTS},
    },
}
ALARM_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "enabled": {"type": "bool"},
        "ignore_poll_alarm_failure": {"type": "bool"},
        "alarms": {"type": "list", "elements": "dict", "options": {"name": {"type": "str", "required": True}}},
    },
}
PROCESSES = ["Terminate", "AZRebalance", "InstanceRefresh", "ScheduledActions"]
EC2_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "auto_scaling_group_processes_to_suspend": {"type": "list", "elements": "str", "choices": PROCESSES},
    },
}
# The members of CreateDeployment for deployments in place; each has the option of its name.
DEPLOYMENT_OPTIONS: dict[str, t.Any] = {
    "revision": REVISION_OPTION,
    "description": {"type": "str"},
    "deployment_config_name": {"type": "str"},
    "deployment_mode": {"type": "str", "choices": ["STANDARD", "RESTART"]},
    "ignore_application_stop_failures": {"type": "bool"},
    "file_exists_behavior": {"type": "str", "choices": ["DISALLOW", "OVERWRITE", "RETAIN"]},
    "auto_rollback_configuration": ROLLBACK_OPTION,
    "update_outdated_instances_only": {"type": "bool"},
    "override_alarm_configuration": ALARM_OPTION,
    "ec2_deployment_options": EC2_OPTION,
}
IGNORE_OPTION: dict[str, t.Any] = {"ignore_problems": {"type": "list", "elements": "str", "choices": list(IGNORABLE)}}
# What tells whether a deployment can work; documented by the fragment `_deployment.foreseen`.
FORESEEN = ("revision", "deployment_config_name", "override_alarm_configuration", "ec2_deployment_options")
FORESEEN_OPTIONS = {**{name: DEPLOYMENT_OPTIONS[name] for name in FORESEEN}, **IGNORE_OPTION}
DECIDED = {"deployed": "revision", "stopped": "deployment"}
TOLD = ("lines", "alerts", "seen", "followId")


def run(module: t.Any) -> None:
    """Do what the task asks and leave the module."""
    params, follow_id = module.params, (module.params["follow"] or {}).get("id")
    try:
        act = _stop if params["state"] == "stopped" else _deploy
        result = act(connect(module), params, module.check_mode)
    except FAILURES as problem:
        failed = failure(problem, _doing(params))
        _warn(failed.pop("warnings", []))
        module.fail_json(**_result(failed, follow_id))
    _warn(result.pop("warnings", []))
    if (
        module._diff and DECIDED[params["state"]] in result
    ):  # not in the slices before it is decided, nor in those after
        result["diff"] = diff(params, result)
    module.exit_json(**_result(result, follow_id))


def wish_of(params: Shape) -> Wish:
    """What the options ask for. Raises Refused for a combination that AWS would refuse."""
    asked = given({name: params[name] for name in DEPLOYMENT_OPTIONS})
    restart = params["deployment_mode"] == "RESTART"
    if restart == (params["revision"] is not None):
        text = (
            "deployment_mode RESTART cannot be combined with revision" if restart else "revision is required to deploy"
        )
        raise Refused(f"{text}. Set only one of the two.")
    if len(params["description"] or "") > 256:
        raise Refused(f"description has {len(params['description'])} characters; AWS allows 256. Shorten it.")
    return Wish(
        application=params["application_name"],
        group=params["deployment_group_name"],
        asked=members(asked),
        force=params["force"],
        when_active=params["when_active"],
        ignored=tuple(params["ignore_problems"] or ()),
    )


def foreseen(params: Shape) -> Shape:
    """What the options of a preflight tell of the deployment that is to come, as members of CreateDeployment."""
    return members(given({name: params[name] for name in FORESEEN}))


def diff(params: Shape, result: Shape) -> Shape:
    """What the hosts of the group have before and after."""
    if params["state"] == "stopped":
        status = {"deployment_id": result["deployment"].get("deploymentId")}
        after = "Stopped" if result["changed"] else result["deployment"].get("status")
        before = "InProgress" if result["changed"] else after
        return {"before": {**status, "status": before}, "after": {**status, "status": after}}
    after = to_result(result["revision"])
    before = to_result(result["previousRevision"]) if result["changed"] else after
    return {"before": {"revision": before}, "after": {"revision": after}}


def _deploy(aws: Connection, params: Shape, check: bool) -> Shape:
    wish = wish_of(params)
    result = acts.foretell(aws, wish) if check else acts.deploy(aws, wish, _how(params))
    later_slice = bool((params["follow"] or {}).get("id"))
    if wish.revision and not later_slice and _is_loose(aws, wish.revision, check):
        text = (
            "has neither version nor e_tag, so another object under the same key would be treated as the same revision"
        )
        result.setdefault("warnings", []).append(f"revision {revisions.in_words(wish.revision)} {text}.")
    return result


def _is_loose(aws: Connection, revision: Shape, check: bool) -> bool:
    """Whether nothing pins the revision. In check mode one that is yet to be pushed has no ETag, and will have one."""
    if revisions.is_pinned(revision):
        return False
    return not check or _is_stored(aws, revision["s3Location"])


def _is_stored(aws: Connection, location: Shape) -> bool:
    """Whether the object is there; who may not look is not warned of what may not be."""
    try:
        aws.client("s3").head_object(Bucket=location["bucket"], Key=location["key"])
    except FAILURES:
        return False
    return True


def _stop(aws: Connection, params: Shape, check: bool) -> Shape:
    how, deployment, place = _how(params), None, f"{params['application_name']}/{params['deployment_group_name']}"
    if params["deployment_id"]:
        deployment = calls.read_deployment(aws, params["deployment_id"])[0]
    elif not how.follow_id:
        calls.read_group(aws, params["application_name"], params["deployment_group_name"])
        active = calls.active_deployments(aws, params["application_name"], params["deployment_group_name"])
        deployment = active[0] if active else None
    if check and deployment and deployment["status"] not in calls.ENDED:
        return {
            "changed": True,
            "reason": f"{deployment['deploymentId']} is in progress",
            "deployment": acts.told(deployment),
        }
    return acts.stop(aws, how, place, deployment, params["auto_rollback_enabled"])


def _how(params: Shape) -> acts.How:
    return acts.How(
        wait=params["wait"],
        within=limits(params, acts.TIMEOUT),
        follow_id=(params["follow"] or {}).get("id"),
        with_log=params["log_tail"],
        strict=params["fail_on_failed_targets"],
    )


def _doing(params: Shape) -> str:
    place = f"{params['application_name']}/{params['deployment_group_name']}"
    if params["state"] == "stopped":
        return f"Failed to stop the deployment {params['deployment_id'] or 'of ' + place}"
    return f"Failed to deploy to {place}"


def members(asked: Shape) -> Shape:
    """Options to API members: `e_tag` -> `eTag`, `s3_location` -> `s3Location`, `git_hub_location` -> `gitHubLocation`."""
    return snake_dict_to_camel_dict(asked)


def _result(result: Shape, follow_id: str | None) -> Shape:
    """The task's result: our own shapes in snake_case, and in slices what the action plugin needs."""
    told = {key: result.pop(key) for key in TOLD if key in result}
    shown = {key if key.islower() else _snake(key): to_result(value) for key, value in result.items()}
    if told.get("lines") is not None or told.get("followId"):
        shown["followed"] = {
            "id": told.get("followId") or follow_id,
            "done": "followId" not in told,
            "seen": told.get("seen") or "",
            "lines": told.get("lines") or [],
            "alerts": told.get("alerts") or [],
        }
    return shown


def _snake(key: str) -> str:
    return next(iter(to_result({key: None})))


def _warn(warnings: t.Iterable[str]) -> None:
    for warning in warnings:
        warn(warning)
