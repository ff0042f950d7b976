# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Run Command: what is sent, what becomes of it, what is refused."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError
from support import compute
from support.run_command import SHELL, command, finish, fleet, invocations, refused, send

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
PROBE = [
    'if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi',
    "version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown)",
    'if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi',
    'echo "stopped $version"; exit 3',
]


def test_the_probe_goes_from_pending_to_success() -> None:
    running, absent = fleet("1.8.1", None)
    compute.client("ec2").create_tags(Resources=[running, absent], Tags=[{"Key": "role", "Value": "web"}])
    sent = compute.client("ssm").send_command(
        DocumentName=SHELL,
        Parameters={"commands": PROBE},
        Targets=[{"Key": "tag:role", "Values": ["web"]}],
        MaxErrors="100%",
        TimeoutSeconds=60,
    )["Command"]
    assert (sent["Status"], sent["TargetCount"], sent["InstanceIds"]) == ("Pending", 0, [])
    clock.advance(2)
    assert command(sent["CommandId"])["Status"] == "InProgress"
    finish()
    done = command(sent["CommandId"])
    assert (done["Status"], done["TargetCount"], done["CompletedCount"], done["ErrorCount"]) == ("Success", 2, 2, 1)
    found = {i["InstanceId"]: i for i in invocations(sent["CommandId"], Details=True)}
    [plugin] = found[running]["CommandPlugins"]
    assert (plugin["Output"], plugin["ResponseCode"]) == ("running agent_version: OFFICIAL_1.8.1_rpm\n", 0)
    [plugin] = found[absent]["CommandPlugins"]
    assert plugin["Output"].startswith("absent -\n") and plugin["ResponseCode"] == 4
    assert [
        i["InstanceId"] for i in invocations(sent["CommandId"], Filters=[{"key": "Status", "value": "Failed"}])
    ] == [absent]


def test_a_document_of_ones_own_with_its_steps_and_parameters() -> None:
    [instance] = fleet("1.8.1")
    steps = [
        {"action": "aws:runShellScript", "name": name, "inputs": {"runCommand": [script], "timeoutSeconds": "30"}}
        for name, script in (("first", "echo {{ word }}"), ("second", "false"))
    ]
    content = {
        "schemaVersion": "2.2",
        "parameters": {"word": {"type": "String", "allowedValues": ["a", "b"], "default": "a"}},
        "mainSteps": steps,
    }
    ssm = compute.client("ssm")
    ssm.create_document(Name="Probe", Content=json.dumps(content), DocumentType="Command")
    command_id = send(document="Probe", InstanceIds=[instance], Parameters={"word": ["b"]}, TimeoutSeconds=60)
    assert command(command_id)["ExpiresAfter"].timestamp() - clock.now() == pytest.approx(90, abs=1)
    finish()
    first = ssm.get_command_invocation(CommandId=command_id, InstanceId=instance, PluginName="first")
    assert (first["Status"], first["StandardOutputContent"], first["ResponseCode"]) == ("Success", "b\n", 0)
    second = ssm.get_command_invocation(CommandId=command_id, InstanceId=instance, PluginName="second")
    assert (second["Status"], second["ResponseCode"]) == ("Failed", 1)
    assert second["StandardErrorContent"] == "failed to run commands: exit status 1"
    for wrong in ({}, {"PluginName": "third"}):
        with pytest.raises(ClientError, match="InvalidPluginName"):
            ssm.get_command_invocation(CommandId=command_id, InstanceId=instance, **wrong)
    assert refused(DocumentName="Probe", InstanceIds=[instance], Parameters={"word": ["c"]})[0] == "InvalidParameters"


def test_a_command_changes_the_host() -> None:
    [instance] = fleet("1.8.1")
    send(["sudo systemctl stop codedeploy-agent"], InstanceIds=[instance])
    finish()
    assert compute.host(instance).agent == "stopped"
    send(["sudo systemctl start codedeploy-agent"], InstanceIds=[instance])
    finish()
    assert compute.host(instance).agent == "running"


def test_an_offline_node_stays_in_progress_until_the_time_out() -> None:
    online, offline = fleet(None, None)
    faults.add({"kind": "ssm-offline", "instance_id": offline})
    command_id = send(
        InstanceIds=[online, offline],
        TimeoutSeconds=60,
        Parameters={"commands": ["true"], "executionTimeout": ["30"]},
    )
    clock.advance(85)
    states = {i["InstanceId"]: i["StatusDetails"] for i in invocations(command_id)}
    assert states == {online: "Success", offline: "InProgress"}
    clock.advance(10)
    states = {i["InstanceId"]: (i["Status"], i["StatusDetails"]) for i in invocations(command_id)}
    assert states[offline] == ("TimedOut", "DeliveryTimedOut")
    done = command(command_id)
    assert (done["Status"], done["StatusDetails"], done["DeliveryTimedOutCount"], done["ErrorCount"]) == (
        "Failed",
        "Incomplete",
        1,
        0,
    )


def test_a_node_that_comes_back_in_time_gets_the_command() -> None:
    [instance] = fleet("1.8.1")
    faults.add({"kind": "ssm-offline"})
    command_id = send(["echo hi"], InstanceIds=[instance], TimeoutSeconds=600)
    clock.advance(100)
    faults.remove()
    clock.advance(60)
    assert command(command_id)["Status"] == "Success"


def test_a_node_terminated_before_delivery_is_undeliverable() -> None:
    [instance] = fleet(None)
    command_id = send(["true"], InstanceIds=[instance])
    compute.client("ec2").terminate_instances(InstanceIds=[instance])
    finish()
    assert [i["StatusDetails"] for i in invocations(command_id)] == ["Undeliverable"]
    assert command(command_id)["StatusDetails"] == "Incomplete"


def test_beyond_max_errors_the_rest_is_not_started() -> None:
    ids = fleet(None, None, None, None)
    command_id = send(["exit 1"], InstanceIds=ids, MaxConcurrency="1", MaxErrors="1")
    clock.advance(60)
    assert sorted(i["StatusDetails"] for i in invocations(command_id)) == [
        "Failed",
        "Failed",
        "Terminated",
        "Terminated",
    ]
    done = command(command_id)
    assert (done["Status"], done["CompletedCount"], done["ErrorCount"]) == ("Failed", 4, 2)


def test_no_more_at_once_than_allowed() -> None:
    ids = fleet(None, None, None, None)
    command_id = send(["true"], InstanceIds=ids, MaxConcurrency="50%")
    clock.advance(2)
    assert sorted(i["Status"] for i in invocations(command_id)) == ["InProgress", "InProgress", "Pending", "Pending"]
    finish()
    assert command(command_id)["Status"] == "Success"


def test_tags_that_match_nothing_only_show_later() -> None:
    command_id = send(["true"], Targets=[{"Key": "tag:role", "Values": ["nobody"]}])
    finish()
    done = command(command_id)
    assert (done["Status"], done["StatusDetails"], done["TargetCount"]) == ("Failed", "NoInstancesInTag", 0)


def test_targets_by_id_and_by_tag_key() -> None:
    one, _two = fleet(None, None, role="web")
    for target, count in (({"Key": "InstanceIds", "Values": [one]}, 1), ({"Key": "tag-key", "Values": ["role"]}, 2)):
        command_id = send(["true"], Targets=[target])
        finish()
        assert command(command_id)["TargetCount"] == count


def test_windows_nodes_take_powershell_only() -> None:
    ami = compute.client("ec2").describe_images(Filters=[{"Name": "name", "Values": ["Windows_Server-2019-*"]}])
    [instance] = compute.run(ami["Images"][0]["ImageId"], tags={"os": "windows"})
    compute.boot()
    assert refused(DocumentName=SHELL, InstanceIds=[instance], Parameters={"commands": ["x"]})[0] == (
        "UnsupportedPlatformType"
    )
    command_id = send(["true"], Targets=[{"Key": "tag:os", "Values": ["windows"]}])
    other = send(["Get-Service codedeployagent"], document="AWS-RunPowerShellScript", InstanceIds=[instance])
    finish()
    assert [i["StatusDetails"] for i in invocations(command_id)] == ["InvalidPlatform"]
    [plugin] = invocations(other, Details=True)[0]["CommandPlugins"]
    assert "Cannot find any service" in plugin["Output"] and plugin["ResponseCode"] == 0


def test_a_document_reaches_the_platforms_its_steps_are_for() -> None:
    ami = compute.client("ec2").describe_images(Filters=[{"Name": "name", "Values": ["Windows_Server-2019-*"]}])
    windows = compute.run(ami["Images"][0]["ImageId"], tags={"role": "web"})
    [linux] = compute.run(compute.image(), tags={"role": "web"})
    compute.boot()
    steps = [
        {
            "action": f"aws:run{name}Script",
            "name": name,
            "precondition": {"StringEquals": ["platformType", platform]},
            "inputs": {"runCommand": ["echo " + platform]},
        }
        for name, platform in (("Shell", "Linux"), ("PowerShell", "Windows"))
    ]
    for name, some in (("Both", steps), ("OnlyWindows", steps[1:])):
        content = json.dumps({"schemaVersion": "2.2", "mainSteps": some})
        compute.client("ssm").create_document(Name=name, Content=content, DocumentType="Command")
    both, one = (
        send(document=name, Targets=[{"Key": "tag:role", "Values": ["web"]}]) for name in ("Both", "OnlyWindows")
    )
    finish()
    said = {
        i["InstanceId"]: "".join(plugin["Output"] for plugin in i["CommandPlugins"])
        for i in invocations(both, Details=True)
    }
    assert said == {linux: "Linux\n", windows[0]: "Windows\n"}
    ends = {i["InstanceId"]: i["StatusDetails"] for i in invocations(one)}
    assert ends == {linux: "InvalidPlatform", windows[0]: "Success"}
    assert refused(DocumentName="AWS-RunPowerShellScript", InstanceIds=[linux], Parameters={"commands": ["x"]})[0] == (
        "UnsupportedPlatformType"
    )


def test_what_send_command_refuses() -> None:
    [instance] = fleet(None)
    [unmanaged] = compute.run(compute.image(), with_profile=False)
    good = {"DocumentName": SHELL, "InstanceIds": [instance], "Parameters": {"commands": ["true"]}}
    code, text = refused(**{**good, "InstanceIds": [instance, unmanaged]})
    assert code == "InvalidInstanceId" and unmanaged in text and instance not in text
    for change, code in (
        ({"InstanceIds": [instance, instance]}, "DuplicateInstanceId"),
        ({"InstanceIds": [f"i-{number:017x}" for number in range(51)]}, "ValidationException"),
        ({"DocumentName": "Nothing-Here"}, "InvalidDocument"),
        ({"DocumentVersion": "9"}, "InvalidDocumentVersion"),
        ({"Parameters": {}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["x"], "colour": ["red"]}}, "InvalidParameters"),
        ({"Parameters": {"commands": ["x"], "executionTimeout": ["soon"]}}, "InvalidParameters"),
        ({"Comment": "x" * 101}, "ValidationException"),
        ({"MaxErrors": "200%"}, "ValidationException"),
        ({"MaxErrors": "10%\n"}, "ValidationException"),
        ({"Targets": [{"Key": "tag:a", "Values": ["b"]}]}, "ValidationException"),
    ):
        assert refused(**{**good, **change})[0] == code
    assert compute.client("ssm").list_commands()["Commands"] == []


def test_cancelling_stops_what_has_not_ended() -> None:
    ids = fleet(None, None)
    ssm = compute.client("ssm")
    command_id = send(["true"], InstanceIds=ids, MaxConcurrency="1")
    clock.advance(4)
    ssm.cancel_command(CommandId=command_id)
    finish()
    assert sorted(i["StatusDetails"] for i in invocations(command_id)) == ["Cancelled", "Success"]
    assert command(command_id)["Status"] == "Cancelled"
    with pytest.raises(ClientError, match="InvalidCommandId"):
        ssm.cancel_command(CommandId="0" * 36)


def test_invocations_appear_after_the_answer_and_unknown_ones_do_not_exist() -> None:
    one, other = fleet(None, None)
    ssm = compute.client("ssm")
    command_id = send(["true"], InstanceIds=[one])
    pending = ssm.get_command_invocation(CommandId=command_id, InstanceId=one)
    assert (pending["Status"], pending["ResponseCode"]) == ("Pending", -1)
    for asked in ({"InstanceId": other, "CommandId": command_id}, {"InstanceId": one, "CommandId": "0" * 36}):
        with pytest.raises(ClientError, match="InvocationDoesNotExist"):
            ssm.get_command_invocation(**asked)


def test_commands_are_listed_newest_first_in_pages_and_by_filter() -> None:
    [instance] = fleet(None)
    ids = []
    for _turn in range(3):
        ids.append(send(["true"], InstanceIds=[instance], Comment="run-7"))
        finish()
    ssm = compute.client("ssm")
    first = ssm.list_commands(MaxResults=2)
    rest = ssm.list_commands(NextToken=first["NextToken"])
    assert [c["CommandId"] for c in [*first["Commands"], *rest["Commands"]]] == ids[::-1]
    assert first["Commands"][0]["Comment"] == "run-7"
    for key, value, count in (
        ("Status", "Success", 3),
        ("Status", "InProgress", 0),
        ("ExecutionStage", "Complete", 3),
        ("DocumentName", "Other", 0),
        ("InvokedBefore", "2000-01-01T00:00:00Z", 0),
    ):
        assert len(ssm.list_commands(Filters=[{"key": key, "value": value}])["Commands"]) == count
    with pytest.raises(ClientError, match="InvalidCommandId"):
        ssm.list_commands(CommandId="0" * 36)
