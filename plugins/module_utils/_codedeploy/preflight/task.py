# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the options of a preflight task to its result. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import causes
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import UNKNOWN
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.calls import NoGroup
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight import checks, words
from ansible_collections.slipway.aws.plugins.module_utils._core.client import connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result

LEVELS = list(words.LEVELS)
PROBES = ["command", "inventory", "none"]


def run(module: t.Any) -> None:
    """Do what the task asks and leave the module."""
    params = module.params
    try:
        told = checks.run(connect(module), params, module.check_mode)
    except NoGroup as problem:
        if not module.check_mode:
            module.fail_json(**failure(problem, f"The preflight of {_place(params)} failed"))
        told = _nothing_yet(problem)
    except FAILURES as problem:
        module.fail_json(**failure(problem, f"The preflight of {_place(params)} failed"))
    if isinstance(told, checks.Unfinished):
        followed = {"id": told.follow_id, "done": False, "seen": told.seen, "lines": told.lines}
        module.exit_json(changed=False, followed=followed)
    else:
        _leave(module, params, told)


def _leave(module: t.Any, params: Shape, told: Shape) -> None:
    loose = [one for one in told["preflight"]["problems"] if not one["blocks"]]
    for warning in [*told.pop("warnings"), *(" ".join(causes.in_words([one])) for one in loose)]:
        warn(warning)
    problem_text = words.problem(params, told)
    result = to_result(told)
    result["followed"] = {
        "id": (params["follow"] or {}).get("id"),
        "done": True,
        "seen": "",
        "lines": result.pop("lines"),
    }
    unknown_text = words.unknown(told)
    if unknown_text and params["fail_on"] != "unknown":
        warn(unknown_text)
    if problem_text:
        module.fail_json(**failure(Refused(problem_text, **result), f"The preflight of {_place(params)} failed"))
    module.exit_json(changed=False, **result)


def _nothing_yet(problem: NoGroup) -> Shape:
    """Check mode on a group that an earlier task would make: no verdict, and no failure."""
    lists: Shape = {name: [] for name in ("ready", "notReady", "unknown", "instanceRefreshes")}
    missing = causes.problem("group_missing", problem.what)
    verdict = {"verdict": UNKNOWN, **lists, "problems": [missing], "probe": "none", "probes": 0}
    warning = f"In check mode a group that does not exist cannot be checked: {problem}"
    return {"preflight": verdict, "hosts": [], "warnings": [warning], "lines": []}


def _place(params: Shape) -> str:
    if params["deployment_group_name"]:
        return f"{params['application_name']}/{params['deployment_group_name']}"
    return "the selected hosts"
