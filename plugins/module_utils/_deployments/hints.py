# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Known causes of failed deployments, and what mends them. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t

INSTALL_AGENT = "Install it with slipway.aws.install_agent or bake it into the AMI; slipway.aws.preflight shows which hosts lack it."


class Cause(t.NamedTuple):
    """What an event says when this is the cause. Each part left empty fits anything."""

    hint: str
    text: str = ""  # pattern in the message or the log
    code: str = ""  # errorCode of the diagnostics
    event: str = ""


# The first that fits is given, so the telling ones come first.
CAUSES = (
    Cause(
        f"The CodeDeploy agent on the host is absent, stopped, or cannot reach CodeDeploy. {INSTALL_AGENT}",
        text=r"not able to receive the lifecycle event|[Mm]issing credentials|did not start",
    ),
    Cause(
        "The agent was restarted while the event ran: a hook that reboots the host or updates the agent does that.",
        text=r"after an agent restart",
    ),
    Cause(
        "A file is in the way that this deployment group did not put there. Set file_exists_behavior to OVERWRITE or RETAIN, "
        "or remove the file.",
        text=r"already exists at this location",
    ),
    Cause(
        "The disk of the host is full. Remove old files or give it a larger volume.", text=r"No space left on device"
    ),
    Cause(
        "The host may not read the bundle. Give its instance profile s3:GetObject on the bucket, and kms:Decrypt on its key.",
        text=r"Access ?Denied|Forbidden|\b403\b",
        event="DownloadBundle",
    ),
    Cause(
        "The bundle is not where the revision says, or lies in another region than the hosts.",
        text=r"NoSuch(Key|Bucket|Version)|Not ?Found|\b404\b|PermanentRedirect|\b301\b",
        event="DownloadBundle",
    ),
    Cause(
        "The bundle changed after the revision was registered. Push it again and deploy the revision that is returned.",
        text=r"[Ee][Tt]ag|checksum",
        event="DownloadBundle",
    ),
    Cause(
        "The host could not download the bundle. Look at its network and its instance profile.", event="DownloadBundle"
    ),
    Cause(
        "The bundle has no appspec.yml at its top. Put it there, with this very name.",
        text=r"[Aa]pp[Ss]pec.*(not find|does not exist|missing)|did not find an AppSpec|unable to find.*app[Ss]pec",
    ),
    Cause(
        "ApplicationStop runs the script of the bundle that was deployed before. If that one is broken, deploy once with "
        "ignore_application_stop_failures: true.",
        event="ApplicationStop",
    ),
    Cause(
        "The script has no shebang line or has Windows line ends. Save it with LF and start it with #!/bin/bash.",
        text=r"bad interpreter|Exec format error|\^M|\\r|cannot execute",
    ),
    Cause(
        "A command was not found: the hook's PATH is short, or BeforeInstall did not install what the script needs.",
        text=r"command not found|exit code 127",
    ),
    Cause(
        "The script is not allowed to do this. Set runas to a user who may, or mend the permissions in appspec.yml.",
        text=r"[Pp]ermission denied|Operation not permitted|exit code 126",
    ),
    Cause(
        "The script is not in the bundle. The location in appspec.yml is relative to the top of the bundle.",
        code="ScriptMissing",
    ),
    Cause(
        "The file system of the host forbids to run the script. Mount it without noexec.", code="ScriptNotExecutable"
    ),
    Cause(
        "The script ran out of the timeout in appspec.yml. A daemon it starts must let go of stdout and stderr: "
        "redirect both and end the line with &.",
        code="ScriptTimedOut",
    ),
    Cause(
        "The script left its output open: a daemon it starts must redirect stdout and stderr.",
        text=r"failed to close STD",
    ),
    Cause("The hook script failed; its own output in log_tail tells why.", code="ScriptFailed"),
    Cause("Look at /var/log/aws/codedeploy-agent/codedeploy-agent.log on the host."),
)

ERRORS = {
    "NO_INSTANCES": "The deployment group selects no instance. Correct its tag filters or Auto Scaling groups; "
    "slipway.aws.codedeploy_fleet_info shows what it selects.",
    "HEALTH_CONSTRAINTS_INVALID": "The deployment configuration keeps more hosts healthy than there are. Give "
    "deployment_config_name another one, such as CodeDeployDefault.OneAtATime, which suits a single host, too.",
    "ALARM_ACTIVE": "An alarm of the group is on. Set override_alarm_configuration with enabled: false to let a fix through.",
    "IAM_ROLE_MISSING": "The service role of the deployment group is gone. Create it again or give the group another one.",
    "IAM_ROLE_PERMISSIONS": "The service role of the deployment group lacks rights. Attach AWSCodeDeployRole to it.",
    "AUTO_SCALING_IAM_ROLE_PERMISSIONS": "The service role lacks rights on Auto Scaling. Attach AWSCodeDeployRole to it.",
    "OVER_MAX_INSTANCES": "The deployment has more instances than AWS allows. Split the group, or ask AWS to raise the quota.",
    "AGENT_ISSUE": f"The CodeDeploy agent does not run on the targets. {INSTALL_AGENT}",
    "TIMEOUT": "The deployment ran out of the time that AWS gives it.",
    "REVISION_MISSING": "The revision is gone. Push it again.",
    "THROTTLED": "AWS is throttling the service role; deploy again later.",
    "INTERNAL_ERROR": "AWS failed; deploy again.",
}


def hint_for(event: str, code: str, text: str) -> str:
    """The most likely cause of a failed lifecycle event, and what mends it."""
    for cause in CAUSES:
        fits = cause.event in ("", event) and cause.code in ("", code) and re.search(cause.text, text)
        if fits:
            return cause.hint
    return ""
