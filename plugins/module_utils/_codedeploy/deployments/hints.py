# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known causes of failed deployments, and what mends them. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import STATES
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import HOST_REMEDIES
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

INSTALL_AGENT = "Install it with slipway.aws.install_agent or bake it into the AMI; slipway.aws.preflight shows which hosts lack it."


class Cause(t.NamedTuple):
    """What an event says when this is the cause. Each part left empty fits anything."""

    name: str
    hint: str
    text: str = ""  # pattern in the message or the log
    beside: str = ""  # pattern in the same line
    code: str = ""  # errorCode of the diagnostics
    event: str = ""
    guessed: bool = False  # the event does not tell it: what EC2 says of the instance comes before it


# What EC2 says of the instance itself, before what is guessed from its silence.
HOST_CAUSES = {
    "instance_terminated": "The instance was terminated.",
    "instance_stopped": "The instance is stopped.",
    "instance_pending": "The instance is still starting.",
    "no_instance_profile": "The instance has no instance profile, so its CodeDeploy agent has no credentials.",
}
# The first that fits is given, so the telling ones come first.
CAUSES = (
    Cause(
        "agent_unreachable",
        f"The CodeDeploy agent on the host is absent, stopped, or cannot reach CodeDeploy. {INSTALL_AGENT}",
        text=r"not able to receive the lifecycle event|did not start|\A\s*\Z",  # older answers of AWS are empty
        guessed=True,
    ),
    Cause(
        "no_credentials",
        f"The CodeDeploy agent on the host has no credentials. {HOST_REMEDIES['no_instance_profile']}",
        text=r"[Mm]issing credentials",
    ),
    Cause(
        "agent_restarted",
        "The agent was restarted while the event ran: a hook that reboots the host or updates the agent does that.",
        text=r"after an agent restart",
    ),
    Cause(
        "file_exists",
        "A file already exists that was not installed by this deployment group. Set file_exists_behavior to OVERWRITE or RETAIN, "
        "or remove the file.",
        text=r"already exists at this location",
    ),
    Cause(
        "disk_full",
        "The disk of the host is full. Remove old files or use a larger volume.",
        text=r"No space left on device",
    ),
    Cause(
        "bundle_denied",
        "The host is not allowed to read the bundle. Allow its instance profile s3:GetObject on the bucket, and kms:Decrypt on its key.",
        text=r"Access ?Denied|Forbidden|\b403\b",
        event="DownloadBundle",
    ),
    Cause(
        "bundle_missing",
        "The bundle does not exist at the location of the revision, or is in another region than the hosts.",
        text=r"NoSuch(Key|Bucket|Version)|Not ?Found|\b404\b|PermanentRedirect|\b301\b",
        event="DownloadBundle",
    ),
    Cause(
        "bundle_changed",
        "The bundle changed after the revision was registered. Push it again and deploy the revision that is returned.",
        text=r"[Ee][Tt]ag|checksum",
        event="DownloadBundle",
    ),
    Cause(
        "download_failed",
        "The host could not download the bundle. Check its network and its instance profile.",
        event="DownloadBundle",
        guessed=True,
    ),
    Cause(
        "appspec_missing",
        "The bundle has no appspec.yml in its root. Add a file with exactly this name.",
        text=r"[Aa]pp[Ss]pec",
        beside=r"not find|unable to find|does not exist|missing",
    ),
    Cause(
        "application_stop",
        "ApplicationStop runs the script of the bundle that was deployed before. If that script is broken, deploy once with "
        "ignore_application_stop_failures: true.",
        text=r"exit code|[Ss]cript",
        event="ApplicationStop",
    ),
    Cause(
        "line_ends",
        "The script has no shebang line or has Windows line endings. Save it with LF and start it with #!/bin/bash.",
        text=r"bad interpreter|Exec format error|\^M|\\r|cannot execute",
    ),
    Cause(
        "command_missing",
        "A command was not found: the PATH of the hook is limited, or BeforeInstall did not install what the script needs.",
        text=r"command not found|exit code 127",
    ),
    Cause(
        "permission_denied",
        "The script is not allowed to do this. Set runas to a user who is, or fix the permissions in appspec.yml.",
        text=r"[Pp]ermission denied|Operation not permitted|exit code 126",
    ),
    Cause(
        "script_missing",
        "The script is not in the bundle. The location in appspec.yml is relative to the root of the bundle.",
        code="ScriptMissing",
    ),
    Cause(
        "script_not_executable",
        "The file system of the host does not allow scripts to run. Mount it without noexec.",
        code="ScriptNotExecutable",
    ),
    Cause(
        "script_timed_out",
        "The script exceeded the timeout in appspec.yml. A daemon that it starts must not keep stdout and stderr open: "
        "redirect both and end the line with &.",
        code="ScriptTimedOut",
    ),
    Cause(
        "output_open",
        "The script left its output open: a daemon it starts must redirect stdout and stderr.",
        text=r"failed to close STD",
    ),
    Cause("script_failed", "The hook script failed; its own output in log_tail shows why.", code="ScriptFailed"),
    Cause("unknown", "Check /var/log/aws/codedeploy-agent/codedeploy-agent.log on the host.", guessed=True),
)

ERRORS = {
    "NO_INSTANCES": "The deployment group selects no instance. Correct its tag filters or Auto Scaling groups; "
    "slipway.aws.codedeploy_fleet_info shows what it selects.",
    "HEALTH_CONSTRAINTS_INVALID": "The deployment configuration requires more healthy hosts than there are. Set "
    "deployment_config_name to another one, such as CodeDeployDefault.OneAtATime, which also works with a single host.",
    "ALARM_ACTIVE": "An alarm of the group was in the ALARM state or could not be read. Set override_alarm_configuration with enabled: false to deploy a fix.",
    "IAM_ROLE_MISSING": "The service role of the deployment group no longer exists. Create it again or set another role for the group.",
    "IAM_ROLE_PERMISSIONS": "The service role of the deployment group lacks permissions. Attach AWSCodeDeployRole to it.",
    "AUTO_SCALING_IAM_ROLE_PERMISSIONS": "The service role lacks permissions for Auto Scaling. Attach AWSCodeDeployRole to it.",
    "AUTO_SCALING_CONFIGURATION": "An Auto Scaling group of the deployment group no longer exists or lacks its hook; "
    "slipway.aws.codedeploy_fleet_info shows which one.",
    "OVER_MAX_INSTANCES": "The deployment has more instances than AWS allows. Split the group, or ask AWS to raise the quota.",
    "AGENT_ISSUE": f"The CodeDeploy agent does not run on the targets. {INSTALL_AGENT}",
    "TIMEOUT": "The deployment exceeded a time limit of AWS, or it waited to be continued for as long as its group lets it.",
    "REVISION_MISSING": "The revision no longer exists. Push it again.",
    "THROTTLED": "AWS is throttling the service role; deploy again later.",
    "INTERNAL_ERROR": "AWS had an internal error; deploy again.",
}


GUESSED = ("AGENT_ISSUE",)  # the failed hosts tell more


def cause_of(event: str, code: str, text: str, host: Shape | None = None) -> Cause:
    """The cause of a failed lifecycle event. `host` is the instance as EC2 has it now; None when that is not known."""
    found = next(cause for cause in CAUSES if _fits(cause, event, code, text))
    return (of_host(host) if host and found.guessed else None) or found


def _fits(cause: Cause, event: str, code: str, text: str) -> bool:
    return cause.event in ("", event) and cause.code in ("", code) and _says(cause, text)


def _says(cause: Cause, text: str) -> bool:
    """Two patterns for a line instead of one with `.*` between, which a long line makes very slow."""
    if not cause.beside:
        return re.search(cause.text, text) is not None
    return any(re.search(cause.text, line) and re.search(cause.beside, line) for line in text.splitlines())


def of_host(host: Shape) -> Cause | None:
    """Why the instance itself cannot take an event, as EC2 has it; None when EC2 knows of nothing."""
    if host["state"] != "running":
        name = STATES.get(host["state"], "instance_terminated")
    elif not host["instanceProfile"]:
        name = "no_instance_profile"
    else:
        return None
    return Cause(name, f"{HOST_CAUSES[name]} {HOST_REMEDIES[name]}")
