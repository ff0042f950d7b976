# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a deployment task to its result. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import IGNORABLE
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import (
    acts,
    calls,
    good,
    revisions,
    rolling_back,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.kinds import SERVERS, Kind
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.planning import Wish
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    options,
    stored,
    waits,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.kind import Shifting
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_options import (
    TARGETS_OPTION,
    target_instances,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import (
    ROLE_OPTIONS,
    Connection,
    connect,
    elsewhere,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits

S3_OPTIONS: dict[str, t.Any] = {
    "bucket": {"type": "str", "required": True},
    "key": {"type": "str", "required": True, "no_log": False},
    "bundle_type": {"type": "str", "required": True, "choices": ["zip", "tar", "tgz", "YAML", "JSON"]},
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
        "revision_type": {"type": "str", "required": True, "choices": ["S3", "GitHub", "AppSpecContent"]},
        "s3_location": {"type": "dict", "options": S3_OPTIONS},
        "git_hub_location": {"type": "dict", "options": GIT_HUB_OPTIONS},
        "app_spec_content": {"type": "dict", "options": {"content": {"type": "raw", "required": True}}},
    },
    "required_if": [
        ("revision_type", "S3", ("s3_location",)),
        ("revision_type", "GitHub", ("git_hub_location",)),
        ("revision_type", "AppSpecContent", ("app_spec_content",)),
    ],
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
TARGETS = "target_instances"
EC2_OPTION: dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "auto_scaling_group_processes_to_suspend": {"type": "list", "elements": "str", "choices": PROCESSES},
    },
}
# The members of CreateDeployment; each has the option of its name.
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
    "target_instances": TARGETS_OPTION,
}
IGNORE_OPTION: dict[str, t.Any] = {"ignore_problems": {"type": "list", "elements": "str", "choices": list(IGNORABLE)}}
# What tells whether a deployment can work; documented by the fragment `_deployment.foreseen`.
FORESEEN = ("revision", "deployment_config_name", "override_alarm_configuration", "ec2_deployment_options")
FORESEEN_OPTIONS = {**{name: DEPLOYMENT_OPTIONS[name] for name in FORESEEN}, **IGNORE_OPTION}
# Where else a revision is live.
FROM_OPTION: dict[str, t.Any] = {
    "from_group": {
        "type": "dict",
        "options": {
            "application_name": {"type": "str"},
            "deployment_group_name": {"type": "str", "required": True},
            "region": {"type": "str"},
            **ROLE_OPTIONS,
        },
    },
    "allow_older": {"type": "bool", "default": True},
}
DECIDED = {"deployed": "revision", "stopped": "deployment", "continued": "deployment", "rolled_back": "deployment"}
VERBS = {"stopped": "stop", "continued": "continue", "rolled_back": "roll back"}
TOLD = ("lines", "alerts", "seen", "followId")


def run(module: t.Any) -> None:
    """Do what the task asks and leave the module."""
    params, follow_id = module.params, (module.params["follow"] or {}).get("id")
    try:
        result = ACTS[params["state"]](connect(module), params, module.check_mode)
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
    source = options.source_of(params)
    if not source:
        _refuse_two_revisions(params)
    if len(params["description"] or "") > 256:
        raise Refused(f"description has {len(params['description'])} characters; AWS allows 256. Shorten it.")
    return Wish(
        application=params["application_name"],
        group=params["deployment_group_name"],
        asked=options.members(asked) if source else members(asked),
        source=source,
        force=params["force"],
        when_active=params["when_active"],
        ignored=tuple(params["ignore_problems"] or ()),
        allow_older=params["allow_older"],
        until=params["wait_until"],
    )


def _refuse_two_revisions(params: Shape) -> None:
    """A restart needs no revision; everything else needs one."""
    said = [name for name in ("revision", "from_group") if params[name] is not None]
    said += ["deployment_mode RESTART"] if params["deployment_mode"] == "RESTART" else []
    if not said:
        raise Refused("revision is required to deploy. Set it, or from_group to deploy what another group has.")
    if len(said) > 1:
        raise Refused(f"{said[-1]} cannot be combined with {said[0]}. Set only one of the two.")


def foreseen(params: Shape) -> Shape:
    """What the options of a preflight tell of the deployment that is to come, as members of CreateDeployment."""
    asked = given({name: params[name] for name in FORESEEN})
    revision = asked.get("revision") or {}
    if revision.get("revision_type") == "AppSpecContent" or stored.location_of(revision):
        raise Refused(
            "revision is an AppSpec of ECS or Lambda, but the hosts of the group are looked at. Set the revision of a bundle."
        )
    return members(asked)


def diff(params: Shape, result: Shape) -> Shape:
    """What the group has before and after."""
    if "target" in result:
        after = to_result(result["target"])
        return {"before": to_result(result["previousTarget"]) if result["changed"] else after, "after": after}
    if "revision" not in result:
        return _status_diff(params["state"], result)
    after = to_result(result["revision"])
    before = to_result(result["previousRevision"]) if result["changed"] else after
    return {"before": {"revision": before}, "after": {"revision": after}}


def _status_diff(state: str, result: Shape) -> Shape:
    """Of a deployment that is stopped or continued, when it ends and whether it waits are up to AWS."""
    status, now = {"deployment_id": result["deployment"].get("deploymentId")}, result["deployment"].get("status")
    if not result["changed"]:
        return {"before": {**status, "status": now}, "after": {**status, "status": now}}
    changes = {"continued": ("waiting", "continued"), "stopped": ("InProgress", "Stopped")}
    before, after = changes.get(state, ("InProgress", "rolled back"))
    return {"before": {**status, "status": before}, "after": {**status, "status": after}}


def _deploy(aws: Connection, params: Shape, check: bool) -> Shape:
    wish = _with_revision(aws, params, wish_of(params))
    how = _how(params, Shifting(options.hooks_of(params), wish.source) if wish.source else SERVERS)
    result = acts.foretell(aws, wish, how.kind) if check else acts.deploy(aws, wish, how)
    later_slice = bool((params["follow"] or {}).get("id"))
    if wish.revision and not wish.source and not later_slice and _is_loose(aws, wish.revision, check):
        text = (
            "has neither version nor e_tag, so another object under the same key would be treated as the same revision"
        )
        result.setdefault("warnings", []).append(f"revision {revisions.in_words(wish.revision)} {text}.")
    return result


def _with_revision(aws: Connection, params: Shape, wish: Wish) -> Wish:
    """The wish with the revision that the other group has, unless a slice only follows what was started with it."""
    other, followed = params["from_group"], (params["follow"] or {}).get("id") or acts.AFTER
    if other is None or not followed.startswith(acts.AFTER):
        return wish
    there = elsewhere(aws, other["region"], other["assume_role_arn"], other["assume_role_external_id"])
    application, group = other["application_name"] or wish.application, other["deployment_group_name"]
    found, hosts = good.on_every_host(there, application, group)
    place = {"applicationName": application, "deploymentGroupName": group, "region": there.region}
    told = {**place, "deploymentId": found["deploymentId"], "hostCount": hosts}
    asked = {**wish.asked, "revision": revisions.as_sent(found["revision"])}
    return wish._replace(asked=asked, found=found, tells={"fromGroup": told})


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
    deployment, how = _found(aws, params)
    if check and deployment and deployment["status"] not in calls.ENDED:
        return {
            "changed": True,
            "reason": f"{deployment['deploymentId']} is in progress",
            "deployment": acts.told(deployment),
        }
    return acts.stop(aws, how, _place(params), deployment, params["auto_rollback_enabled"])


def _continue(aws: Connection, params: Shape, check: bool) -> Shape:
    deployment, how = _found(aws, params)
    if how.follow_id:
        return acts.follow(aws, how, how.follow_id, {"changed": True})
    return waits.go_on(aws, how, _place(params), deployment, params["deployment_wait_type"], check)


def _roll_back(aws: Connection, params: Shape, check: bool) -> Shape:
    asked = given({name: params[name] for name in DEPLOYMENT_OPTIONS})
    names = (params["application_name"], params["deployment_group_name"])
    asked.pop("revision", None)
    wish = Wish(
        *names, asked=members(asked), ignored=tuple(params["ignore_problems"] or ()), until=params["wait_until"]
    )
    how = _how(params, Shifting(options.hooks_of(params)))
    return rolling_back.roll_back(aws, wish, how, options.served_before(params), check)


ACTS = {"deployed": _deploy, "stopped": _stop, "continued": _continue, "rolled_back": _roll_back}


def _found(aws: Connection, params: Shape) -> tuple[Shape | None, acts.How]:
    """The deployment that a task is about, which has an id, is followed, or is in progress; and how to wait for it."""
    follow_id = (params["follow"] or {}).get("id")
    if follow_id or params["deployment_id"]:
        deployment: Shape | None = calls.read_deployment(aws, follow_id or params["deployment_id"])[0]
    else:
        calls.read_group(aws, params["application_name"], params["deployment_group_name"])
        active = calls.active_deployments(aws, params["application_name"], params["deployment_group_name"])
        deployment = active[0] if active else None
    platform = (deployment or {}).get("computePlatform") or "Server"
    kind = SERVERS if platform == "Server" else Shifting(options.hooks_of(params))
    return deployment, _how(params, kind)


def _how(params: Shape, kind: Kind) -> acts.How:
    return acts.How(
        wait=params["wait"],
        within=limits(params, acts.TIMEOUT),
        follow_id=(params["follow"] or {}).get("id"),
        with_log=params["log_tail"],
        strict=params["fail_on_failed_targets"],
        kind=kind,
        until=params["wait_until"],
    )


def _doing(params: Shape) -> str:
    if params["state"] in VERBS:
        return f"Failed to {VERBS[params['state']]} the deployment {params['deployment_id'] or 'of ' + _place(params)}"
    return f"Failed to deploy to {_place(params)}"


def _place(params: Shape) -> str:
    return f"{params['application_name']}/{params['deployment_group_name']}"


def members(asked: Shape) -> Shape:
    """Options to API members: `e_tag` -> `eTag`, `s3_location` -> `s3Location`, `git_hub_location` -> `gitHubLocation`."""
    found: Shape = snake_dict_to_camel_dict({name: value for name, value in asked.items() if name != TARGETS})
    return found if asked.get(TARGETS) is None else {**found, "targetInstances": target_instances(asked[TARGETS])}


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
