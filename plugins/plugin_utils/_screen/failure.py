# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A failed deployment -> lines for the screen: where, why, what to do, and what became of it. Pure.

The result of the task is what it is made from, so that a play which registered the failure shows the same text later.
"""

from __future__ import annotations

import json
import re
import shlex
import typing as t

from ansible.module_utils.common.dict_transformations import snake_dict_to_camel_dict

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import revisions
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.blue_green import words
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line, some
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import layout
from ansible_collections.slipway.aws.plugins.plugin_utils._screen.layout import INDENT, paragraph, quoted

Result = t.Mapping[str, t.Any]

MOST_HOSTS = 10
MOST_IDS = 5  # host ids named in one line
LOG_LINES = 3
ENDED = ("Succeeded", "Failed", "Stopped")
VERBS = {"Stopped": "was stopped", "Succeeded": "succeeded according to AWS, but failed"}
HEADER = ("LifecycleEvent - ", "Script - ")  # the agent begins each log with what the line of the host says already
AGENT_SAYS = "Script at specified location: "
FINGERPRINT = re.compile(r"[0-9a-f]{20,}")
DEEPER = 2 * INDENT


def headline(result: Result) -> str:
    """What failed, in one sentence; the message itself where no deployment came to an end."""
    deployment, said = result.get("deployment") or {}, str(result.get("msg") or "")
    if not is_about_hosts(result):
        return said
    failed, total = _failed(deployment)
    what = f"{said.partition(': ')[0]}: {deployment['deployment_id']}"
    code = (deployment.get("error_information") or {}).get("code")
    ended = f"{_verb(deployment)}{_on(result, failed, total)}" if failed else _verb(deployment)
    return f"{what} {ended}{f' ({code})' if code else ''}{_outcome(result.get('rollback') or {})}."


def is_about_hosts(result: Result) -> bool:
    """Whether the result tells of a deployment that is over, rather than of a task that could not begin or wait."""
    return (result.get("deployment") or {}).get("status") in ENDED and "failed_targets" in result


def lines(result: Result, width: int) -> list[str]:
    """The report under its headline; none where the message says it all."""
    if not is_about_hosts(result):
        return []
    deployment, rollback = result["deployment"], result.get("rollback") or {}
    told = [headline(result)]
    told += hosts(result["failed_targets"], _failed(deployment)[0], width)
    if not result["failed_targets"]:
        told += _said_by_aws(deployment, width)
    told += problems(result.get("problems") or [], width)
    hint = (deployment.get("error_information") or {}).get("hint")
    told += paragraph(hint, width, label="Hint: ") if hint else []
    told += _rollback(result, rollback, width)
    return told + paragraph(fleets_in_words(result), width)


def hosts(targets: t.Sequence[Result], count: int, width: int) -> list[str]:
    """A line a failed host; what hosts have in common, such as the script's output and the advice, once below them."""
    told: list[str] = []
    shown = targets[:MOST_HOSTS]
    for cause in dict.fromkeys(_cause(one) for one in shown):
        alike = [one for one in shown if _cause(one) == cause]
        told += [line for one in alike for line in paragraph(_host(one), width)]
        told += _why(alike[0], width)
    return told + layout.more(count, len(shown))


def _host(target: Result) -> str:
    """`i-0abc 10.0.0.4 (web-1): AfterInstall, scripts/start.sh`."""
    named = [target["target_id"], target.get("private_ip_address")]
    name = f" ({target['name']})" if target.get("name") else ""
    script = target.get("script_name") or target.get("function_name")
    failed = [target.get("lifecycle_event_name") or "no event", script]
    return f"{' '.join(filter(None, named))}{name}: {', '.join(filter(None, failed))}"


def _cause(target: Result) -> tuple[t.Any, ...]:
    members = ("lifecycle_event_name", "script_name", "error_code", "message", "hint")
    return tuple(target.get(name) for name in members)


def _why(target: Result, width: int) -> list[str]:
    return [
        *paragraph(_message(target), width, DEEPER),
        *_log(target, width),
        *_stopped_tasks(target.get("stopped_tasks") or [], width),
        *(paragraph(target["hint"], width, DEEPER, "Hint: ") if target.get("hint") else []),
    ]


def _log(target: Result, width: int) -> list[str]:
    kept = [line for line in (target.get("log_tail") or "").splitlines() if not line.startswith(HEADER)]
    return quoted("\n".join(kept), LOG_LINES, width, DEEPER)


def _message(target: Result) -> str:
    """The code, and what the host said without the name of the script, which stands above it."""
    silent = "" if target.get("function_name") or target.get("stopped_tasks") else "the host gave no reason"
    said = str(target.get("message") or silent)
    said = said.removeprefix(f"{AGENT_SAYS}{target.get('script_name')} ")
    return ": ".join(filter(None, (target.get("error_code"), said)))


def _stopped_tasks(tasks: t.Sequence[Result], width: int) -> list[str]:
    """Why tasks of the new task set ended, each reason once."""
    told = dict.fromkeys(stopped_in_words(one) for one in tasks)
    return [line for text in told for line in paragraph(text, width, DEEPER)]


def stopped_in_words(task: Result) -> str:
    """`A task stopped: Essential container in task exited. Container web: exit code 1, no such file`."""
    said = [f"A task stopped: {str(task.get('reason') or 'no reason given').rstrip('.')}."]
    for one in task.get("containers") or []:
        code = f"exit code {one['exit_code']}" if one.get("exit_code") is not None else None
        parts = ", ".join(filter(None, (code, one.get("reason"))))
        said += [f"Container {one.get('name')}: {parts}."] if parts else []
    return " ".join(said)


def _said_by_aws(deployment: Result, width: int) -> list[str]:
    """Without a failed host the reason is the deployment's own."""
    return paragraph(str((deployment.get("error_information") or {}).get("message") or ""), width)


def moves_traffic(result: Result) -> bool:
    """Whether it is about ECS or Lambda, where there are no hosts."""
    return bool((result.get("deployment") or {}).get("compute_platform"))


def _on(result: Result, count: int, total: int) -> str:
    return "" if moves_traffic(result) else f" on {count} of {total} hosts"


def _failed(deployment: Result) -> tuple[int, int]:
    counted = deployment.get("deployment_overview") or {}
    return counted.get("failed") or 0, sum(counted.values())


def _verb(deployment: Result) -> str:
    return VERBS.get(deployment["status"], "failed")


def _outcome(rollback: Result) -> str:
    by = rollback.get("deployment") or {}
    if not by:
        return ""
    return f", {'the rollback failed too' if _is_broken(by) else 'rolled back'}"


def _is_broken(rollback: Result) -> bool:
    return rollback.get("status") != "Succeeded" or bool(_failed(rollback)[0])


def _rollback(result: Result, rollback: Result, width: int) -> list[str]:
    by = rollback.get("deployment") or {}
    if not by:
        why = f": {str(rollback['message']).rstrip('.')}" if rollback.get("message") else ""
        told = paragraph(f"Not rolled back{why}. Fix the cause and run it again.", width)
        return told + (paragraph(f"{traffic_in_words(result)}.", width) if result.get("traffic") else [])
    if not _is_broken(by):
        total = _failed(by)[1]
        text = f"Rolled back to {_back_to(result, by)} by {by['deployment_id']}{_on(result, total, total)}."
        return paragraph(text, width)
    told = [*_failed_rollback(result, by, rollback, width), *_left(rollback, width)]
    return told if moves_traffic(result) else [*told, *_way_out(result, by, width)]


def _back_to(result: Result, by: Result) -> str:
    served = result.get("previous_target")
    return serving(served) if moves_traffic(result) and served else in_words(by.get("revision"))


def traffic_in_words(result: Result) -> str:
    """`Traffic now: 90 % on version 1, 10 % on version 2`, and how to go on from there."""
    shares = [f"{one['percent']:g} % on {serving(one)}" for one in result["traffic"] if one["percent"]]
    text = f"Traffic now: {', '.join(shares)}"
    on_two = len(shares) > 1 and "version" in result["traffic"][0]
    return (
        f"{text}. Before the next deployment the alias has to be on one version: set repair_alias to true"
        if on_two
        else text
    )


def fleets_in_words(result: Result) -> str:
    """Which of two fleets has the traffic, and what is left of the new one; empty where no fleet was to be replaced, or one was."""
    fleets = result.get("blue_green")
    over = (result.get("deployment") or {}).get("status") in ("Failed", "Stopped")
    return words.in_words(snake_dict_to_camel_dict(dict(fleets))) if fleets and over else ""


def serving(target: Result) -> str:
    """What serves, in words: `version 7` or `shop:12`."""
    version = target.get("version")
    return f"version {version}" if version else str(target.get("task_definition")).rpartition("/")[2]


def _failed_rollback(result: Result, by: Result, rollback: Result, width: int) -> list[str]:
    failed, total = _failed(by)
    text = f"{by['deployment_id']} to {_back_to(result, by)} {_verb(by)}{_on(result, failed, total)}."
    told = paragraph(text, width, label="Rollback: ")
    targets = rollback.get("failed_targets") or []
    told += [line for one in targets[:MOST_HOSTS] for line in paragraph(_host(one), width, DEEPER)]
    return told + layout.more(failed, len(targets[:MOST_HOSTS]))


def _left(rollback: Result, width: int) -> list[str]:
    """What runs on which host now."""
    told: list[str] = []
    for one in rollback.get("left") or []:
        ids = some(one["target_ids"], MOST_IDS)
        runs = f"{in_words(one.get('revision'))} on {ids}." if one["complete"] else _unfinished(one, ids)
        told += paragraph(runs, width, label="Runs now: ")
    return told


def _unfinished(one: Result, ids: str) -> str:
    before = f" after {in_words(one['revision'])}" if one.get("revision") else ""
    return f"not known on {ids}, where the last deployment failed{before}."


def _way_out(result: Result, by: Result, width: int) -> list[str]:
    """One command that ends the mixture: deploy once more what the rollback was to bring."""
    deployment = result["deployment"]
    variables = {
        "slipway_application": deployment.get("application_name"),
        "slipway_deployment_group": deployment.get("deployment_group_name"),
        "app_deployment_manage_group": False,
        "app_deployment_revision": by.get("revision"),
    }
    command = f"ansible-playbook slipway.aws.deploy -e {shlex.quote(json.dumps(variables))}"
    return [*paragraph("Fix the cause on these hosts, then run:", width), f"{DEEPER}{shown_line(command)}"]


def problems(found: t.Sequence[Result], width: int) -> list[str]:
    """What stands against it, those that block first, each with its remedy."""
    ordered = sorted(found, key=lambda one: not one.get("blocks"))
    told: list[str] = []
    for one in ordered:
        label = "PROBLEM  " if one.get("blocks") else "warning  "
        told += paragraph(f"{str(one['message']).rstrip('.')}. {one.get('remedy') or ''}", width, label=label)
    return told


def in_words(revision: Result | None) -> str:
    """The revision, with fingerprints as short as people quote them; the result has them whole."""
    text = revisions.in_words(snake_dict_to_camel_dict(dict(revision)) if revision else None)
    return FINGERPRINT.sub(lambda found: found.group()[:8], text)


def short(revision: Result | None) -> str:
    """The end of its name, which is what tells revisions apart."""
    return in_words(revision).partition(" (")[0].rpartition("/")[2] if revision else ""


def log(targets: t.Sequence[Result], width: int) -> list[str]:
    """The last output of the first script that left any."""
    one = next((target for target in targets if target.get("log_tail")), None)
    if one is None:
        return []
    return [f"Output of {shown_line(str(one.get('script_name')))} on {one['target_id']}:", *_log(one, width)]
