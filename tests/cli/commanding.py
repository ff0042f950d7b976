# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws ssm` as a user runs commands on a fleet: by group, in waves, stopped by errors, canceled, with whole output in S3."""

from __future__ import annotations

from deploying import instance_profile, launch
from terminal import Terminal

REGION = "eu-north-1"
BUCKET = "outputs-of-commands"
WEB = ("--targets", "Key=resource-groups:Name,Values=webs")


def scenario(at: Terminal) -> None:
    instance_profile(at, "web")
    ids = launch(at, 3, "web")
    by_group(at, ids)
    stopped_by_errors(at)
    canceled(at, ids)
    kept(at, ids)
    refusals(at, ids)


def send(at: Terminal, script: str, *more: str) -> str:
    words = ("--document-name", "AWS-RunShellScript", "--parameters", f'{{"commands":["{script}"]}}')
    return str(at.json("ssm", "send-command", *words, *more)["Command"]["CommandId"])


def read(at: Terminal, command_id: str) -> tuple[str, str, int, int]:
    [seen] = at.json("ssm", "list-commands", "--command-id", command_id)["Commands"]
    return seen["Status"], seen["StatusDetails"], seen["TargetCount"], seen["CompletedCount"]


def by_group(at: Terminal, ids: list[str]) -> None:
    query = (
        '{"Type":"TAG_FILTERS_1_0","Query":"{\\"ResourceTypeFilters\\":[\\"AWS::EC2::Instance\\"],'
        '\\"TagFilters\\":[{\\"Key\\":\\"Name\\",\\"Values\\":[\\"web\\"]}]}"}'
    )
    at.json("resource-groups", "create-group", "--name", "webs", "--resource-query", query)
    listed = at.json("resource-groups", "list-group-resources", "--group", "webs")["Resources"]
    found = sorted(one["Identifier"]["ResourceArn"].rpartition("/")[2] for one in listed)
    at.same("a group has the hosts with its tag", found, ids)
    sent = send(at, "true", *WEB)
    at.advance(30)
    at.same("and takes a command", read(at, sent), ("Success", "Success", 3, 3))


def stopped_by_errors(at: Terminal) -> None:
    sent = send(at, "exit 3", *WEB, "--max-concurrency", "1", "--max-errors", "0")
    at.advance(60)
    at.same("an error more than allowed stops it", read(at, sent), ("Failed", "Failed", 3, 3))
    words = ("ssm", "list-command-invocations", "--command-id", sent, "--filters")
    for status, count in (("Failed", 1), ("Terminated", 2), ("Success", 0)):
        runs = at.json(*words, f"key=Status,value={status}")["CommandInvocations"]
        at.same(f"hosts that ended {status}", len(runs), count)


def canceled(at: Terminal, ids: list[str]) -> None:
    sent = send(at, "sleep 600", "--instance-ids", *ids, "--comment", "a long one")
    at.advance(10)
    stage = ("ssm", "list-commands", "--filters", "key=ExecutionStage,value=Executing")
    at.same("it runs", [one["Comment"] for one in at.json(*stage)["Commands"]], ["a long one"])
    at.text("ssm", "cancel-command", "--command-id", sent)
    at.advance(10)
    at.same("a canceled command is over", read(at, sent), ("Cancelled", "Cancelled", 3, 3))
    at.same("and runs no more", at.json(*stage)["Commands"], [])


def kept(at: Terminal, ids: list[str]) -> None:
    at.text("s3", "mb", f"s3://{BUCKET}")
    sent = send(
        at, "echo kept", "--instance-ids", ids[0], "--output-s3-bucket-name", BUCKET, "--output-s3-key-prefix", "a"
    )
    at.advance(30)
    key = f"a/{sent}/{ids[0]}/awsrunShellScript/0.awsrunShellScript/stdout"
    at.same("whole output is in S3", at.text("s3", "cp", f"s3://{BUCKET}/{key}", "-"), "kept\n")


def refusals(at: Terminal, ids: list[str]) -> None:
    words = ("ssm", "send-command", "--document-name", "AWS-RunShellScript", "--parameters", "commands=true")
    at.refuses("two groups", "InvalidTarget", "", *words, "--targets", "Key=resource-groups:Name,Values=a,b")
    at.refuses(
        "a bucket that is not there", "InvalidOutputFolder", "nowhere",
        *words, "--instance-ids", ids[0], "--output-s3-bucket-name", "nowhere",
    )  # fmt: skip
    at.refuses("an unknown command", "InvalidCommandId", "", "ssm", "cancel-command", "--command-id", "0" * 36)
    at.refuses(
        "an unknown filter", "InvalidFilterKey", "",
        "ssm", "list-command-invocations", "--filters", "key=ExecutionStage,value=Complete",
    )  # fmt: skip
