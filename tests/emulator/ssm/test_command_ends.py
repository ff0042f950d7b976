# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Run Command: resource groups, alarms, output that is kept, and every way in which a command can end."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute
from support.run_command import SHELL, command, finish, fleet, invocations, refused, send

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
WEB = [{"Key": "tag:role", "Values": ["web"]}]


def ends(command_id: str) -> list[tuple[str, str]]:
    return [(one["Status"], one["StatusDetails"]) for one in invocations(command_id)]


def group(name: str, **tags: str) -> None:
    filters = [{"Key": key, "Values": [value]} for key, value in tags.items()]
    query = {"ResourceTypeFilters": ["AWS::EC2::Instance"], "TagFilters": filters}
    compute.client("resource-groups").create_group(
        Name=name, ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)}
    )


def test_a_resource_group_is_a_target_and_is_listed() -> None:
    ids = fleet(None, None, role="web")
    fleet(None, role="db")
    group("webs", role="web")
    command_id = send(["true"], Targets=[{"Key": "resource-groups:Name", "Values": ["webs"]}])
    missing = send(["true"], Targets=[{"Key": "resource-groups:Name", "Values": ["nobody"]}])
    finish()
    assert sorted(one["InstanceId"] for one in invocations(command_id)) == sorted(ids)
    assert command(missing)["StatusDetails"] == "NoInstancesInTag"
    groups = compute.client("resource-groups")
    first = groups.list_group_resources(GroupName="webs", MaxResults=1)
    rest = groups.list_group_resources(GroupName="webs", NextToken=first["NextToken"])
    listed = [*first["ResourceIdentifiers"], *rest["ResourceIdentifiers"]]
    assert sorted(one["ResourceArn"].rpartition("/")[2] for one in listed) == sorted(ids)
    with pytest.raises(ClientError, match="NotFoundException"):
        groups.list_group_resources(GroupName="nobody")


@pytest.mark.parametrize(
    "targets",
    [
        [{"Key": "resource-groups:Name", "Values": ["a", "b"]}],
        [{"Key": "resource-groups:ResourceTypeFilters", "Values": ["AWS::EC2::Instance"]}],
    ],
)
def test_one_resource_group_at_a_time(targets: list[dict[str, Any]]) -> None:
    code, _text = refused(DocumentName=SHELL, Targets=targets, Parameters={"commands": ["true"]})
    assert code == "InvalidTarget"


def alarm(name: str, state: str) -> None:
    cloudwatch = compute.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=name, MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")


def test_an_alarm_that_goes_on_stops_a_command() -> None:
    ids = fleet(None, None)
    alarm("errors", "OK")
    faults.add({"kind": "command-slow", "seconds": 300})
    command_id = send(["true"], InstanceIds=ids, AlarmConfiguration={"Alarms": [{"Name": "errors"}]})
    clock.advance(100)
    assert command(command_id)["TriggeredAlarms"] == []
    alarm("errors", "ALARM")
    clock.advance(100)
    stopped = command(command_id)
    assert (stopped["Status"], stopped["TriggeredAlarms"]) == ("Cancelled", [{"Name": "errors", "State": "ALARM"}])
    assert ends(command_id) == [("Cancelled", "Cancelled")] * 2


def test_an_alarm_that_cannot_be_read_stops_a_command_unless_told() -> None:
    ids = fleet(None)
    asked = {"Alarms": [{"Name": "missing"}]}
    stopped = send(["true"], InstanceIds=ids, AlarmConfiguration=asked)
    goes_on = send(["true"], InstanceIds=ids, AlarmConfiguration={**asked, "IgnorePollAlarmFailure": True})
    finish()
    assert command(stopped)["TriggeredAlarms"] == [{"Name": "missing", "State": "UNKNOWN"}]
    assert (command(stopped)["Status"], command(goes_on)["Status"]) == ("Cancelled", "Success")
    two = {"Alarms": [{"Name": "a"}, {"Name": "b"}]}
    assert refused(
        DocumentName=SHELL, InstanceIds=ids, AlarmConfiguration=two, Parameters={"commands": ["true"]}
    )[0] == "ValidationException"  # fmt: skip


def test_whole_output_goes_to_s3_and_to_cloudwatch() -> None:
    [instance] = fleet(None)
    s3, logs = compute.client("s3"), compute.client("logs")
    s3.create_bucket(Bucket="outputs", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    command_id = send(
        ["echo hello"],
        InstanceIds=[instance],
        OutputS3BucketName="outputs",
        OutputS3KeyPrefix="run",
        CloudWatchOutputConfig={"CloudWatchOutputEnabled": True},
    )
    finish()
    [plugin] = invocations(command_id, Details=True)[0]["CommandPlugins"]
    key = f"run/{command_id}/{instance}/awsrunShellScript/0.awsrunShellScript/stdout"
    assert plugin["StandardOutputUrl"] == f"https://s3.eu-west-1.amazonaws.com/outputs/{key}"
    assert s3.get_object(Bucket="outputs", Key=key)["Body"].read() == b"hello\n"
    stream = f"{command_id}/{instance}/aws-runShellScript/stdout"
    events = logs.get_log_events(logGroupName=f"/aws/ssm/{SHELL}", logStreamName=stream)["events"]
    assert [event["message"] for event in events] == ["hello\n"]
    code, _text = refused(
        DocumentName=SHELL, InstanceIds=[instance], OutputS3BucketName="nobody", Parameters={"commands": ["true"]}
    )
    assert code == "InvalidOutputFolder"


def test_more_errors_than_allowed_terminate_the_rest() -> None:
    ids = fleet(None, None, None, None, role="web")
    faults.add({"kind": "command-exits", "code": 7, "stderr": "broken\n", "times": 2})
    command_id = send(["true"], Targets=WEB, MaxConcurrency="1", MaxErrors="1")
    clock.advance(60)
    assert ends(command_id) == [("Failed", "Failed")] * 2 + [("Cancelled", "Terminated")] * 2
    done = command(command_id)
    assert (done["Status"], done["TargetCount"], done["CompletedCount"], done["ErrorCount"]) == ("Failed", 4, 4, 2)
    for status, count in (("Terminated", 2), ("Failed", 2), ("Success", 0)):
        assert len(invocations(command_id, Filters=[{"key": "Status", "value": status}])) == count
    [plugin] = invocations(command_id, InstanceId=ids[0], Details=True)[0]["CommandPlugins"]
    assert plugin["ResponseCode"] == 7 and "broken" in plugin["Output"]


@pytest.mark.parametrize(
    ("details", "status"),
    [("Undeliverable", "Failed"), ("AccessDenied", "Failed"), ("DeliveryTimedOut", "TimedOut"), ("Terminated", "Cancelled")],
)  # fmt: skip
def test_a_node_can_end_without_having_run(details: str, status: str) -> None:
    ids = fleet(None)
    faults.add({"kind": "command-ends", "details": details})
    command_id = send(["true"], InstanceIds=ids)
    finish()
    assert ends(command_id) == [(status, details)]
    assert command(command_id)["ErrorCount"] == 0


def test_a_delayed_node_is_tried_again() -> None:
    ids = fleet(None)
    faults.add({"kind": "command-ends", "details": "Delayed", "times": 1})
    command_id = send(["true"], InstanceIds=ids)
    finish()
    assert ends(command_id) == [("Delayed", "Delayed")]
    clock.advance(60)
    assert ends(command_id) == [("Success", "Success")]


def test_what_runs_longer_than_its_document_allows_is_ended() -> None:
    ids = fleet(None)
    faults.add({"kind": "command-slow", "seconds": 60})
    command_id = send(InstanceIds=ids, Parameters={"commands": ["true"], "executionTimeout": ["30"]})
    clock.advance(40)
    assert ends(command_id) == [("TimedOut", "ExecutionTimedOut")]
    assert command(command_id)["ErrorCount"] == 1


@pytest.mark.parametrize("script", ["sleep 60", "true\n  sleep 60\ntrue"])
def test_a_script_that_sleeps_takes_its_time(script: str) -> None:
    command_id = send([script], InstanceIds=fleet(None))
    clock.advance(50)
    assert ends(command_id) == [("InProgress", "InProgress")]
    clock.advance(20)
    assert ends(command_id) == [("Success", "Success")]


def test_a_command_can_end_before_it_reaches_anyone() -> None:
    ids = fleet(None)
    faults.add({"kind": "command-refused", "details": "LimitExceeded", "times": 1})
    command_id = send(["true"], InstanceIds=ids)
    finish()
    ended = command(command_id)
    assert (ended["Status"], ended["StatusDetails"], ended["CompletedCount"]) == ("Failed", "LimitExceeded", 0)


def test_a_command_that_was_just_sent_may_not_be_shown_yet() -> None:
    ids = fleet(None)
    ssm = compute.client("ssm")
    faults.add({"kind": "command-unseen", "seconds": 8})
    command_id = send(["true"], InstanceIds=ids)
    clock.advance(5)
    assert invocations(command_id) == [] and ssm.list_commands(CommandId=command_id)["Commands"] == []
    with pytest.raises(ClientError, match="InvocationDoesNotExist"):
        ssm.get_command_invocation(CommandId=command_id, InstanceId=ids[0])
    clock.advance(5)
    assert ends(command_id) == [("Success", "Success")]


def test_a_hash_of_another_document_is_refused() -> None:
    ids = fleet(None)
    asked = {"DocumentName": SHELL, "InstanceIds": ids, "Parameters": {"commands": ["true"]}}
    assert refused(**asked, DocumentHash="0" * 64, DocumentHashType="Sha256")[0] == "InvalidDocument"
