# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How commands ended, judged by every node and not by the status of a command. Private to this collection.

AWS calls a command a success when it reached nobody, when nodes could not take it, and when those that failed were few
enough. Its counters leave out nodes that it could not deliver to, so the nodes are listed: those that failed, with what
they wrote; all of them only where one answer has room for all.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import LAGS, look_until
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, endings
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import causes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.following import Run
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

FAILED = ("Failed", "TimedOut", "Cancelled", "Undeliverable", "InvalidPlatform", "AccessDenied", "Terminated")
UNFINISHED = ("Pending", "InProgress", "Delayed", "Cancelling")
NOBODY = ("NoInstancesInTag",)
TAIL = 1_000  # characters of an output that are kept
MOST_LETTERS = 200  # of what a node wrote, in a message
OF_AGENT = ("failed to run commands: exit status", "----------ERROR-------")  # lines that tell nothing more
PACKAGE_SCRIPT = re.compile(
    r"^(install|update|uninstall|validate) errors: (?:(?!\w{6,9} errors: ).)*?exit status (\d{1,10})",
    re.DOTALL | re.MULTILINE,
)
MOST_TOLD = 200  # failed nodes whose output is kept
MOST_OUTPUTS = 500  # nodes whose whole output is returned on request
WORDS = endings.in_words("the command", "the node", "the execution time-out of the document")


class Outcome(t.NamedTuple):
    """What became of a run on its nodes."""

    failed: list[Shape]  # nodes, in the order of their commands
    tolerated: list[str]  # ids of nodes that the document is not for
    outputs: list[Shape]  # of every node, on request
    problem: str | None  # why it failed as a whole, whatever the nodes say


def of(aws: Connection, run: Run, params: Shape) -> Outcome:
    """What became of the run, as the options of its task say what counts and what is told.

    A script can write its secrets in parts, which Ansible does not find: then output is only told on request.
    """
    tolerant, with_outputs = params["ignore_invalid_platform"], params["return_output"]
    tails = with_outputs or not params["secret_parameters"]
    rows = [row for command in run.commands for row in _nodes(aws, command, with_outputs)]
    bad = [row for row in rows if row["statusDetails"] != "Success"]
    left_out = [row["instanceId"] for row in bad if tolerant and row["statusDetails"] == "InvalidPlatform"]
    failed = [row for row in bad if row["instanceId"] not in set(left_out)]
    failed += [_unsent(one) for part in run.unsent for one in part.get("InstanceIds", [])]
    kept = [_without_output(row) if number >= MOST_TOLD else row for number, row in enumerate(failed)]
    outputs = [_output(row) for row in rows[:MOST_OUTPUTS]] if with_outputs else []
    return Outcome([told_of(row, tails) for row in kept], left_out, outputs, _problem(run, failed, left_out))


def _problem(run: Run, failed: list[Shape], left_out: list[str]) -> str | None:
    """What the commands say that no node does."""
    for command in run.commands:
        ended = endings.details(command)
        targets, listed = int(command.get("TargetCount") or 0), len(failed) + len(left_out)
        if not targets or ended in NOBODY:
            return "no managed node matches the targets, so nothing ran. Correct targets, or region"
        if command["Status"] == "Failed" and not int(command.get("CompletedCount") or 0):
            return f"SSM did not run the command ({ended}). Run the task again later, or select fewer nodes"
        if command.get("TriggeredAlarms"):
            alarm = command["TriggeredAlarms"][0]
            return f"the alarm {alarm['Name']} ({alarm['State']}) stopped the command. Fix the cause and run the task again"
        if int(command.get("CompletedCount") or 0) < targets and not listed:
            return f"the command ended as {ended} before all nodes had ended. Run the task again"
        if _counted(command) > listed:
            return f"SSM counts {_counted(command)} failed nodes and lists {listed} of them. Look at the command in Systems Manager"
    return None


def _counted(command: Shape) -> int:
    """Failed nodes by the counters: at least so many."""
    return int(command.get("ErrorCount") or 0) + int(command.get("DeliveryTimedOutCount") or 0)


def _nodes(aws: Connection, command: Shape, every: bool) -> list[Shape]:
    """The nodes that failed, or every node. Read again while the list lags behind the counters."""
    targets = int(command.get("TargetCount") or 0)
    if not targets or (command["Status"] == "Failed" and not int(command.get("CompletedCount") or 0)):
        return []
    whole = every or targets <= commands.PAGE

    def is_complete(rows: list[Shape]) -> bool:
        open_still = any(row["statusDetails"] in UNFINISHED for row in rows)
        return not open_still and len(rows) >= (targets if whole else _counted(command))

    return look_until(lambda: (_all if whole else _failed)(aws, command), is_complete, (0, *LAGS))


def _all(aws: Connection, command: Shape) -> list[Shape]:
    return [row_of(one) for one in commands.invocations(aws, command["CommandId"])]


def _failed(aws: Connection, command: Shape) -> list[Shape]:
    """A node is listed by its status, and may be by its details as well."""
    found: dict[str, Shape] = {}
    for status in FAILED:
        for one in commands.invocations(aws, command["CommandId"], status):
            found.setdefault(one["InstanceId"], row_of(one))
    return list(found.values())


def row_of(invocation: Shape) -> Shape:
    """What is kept of an invocation: the step that failed, else the last one."""
    steps = invocation.get("CommandPlugins") or [{}]
    step = next((one for one in steps if one.get("ResponseCode") not in (None, 0, -1)), None) or next(
        (one for one in steps if one.get("Status") not in (None, "Success", "Skipped")), steps[-1]
    )
    ran = step.get("ResponseCode") not in (None, -1)
    return {
        "instanceId": invocation["InstanceId"],
        "name": shown_line(invocation.get("InstanceName") or "") or None,
        "commandId": invocation["CommandId"],
        "statusDetails": endings.details(invocation),
        "stepName": step.get("Name"),
        "responseCode": step["ResponseCode"] if ran else None,
        "output": step.get("Output") or "",
        "standardOutputUrl": step.get("StandardOutputUrl") or None,
        "standardErrorUrl": step.get("StandardErrorUrl") or None,
    }


def _unsent(instance_id: str) -> Shape:
    nothing = dict.fromkeys(("name", "commandId", "stepName", "responseCode", "standardOutputUrl", "standardErrorUrl"))
    return {**nothing, "instanceId": instance_id, "statusDetails": "NotSent", "output": ""}


def _without_output(row: Shape) -> Shape:
    return {**row, "output": ""}


def _output(row: Shape) -> Shape:
    return {name: row[name] for name in ("instanceId", "name", "statusDetails", "responseCode", "output")}


def told_of(row: Shape, with_tail: bool) -> Shape:
    """A failed node with its status in words and the advice."""
    _script, code = _script_of(row)
    cause = causes.cause_of(row["statusDetails"], code, row["output"])
    kept = {name: value for name, value in row.items() if name != "output"}
    return {
        **kept,
        "reason": _reason(row),
        "outputTail": row["output"].strip()[-TAIL:] if with_tail else "",
        "cause": cause,
        "hint": causes.ADVICE[cause],
    }


def _reason(row: Shape) -> str:
    ended = row["statusDetails"]
    if ended == "NotSent":
        return "no command was sent to it, because more nodes failed than max_errors allows"
    told = WORDS.get(ended)
    if told:
        return told
    script, code = _script_of(row)
    step = f" in the step {row['stepName']}" if row["stepName"] and ":" not in row["stepName"] else ""
    told = f"exit code {code}" if code is not None else ended
    return f"its {script} script failed with {told}" if script else f"it failed with {told}{step}"


def _script_of(row: Shape) -> tuple[str | None, int | None]:
    """The script of a package that failed, and its exit code: the step itself always ends with 1 then."""
    found = PACKAGE_SCRIPT.search(row["output"]) if row["responseCode"] == 1 else None
    return (found[1], int(found[2])) if found else (None, row["responseCode"])


def line(node: Shape) -> str:
    """A failed node in a message: `i-0abc (web-1): it failed with exit code 3: no such file.`"""
    name = f" ({node['name']})" if node["name"] else ""
    wrote = [one.strip() for one in node["outputTail"].splitlines() if one.strip() and not one.startswith(OF_AGENT)]
    text = ": ".join([f"{node['instanceId']}{name}", node["reason"], *(one[-MOST_LETTERS:] for one in wrote[-1:])])
    return shown_line(f"{text.rstrip('.')}.")
