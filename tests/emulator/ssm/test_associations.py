# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""State Manager: when associations run and on what, what they answer, what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from support import compute

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
SHELL = "AWS-RunShellScript"
WEB = [{"Key": "tag:role", "Values": ["web"]}]
NOBODY = "00000000-0000-4000-8000-000000000000"
DAY = 86_400


def ssm() -> Any:
    return compute.client("ssm")


def associate(commands: list[str] | None = None, **asked: Any) -> dict[str, Any]:
    wanted = {"Name": SHELL, "Targets": WEB, "Parameters": {"commands": commands or ["true"]}, **asked}
    return ssm().create_association(**wanted)["AssociationDescription"]


def describe(association_id: str, **asked: Any) -> dict[str, Any]:
    return ssm().describe_association(AssociationId=association_id, **asked)["AssociationDescription"]


def executions(association_id: str, **asked: Any) -> list[dict[str, Any]]:
    return ssm().describe_association_executions(AssociationId=association_id, **asked)["AssociationExecutions"]


def targets(association_id: str, **asked: Any) -> list[dict[str, Any]]:
    newest = executions(association_id)[0]["ExecutionId"]
    answer = ssm().describe_association_execution_targets(AssociationId=association_id, ExecutionId=newest, **asked)
    return answer["AssociationExecutionTargets"]


def fleet(count: int = 2, **tags: str) -> list[str]:
    ids = compute.run(compute.image(), count, tags=tags or {"role": "web"})
    compute.boot()
    return ids


def finish() -> None:
    clock.advance(15)


def refused(operation: str, **asked: Any) -> str:
    with pytest.raises(ClientError) as error:
        getattr(ssm(), operation)(**asked)
    return error.value.response["Error"]["Code"]


def test_it_runs_at_once_and_its_results_are_those_of_a_command() -> None:
    ids = fleet()
    made = associate(["echo hello"])
    assert (made["AssociationVersion"], made["DocumentVersion"]) == ("1", "$DEFAULT")
    assert made["Overview"] == {
        "Status": "Pending",
        "DetailedStatus": "Creating",
        "AssociationStatusAggregatedCount": {},
    }
    finish()
    overview = describe(made["AssociationId"])["Overview"]
    assert overview == {
        "Status": "Success",
        "DetailedStatus": "Success",
        "AssociationStatusAggregatedCount": {"Success": 2},
    }
    [run] = executions(made["AssociationId"])
    assert (run["Status"], run["ResourceCountByStatus"]) == ("Success", "{Success=2}")
    rows = targets(made["AssociationId"])
    assert {row["ResourceId"] for row in rows} == set(ids)
    command = rows[0]["OutputSource"]["OutputSourceId"]
    [plugin] = ssm().list_command_invocations(CommandId=command, InstanceId=ids[0], Details=True)["CommandInvocations"][
        0
    ]["CommandPlugins"]
    assert plugin["Output"] == "hello\n"


def test_a_failing_node_and_an_offline_one() -> None:
    ids = fleet(3)
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    made = associate(["exit 3"], MaxConcurrency="1", MaxErrors="0", Targets=[{"Key": "InstanceIds", "Values": ids[:2]}])
    clock.advance(30)
    assert {row["Status"] for row in targets(made["AssociationId"])} == {"InProgress", "Pending"}
    assert describe(made["AssociationId"])["Overview"]["DetailedStatus"] == "InProgress"
    clock.advance(7300)
    rows = {row["ResourceId"]: (row["Status"], row["DetailedStatus"]) for row in targets(made["AssociationId"])}
    assert rows[ids[0]] == ("TimedOut", "DeliveryTimedOut")
    assert executions(made["AssociationId"])[0]["Status"] == "Failed"
    again = associate(
        ["exit 3"], MaxConcurrency="1", MaxErrors="0", Targets=[{"Key": "InstanceIds", "Values": ids[1:]}]
    )
    finish()
    found = sorted(row["DetailedStatus"] for row in targets(again["AssociationId"]))
    assert found == ["Failed", "Terminated"]
    [failed] = targets(again["AssociationId"], Filters=[{"Key": "Status", "Value": "Failed"}])
    assert failed["ResourceId"] in ids


def test_an_update_forgets_what_it_leaves_out_and_runs_again() -> None:
    fleet()
    made = associate(
        AssociationName="check", ScheduleExpression="rate(1 day)", MaxErrors="5%", ComplianceSeverity="HIGH"
    )
    finish()
    sent = {"AssociationId": made["AssociationId"], "Targets": WEB, "Parameters": {"commands": ["false"]}}
    changed = ssm().update_association(**sent, AssociationVersion="1")["AssociationDescription"]
    assert changed["AssociationVersion"] == "2" and changed["Name"] == SHELL
    assert not {"AssociationName", "ScheduleExpression", "MaxErrors"} & set(changed)
    assert changed["ComplianceSeverity"] == "UNSPECIFIED"
    finish()
    assert [run["Status"] for run in executions(made["AssociationId"])] == ["Failed", "Success"]
    assert refused("update_association", **sent, AssociationVersion="1") == "InvalidAssociationVersion"
    clock.advance(2 * DAY)
    assert len(executions(made["AssociationId"])) == 2, "the schedule is gone"
    versions = ssm().list_association_versions(AssociationId=made["AssociationId"])["AssociationVersions"]
    assert [(one["AssociationVersion"], one.get("MaxErrors")) for one in versions] == [("1", "5%"), ("2", None)]
    assert describe(made["AssociationId"], AssociationVersion="1")["AssociationName"] == "check"


def test_it_runs_by_its_rate_and_by_its_cron_expression() -> None:
    fleet()
    by_rate = associate(ScheduleExpression="rate(30 minutes)")
    only_at = associate(ScheduleExpression="cron(0 2 ? * SUN#2 *)", ApplyOnlyAtCronInterval=True, ScheduleOffset=3)
    assert executions(only_at["AssociationId"]) == []
    assert describe(only_at["AssociationId"])["Overview"]["DetailedStatus"] == "Associated"
    clock.advance(3 * 3600)
    assert len(executions(by_rate["AssociationId"])) == 7
    ssm().delete_association(AssociationId=by_rate["AssociationId"])
    clock.advance(40 * DAY)
    for run in executions(only_at["AssociationId"]):
        when = run["CreatedTime"].astimezone(UTC)
        assert (when.isoweekday(), when.hour) == (3, 2) and 11 <= when.day <= 17
    assert executions(only_at["AssociationId"])


def test_it_runs_once_at_a_moment() -> None:
    fleet()
    moment = (clock.datetime() + timedelta(hours=5)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    at_once = associate(ScheduleExpression=moment)
    only_then = associate(ScheduleExpression=moment, ApplyOnlyAtCronInterval=True)
    assert (len(executions(at_once["AssociationId"])), executions(only_then["AssociationId"])) == (1, [])
    clock.advance(2 * DAY)
    assert (len(executions(at_once["AssociationId"])), len(executions(only_then["AssociationId"]))) == (2, 1)
    past = associate(ScheduleExpression="at(2020-07-07T15:55:00)", ApplyOnlyAtCronInterval=True)
    clock.advance(2 * DAY)
    assert executions(past["AssociationId"]) == []


CRON = "cron(0 2 ? * SUN *)"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"Name": "Nothing"}, "InvalidDocument"),
        ({"DocumentVersion": "7"}, "InvalidDocumentVersion"),
        ({"Parameters": {}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["true"], "more": ["x"]}}, "InvalidParameters"),
        ({"Targets": []}, "InvalidTarget"),
        ({"Targets": [{"Key": "role", "Values": ["web"]}]}, "InvalidTarget"),
        ({"Targets": [{"Key": "resource-groups:Name", "Values": ["a", "b"]}]}, "InvalidTarget"),
        ({"TargetMaps": [{"a": ["b"]}]}, "InvalidTargetMaps"),
        ({"Targets": WEB * 6}, "ValidationException"),
        ({"ApplyOnlyAtCronInterval": True}, "InvalidSchedule"),
        ({"ApplyOnlyAtCronInterval": True, "ScheduleExpression": "rate(1 day)"}, "InvalidSchedule"),
        ({"ScheduleExpression": CRON, "ScheduleOffset": 2}, "InvalidSchedule"),
        ({"ScheduleExpression": CRON, "Duration": 2}, "InvalidSchedule"),
        ({"ScheduleExpression": CRON, "ApplyOnlyAtCronInterval": True, "ScheduleOffset": 7}, "ValidationException"),
        ({"ScheduleExpression": CRON, "ApplyOnlyAtCronInterval": True, "Duration": 25}, "ValidationException"),
        ({"MaxErrors": "101%"}, "ValidationException"),
        ({"MaxConcurrency": "0"}, "ValidationException"),
        ({"ComplianceSeverity": "SEVERE"}, "ValidationException"),
        ({"AssociationName": "no blanks"}, "ValidationException"),
        ({"OutputLocation": {"S3Location": {"OutputS3KeyPrefix": "logs"}}}, "InvalidOutputLocation"),
        ({"InstanceId": "i-0123456789abcdef0", "Targets": []}, "InvalidInstanceId"),
        ({"InstanceId": "i-0123456789abcdef0", "Targets": [], "MaxErrors": "1"}, "ValidationException"),
        ({"Name": "AWS-StopEC2Instance", "Parameters": {"InstanceId": ["i-1"]}}, "InvalidTarget"),
    ],
)
def test_what_a_new_association_cannot_be(asked: dict[str, Any], code: str) -> None:
    whole = {"Name": SHELL, "Targets": WEB, "Parameters": {"commands": ["true"]}, **asked}
    assert refused("create_association", **{k: v for k, v in whole.items() if v != []}) == code
    assert ssm().list_associations()["Associations"] == []


def test_what_is_not_there() -> None:
    for operation in ("describe_association", "update_association", "delete_association", "list_association_versions"):
        assert refused(operation, AssociationId=NOBODY) == "AssociationDoesNotExist"
    assert refused("start_associations_once", AssociationIds=[NOBODY]) == "AssociationDoesNotExist"
    assert refused("describe_association_executions", AssociationId=NOBODY) == "AssociationDoesNotExist"
    assert refused("describe_association") == "ValidationException"
    made = associate()
    asked = {"AssociationId": made["AssociationId"], "ExecutionId": NOBODY}
    assert refused("describe_association_execution_targets", **asked) == "AssociationExecutionDoesNotExist"
    assert refused("describe_association", AssociationId=made["AssociationId"], AssociationVersion="9") == (
        "InvalidAssociationVersion"
    )
    assert refused("describe_instance_associations_status", InstanceId="i-0123456789abcdef0") == "InvalidInstanceId"
    assert refused("describe_effective_instance_associations", InstanceId="i-0123456789abcdef0") == "InvalidInstanceId"


def test_start_once_runs_it_again() -> None:
    fleet()
    made = associate()
    finish()
    ssm().start_associations_once(AssociationIds=[made["AssociationId"]])
    finish()
    first, second = executions(made["AssociationId"])
    assert first["CreatedTime"] > second["CreatedTime"]
    [found] = executions(
        made["AssociationId"], Filters=[{"Key": "ExecutionId", "Value": first["ExecutionId"], "Type": "EQUAL"}]
    )
    assert found == first
    between = (second["CreatedTime"] + timedelta(seconds=5)).isoformat()
    later = {"Key": "CreatedTime", "Value": between, "Type": "GREATER_THAN"}
    assert executions(made["AssociationId"], Filters=[later]) == [first]


def test_a_node_that_comes_later_gets_it_at_once() -> None:
    associate_id = associate()["AssociationId"]
    finish()
    assert describe(associate_id)["Overview"]["AssociationStatusAggregatedCount"] == {}
    [launched] = fleet(1)
    finish()
    [other] = fleet(1, role="db")
    finish()
    assert describe(associate_id)["Overview"]["AssociationStatusAggregatedCount"] == {"Success": 1}
    compute.client("ec2").create_tags(Resources=[other], Tags=[{"Key": "role", "Value": "web"}])
    finish()
    assert describe(associate_id)["Overview"]["AssociationStatusAggregatedCount"] == {"Success": 2}
    assert [row["ResourceId"] for row in targets(associate_id)] == [other]
    compute.client("ec2").reboot_instances(InstanceIds=[launched])
    compute.boot()
    assert len(executions(associate_id)) == 3, "it had it already"


def test_all_nodes_and_those_of_a_resource_group() -> None:
    fleet(2)
    fleet(1, role="db")
    query = {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": [{"Key": "role", "Values": ["web"]}]}
    compute.client("resource-groups").create_group(
        Name="web", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)}
    )
    for key, value, count in (("InstanceIds", "*", 3), ("resource-groups:Name", "web", 2)):
        made = associate(Targets=[{"Key": key, "Values": [value]}])
        finish()
        assert len(targets(made["AssociationId"])) == count


def test_it_follows_the_versions_of_its_document() -> None:
    fleet(1)

    def content(word: str) -> str:
        step = {"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": [f"echo {word}"]}}
        return json.dumps({"schemaVersion": "2.2", "mainSteps": [step]})

    ssm().create_document(Name="Say", Content=content("one"), DocumentType="Command")
    by_default = ssm().create_association(Name="Say", Targets=WEB)["AssociationDescription"]["AssociationId"]
    newest = ssm().create_association(Name="Say", Targets=WEB, DocumentVersion="$LATEST")["AssociationDescription"]
    ssm().update_document(Name="Say", Content=content("two"), DocumentVersion="$LATEST")
    assert (len(executions(by_default)), len(executions(newest["AssociationId"]))) == (1, 2)
    ssm().update_document_default_version(Name="Say", DocumentVersion="2")
    assert (len(executions(by_default)), len(executions(newest["AssociationId"]))) == (2, 2)


def test_lists_are_filtered_and_come_in_pages() -> None:
    fleet(1)
    for number in range(5):
        associate(AssociationName="same" if number else "other")
    finish()
    page = ssm().list_associations(MaxResults=2)
    assert len(page["Associations"]) == 2
    rest = ssm().list_associations(MaxResults=50, NextToken=page["NextToken"])
    assert len(rest["Associations"]) == 3 and "NextToken" not in rest
    assert "Parameters" not in page["Associations"][0]
    past, future = (datetime(year, 1, 1, tzinfo=UTC).isoformat() for year in (2020, 2120))
    for key, value, count in (
        ("AssociationName", "same", 4),
        ("AssociationName", "sam", 0),
        ("Name", SHELL, 5),
        ("AssociationStatusName", "Success", 5),
        ("LastExecutedAfter", past, 5),
        ("LastExecutedBefore", past, 0),
        ("LastExecutedBefore", future, 5),
        ("ResourceGroupName", "web", 0),
    ):
        found = ssm().list_associations(AssociationFilterList=[{"key": key, "value": value}])["Associations"]
        assert len(found) == count, key


def test_what_runs_on_a_node() -> None:
    [instance] = fleet(1)
    for _number in range(6):
        associate(AssociationName="check")
    finish()
    page = ssm().describe_effective_instance_associations(InstanceId=instance)
    assert len(page["Associations"]) == 5 and page["NextToken"]
    assert json.loads(page["Associations"][0]["Content"])["schemaVersion"] == "1.2"
    rows = ssm().describe_instance_associations_status(InstanceId=instance)["InstanceAssociationStatusInfos"]
    assert [(row["Status"], row["AssociationName"]) for row in rows] == [("Success", "check")] * 6


def test_an_association_of_one_instance_as_it_was_in_the_beginning() -> None:
    [instance] = fleet(1)
    asked = {"Name": SHELL, "InstanceId": instance, "Parameters": {"commands": ["true"]}}
    ssm().create_association(**asked)
    assert refused("create_association", **asked) == "AssociationAlreadyExists"
    found = ssm().describe_association(Name=SHELL, InstanceId=instance)["AssociationDescription"]
    assert found["InstanceId"] == instance
    change = {"AssociationId": found["AssociationId"], "Parameters": {"commands": ["true"]}}
    assert refused("update_association", **change, Targets=WEB) == "InvalidUpdate"
    ssm().delete_association(Name=SHELL, InstanceId=instance)
    assert ssm().list_associations()["Associations"] == []


def test_a_batch_makes_what_holds_and_names_the_rest() -> None:
    good = {"Name": SHELL, "Targets": WEB, "Parameters": {"commands": ["true"]}}
    answer = ssm().create_association_batch(Entries=[good, {**good, "ScheduleExpression": "rate(1 minute)"}])
    assert len(answer["Successful"]) == 1
    [failed] = answer["Failed"]
    assert failed["Fault"] == "Client" and failed["Message"].startswith("InvalidSchedule")
    assert failed["Entry"]["ScheduleExpression"] == "rate(1 minute)"


def test_tags_of_an_association() -> None:
    made = associate(Tags=[{"Key": "Team", "Value": "shop"}])
    about = {"ResourceType": "Association", "ResourceId": made["AssociationId"]}
    ssm().add_tags_to_resource(**about, Tags=[{"Key": "Cost", "Value": "7"}])
    ssm().remove_tags_from_resource(**about, TagKeys=["Team"])
    assert ssm().list_tags_for_resource(**about)["TagList"] == [{"Key": "Cost", "Value": "7"}]
    assert refused("list_tags_for_resource", ResourceType="Association", ResourceId=NOBODY) == "InvalidResourceId"


def test_a_runbook_is_kept_and_not_run() -> None:
    made = ssm().create_association(
        Name="AWS-StopEC2Instance",
        AutomationTargetParameterName="InstanceId",
        Targets=WEB,  # each becomes its parameter InstanceId
        TargetLocations=[{"Accounts": ["123456789012"], "Regions": ["eu-west-1"]}],
    )["AssociationDescription"]
    [run] = executions(made["AssociationId"])
    assert (run["Status"], run["DetailedStatus"]) == ("Failed", "AutomationNotBuiltInThisEmulator")
