# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failed on which host, from the targets of a deployment. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._deployments import calls, hints
from ansible_collections.slipway.aws.plugins.module_utils._errors import FAILURES
from ansible_collections.slipway.aws.plugins.module_utils._fleet import Selection, resolve
from ansible_collections.slipway.aws.plugins.module_utils._shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

MOST_DETAILED = 50  # failed targets whose events are read; the counters tell how many there are
LOG_TAIL = 2048  # characters; as much as the agent itself keeps
MOST_NAMED = 3  # failed targets told in the message


def failed_targets(aws: Connection, deployment_id: str, with_log: bool) -> list[Shape]:
    """Failed targets of a deployment, 50 at most: where, which event and script, what it said, and a hint."""
    ids = calls.target_ids(aws, deployment_id, "Failed")[:MOST_DETAILED]
    addresses = _addresses(aws, ids)
    return [
        {**failed_event(target, with_log), **addresses.get(target["targetId"], {})}
        for target in read(aws, deployment_id, ids)
    ]


def read(aws: Connection, deployment_id: str, ids: list[str]) -> list[Shape]:
    """Targets by id, in the order they were last heard of."""
    return calls.read_targets(aws, deployment_id, ids) if ids else []


def failed_event(target: Shape, with_log: bool) -> Shape:
    """The first failed lifecycle event of a target, flat. A hook's output may hold secrets: capped, and left out on wish."""
    events = target.get("lifecycleEvents") or []
    event: Shape = next((one for one in events if one.get("status") == "Failed"), {})
    said = event.get("diagnostics") or {}
    name, code, message = event.get("lifecycleEventName"), said.get("errorCode"), said.get("message")
    log = said.get("logTail") or ""
    found = {
        "targetId": target["targetId"],
        "status": target.get("status"),
        "lifecycleEventName": name,
        "scriptName": said.get("scriptName") or None,
        "errorCode": code,
        "message": message,
        "hint": hints.hint_for(name or "", code or "", f"{message or ''}\n{log}"),
    }
    return {**found, "logTail": log[-LOG_TAIL:]} if with_log else found


def in_one_line(failed: Shape) -> str:
    """A failed target: `i-0abc (10.0.0.4) failed in AfterInstall, script start.sh: ScriptFailed, <message>`."""
    address = f" ({failed['privateIpAddress']})" if failed.get("privateIpAddress") else ""
    script = f", script {failed['scriptName']}" if failed.get("scriptName") else ""
    said = ", ".join(filter(None, (failed.get("errorCode"), failed.get("message")))) or "no reason given"
    event = failed.get("lifecycleEventName") or "an unknown event"
    return shown_line(f"{failed['targetId']}{address} failed in {event}{script}: {said}")


def in_words(failed: list[Shape], count: int) -> str:
    """Some failed targets in sentences, each different hint once."""
    lines = [f"{in_one_line(one).rstrip('.')}." for one in failed[:MOST_NAMED]]
    if count > len(lines):
        lines.append(f"And {count - len(lines)} more, see failed_targets.")
    return " ".join([*lines, *dict.fromkeys(one["hint"] for one in failed[:MOST_NAMED] if one["hint"])])


def _addresses(aws: Connection, ids: list[str]) -> dict[str, Shape]:
    """Names and addresses of instances; none where the caller may not ask EC2, as this is only for convenience."""
    instances = [i for i in ids if i.startswith("i-")]
    try:
        hosts = resolve(aws, Selection([], [], instances)).hosts if instances else []
    except FAILURES:
        return {}
    return {one["instanceId"]: {key: one[key] for key in ("name", "privateIpAddress")} for one in hosts}
