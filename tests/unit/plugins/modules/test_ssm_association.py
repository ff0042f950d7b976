# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations: nothing is lost, nothing runs for nothing, what was started is waited for by every node."""

from __future__ import annotations

import json
import typing as t

import pytest
from support import compute
from support.associations import CHECK, fleet, runs, ssm, writes
from support.imagebuilder import done
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.module_utils._core import resource as engine
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
MODULE = "ssm_association"


def test_a_change_keeps_everything_that_the_task_does_not_speak_of() -> None:
    whole = {**CHECK, "wait": False, "schedule_expression": "cron(0 2 ? * SUN *)", "apply_only_at_cron_interval": True}
    more = {
        "duration": 3,
        "schedule_offset": 2,
        "calendar_names": ["c"],
        "max_errors": "3",
        "compliance_severity": "LOW",
    }
    before = done(MODULE, {**whole, **more, "sync_compliance": "MANUAL"})["association"]
    after = done(MODULE, {"name": "check", "parameters": {"commands": ["uptime"]}})["association"]
    differ = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert differ == {"parameters", "association_version"}


def test_order_and_spelling_are_no_difference() -> None:
    targets = [{"key": "tag:Role", "values": ["web", "db"]}, {"key": "tag:Env", "values": ["prod"]}]
    done(MODULE, {**CHECK, "targets": targets})
    turned = [{"key": "tag:Env", "values": ["prod"]}, {"key": "tag:Role", "values": ["db", "web"]}]
    assert not done(MODULE, {**CHECK, "targets": turned}).changed
    ids = {"targets": [{"key": "instanceids", "values": ["*"]}]}
    done(MODULE, {**CHECK, **ids})
    assert not done(MODULE, {**CHECK, "targets": [{"key": "InstanceIds", "values": ["*"]}]}).changed
    one = {"parameters": {"commands": "true", "executionTimeout": 60}}
    done(MODULE, {**CHECK, **one})
    same = {"parameters": {"commands": ["true"], "executionTimeout": ["60"]}}
    assert not done(MODULE, {**CHECK, **same}).changed


def test_a_parameter_that_is_left_out_goes() -> None:
    done(MODULE, {**CHECK, "parameters": {"commands": ["true"], "executionTimeout": "60"}})
    less = done(MODULE, {**CHECK, "run_now": True})
    assert writes(less) == ["UpdateAssociation"]
    assert less["association"]["parameters"] == {"commands": ["true"]}


def test_rate_limits_are_set_for_a_new_one_and_never_changed_unasked() -> None:
    made = done(MODULE, CHECK)["association"]
    assert (made["max_concurrency"], made["max_errors"]) == ("50", "10%")
    theirs = {"Name": "AWS-RunShellScript", "AssociationName": "theirs", "Parameters": {"commands": ["true"]}}
    ssm().create_association(**theirs, Targets=[{"Key": "tag:Role", "Values": ["web"]}])
    found = done(MODULE, {**CHECK, "name": "theirs", "schedule_expression": "rate(1 day)"})["association"]
    assert "max_concurrency" not in found and "max_errors" not in found


def test_two_of_one_name_are_refused_and_an_id_selects() -> None:
    done(MODULE, CHECK)
    asked = {"Name": "AWS-RunShellScript", "AssociationName": "check", "Parameters": {"commands": ["true"]}}
    other = ssm().create_association(**asked, Targets=[{"Key": "tag:Role", "Values": ["db"]}])
    other_id = other["AssociationDescription"]["AssociationId"]
    ids = [one["AssociationId"] for one in ssm().list_associations()["Associations"]]
    refused = run_module(MODULE, CHECK)
    assert refused.failed and refused.writes == []
    assert all(association_id in refused.msg for association_id in ids) and "association_id" in refused.msg
    renamed = done(MODULE, {"association_id": other_id, "name": "other"})
    assert renamed.changed and renamed["association"]["association_name"] == "other"
    assert not done(MODULE, CHECK).changed
    assert not done(MODULE, {"association_id": other_id, "targets": [{"key": "tag:Role", "values": ["db"]}]}).changed
    assert done(MODULE, {"association_id": other_id, "state": "absent"}).changed
    assert not done(MODULE, {"association_id": other_id, "state": "absent"}).changed
    gone = run_module(MODULE, {"association_id": other_id, "document_name": "AWS-RunShellScript"})
    assert gone.failed and "there is no association with this association_id" in gone.msg


def test_one_without_a_name_is_managed_by_its_id() -> None:
    asked = {"Name": "AWS-RunShellScript", "Parameters": {"commands": ["true"]}}
    made = ssm().create_association(**asked, Targets=[{"Key": "tag:Role", "Values": ["web"]}])
    association_id = made["AssociationDescription"]["AssociationId"]
    changed = done(MODULE, {"association_id": association_id, "schedule_expression": "rate(2 hours)"})
    assert changed.changed and "association_name" not in changed["association"]


def test_through_its_life_with_tags() -> None:
    tagged = {**CHECK, "tags": {"Team": "shop", "Cost": 7}}
    absent = {"name": "check", "state": "absent"}
    steps = [(tagged, True), (tagged, False), ({**CHECK, "tags": {"Team": "web"}}, True), ({**CHECK, "tags": {}}, True)]
    for params, changed in [*steps, (CHECK, False), (absent, True), (absent, False)]:
        foretold, real = done(MODULE, params, check_mode=True), done(MODULE, params)
        assert (foretold.changed, real.changed) == (changed, changed), params
        assert foretold.writes == [] and foretold["diff"] == real["diff"]
        assert bool(real.writes) == changed


def test_tags_alone_start_nothing() -> None:
    fleet(1)
    done(MODULE, CHECK)
    begun = runs()
    tagged = done(MODULE, {**CHECK, "tags": {"Team": "shop"}})
    assert writes(tagged) == ["AddTagsToResource"] and "execution" not in tagged["association"]
    assert runs() == begun


def test_a_no_op_costs_two_reads_and_one_with_its_id() -> None:
    made = done(MODULE, CHECK)
    assert [call.operation for call in done(MODULE, CHECK).calls] == ["ListAssociations", "DescribeAssociation"]
    by_id = done(MODULE, {"association_id": made["association"]["association_id"]})
    assert [call.operation for call in by_id.calls] == ["DescribeAssociation"]


def test_the_run_of_a_change_is_waited_for_and_no_older_one() -> None:
    ids = fleet(3)
    bad = run_module(MODULE, {**CHECK, "parameters": {"commands": ["echo broken", "exit 3"]}, "max_errors": "100%"})
    assert bad.failed and bad.changed
    assert bad.msg.startswith(
        "Failed to create the association check: the association is as asked for, but in its run "
    )
    assert "3 of 3 nodes did not succeed" in bad.msg and "exit code 3" in bad.msg
    assert {node["instance_id"] for node in bad["failed_nodes"]} == set(ids)
    assert {node["response_code"] for node in bad["failed_nodes"]} == {3}
    assert "broken" in bad["failed_nodes"][0]["output_tail"]
    assert {node["status"] for node in bad["failed_nodes"]} == {"Failed"} and bad["failed_nodes"][0]["hint"] in bad.msg
    good = done(MODULE, {**CHECK, "max_errors": "100%"})["association"]["execution"]
    assert (good["status"], good["association_version"]) == ("Success", "2")
    assert good["nodes"] == {"expected": 3, "seen": 3, "succeeded": 3}


def test_what_max_errors_tolerates_is_a_failure_all_the_same() -> None:
    ids = fleet(3)
    faults.add({"kind": "command-exits", "instance_id": ids[0], "code": 7, "stdout": "", "stderr": "no disk\n"})
    failed = run_module(MODULE, {**CHECK, "max_errors": "100%"})
    assert failed.failed and "1 of 3 nodes did not succeed" in failed.msg
    assert f"{ids[0]}: it failed with exit code 7: no disk. Its output tells why." in failed.msg
    assert failed.msg.endswith("set output_location.")


def test_a_node_that_does_not_answer_is_named_when_the_time_is_over() -> None:
    ids = fleet(2)
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    late = run_module(MODULE, {**CHECK, "wait_timeout": 120})
    assert late.failed and "had not ended when wait_timeout expired" in late.msg
    assert ids[0] in late.msg and ids[1] not in late.msg
    assert late["execution"]["nodes"] == {"expected": 2, "seen": 2, "succeeded": 1}
    assert not done(MODULE, CHECK).changed


def test_a_node_that_the_run_did_not_have_is_missed() -> None:
    [instance] = fleet(1)
    ghost = "i-0aaaaaaaaaaaaaaaa"
    missed = run_module(MODULE, {**CHECK, "targets": [{"key": "InstanceIds", "values": [instance, ghost]}]})
    assert missed.failed and "1 of 2 nodes did not succeed" in missed.msg
    assert [node["instance_id"] for node in missed["missing_nodes"]] == [ghost]
    assert "it is not a managed node" in missed["missing_nodes"][0]["reason"]


def test_nodes_of_a_resource_group_are_expected_too() -> None:
    fleet(2)
    query = {"ResourceTypeFilters": ["AWS::EC2::Instance"], "TagFilters": [{"Key": "Role", "Values": ["web"]}]}
    groups = compute.client("resource-groups")
    groups.create_group(Name="web", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)})
    made = done(MODULE, {**CHECK, "targets": [{"key": "resource-groups:Name", "values": ["web"]}]})
    assert made["association"]["execution"]["nodes"] == {"expected": 2, "seen": 2, "succeeded": 2}


def test_an_association_for_nodes_to_come_warns() -> None:
    made = done(MODULE, CHECK)
    assert made["association"]["execution"]["nodes"]["expected"] == 0
    assert "No managed node matches the targets" in made["warnings"][0]


def test_run_now_starts_a_run_and_waits_for_it() -> None:
    fleet(1)
    done(MODULE, CHECK)
    clock.advance(60)
    now = {"name": "check", "run_now": True}
    foretold = done(MODULE, now, check_mode=True)
    assert foretold.changed and foretold.writes == [] and foretold["association"]["run_now"] is True
    before = runs()
    ran = done(MODULE, now)
    assert "run_now" not in ran["association"]
    assert ran.changed and writes(ran) == ["StartAssociationsOnce"] and runs() == before + 1
    assert ran["association"]["execution"]["nodes"] == {"expected": 1, "seen": 1, "succeeded": 1}
    both = done(MODULE, {**CHECK, "run_now": True, "max_errors": "1"})
    assert writes(both) == ["UpdateAssociation"] and runs() == before + 2, "a change runs it by itself"


def test_run_now_of_one_that_waits_for_its_cron_expression() -> None:
    fleet(1)
    cron = {**CHECK, "schedule_expression": "cron(0 2 ? * SUN *)", "apply_only_at_cron_interval": True}
    made = done(MODULE, cron)
    assert "execution" not in made["association"] and runs() == 0
    ran = done(MODULE, {**cron, "run_now": True, "max_errors": "1"})
    assert writes(ran) == ["UpdateAssociation", "StartAssociationsOnce"]
    assert ran["association"]["execution"]["status"] == "Success" and runs() == 1
    other = done(MODULE, {**cron, "name": "other", "run_now": True})
    assert writes(other) == ["CreateAssociation", "StartAssociationsOnce"]
    assert other["association"]["execution"]["nodes"]["succeeded"] == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"schedule_expression": "rate(5 minutes)"}, "schedule_expression must be a rate of 30 minutes or more"),
        ({"schedule_offset": 2}, "schedule_offset needs apply_only_at_cron_interval=true"),
        ({"duration": 2}, "duration needs apply_only_at_cron_interval=true"),
        (
            {"apply_only_at_cron_interval": True, "schedule_expression": "rate(1 day)"},
            "apply_only_at_cron_interval needs a cron or an at expression in schedule_expression",
        ),
        ({"target_maps": [{"a": ["b"]}], "targets": None}, "an association has targets or target_maps, not both"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(options: dict[str, t.Any], told: str) -> None:
    done(MODULE, CHECK)
    asked = {name: value for name, value in {**CHECK, **options}.items() if value is not None}
    refused = run_module(MODULE, asked, check_mode=True)
    assert refused.failed and told in refused.msg, refused.msg


def test_a_new_one_needs_a_document() -> None:
    refused = run_module(MODULE, {"name": "nothing"})
    assert refused.msg.endswith("the association does not exist, and a new association requires document_name")
    assert refused.writes == []


@pytest.mark.parametrize("kind", ["lost-reply", "server-error"])
def test_a_create_is_never_repeated_blindly(kind: str) -> None:
    fleet(1)
    faults.add({"kind": kind, "operation": "CreateAssociation", "times": 1})
    made = run_module(MODULE, CHECK)
    happened = kind == "lost-reply"
    assert made.failed != happened
    assert writes(made) == ["CreateAssociation"]
    assert len(ssm().list_associations()["Associations"]) == int(happened)
    assert done(MODULE, CHECK).changed != happened
    assert len(ssm().list_associations()["Associations"]) == 1 and runs() == 1


@pytest.mark.parametrize("kind", ["lost-reply", "server-error"])
@pytest.mark.parametrize("options", [{**CHECK, "max_errors": "1"}, {"name": "check", "run_now": True}])
def test_a_change_and_a_run_are_never_repeated_blindly(kind: str, options: dict[str, t.Any]) -> None:
    fleet(1)
    done(MODULE, CHECK)
    operation = "StartAssociationsOnce" if "run_now" in options else "UpdateAssociation"
    faults.add({"kind": kind, "operation": operation, "times": 1})
    changed = run_module(MODULE, options)
    happened = kind == "lost-reply"
    assert changed.failed != happened and writes(changed) == [operation]
    assert runs() == 1 + happened


def test_a_delete_whose_answer_was_lost_is_done() -> None:
    done(MODULE, CHECK)
    faults.add({"kind": "lost-reply", "operation": "DeleteAssociation", "times": 1})
    assert done(MODULE, {"name": "check", "state": "absent"}).changed
    assert ssm().list_associations()["Associations"] == []


def test_throttling_is_waited_out() -> None:
    fleet(1)
    faults.add({"kind": "throttle", "service": "ssm", "times": 3})
    assert done(MODULE, CHECK).changed and runs() == 1


def test_somebody_who_changed_it_meanwhile_is_not_overwritten(monkeypatch: pytest.MonkeyPatch) -> None:
    made = done(MODULE, CHECK)["association"]
    apply = engine.apply

    def late(*args: t.Any) -> None:
        theirs = {"Name": "AWS-RunShellScript", "AssociationName": "check", "Parameters": {"commands": ["theirs"]}}
        ssm().update_association(
            AssociationId=made["association_id"], **theirs, Targets=[{"Key": "tag:Role", "Values": ["web"]}]
        )
        apply(*args)

    monkeypatch.setattr(engine, "apply", late)
    refused = run_module(MODULE, {**CHECK, "max_errors": "1"})
    assert refused.failed and refused["error"]["code"] == "InvalidAssociationVersion"
    assert "Run the task again" in refused.msg


def test_a_denied_call_says_what_is_missing() -> None:
    faults.add({"kind": "denied", "operation": "CreateAssociation"})
    refused = run_module(MODULE, CHECK)
    assert "ssm:CreateAssociation" in refused.msg and "IAM policy" in refused.msg


def test_output_of_nodes_is_shown_safely() -> None:
    fleet(1)
    faults.add({"kind": "command-exits", "code": 1, "stdout": "", "stderr": "\x1b[2J\u202egone\n"})
    failed = run_module(MODULE, CHECK)
    assert failed.failed and "gone" in failed["failed_nodes"][0]["output_tail"]
    assert not {"\x1b", "\u202e"} & set(json.dumps(failed.result, ensure_ascii=False))
    assert not {"\x1b", "\u202e"} & set(failed.msg)


def test_the_calls_of_a_fleet() -> None:
    fleet(120)
    made = done(MODULE, {**CHECK, "max_concurrency": "100%"})
    assert made["association"]["execution"]["nodes"] == {"expected": 120, "seen": 120, "succeeded": 120}
    assert [call.operation for call in made.calls].count("DescribeAssociationExecutionTargets") == 0
    assert [call.operation for call in made.calls].count("DescribeInstanceInformation") == 3


def test_the_info_finds_what_was_made() -> None:
    fleet(1)
    done(MODULE, {**CHECK, "tags": {"Team": "shop"}})
    done(MODULE, {**CHECK, "name": "other", "wait": False, "targets": [{"key": "tag:Role", "values": ["db"]}]})
    info = "ssm_association_info"
    found = done(info, {"name": "check", "include_tags": True, "include_executions": True})["associations"]
    assert [(one["association_name"], one["tags"]) for one in found] == [("check", {"Team": "shop"})]
    assert [run["status"] for run in found[0]["executions"]] == ["Success"]
    assert found[0]["overview"]["association_status_aggregated_count"] == {"Success": 1}
    everything = done(info, {})
    assert len(everything["associations"]) == 2 and everything.writes == []
    statuses = {status: done(info, {"status": status})["associations"] for status in ("Success", "Pending", "Failed")}
    named = {status: [one["association_name"] for one in found] for status, found in statuses.items()}
    assert named == {"Success": ["check"], "Pending": ["other"], "Failed": []}
    assert done(info, {"name": "nobody"})["associations"] == []
    by_id = done(info, {"association_id": found[0]["association_id"]})["associations"]
    assert [one["association_name"] for one in by_id] == ["check"]
    assert len(done(info, {"document_name": "AWS-RunShellScript"})["associations"]) == 2
    assert done(info, {"resource_group_name": "web"})["associations"] == []


def test_the_info_finds_what_installs_a_package() -> None:
    def made(name: str, action: str) -> None:
        parameters = {"action": action, "name": name}
        asked = {"name": f"{action}-{name}", "document_name": "AWS-ConfigureAWSPackage", "parameters": parameters}
        done(MODULE, {**asked, "targets": [{"key": "tag:Role", "values": ["web"]}], "wait": False})

    made("AWSCodeDeployAgent", "Install")
    made("AmazonCloudWatchAgent", "Install")
    made("AWSCodeDeployAgent", "Uninstall")
    done(MODULE, {**CHECK, "wait": False})
    found = done("ssm_association_info", {"package_names": ["AWSCodeDeployAgent", "another"]})
    assert [one["association_name"] for one in found["associations"]] == ["Install-AWSCodeDeployAgent"]
    assert len(found.calls) == 4  # the list, and one for each of its document
    assert done("ssm_association_info", {"package_names": []})["associations"] == []


def test_the_info_tells_on_which_nodes_an_association_runs() -> None:
    [node] = fleet(1)
    group = [{"key": "resource-groups:Name", "values": ["gone"]}]
    for name, targets in (
        ("by-tag", [{"key": "tag:Role", "values": ["web"]}]),
        ("by-id", [{"key": "InstanceIds", "values": ["i-0123456789abcdef0"]}]),
        ("every-node", [{"key": "InstanceIds", "values": ["*"]}]),
        ("elsewhere", [{"key": "tag:Role", "values": ["db"]}]),
        ("unreadable", group),
    ):
        done(MODULE, {**CHECK, "name": name, "targets": targets, "wait": False})
    found = done("ssm_association_info", {"include_nodes": True})["associations"]
    assert {one["association_name"]: one["instance_ids"] for one in found} == {
        "by-tag": [node], "by-id": ["i-0123456789abcdef0"], "every-node": [node], "elsewhere": [], "unreadable": None,
    }  # fmt: skip
