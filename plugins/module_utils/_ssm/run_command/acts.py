# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The two acts of Run Command: have a document run, have a command canceled. Private to this collection.

Each is one pass that can be cut into slices: what a slice hands to the next are the ids of the commands that it follows,
all else is read from AWS again.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, Refused, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Watched, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, endings
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import foresight, outcome, starting
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.following import Run, begun, followed
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import Wish, wish_of
from ansible_collections.slipway.aws.plugins.module_utils._text import some

TIMEOUT = int(commands.LONGEST.total_seconds())  # AWS ends every command before
MOST_NAMED = 3  # failed nodes in the message
ADDED = ("TargetCount", "CompletedCount", "ErrorCount", "DeliveryTimedOutCount")
HIDDEN = ("Parameters", "InstanceIds")  # secrets, and what the task has said itself
REACH = (
    "state: cancelled with command_id stops nodes that have not begun; a script that is running on a node, such as that of a "
    "package, runs on."
)


class Interrupted(Exception):
    """AWS could not be asked further about commands that go on by themselves."""

    def __init__(self, problem: BaseException, run: Run) -> None:
        super().__init__(str(problem))
        self.problem, self.run = problem, run


def run_command(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """What the task registers."""
    if params["state"] == "cancelled":
        return _cancel(aws, params, check_mode)
    wish = wish_of(params)
    if not params["wait"]:
        _refuse_waves(wish)
    follow_id = (params["follow"] or {}).get("id")
    if params["max_age_days"] and not follow_id:
        ran = starting.succeeded(aws, wish, params["max_age_days"])
        if ran:
            return _still_good(aws, wish, params, ran)
    if check_mode:
        return _foretell(aws, wish, params)
    run = followed(aws, wish, follow_id) if follow_id else begun(aws, wish)
    if not params["wait"]:
        return _told(run)
    try:
        return _followed(aws, params, run)
    except AWS_FAILURES as problem:
        raise Interrupted(problem, run) from problem


def failed(problem: BaseException, params: Shape, spec: t.Mapping[str, t.Any]) -> Shape:
    """Arguments for fail_json. Whoever loses sight of a command is told how to find it again."""
    cancel = params["state"] == "cancelled"
    subject = f"cancel the command {params['command_id']}" if cancel else f"run the document {params['document_name']}"
    if not isinstance(problem, Interrupted):
        return failure(problem, f"Failed to {subject}", spec)
    told = failure(problem.problem, f"Failed to {subject}", spec)
    return {**told, "msg": f"{told['msg']} {_goes_on(problem.run)}", "command_ids": problem.run.ids, "changed": True}


def _goes_on(run: Run) -> str:
    ids = [one for one in run.ids if run.known.get(one, {}).get("Status") not in commands.OVER]
    if not ids:
        text = f"The command {some(run.ids, MOST_NAMED)} has ended, and its history in Systems Manager shows how"
        return f"{text}. Running the task again sends it again."
    return (
        f"The command {some(ids, MOST_NAMED)} continues in AWS. Run the task again to wait for it. To end it, {REACH}"
    )


def _still_good(aws: Connection, wish: Wish, params: Shape, ran: list[Shape]) -> Shape:
    """The result of a run that need not be repeated."""
    run = Run(aws, wish, [one["CommandId"] for one in ran], aws.now(), False)
    run.known = {one["CommandId"]: one for one in ran}
    told = _ended(aws, params, run)
    return {**told, "changed": False, "diff": {"before": told["diff"]["after"], "after": told["diff"]["after"]}}


def _foretell(aws: Connection, wish: Wish, params: Shape) -> Shape:
    running = starting.in_flight(aws, wish)
    plan = foresight.plan(aws, wish, params["ignore_invalid_platform"])
    return {
        "changed": True,
        "joined": bool(running),
        "command": to_result(_whole(running)) if running else {},
        "command_ids": [one["CommandId"] for one in running],
        "plan": to_result(plan),
        "diff": {"before": {}, "after": _after(wish, params)},
    }


def _after(wish: Wish, params: Shape) -> Shape:
    """What a run would do, without the values of secrets."""
    told = {
        "document_name": wish.document,
        "document_version": params["document_version"],
        "parameters": params["parameters"],
        "instance_ids": wish.ids or None,
        "targets": params["targets"],
        "max_concurrency": wish.concurrency,
        "max_errors": wish.errors,
    }
    return {name: value for name, value in told.items() if value}


def _refuse_waves(wish: Wish) -> None:
    """Without waiting nobody would send the later ones of several commands."""
    if len(wish.parts) > 1 and wish.at_once < len(wish.ids):
        text = (
            f"{len(wish.ids)} nodes take {len(wish.parts)} commands, which max_concurrency lets run one after the other"
        )
        raise Refused(f"{text}. Set wait to true or max_concurrency to 100%, or select the nodes by targets.")


def _followed(aws: Connection, params: Shape, run: Run) -> Shape:
    within = limits(params, TIMEOUT)
    watched = watch(run.look, within, run.stuck)
    if watched.done:
        result = _ended(aws, params, run)
    elif watched.seconds >= within.timeout:
        text = f"{watched.text} when wait_timeout expired. {_goes_on(run)}"
        raise Refused(text, **_told(run))
    else:
        result = _told(run)
    if within.slice is not None:
        result["followed"] = _slice(run.follow_id, watched)
    return result


def _slice(follow_id: str, watched: Watched) -> Shape:
    told = {"seen": watched.text, "lines": watched.lines, "alerts": watched.alerts}
    return {"id": follow_id, "done": watched.done, **told}


def _ended(aws: Connection, params: Shape, run: Run) -> Shape:
    """The result of a run that is over. It failed if a single node did."""
    found = outcome.of(aws, run, params)
    result = {
        **_told(run),
        "failed_nodes": to_result(found.failed),
        "ignored_nodes": found.tolerated,
        **({"outputs": to_result(found.outputs)} if params["return_output"] else {}),
    }
    if found.failed or found.problem:
        raise Refused(_in_words(run, found), **result)
    return result


def _in_words(run: Run, found: outcome.Outcome) -> str:
    """`2 of 500 nodes failed: i-0abc (web-1): it failed with exit code 3: no such file. And 1 more, see failed_nodes.`"""
    total = len(run.wish.ids) or _whole(run.commands).get("TargetCount", 0)
    said = [f"{len(found.failed)} of {total} nodes failed"] if found.failed else []
    said = [". ".join([found.problem, *said] if found.problem else said)]
    lines = [outcome.line(one) for one in found.failed[:MOST_NAMED]]
    more = [f"And {len(found.failed) - MOST_NAMED} more, see failed_nodes."] if len(found.failed) > MOST_NAMED else []
    hints = dict.fromkeys(one["hint"] for one in found.failed[:MOST_NAMED])
    text = f"{said[0]}: {' '.join(lines)}" if lines else f"{said[0]}."
    return " ".join([text, *more, *hints, f"Command: {some(run.ids, MOST_NAMED)}."])


def _told(run: Run) -> Shape:
    return {
        "changed": True,
        "joined": run.joined,
        "command": to_result(_whole(run.commands)),
        "command_ids": run.ids,
        "diff": {"before": {}, "after": {"command_ids": run.ids}},
    }


def _whole(found: list[Shape]) -> Shape:
    """Several commands as one: counters added, and the status of the first that is not a success."""
    if not found:
        return {}
    worst = next((one for one in found if one["Status"] != "Success"), found[-1])
    counters = {name: sum(int(one.get(name) or 0) for one in found) for name in ADDED}
    status = {"CommandId": found[0]["CommandId"], "Status": worst["Status"], "StatusDetails": endings.details(worst)}
    return {name: value for name, value in {**found[0], **counters, **status}.items() if name not in HIDDEN}


def _cancel(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    command_id, ids = params["command_id"], params["instance_ids"] or []
    command = commands.read_command(aws, command_id).get(command_id)
    if command is None:
        raise Refused(f"there is no command {command_id} in {aws.region}. Correct command_id or region.")
    canceled_from = (params["follow"] or {}).get("id")
    if canceled_from:  # by an earlier slice
        return _wait_for_end(aws, params, command, canceled_from)
    before = command["Status"]
    if before in commands.OVER:
        return {**_canceled(command, before, False), "in_progress_nodes": []}
    running = commands.some_in_progress(aws, command_id)
    told: Shape = {"in_progress_nodes": [one for one in running if not ids or one in ids]}
    if check_mode:
        return {**_canceled(command, before, True), **told}
    commands.cancel(aws, command_id, ids)
    waits = params["wait"] and not ids
    return {**(_wait_for_end(aws, params, command, before) if waits else _canceled(command, before, True)), **told}


def _wait_for_end(aws: Connection, params: Shape, command: Shape, before: str) -> Shape:
    """The command after it was canceled, in slices as far as that is."""
    command_id = command["CommandId"]
    run = Run(aws, Wish(command["DocumentName"], {}, [{}], "", "", "1", "0"), [command_id], aws.now(), True)
    within = limits(params, TIMEOUT)
    watched = watch(run.look, within)
    if not watched.done and watched.seconds >= within.timeout:
        raise Refused(
            f"it had not ended when wait_timeout expired. {REACH[0].upper()}{REACH[1:]}", command_id=command_id
        )
    result = _canceled(run.known.get(command_id, command), before, True)
    return {**result, **({"followed": _slice(before, watched)} if within.slice is not None else {})}


def _canceled(command: Shape, before: str, changed: bool) -> Shape:
    return {
        "changed": changed,
        "command": to_result(_whole([command])),
        "command_ids": [command["CommandId"]],
        "diff": {"before": {"status": before}, "after": {"status": command["Status"]}},
    }
