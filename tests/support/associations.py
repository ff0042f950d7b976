# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations of the kinds that people publish, each as a task, with a change of it."""

from __future__ import annotations

import json
import typing as t

from support import compute
from support.modules import Outcome

Options = dict[str, t.Any]
ACCOUNT = "123456789012"
EVERY = [{"key": "InstanceIds", "values": ["*"]}]
WEB = [{"key": "tag:Role", "values": ["web"]}]
INVENTORY = dict.fromkeys(("applications", "awsComponents", "networkConfig", "instanceDetailedInformation"), "Enabled")
CRON = {"apply_only_at_cron_interval": True}
OUTPUT = {"output_location": {"s3_location": {"output_s3_bucket_name": "ssm-output", "output_s3_key_prefix": "logs"}}}


def _of(document: str, change: Options, targets: t.Any = None, **options: t.Any) -> tuple[Options, Options]:
    return {"document_name": document, "targets": WEB if targets is None else targets, **options}, change


def _configure(name: str, **parameters: t.Any) -> Options:
    return {
        "parameters": {"action": "Install", "installationType": "Uninstall and reinstall", "name": name, **parameters}
    }


DEFINITIONS: dict[str, tuple[Options, Options]] = {
    "update the SSM agent every two weeks": _of(
        "AWS-UpdateSSMAgent", {"schedule_expression": "rate(7 days)"}, EVERY, schedule_expression="rate(14 days)"
    ),
    "gather inventory every half hour": _of(
        "AWS-GatherSoftwareInventory",
        {"parameters": {**INVENTORY, "windowsUpdates": "Disabled"}},
        EVERY,
        schedule_expression="rate(30 minutes)",
        parameters=INVENTORY,
    ),
    "gather files into inventory": _of(
        "AWS-GatherSoftwareInventory",
        {"parameters": {"files": [json.dumps([{"Path": "/srv", "Pattern": ["*"], "Recursive": True}])]}},
        schedule_expression="cron(0 0 0/12 ? * * *)",
        parameters={"files": [json.dumps([{"Path": "/opt", "Pattern": ["*.jar"], "Recursive": True}])]},
        **OUTPUT,
    ),
    "scan for patches daily": _of(
        "AWS-RunPatchBaseline",
        {"parameters": {"Operation": "Install", "RebootOption": "NoReboot"}},
        EVERY,
        parameters={"Operation": "Scan"},
        schedule_expression="cron(0 2 ? * * *)",
        compliance_severity="HIGH",
    ),
    "patch three days after the second Tuesday": _of(
        "AWS-RunPatchBaseline",
        {"schedule_offset": 4},
        [{"key": "tag:Patch Group", "values": ["production", "staging"]}],
        parameters={"Operation": "Install", "RebootOption": "RebootIfNeeded"},
        schedule_expression="cron(0 3 ? * TUE#2 *)",
        schedule_offset=3,
        max_concurrency="25%",
        max_errors="5%",
        **CRON,
    ),
    "patch by baseline tags": _of(
        "AWS-RunPatchBaselineAssociation",
        {"compliance_severity": "CRITICAL"},
        parameters={"Operation": "Scan", "BaselineTags": "Key=env,Values=prod", "RebootOption": "NoReboot"},
        schedule_expression="cron(0 1 ? * * *)",
    ),
    "patch with hooks in a window": _of(
        "AWS-RunPatchBaselineWithHooks",
        {"duration": 6},
        parameters={"Operation": "Install", "PreInstallHookDocName": "AWS-Noop"},
        schedule_expression="cron(0 4 ? * SAT *)",
        duration=4,
        **CRON,
    ),
    "install the CloudWatch agent": _of(
        "AWS-ConfigureAWSPackage",
        {"schedule_expression": "rate(1 day)"},
        EVERY,
        schedule_expression="rate(30 days)",
        **_configure("AmazonCloudWatchAgent"),
    ),
    "configure the CloudWatch agent": _of(
        "AmazonCloudWatch-ManageAgent",
        {"parameters": {"action": "configure", "optionalConfigurationLocation": "/cwagent/other"}},
        [{"key": "tag:Name", "values": ["bastion"]}],
        parameters={
            "action": "configure",
            "mode": "ec2",
            "optionalConfigurationSource": "ssm",
            "optionalConfigurationLocation": "/cwagent/config",
            "optionalRestart": "yes",
        },
    ),
    "install a pinned package": _of(
        "AWS-ConfigureAWSPackage",
        _configure("acme-agent", version="2.0.0"),
        **_configure("acme-agent", version="1.0.0"),
    ),
    "update a package in place with arguments": _of(
        "AWS-ConfigureAWSPackage",
        {"max_errors": "0"},
        schedule_expression="rate(1 day)",
        **_configure(
            "acme-agent", installationType="In-place update", additionalArguments={"SSM_TOKEN": "x", "SSM_URL": "y"}
        ),
    ),
    "install a shared package by its ARN": _of(
        "AWS-ConfigureAWSPackage",
        {"max_concurrency": "10"},
        **_configure(f"arn:aws:ssm:eu-west-1:{ACCOUNT}:document/acme-agent"),
    ),
    "remove a package": _of(
        "AWS-ConfigureAWSPackage",
        {"targets": EVERY},
        parameters={"action": "Uninstall", "name": "old-agent"},
    ),
    "run a shell script by tag": _of(
        "AWS-RunShellScript",
        {"parameters": {"commands": ["systemctl restart app"], "executionTimeout": 600}},
        parameters={"commands": ["systemctl is-active app", "df -h"], "workingDirectory": "/tmp"},
        schedule_expression="cron(0/30 * * * ? *)",
    ),
    "run a shell script on two nodes": _of(
        "AWS-RunShellScript",
        {"targets": [{"key": "InstanceIds", "values": ["i-0aaaaaaaaaaaaaaaa"]}]},
        [{"key": "InstanceIds", "values": ["i-0bbbbbbbbbbbbbbbb", "i-0aaaaaaaaaaaaaaaa"]}],
        parameters={"commands": "uptime"},
    ),
    "run a PowerShell script on weekdays": _of(
        "AWS-RunPowerShellScript",
        {"schedule_expression": "cron(15 7 ? * MON *)"},
        [{"key": "tag:OS", "values": ["windows"]}],
        parameters={"commands": ["Restart-Service -Name Spooler"]},
        schedule_expression="cron(15 7 ? * MON-FRI *)",
        **CRON,
    ),
    "run a script from S3": _of(
        "AWS-RunRemoteScript",
        {
            "parameters": {
                "sourceType": "S3",
                "sourceInfo": {"path": "https://s3.amazonaws.com/b/b.sh"},
                "commandLine": "b.sh",
            }
        },
        parameters={
            "sourceType": "S3",
            "sourceInfo": {"path": "https://s3.amazonaws.com/b/a.sh"},
            "commandLine": "a.sh",
        },
    ),
    "apply playbooks from GitHub": _of(
        "AWS-ApplyAnsiblePlaybooks",
        {"document_version": "$LATEST"},
        [{"key": "tag-key", "values": ["Ansible"]}],
        parameters={
            "SourceType": "GitHub",
            "SourceInfo": json.dumps({"owner": "acme", "repository": "plays", "path": "site"}),
            "InstallDependencies": "True",
            "PlaybookFile": "site.yml",
            "ExtraVariables": "SSM=True",
            "Check": "False",
            "Verbose": "-v",
        },
        schedule_expression="cron(0 0/4 * * ? *)",
        document_version="$DEFAULT",
    ),
    "apply Chef recipes": _of(
        "AWS-ApplyChefRecipes",
        {"sync_compliance": "AUTO"},
        parameters={"SourceType": "GitHub", "SourceInfo": "{}", "RunList": "recipe[docker]", "WhyRun": "False"},
        sync_compliance="MANUAL",
        compliance_severity="MEDIUM",
    ),
    "apply Salt states": _of(
        "AWS-RunSaltState",
        {"parameters": {"stateurl": "s3://states/other.sls"}},
        parameters={"stateurl": "s3://states/web.sls", "test": "False"},
        schedule_expression="rate(12 hours)",
    ),
    "apply DSC configurations": _of(
        "AWS-ApplyDSCMofs",
        {"compliance_severity": "LOW"},
        [{"key": "tag:OS", "values": ["windows"]}],
        parameters={"MofsToApply": "s3:mofs:web.mof", "MofOperationMode": "Apply", "RebootBehavior": "Never"},
        compliance_severity="CRITICAL",
    ),
    "join a domain": _of(
        "AWS-JoinDirectoryServiceDomain",
        {"parameters": {"directoryId": "d-1", "directoryName": "corp.example.org", "dnsIpAddresses": ["10.0.0.3"]}},
        [{"key": "tag:Domain", "values": ["corp"]}],
        parameters={
            "directoryId": "d-1",
            "directoryName": "corp.example.com",
            "dnsIpAddresses": ["10.0.0.2", "10.0.0.1"],
        },
    ),
    "check with InSpec and keep the output": _of(
        "AWS-RunInspecChecks",
        {"output_location": {}},
        parameters={"sourceType": "S3", "sourceInfo": {"path": "https://s3.amazonaws.com/checks"}},
        **OUTPUT,
    ),
    "a resource group": _of(
        "AWS-RunShellScript",
        {"targets": [{"key": "resource-groups:Name", "values": ["api"]}]},
        [{"key": "resource-groups:Name", "values": ["web"]}],
        parameters={"commands": ["true"]},
    ),
    "two tags and many values": _of(
        "AWS-RunShellScript",
        {"targets": [{"key": "tag:Env", "values": ["prod"]}, {"key": "tag:Role", "values": ["db", "web"]}]},
        [{"key": "tag:Role", "values": ["web", "db", "api"]}, {"key": "tag:Env", "values": ["prod", "stage"]}],
        parameters={"commands": ["true"]},
    ),
    "only while a calendar is open": _of(
        "AWS-RunShellScript",
        {"calendar_names": ["open"]},
        parameters={"commands": ["true"]},
        calendar_names=["open", "also-open"],
        schedule_expression="rate(1 day)",
    ),
    "stopped by an alarm": _of(
        "AWS-RunShellScript",
        {"alarm_configuration": {"alarms": [{"name": "slow"}], "ignore_poll_alarm_failure": True}},
        parameters={"commands": ["true"]},
        alarm_configuration={"alarms": [{"name": "errors"}], "ignore_poll_alarm_failure": False},
    ),
    "stop development instances at night": _of(
        "AWS-StopEC2Instance",
        {"schedule_expression": "cron(0 20 ? * * *)"},
        [{"key": "tag:Env", "values": ["dev"]}],
        automation_target_parameter_name="InstanceId",
        schedule_expression="cron(0 19 ? * MON-FRI *)",
        parameters={
            "InstanceId": "{{ InstanceId }}",
            "AutomationAssumeRole": f"arn:aws:iam::{ACCOUNT}:role/automation",
        },
        **CRON,
    ),
    "in several accounts and Regions": _of(
        "AWS-RestartEC2Instance",
        {"target_locations": [{"accounts": ["ou-abcd-12345678"], "regions": ["eu-west-1"]}]},
        [{"key": "tag:Env", "values": ["prod"]}],
        automation_target_parameter_name="InstanceId",
        parameters={"InstanceId": "{{ InstanceId }}"},
        target_locations=[
            {
                "accounts": ["210987654321", ACCOUNT],
                "regions": ["us-east-1", "eu-west-1"],
                "execution_role_name": "automation",
                "target_location_max_concurrency": "2",
                "target_location_max_errors": "1",
            },
            {"accounts": ["ou-abcd-12345678"], "regions": ["eu-west-1"], "include_child_organization_units": True},
        ],
    ),
    "encrypt buckets by a map of targets": (
        {
            "document_name": "AWS-EnableS3BucketEncryption",
            "automation_target_parameter_name": "BucketName",
            "target_maps": [{"BucketName": ["a"]}, {"BucketName": "b"}],
            "parameters": {"BucketName": "{{ BucketName }}", "SSEAlgorithm": "AES256"},
        },
        {"target_maps": [{"BucketName": ["a"]}]},
    ),
    "by a role of its own on the last Sunday": _of(
        "AWS-RunDocument",
        {"association_dispatch_assume_role": ""},
        parameters={
            "sourceType": "SSMDocument",
            "sourceInfo": {"name": "Harden"},
            "documentParameters": {"level": "2"},
        },
        schedule_expression="cron(0 2 ? * SUNL *)",
        association_dispatch_assume_role=f"arn:aws:iam::{ACCOUNT}:role/state-manager",
        **CRON,
    ),
}
CHECK = {
    "name": "check",
    "document_name": "AWS-RunShellScript",
    "parameters": {"commands": ["true"]},
    "targets": WEB,
}


def ssm() -> t.Any:
    return compute.client("ssm")


def fleet(count: int = 2, role: str = "web") -> list[str]:
    ids = compute.run(compute.image(), count, tags={"Role": role})
    compute.boot()
    return ids


def runs() -> int:
    """Executions of all associations."""
    ids = [one["AssociationId"] for one in ssm().list_associations()["Associations"]]
    return sum(len(ssm().describe_association_executions(AssociationId=i)["AssociationExecutions"]) for i in ids)


def writes(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.writes]
