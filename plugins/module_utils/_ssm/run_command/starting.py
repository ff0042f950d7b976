# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sending the commands of a task, each at most once. Private to this collection.

SendCommand has no token that would make a repeated call harmless. So it is sent once, and when its answer is lost the
command is looked for instead, by the mark in its comment. By the same mark a second run finds what is in progress.
"""

from __future__ import annotations

import datetime
import secrets

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import (
    AWS_FAILURES,
    Refused,
    code,
    may_have_happened,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import look_until
from ansible_collections.slipway.aws.plugins.module_utils._ssm import commands, nodes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import Wish, marked
from ansible_collections.slipway.aws.plugins.module_utils._text import some

REMEDIES = {
    "InvalidDocument": "Correct document_name, document_hash or region. A shared document is named by its ARN.",
    "InvalidDocumentVersion": "Correct document_version.",
    "InvalidParameters": "Correct parameters: the document says which it takes.",
    "UnsupportedPlatformType": "Set document_name to a document for this platform, or instance_ids to nodes of one platform.",
    "InvalidOutputFolder": "Correct output_s3_bucket_name, or create the bucket.",
    "InvalidRole": "Correct service_role_arn.",
    "InvalidNotificationConfig": "Correct notification_config.",
    "InvalidTarget": "Correct targets.",
    "MaxDocumentSizeExceeded": "Shorten parameters: a document with its parameters has 64 KB at most.",
}
MOST_NAMED = 5
MOST_PAGES = 20  # of the commands of others


def in_flight(aws: Connection, wish: Wish) -> list[Shape]:
    """The commands of a run of the same that has not ended, in order of their parts; none where there is no such run."""
    since = aws.now() - commands.LONGEST
    running = [one for one in _ours(aws, wish, since, ExecutionStage="Executing") if one["Status"] not in commands.OVER]
    if not running or len(wish.parts) == 1:
        return running[:1]
    return _run_of(_ours(aws, wish, since))


def succeeded(aws: Connection, wish: Wish, days: int) -> list[Shape]:
    """The commands of the last run of the same, if it is no older and succeeded on every node; else none."""
    age = datetime.timedelta(days=days)
    newest: dict[int, Shape] = {}
    for one in commands.latest_commands(aws, wish.document, aws.now() - age, MOST_PAGES):
        digest, place, _places = marked(one) or ("", 1, 1)
        if digest == wish.digest:
            newest.setdefault(place, one)
    good = (one["Status"] == "Success" and one["RequestedDateTime"] >= aws.now() - age for one in newest.values())
    whole = len(newest) == len(wish.parts) and all(good)
    return [newest[place] for place in sorted(newest)] if whole else []


def _ours(aws: Connection, wish: Wish, since: datetime.datetime, **narrowed: str) -> list[Shape]:
    """Newest first."""
    found = commands.commands_of(aws, wish.document, since, **narrowed)
    return [one for one in found if (marked(one) or ("",))[0] == wish.digest]


def _run_of(newest_first: list[Shape]) -> list[Shape]:
    """The last run among the commands of the same task: parts are sent in order, so an older run begins with a later part."""
    run: list[Shape] = []
    for one in newest_first:
        place = (marked(one) or ("", 1, 1))[1]
        if run and place >= (marked(run[0]) or ("", 1, 1))[1]:
            break
        run.insert(0, one)
    places = [(marked(one) or ("", 1, 1))[1] for one in run]
    if places != list(range(1, len(run) + 1)):
        text = "commands of an earlier run of this task are in progress, and SSM does not show all of them"
        raise Refused(f"{text}. Wait until they have ended, then run the task again.")
    return run


def send(aws: Connection, wish: Wish, number: int, failed: int) -> Shape:
    """Send one part, after so many nodes of earlier parts failed; the command."""
    before, request = aws.now(), wish.request(number, failed, secrets.token_hex(4))
    try:
        return commands.send_once(aws, request)
    except AWS_FAILURES as problem:
        if may_have_happened(problem):
            return _look_for(aws, wish, request["Comment"], before, problem)
        raise _in_words(aws, wish, number, problem) from problem


def _look_for(aws: Connection, wish: Wish, comment: str, since: datetime.datetime, problem: BaseException) -> Shape:
    """The command that the lost call made. A list may lag behind, so it is asked some times before giving up."""
    found = look_until(lambda: [one for one in _ours(aws, wish, since) if one.get("Comment") == comment])
    if found:
        return found[0]
    text = "the response to the request was lost, and no such command has appeared. Run the task again: it joins the command"
    raise Refused(f"{text} if it exists after all, and otherwise sends it. ({problem})") from problem


def _in_words(aws: Connection, wish: Wish, number: int, problem: Exception) -> Exception:
    """A refusal with its next step; the problem itself where there is none."""
    ids = wish.parts[number].get("InstanceIds", [])
    if code(problem) == "InvalidInstanceId" and ids:
        known = nodes.managed_nodes(aws, ids)
        missing, lost = [one for one in ids if one not in known], nodes.offline(known)
        return Refused(cannot_take(missing, lost)) if missing or lost else problem
    remedy = REMEDIES.get(code(problem))
    if remedy is None:
        return problem
    said = getattr(problem, "response", {}).get("Error", {}).get("Message") or code(problem)
    return Refused(f"{said.rstrip('.')} ({code(problem)}). {remedy}")


def cannot_take(missing: list[str], lost: list[str]) -> str:
    """Which nodes cannot take a command, in words."""
    told = [f"{some(missing, MOST_NAMED)} {'is' if len(missing) == 1 else 'are'} not managed by SSM"] if missing else []
    told += [f"{some(lost, MOST_NAMED)} {'does' if len(lost) == 1 else 'do'} not answer to SSM"] if lost else []
    return f"nothing was sent: {' and '.join(told)}. Remove them from instance_ids, or start them and their SSM agents."
