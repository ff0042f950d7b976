# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Documents of AWS that associations often name. They take their parameters, run and succeed, and change nothing here."""

from __future__ import annotations

from typing import Any

REQUIRED = object()
RUNBOOK = "0.3"  # the schema of Automation documents


def _parameters(**declared: Any) -> dict[str, Any]:
    """By name: a default (a tuple is a list of strings), or a list of allowed values of which the first is the default."""
    return {name: _parameter(value) for name, value in declared.items()}


def _parameter(value: Any) -> dict[str, Any]:
    if value is REQUIRED:
        return {"type": "String"}
    if isinstance(value, dict):
        return {"type": "StringMap", "default": value}
    if isinstance(value, list):
        return {"type": "String", "allowedValues": value, "default": value[0]}
    return {"type": "StringList" if isinstance(value, tuple) else "String", "default": value}


def _needed(parameters: dict[str, Any], *names: str) -> dict[str, Any]:
    """Those that a caller has to give, whatever they allow."""
    return {k: {m: d for m, d in v.items() if m != "default" or k not in names} for k, v in parameters.items()}


def _command(action: str, parameters: dict[str, Any], platform: str | None = None) -> dict[str, Any]:
    step = {"action": action, "name": action.partition(":")[2], "inputs": {}}
    only = {"precondition": {"StringEquals": ["platformType", platform]}} if platform else {}
    return {"schemaVersion": "2.2", "parameters": parameters, "mainSteps": [{**step, **only}]}


def _runbook(**parameters: Any) -> dict[str, Any]:
    """An Automation document."""
    declared = {name: {"type": "StringList" if name.endswith("Ids") else "String"} for name in parameters}
    for name, default in parameters.items():
        declared[name] |= {} if default is REQUIRED else {"default": default}
    return {
        "schemaVersion": RUNBOOK,
        "parameters": declared,
        "mainSteps": [{"name": "run", "action": "aws:executeAwsApi"}],
    }


_PATCH = _parameters(
    Operation=["Scan", "Install"],
    SnapshotId="",
    InstallOverrideList="",
    BaselineOverride="",
    AssociationId="",
    RebootOption=["RebootIfNeeded", "NoReboot"],
    StepTimeoutSeconds="",
)
_SOURCE = _parameters(sourceType=["GitHub", "S3", "Git", "HTTP", "SSMDocument"], sourceInfo="{}")
_MORE = {"workingDirectory": "", "executionTimeout": "3600"}

WITHOUT_EFFECT: dict[str, dict[str, Any]] = {
    "AWS-ApplyAnsiblePlaybooks": _command(
        "aws:runShellScript",
        _parameters(
            SourceType=["S3", "GitHub"],
            SourceInfo="{}",
            InstallDependencies=["True", "False"],
            PlaybookFile="hello-world-playbook.yml",
            ExtraVariables="SSM=True",
            Check=["False", "True"],
            Verbose=["-v", "-vv", "-vvv", "-vvvv"],
            TimeoutSeconds="3600",
        ),
        "Linux",
    ),
    "AWS-ApplyChefRecipes": _command(
        "aws:runDocument",
        _parameters(
            SourceType=["S3", "GitHub", "Git", "HTTP"],
            SourceInfo="{}",
            RunList="-",
            JsonAttributesSources="-",
            JsonAttributesContent="-",
            ChefClientVersion="14",
            ChefClientArguments="-",
            WhyRun=["False", "True"],
            ComplianceSeverity=["None", "Unspecified", "Low", "Medium", "High", "Critical"],
            ComplianceType="Custom:Chef",
            ComplianceReportBucket="-",
        ),
    ),
    "AWS-ApplyDSCMofs": _command(
        "aws:runPowerShellScript",
        _parameters(
            MofsToApply=REQUIRED,
            ServicePath="default",
            MofOperationMode=["Apply", "ReportOnly"],
            ReportBucketName="NONE",
            StatusBucketName="NONE",
            ModuleSourceBucketName="NONE",
            AllowPSGalleryModuleSource=["True", "False"],
            ProxyUri="",
            RebootBehavior=["AfterMof", "Never", "Immediately"],
            UseComputerNameForReporting=["False", "True"],
            EnableVerboseLogging=["False", "True"],
            EnableDebugLogging=["False", "True"],
            ComplianceType="Custom:DSC",
            PreRebootScript="",
        ),
        "Windows",
    ),
    "AWS-ConfigureDocker": _command("aws:configureDocker", _parameters(action=["Install", "Uninstall"]), "Windows"),
    "AWS-ConfigureWindowsUpdate": _command(
        "aws:runPowerShellScript",
        _parameters(updateLevel=REQUIRED, scheduledInstallDay="", scheduledInstallTime=""),
        "Windows",
    ),
    "AWS-InstallApplication": _command(
        "aws:applications",
        _parameters(action=["Install", "Repair", "Uninstall"], parameters="", source=REQUIRED, sourceHash=""),
        "Windows",
    ),
    "AWS-InstallWindowsUpdates": _command(
        "aws:runPowerShellScript",
        _needed(
            _parameters(
                Action=["Scan", "Install"],
                AllowReboot=["True", "False"],
                IncludeKbs="",
                ExcludeKbs="",
                Categories="",
                SeverityLevels="",
                PublishedDaysOld="",
                PublishedDateBefore="",
                PublishedDateAfter="",
            ),
            "Action",
        ),
        "Windows",
    ),
    "AWS-JoinDirectoryServiceDomain": _command(
        "aws:domainJoin",
        _parameters(directoryId=REQUIRED, directoryName=REQUIRED, directoryOU="", dnsIpAddresses=(), hostname=""),
    ),
    "AWS-RunAnsiblePlaybook": _command(
        "aws:runShellScript",
        _parameters(playbook="", playbookurl="", extravars="SSM=True", check=["False", "True"], timeoutSeconds="3600"),
        "Linux",
    ),
    "AWS-RunDocument": _command(
        "aws:runDocument",
        _parameters(sourceType=["GitHub", "S3", "SSMDocument"], sourceInfo="{}", documentParameters={}),
    ),
    "AWS-RunInspecChecks": _command("aws:runDocument", _SOURCE),
    "AWS-RunPatchBaseline": _command("aws:patchInstance", _needed(_PATCH, "Operation")),
    "AWS-RunPatchBaselineAssociation": _command(
        "aws:patchInstance", _needed(_PATCH | _parameters(BaselineTags=""), "Operation")
    ),
    "AWS-RunPatchBaselineWithHooks": _command(
        "aws:runDocument",
        _needed(
            _PATCH
            | _parameters(
                PreInstallHookDocName="AWS-Noop", PostInstallHookDocName="AWS-Noop", OnExitHookDocName="AWS-Noop"
            ),
            "Operation",
        ),
    ),
    "AWS-RunRemoteScript": _command("aws:runDocument", _SOURCE | _parameters(commandLine=REQUIRED, **_MORE)),
    "AWS-RunSaltState": _command(
        "aws:runShellScript",
        _parameters(stateurl=REQUIRED, pillars="", test=["False", "True"], timeoutSeconds="3600"),
        "Linux",
    ),
    "AWS-UpdateEC2Config": _command(
        "aws:updateAgent", _parameters(version="", allowDowngrade=["false", "true"]), "Windows"
    ),
    "AWS-UpdateSSMAgent": _command("aws:updateSsmAgent", _parameters(version="", allowDowngrade=["false", "true"])),
    "AmazonCloudWatch-ManageAgent": _command(
        "aws:runDocument",
        _parameters(
            action=[
                "configure",
                "configure (append)",
                "configure (remove)",
                "configure (default)",
                "start",
                "status",
                "stop",
            ],
            mode=["ec2", "onPremise", "auto"],
            optionalConfigurationSource=["ssm", "default", "all"],
            optionalConfigurationLocation="",
            optionalOpenTelemetryCollectorConfigurationSource=["ssm", "default", "all"],
            optionalOpenTelemetryCollectorConfigurationLocation="",
            optionalRestart=["yes", "no"],
        ),
    ),
    "AmazonInspector-ManageAWSAgent": _command("aws:runDocument", _parameters(Operation=["Install", "Uninstall"])),
    "AWS-AttachIAMToInstance": _runbook(
        InstanceId=REQUIRED, RoleName=REQUIRED, ForceReplace="false", AutomationAssumeRole=""
    ),
    "AWS-EnableS3BucketEncryption": _runbook(BucketName=REQUIRED, SSEAlgorithm="AES256", AutomationAssumeRole=""),
    "AWS-RestartEC2Instance": _runbook(InstanceId=REQUIRED, AutomationAssumeRole=""),
    "AWS-StartEC2Instance": _runbook(InstanceId=REQUIRED, AutomationAssumeRole=""),
    "AWS-StopEC2Instance": _runbook(InstanceId=REQUIRED, AutomationAssumeRole=""),
}
