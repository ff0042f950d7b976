# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What failed on which host, from the targets of a deployment. Private to this collection."""

from __future__ import annotations

import datetime

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls, hints, obstacles
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.fleet import read_hosts
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

MOST_DETAILED = 50  # failed targets whose events are read; the counters tell how many there are
LOG_TAIL = 2048  # characters; as much as the agent itself keeps
FORGOTTEN = datetime.timedelta(hours=1)
MOST_NAMED = 3  # failed targets told in the message


def failed_targets(aws: Connection, deployment_id: str, with_log: bool) -> list[Shape]:
    """Failed targets of a deployment, 50 at most: where, which event and script, what it said, and a hint."""
    ids = calls.target_ids(aws, deployment_id, "Failed")[:MOST_DETAILED]
    hosts = hosts_now(aws, ids)
    return [_failed(target, hosts.get(target["targetId"]), with_log) for target in read(aws, deployment_id, ids)]


def _failed(target: Shape, host: Shape | None, with_log: bool) -> Shape:
    place = {key: host[key] for key in ("name", "privateIpAddress")} if host else {}
    return {**failed_event(target, with_log, host), **place}


def read(aws: Connection, deployment_id: str, ids: list[str]) -> list[Shape]:
    """Targets by id, in the order they were last heard of."""
    return calls.read_targets(aws, deployment_id, ids) if ids else []


def failed_event(target: Shape, with_log: bool, host: Shape | None = None) -> Shape:
    """The first failed lifecycle event of a target, flat. A hook's output may hold secrets: capped, and left out on wish."""
    events = target.get("lifecycleEvents") or []
    event: Shape = next((one for one in events if one.get("status") == "Failed"), {})
    said = event.get("diagnostics") or {}
    name, code, message = event.get("lifecycleEventName"), said.get("errorCode"), said.get("message")
    log = said.get("logTail") or ""
    cause = hints.cause_of(name or "", code or "", f"{message or ''}\n{log}", _then(host, event.get("endTime")))
    found = {
        "targetId": target["targetId"],
        "status": target.get("status"),
        "lifecycleEventName": name,
        "scriptName": said.get("scriptName") or None,
        "errorCode": code,
        "message": message,
        "cause": cause.name,
        "hint": cause.hint,
    }
    return {**found, "logTail": log[-LOG_TAIL:]} if with_log else found


def _then(host: Shape | None, failed: datetime.datetime | None) -> Shape | None:
    """The instance, unless it came to its state after the event had failed: then that is no cause, maybe a consequence.

    EC2 forgets an instance about an hour after its end.
    """
    if host is None or failed is None or host["state"] == "running":
        return host
    since = host["stateSince"] or datetime.datetime.now(datetime.timezone.utc) - FORGOTTEN
    return host if since <= failed else None


def in_one_line(failed: Shape) -> str:
    """A failed target: `i-0abc (10.0.0.4) failed in AfterInstall, script start.sh: ScriptFailed, <message>`.

    Of a hook function AWS gives no reason here, and of new tasks ECS does.
    """
    address = f" ({failed['privateIpAddress']})" if failed.get("privateIpAddress") else ""
    script = f", script {failed['scriptName']}" if failed.get("scriptName") else ""
    said = ", ".join(filter(None, (failed.get("errorCode"), failed.get("message"))))
    event = failed.get("lifecycleEventName") or "an unknown event"
    if failed.get("functionName"):
        script = f", function {failed['functionName']}"
    elif not said:
        stopped = failed.get("stoppedTasks") or [{}]
        said = stopped[0].get("reason") or "no reason given"
    return shown_line(f"{failed['targetId']}{address} failed in {event}{script}{f': {said}' if said else ''}")


def in_words(failed: list[Shape], count: int) -> str:
    """Some failed targets in sentences, each different hint once."""
    lines = [f"{in_one_line(one).rstrip('.')}." for one in failed[:MOST_NAMED]]
    if count > len(lines):
        lines.append(f"And {count - len(lines)} more, see failed_targets.")
    return " ".join([*lines, *dict.fromkeys(one["hint"] for one in failed[:MOST_NAMED] if one["hint"])])


def hosts_now(aws: Connection, ids: list[str]) -> dict[str, Shape]:
    """Instances as EC2 has them now; none where the caller may not ask EC2: then the cause is guessed from the event."""
    instances = [i for i in ids if i.startswith("i-")]
    try:
        return read_hosts(aws, instances) if instances else {}
    except FAILURES:
        return {}


def problems(aws: Connection, deployment: Shape) -> list[Shape]:
    """What stood against a deployment that AWS ended itself, where more than the code of its error can be read now."""
    if (deployment.get("errorInformation") or {}).get("code") != "ALARM_ACTIVE":
        return []
    asked = {"overrideAlarmConfiguration": deployment.get("overrideAlarmConfiguration")}
    names = (deployment["applicationName"], deployment["deploymentGroupName"])
    try:
        group = {} if asked["overrideAlarmConfiguration"] else calls.read_group(aws, *names).shape
        return obstacles.of_alarms(aws, obstacles.alarms_of(asked, group))
    except FAILURES:
        return []
