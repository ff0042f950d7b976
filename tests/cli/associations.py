# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""`aws ssm` with associations: made, changed, run again, looked at, removed; and what is refused."""

from __future__ import annotations

from terminal import Terminal

CHECK = ("--name", "AWS-RunShellScript", "--targets", "Key=tag:Name,Values=web", "--association-name", "check")
NOBODY = "00000000-0000-4000-8000-000000000000"


def life(at: Terminal, ids: list[str]) -> None:
    words = ("--parameters", '{"commands":["echo checked"]}', "--schedule-expression", "rate(30 minutes)")
    made = at.json("ssm", "create-association", *CHECK, *words, "--max-errors", "1")["AssociationDescription"]
    one = ("--association-id", made["AssociationId"])
    at.advance(15)
    _ran(at, one, ids)
    changed = at.json("ssm", "update-association", *one, *CHECK, "--parameters", "commands=true")[
        "AssociationDescription"
    ]
    at.same("an update forgets the schedule", "ScheduleExpression" in changed or "MaxErrors" in changed, False)
    at.advance(15)
    at.text("ssm", "start-associations-once", "--association-ids", made["AssociationId"])
    at.advance(3600)
    runs = at.json("ssm", "describe-association-executions", *one)["AssociationExecutions"]
    at.same("made, changed and started, it ran three times", [run["Status"] for run in runs], ["Success"] * 3)
    versions = at.json("ssm", "list-association-versions", *one)["AssociationVersions"]
    at.same("of two versions", [each["AssociationVersion"] for each in versions], ["1", "2"])
    named = at.json("ssm", "list-associations", "--association-filter-list", "key=AssociationName,value=check")
    at.same("its name finds it", [each["AssociationId"] for each in named["Associations"]], [made["AssociationId"]])
    at.text("ssm", "delete-association", *one)
    at.same("and then nothing is left", at.json("ssm", "list-associations")["Associations"], [])


def _ran(at: Terminal, one: tuple[str, str], ids: list[str]) -> None:
    overview = at.json("ssm", "describe-association", *one)["AssociationDescription"]["Overview"]
    at.same("it ran on both hosts", overview["AssociationStatusAggregatedCount"], {"Success": 2})
    [run] = at.json("ssm", "describe-association-executions", *one)["AssociationExecutions"]
    about = (*one, "--execution-id", run["ExecutionId"])
    rows = at.json("ssm", "describe-association-execution-targets", *about)["AssociationExecutionTargets"]
    at.same("which are its targets", sorted(row["ResourceId"] for row in rows), ids)
    command = rows[0]["OutputSource"]["OutputSourceId"]
    got = at.json("ssm", "get-command-invocation", "--command-id", command, "--instance-id", ids[0])
    at.same("by a command with an output", got["StandardOutputContent"], "checked\n")
    states = at.json("ssm", "describe-instance-associations-status", "--instance-id", ids[0])
    at.same("a host knows it", [one["Status"] for one in states["InstanceAssociationStatusInfos"]], ["Success"])


def refusals(at: Terminal) -> None:
    at.refuses(
        "a rate below half an hour", "InvalidSchedule", "rate(5 minutes)",
        "ssm", "create-association", *CHECK, "--parameters", "commands=true", "--schedule-expression", "rate(5 minutes)",
    )  # fmt: skip
    at.refuses(
        "an association of a document that is not there", "InvalidDocument", "",
        "ssm", "create-association", "--name", "Nothing", "--targets", "Key=tag:Name,Values=web",
    )  # fmt: skip
    at.refuses(
        "an association that is not there", "AssociationDoesNotExist", "",
        "ssm", "describe-association", "--association-id", NOBODY,
    )  # fmt: skip
