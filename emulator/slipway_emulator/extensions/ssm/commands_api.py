# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The operations of Run Command, and what SSM refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from dateutil.parser import isoparse
from moto.core.responses import ActionResult, EmptyResult
from moto.moto_api._internal import mock_random
from moto.ssm.exceptions import InvalidFilterKey, SSMException, ValidationException
from moto.ssm.responses import SimpleSystemManagerResponse

from ...clock import clock
from ...hosts import Host, registry
from ...ledger import ledger
from ...looking import only_looks
from .. import _patching
from . import documents, nodes
from .commands import DELIVERY_SECONDS, Command, Invocation
from .shared import not_in_a_valid_state, paged, platform_type, request

OUTPUT_LIMIT = 2500  # characters of a plugin's output in a listing
STDOUT_LIMIT, STDERR_LIMIT = 24_000, 8_000
TARGET_KEYS = ("InstanceIds", "instanceids", "tag-key")


def extend() -> None:
    """Put the operations onto moto's responses."""
    _patching.put(
        SimpleSystemManagerResponse,
        send_command,
        list_commands,
        list_command_invocations,
        get_command_invocation,
        cancel_command,
    )


def send_command(self: Any) -> ActionResult:
    """SendCommand: one bad instance id fails the whole call; tags that match nothing only show later."""
    asked = request(self)
    document = documents.find(self.ssm_backend, asked["DocumentName"], asked.get("DocumentVersion"))
    ids, targets = asked.get("InstanceIds", []), asked.get("Targets", [])
    _check_targets(ids, targets)
    given = documents.parameters(document, asked.get("Parameters", {}))
    hosts = _by_ids(self, ids, document, given) if ids else []
    account, region = self.current_account, self.region
    command = start(
        self.ssm_backend, document, asked, given, lambda: hosts if ids else targeted(account, region, targets)
    )
    if all(step.action in documents.PLATFORMS and only_looks(step.script) for step in command.steps):
        ledger.probes()
    return ActionResult({"Command": {**_described(command), "TargetCount": len(ids), "InstanceIds": ids}})


def start(
    backend: Any,
    document: Any,
    asked: dict[str, Any],
    given: dict[str, list[str]],
    hosts: Callable[[], list[Host]],
) -> Command:
    """Let a document run on the nodes that are found a moment later."""
    command = Command(
        command_id=str(mock_random.uuid4()),
        document=document,
        steps=documents.steps(document, given),
        asked=asked,
        parameters=asked.get("Parameters", {}),
        at_once=50,
        allowed_errors=0,
        sent=clock.now(),
    )
    _known(backend)[command.command_id] = command
    clock.after(0, lambda: _begin(command, hosts()))
    return command


def _check_targets(ids: list[str], targets: list[dict[str, Any]]) -> None:
    if bool(ids) == bool(targets):
        raise ValidationException("Specify either InstanceIds or Targets, and not both.")
    if len(set(ids)) < len(ids):
        raise SSMException("DuplicateInstanceId", "You cannot specify an instance ID in more than one place.")
    for target in targets:
        key = target.get("Key", "")
        if key not in TARGET_KEYS and not key.startswith("tag:"):
            raise SSMException("InvalidTarget", f"The target key {key} is not valid or not built in this emulator.")


def _by_ids(response: Any, ids: list[str], document: Any, given: dict[str, list[str]]) -> list[Host]:
    named = registry.named(response.current_account, response.region, ids)
    hosts = {host.instance_id: host for host in named if host.managed()}
    bad = [i for i in ids if i not in hosts]
    if bad:
        raise not_in_a_valid_state(response.current_account, bad)
    steps = documents.steps(document, given)
    platforms = {i: platform_type(hosts[i].contents) for i in ids}
    wrong = [i for i in ids if not any(step.runs_on(platforms[i]) for step in steps)]
    if wrong:
        raise SSMException(
            "UnsupportedPlatformType", f"The document is not supported on the platform of {', '.join(wrong)}."
        )
    return [hosts[i] for i in ids]


def targeted(account_id: str, region: str, targets: list[dict[str, Any]]) -> list[Host]:
    """Values of a target are alternatives; every target must fit."""
    return [
        host
        for host in nodes.managed(account_id, region)
        if all(_fits(host, target["Key"], target.get("Values", [])) for target in targets)
    ]


def _fits(host: Host, key: str, values: list[str]) -> bool:
    if key.lower() == "instanceids":
        return host.instance_id in values or values == ["*"]
    if key == "tag-key":
        return any(value in nodes.tags_of(host) for value in values)
    return nodes.tags_of(host).get(key.removeprefix("tag:")) in values


def _begin(command: Command, hosts: list[Host]) -> None:
    command.address(hosts)
    count = len(hosts)
    command.at_once = max(1, _share(command.asked.get("MaxConcurrency", "50"), count))
    command.allowed_errors = _share(command.asked.get("MaxErrors", "0"), count)
    clock.after(DELIVERY_SECONDS, command.begin)


def _share(text: str, count: int) -> int:
    return count * int(text[:-1]) // 100 if text.endswith("%") else int(text)


def list_commands(self: Any) -> ActionResult:
    """ListCommands: newest first, pages of 50 at most."""
    asked = request(self)
    wanted, instance = asked.get("CommandId"), asked.get("InstanceId")
    if wanted and wanted not in _commands(self):
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    page = paged(
        _newest_first(self, wanted),
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda command: (
            (not instance or instance in command.invocations)
            and _passes(asked.get("Filters", []), command, command.state(), stages=True)
        ),
    )
    return ActionResult({"Commands": [_described(c) for c in page.pop("items")], **page})


def list_command_invocations(self: Any) -> ActionResult:
    """ListCommandInvocations: the output of every plugin with Details."""
    asked = request(self)
    wanted, instance = asked.get("CommandId"), asked.get("InstanceId")
    if wanted and wanted not in _commands(self):
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    page = paged(
        [one for command in _newest_first(self, wanted) for one in _on(command, instance)],
        asked.get("NextToken"),
        asked.get("MaxResults") or 50,
        lambda one: _passes(asked.get("Filters", []), one.command, (one.status, one.details), stages=False),
    )
    listed = [_invocation(i, bool(asked.get("Details"))) for i in page.pop("items")]
    return ActionResult({"CommandInvocations": listed, **page})


def _newest_first(response: Any, wanted: str | None) -> list[Command]:
    """The command that is asked for, or all."""
    known = _commands(response)
    return [known[wanted]] if wanted else list(reversed(known.values()))


def _on(command: Command, instance_id: str | None) -> Iterable[Invocation]:
    """The invocations of a command, or the one on an instance."""
    if not instance_id:
        return command.invocations.values()
    return [command.invocations[instance_id]] if instance_id in command.invocations else []


def _passes(filters: list[dict[str, str]], command: Command, state: tuple[str, str], stages: bool) -> bool:
    return all(_passes_one(f["key"], f["value"], command, state, stages) for f in filters)


def _passes_one(key: str, value: str, command: Command, state: tuple[str, str], stages: bool) -> bool:
    if key == "Status":
        return value in state
    if key == "DocumentName":
        return command.document.name == value
    if key == "InvokedAfter":
        return command.sent >= isoparse(value).timestamp()
    if key == "InvokedBefore":
        return command.sent < isoparse(value).timestamp()
    if not stages:
        raise InvalidFilterKey(f"The filter key {key} is not valid for this operation.")
    executing = state[0] in ("Pending", "InProgress", "Cancelling")
    return executing == (value == "Executing")


def get_command_invocation(self: Any) -> ActionResult:
    """GetCommandInvocation: of one plugin; which one must be said when the document has several."""
    asked = request(self)
    command = _commands(self).get(asked["CommandId"])
    invocation = command.invocations.get(asked["InstanceId"]) if command else None
    if command is None or invocation is None:
        raise SSMException("InvocationDoesNotExist", "")
    names = [step.name for step in command.steps]
    plugin = asked.get("PluginName") or (names[0] if len(names) == 1 else None)
    if plugin not in names:
        raise SSMException("InvalidPluginName", "The plugin name is not valid.")
    return ActionResult(_detailed(invocation, plugin))


def cancel_command(self: Any) -> ActionResult:
    """CancelCommand: the whole command or some of its nodes."""
    asked = request(self)
    command = _commands(self).get(asked["CommandId"])
    if command is None:
        raise SSMException("InvalidCommandId", "The specified command ID is not valid.")
    ids = asked.get("InstanceIds", [])
    unknown = [i for i in ids if registry.get(i) is None]
    if unknown:
        raise not_in_a_valid_state(self.current_account, unknown)
    command.cancel(ids)
    return EmptyResult()


def _described(command: Command) -> dict[str, Any]:
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
        "OutputS3Region": asked.get("OutputS3Region", ""),
        "OutputS3BucketName": asked.get("OutputS3BucketName", ""),
        "OutputS3KeyPrefix": asked.get("OutputS3KeyPrefix", ""),
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
    }


def _invocation(invocation: Invocation, details: bool) -> dict[str, Any]:
    command = invocation.command
    return {
        "CommandId": command.command_id,
        "InstanceId": invocation.host.instance_id,
        "InstanceName": nodes.tags_of(invocation.host).get("Name", ""),
        "Comment": command.asked.get("Comment", ""),
        "DocumentName": command.asked["DocumentName"],
        "DocumentVersion": command.asked.get("DocumentVersion", "$DEFAULT"),
        "RequestedDateTime": datetime.fromtimestamp(command.sent, UTC),
        "Status": invocation.status,
        "StatusDetails": invocation.details,
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
        "CommandPlugins": [_plugin(invocation, step.name) for step in command.steps] if details else [],
        "ServiceRole": command.asked.get("ServiceRoleArn", ""),
        "NotificationConfig": command.asked.get("NotificationConfig", {}),
        "CloudWatchOutputConfig": command.asked.get("CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}),
    }


def _plugin(invocation: Invocation, name: str) -> dict[str, Any]:
    status, details, code = _step_state(invocation, name)
    plugin = {
        "Name": name,
        "Status": status,
        "StatusDetails": details,
        "ResponseCode": code,
        "Output": _output(invocation, name)[:OUTPUT_LIMIT],
        "StandardOutputUrl": "",
        "StandardErrorUrl": "",
    }
    if invocation.started is not None:
        plugin["ResponseStartDateTime"] = datetime.fromtimestamp(invocation.started, UTC)
    if invocation.ended is not None:
        plugin["ResponseFinishDateTime"] = datetime.fromtimestamp(invocation.ended, UTC)
    return plugin


def _step_state(invocation: Invocation, name: str) -> tuple[str, str, int]:
    result = invocation.results.get(name)
    if result is None:
        return invocation.status, invocation.details, -1
    state = "Failed" if result.code else "Success"
    return state, state, result.code


def _errors(invocation: Invocation, name: str) -> str:
    """The agent adds a line of its own to what a failing script wrote."""
    result = invocation.results.get(name)
    if result is None or not result.code:
        return result.stderr if result else ""
    return f"{result.stderr}failed to run commands: exit status {result.code}"


def _output(invocation: Invocation, name: str) -> str:
    result = invocation.results.get(name)
    text, errors = result.stdout if result else "", _errors(invocation, name)
    return f"{text}\n----------ERROR-------\n{errors}" if errors else text


def _detailed(invocation: Invocation, plugin: str) -> dict[str, Any]:
    command, result = invocation.command, invocation.results.get(plugin)
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
        "StandardOutputUrl": "",
        "StandardErrorContent": _errors(invocation, plugin)[:STDERR_LIMIT],
        "StandardErrorUrl": "",
        "CloudWatchOutputConfig": command.asked.get("CloudWatchOutputConfig", {"CloudWatchOutputEnabled": False}),
    }


def _moment(seconds: float | None) -> str:
    return "" if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _commands(response: Any) -> dict[str, Command]:
    return _known(response.ssm_backend)


def _known(backend: Any) -> dict[str, Command]:
    return backend.__dict__.setdefault("run_commands", {})
