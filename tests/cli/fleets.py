# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws ssm` and `aws autoscaling` as a user goes about them: commands on hosts, associations, and a group that is refreshed."""

from __future__ import annotations

from typing import Any

import associations
from deploying import instance_profile, launch
from terminal import Terminal

REGION = "eu-central-1"
GROUP = ("--auto-scaling-group-name", "fleet")
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
LAUNCHING = "autoscaling:EC2_INSTANCE_LAUNCHING"


def scenario(at: Terminal) -> None:
    instance_profile(at, "web")
    ids = launch(at, 2, "web")
    managed(at, ids)
    command(at, ids)
    inventory(at, ids)
    node_refusals(at, ids)
    associations.life(at, ids)
    associations.refusals(at)
    group(at)
    refresh(at)
    hook(at)
    group_refusals(at)


def managed(at: Terminal, ids: list[str]) -> None:
    nodes = at.json("ssm", "describe-instance-information")["InstanceInformationList"]
    at.same("hosts with a profile are managed", sorted(n["InstanceId"] for n in nodes), ids)
    at.same("and answer", {n["PingStatus"] for n in nodes}, {"Online"})
    one = ("--filters", f"Key=InstanceIds,Values={ids[0]}")
    nodes = at.json("ssm", "describe-instance-information", *one)["InstanceInformationList"]
    at.same("one is found by its id", [n["InstanceId"] for n in nodes], ids[:1])


def send(at: Terminal, *where: str) -> str:
    words = ("--document-name", "AWS-RunShellScript", "--parameters", '{"commands":["echo it works","exit 0"]}')
    return str(at.json("ssm", "send-command", *words, *where, "--comment", "a try")["Command"]["CommandId"])


def command(at: Terminal, ids: list[str]) -> None:
    sent = send(at, "--targets", "Key=tag:Name,Values=web", "--max-errors", "1")
    [seen] = at.json("ssm", "list-commands", "--command-id", sent)["Commands"]
    at.check("a command waits or runs", seen["Status"] in ("Pending", "InProgress"), seen)
    at.advance(30)
    for instance in ids:
        at.text("ssm", "wait", "command-executed", "--command-id", sent, "--instance-id", instance)
    [seen] = at.json("ssm", "list-commands", "--command-id", sent)["Commands"]
    at.same("it ends well on both", (seen["Status"], seen["TargetCount"], seen["Comment"]), ("Success", 2, "a try"))
    runs = at.json("ssm", "list-command-invocations", "--command-id", sent, "--details")["CommandInvocations"]
    at.same("every host has its run", sorted(run["InstanceId"] for run in runs), ids)
    outputs = [plugin["Output"] for run in runs for plugin in run["CommandPlugins"]]
    at.same("with what it printed", outputs, ["it works\n"] * 2)
    got = at.json("ssm", "get-command-invocation", "--command-id", sent, "--instance-id", ids[0])
    seen = (got["Status"], got["ResponseCode"], got["StandardOutputContent"])
    at.same("one run is read alone", seen, ("Success", 0, "it works\n"))


def inventory(at: Terminal, ids: list[str]) -> None:
    at.advance(3600)
    entities = at.json("ssm", "get-inventory", "--result-attributes", "TypeName=AWS:Application")["Entities"]
    found = {entity["Id"]: _names(entity) for entity in entities}
    at.same("inventory has the hosts", sorted(found), ids)
    at.check("and the agent on each", all("codedeploy-agent" in names for names in found.values()), found)


def _names(entity: dict[str, Any]) -> list[str]:
    return [item["Name"] for item in entity["Data"]["AWS:Application"]["Content"]]


def node_refusals(at: Terminal, ids: list[str]) -> None:
    at.refuses(
        "an unknown document", "InvalidDocument", "",
        "ssm", "send-command", "--document-name", "Nothing", "--instance-ids", ids[0],
    )  # fmt: skip
    at.refuses(
        "a host that is not managed", "InvalidInstanceId", "not in a valid state",
        "ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", "i-00000000000000000",
        "--parameters", "commands=true",
    )  # fmt: skip
    at.refuses(
        "a parameter the document lacks", "InvalidParameters", "wrong",
        "ssm", "send-command", "--document-name", "AWS-RunShellScript", "--instance-ids", ids[0],
        "--parameters", "commands=true,wrong=x",
    )  # fmt: skip
    at.refuses(
        "a run that never was", "InvocationDoesNotExist", "",
        "ssm", "get-command-invocation", "--command-id", "00000000-0000-4000-8000-000000000000",
        "--instance-id", ids[0],
    )  # fmt: skip


def group(at: Terminal) -> None:
    image = at.text(
        "ssm", "get-parameter", "--name", AMAZON_LINUX, "--query", "Parameter.Value", "--output", "text"
    ).strip()  # fmt: skip
    data = {"ImageId": image, "InstanceType": "t3.micro", "IamInstanceProfile": {"Name": "web"}}
    name = ("--launch-template-name", "fleet")
    at.json("ec2", "create-launch-template", *name, "--launch-template-data", at.file("template.json", data))
    at.json(
        "ec2", "create-launch-template-version", *name, "--source-version", "1",
        "--launch-template-data", '{"InstanceType":"t3.small"}',
    )  # fmt: skip
    zones = ("--availability-zones", f"{REGION}a", f"{REGION}b")
    size = ("--min-size", "0", "--max-size", "4", "--desired-capacity", "2")
    template = ("--launch-template", "LaunchTemplateName=fleet,Version=1")
    at.text("autoscaling", "create-auto-scaling-group", *GROUP, *size, *template, *zones)
    at.advance(120)
    at.same("the group launches what it should", _versions(at), [("1", "InService")] * 2)


def _members(at: Terminal) -> list[dict[str, Any]]:
    groups = at.json("autoscaling", "describe-auto-scaling-groups", "--auto-scaling-group-names", "fleet")
    members: list[dict[str, Any]] = groups["AutoScalingGroups"][0]["Instances"]
    return members


def _versions(at: Terminal) -> list[tuple[str, str]]:
    return sorted((m["LaunchTemplate"]["Version"], m["LifecycleState"]) for m in _members(at))


def _refreshes(at: Terminal) -> list[tuple[str, int]]:
    found = at.json("autoscaling", "describe-instance-refreshes", *GROUP)["InstanceRefreshes"]
    return [(refresh["Status"], refresh["PercentageComplete"]) for refresh in found]


def refresh(at: Terminal) -> None:
    start = ("autoscaling", "start-instance-refresh", *GROUP)
    preferences = ("--preferences", '{"MinHealthyPercentage":50,"InstanceWarmup":60}')
    wanted = {"LaunchTemplate": {"LaunchTemplateName": "fleet", "Version": "2"}}
    desired = ("--desired-configuration", at.file("desired.json", wanted))
    at.json(*start, *preferences, *desired)
    at.refuses("one refresh at a time", "InstanceRefreshInProgress", "already in progress", *start, *preferences)
    at.same("a refresh is under way", _refreshes(at), [("InProgress", 0)])
    at.advance(1800)
    at.same("it ends with the group renewed", _refreshes(at), [("Successful", 100)])
    at.same("all are of the new version", _versions(at), [("2", "InService")] * 2)
    at.json(*start, *preferences)
    at.json("autoscaling", "cancel-instance-refresh", *GROUP)
    at.advance(1800)
    at.same("another is cancelled", _refreshes(at)[0][0], "Cancelled")
    none = at.refused("autoscaling", "cancel-instance-refresh", *GROUP)
    at.same("what does not run cannot be", none.code, "ActiveInstanceRefreshNotFound")


def hook(at: Terminal) -> None:
    """A new host waits until somebody says that it may go on."""
    name = ("--lifecycle-hook-name", "ready")
    transition = ("--lifecycle-transition", LAUNCHING)
    at.text("autoscaling", "put-lifecycle-hook", *name, *GROUP, *transition, "--heartbeat-timeout", "600")
    at.text("autoscaling", "set-desired-capacity", *GROUP, "--desired-capacity", "3")
    at.advance(60)
    waiting = [m["InstanceId"] for m in _members(at) if m["LifecycleState"] == "Pending:Wait"]
    at.same("one host waits", len(waiting), 1)
    complete = ("autoscaling", "complete-lifecycle-action", *name, *GROUP)
    for instance in waiting:
        at.text(*complete, "--instance-id", instance, "--lifecycle-action-result", "CONTINUE")
    at.advance(60)
    at.same("and goes on", [state for _version, state in _versions(at)], ["InService"] * 3)
    late = ("--lifecycle-action-result", "CONTINUE", "--instance-id", waiting[0] if waiting else "i-0")
    at.refuses("nothing waits any more", "ValidationError", "No active Lifecycle Action", *complete, *late)


def group_refusals(at: Terminal) -> None:
    at.refuses(
        "a refresh of an unknown group", "ValidationError", "not found",
        "autoscaling", "start-instance-refresh", "--auto-scaling-group-name", "nothing",
    )  # fmt: skip
    at.refuses(
        "a result that is none", "ValidationError", "CONTINUE and ABANDON",
        "autoscaling", "complete-lifecycle-action", *GROUP, "--lifecycle-hook-name", "ready",
        "--lifecycle-action-token", "00000000-0000-4000-8000-000000000000", "--lifecycle-action-result", "PERHAPS",
    )  # fmt: skip
    at.refuses(
        "an unknown launch template", "InvalidLaunchTemplateName.NotFoundException", "",
        "ec2", "describe-launch-templates", "--launch-template-names", "nothing",
    )  # fmt: skip
