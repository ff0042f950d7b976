# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Commands and their invocations as the operations of Run Command answer with them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .._instances import tags_of
from .command_output import STREAMS, url
from .commands import Command, Invocation
from .documents import PLATFORMS, Step

OUTPUT_LIMIT = 2500  # characters of a plugin's output in a listing
STDOUT_LIMIT, STDERR_LIMIT = 24_000, 8_000


def described(command: Command) -> dict[str, Any]:
    """A command with its counters."""
    status, details = command.state()
    asked = command.asked
    return {
        "CommandId": command.command_id,
        "DocumentName": asked["DocumentName"],
        "DocumentVersion": asked.get("DocumentVersion", "$DEFAULT"),
        "Comment": asked.get("Comment", ""),
        "ExpiresAfter": datetime.fromtimestamp(command.expires, UTC),
        "Parameters": command.parameters,
        "InstanceIds": asked.get("InstanceIds", []),
        "Targets": asked.get("Targets", []),
        "RequestedDateTime": datetime.fromtimestamp(command.sent, UTC),
        "Status": status,
        "StatusDetails": details,
        **_place(command),
        "MaxConcurrency": asked.get("MaxConcurrency", "50"),
        "MaxErrors": asked.get("MaxErrors", "0"),
        "TargetCount": len(command.invocations),
        "CompletedCount": command.completed,
        "ErrorCount": command.errors,
        "DeliveryTimedOutCount": command.delivery_timed_out,
        "ServiceRole": asked.get("ServiceRoleArn", ""),
        "NotificationConfig": asked.get("NotificationConfig", {}),
        "CloudWatchOutputConfig": asked.get("CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}),
        "TimeoutSeconds": int(command.timeout),
        "AlarmConfiguration": asked.get("AlarmConfiguration"),
        "TriggeredAlarms": command.triggered,
    }


def listed(invocation: Invocation, details: bool) -> dict[str, Any]:
    """A command on a node, as it is listed."""
    command = invocation.command
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.host.instance_id,
        "InstanceName": tags_of(invocation.host).get("Name", ""),
        "Comment": command.asked.get("Comment", ""),
        "DocumentName": command.asked["DocumentName"],
        "DocumentVersion": command.asked.get("DocumentVersion", "$DEFAULT"),
        "RequestedDateTime": datetime.fromtimestamp(command.sent, UTC),
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": [_plugin(invocation, step) for step in command.steps] if details else [],
        "ServiceRole": command.asked.get("ServiceRoleArn", ""),
        "NotificationConfig": command.asked.get("NotificationConfig", {}),
        "CloudWatchOutputConfig": command.asked.get("CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}),
    }


def _plugin(invocation: Invocation, step: Step) -> dict[str, Any]:
    name, command = step.name, invocation.command
    status, details, code = _step_state(invocation, name)
    plugin = {
        "Name": name,
        "Status": status,
        "StatusDetails": details,
        "ResponseCode": code,
        "Output": _output(invocation, name)[:OUTPUT_LIMIT],
        **_urls(invocation, step),
        **_place(command),
    }
    if invocation.started is not None:
        plugin["ResponseStartDateTime"] = datetime.fromtimestamp(invocation.started, UTC)
    if invocation.ended is not None:
        plugin["ResponseFinishDateTime"] = datetime.fromtimestamp(invocation.ended, UTC)
    return plugin


def _urls(invocation: Invocation, step: Step) -> dict[str, str]:
    command, host = invocation.command, invocation.host
    found = (url(host, command.command_id, command.asked, step.action, step.name, one) for one in STREAMS)
    return dict(zip(("StandardOutputUrl", "StandardErrorUrl"), found))


def _place(command: Command) -> dict[str, str]:
    members = ("OutputS3Region", "OutputS3BucketName", "OutputS3KeyPrefix")
    return {member: command.asked.get(member, "") for member in members}


def _step_state(invocation: Invocation, name: str) -> tuple[str, str, int]:
    result = invocation.results.get(name)
    if result is None:
        return invocation.status, invocation.details, -1
    state = "Failed" if result.code else "Success"
    return state, state, result.code


def _errors(invocation: Invocation, name: str) -> str:
    """The agent adds a line of its own to what a failing script of the document wrote."""
    result = invocation.results.get(name)
    scripts = [step.name for step in invocation.command.steps if step.action in PLATFORMS]
    if result is None or not result.code or name not in scripts:
        return result.stderr if result else ""
    return f"{result.stderr}failed to run commands: exit status {result.code}"


def _output(invocation: Invocation, name: str) -> str:
    result = invocation.results.get(name)
    text, errors = result.stdout if result else "", _errors(invocation, name)
    return f"{text}\n----------ERROR-------\n{errors}" if errors else text


def detailed(invocation: Invocation, step: Step) -> dict[str, Any]:
    """A step of a command on a node."""
    command, plugin = invocation.command, step.name
    result = invocation.results.get(plugin)
    status, details, code = _step_state(invocation, plugin)
    started, ended = invocation.started, invocation.ended
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.host.instance_id,
        "Comment": command.asked.get("Comment", ""),
        "DocumentName": command.asked["DocumentName"],
        "DocumentVersion": command.asked.get("DocumentVersion", "$DEFAULT"),
        "PluginName": plugin,
        "ResponseCode": code,
        "ExecutionStartDateTime": _moment(started),
        "ExecutionElapsedTime": f"PT{ended - started:.3f}S" if started is not None and ended is not None else "",
        "ExecutionEndDateTime": _moment(ended) if started is not None else "",
        "Status": status,
        "StatusDetails": details,
        "StandardOutputContent": (result.stdout if result else "")[:STDOUT_LIMIT],
        **_urls(invocation, step),
        "StandardErrorContent": _errors(invocation, plugin)[:STDERR_LIMIT],
        "CloudWatchOutputConfig": command.asked.get("CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}),
    }


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
