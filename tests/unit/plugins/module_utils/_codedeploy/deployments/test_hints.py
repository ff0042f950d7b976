# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import botocore.session
import pytest

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import HOST_REMEDIES
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import hints

NO_AGENT = (
    "CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and make "
    "sure the agent is running and can connect to the CodeDeploy server."
)


@pytest.mark.parametrize(
    ("event", "code", "text", "words"),
    [
        ("ApplicationStop", "UnknownError", NO_AGENT, "slipway.aws.install_agent"),
        (
            "BeforeInstall",
            "UnknownError",
            "Failed: Failing in-progress lifecycle event after an agent restart.",
            "restarted",
        ),
        (
            "Install",
            "UnknownError",
            "The deployment failed because a specified file already exists at this location: /srv/app/main.py",
            "file_exists_behavior",
        ),
        ("Install", "UnknownError", "No space left on device", "disk"),
        ("DownloadBundle", "UnknownError", "Access Denied", "s3:GetObject"),
        ("DownloadBundle", "UnknownError", "NoSuchKey: The specified key does not exist.", "another region"),
        ("DownloadBundle", "UnknownError", "end of file reached", "network"),
        ("ApplicationStop", "ScriptFailed", "failed with exit code 1", "ignore_application_stop_failures"),
        ("AfterInstall", "ScriptMissing", "Script does not exist at specified location: /x", "relative to the root"),
        ("AfterInstall", "ScriptTimedOut", "failed to complete in 300 seconds", "timeout"),
        ("AfterInstall", "ScriptFailed", "exit code 127\nstart.sh: line 3: npm: command not found", "not found"),
        ("AfterInstall", "ScriptFailed", "bad interpreter: /bin/bash^M", "line endings"),
        ("AfterInstall", "ScriptFailed", "Permission denied", "runas"),
        ("AfterInstall", "ScriptFailed", "failed with exit code 1", "log_tail"),
        ("Install", "UnknownError", "something new", "codedeploy-agent.log"),
    ],
)
def test_a_known_cause_is_recognized(event: str, code: str, text: str, words: str) -> None:
    assert words in hints.cause_of(event, code, text).hint


RUNNING = {"state": "running", "instanceProfile": "arn:aws:iam::123456789012:instance-profile/web"}
HOSTS = {
    "terminated": ({**RUNNING, "state": "terminated", "instanceProfile": None}, "instance_terminated"),
    "shutting-down": ({**RUNNING, "state": "shutting-down"}, "instance_terminated"),
    "stopped": ({**RUNNING, "state": "stopped"}, "instance_stopped"),
    "stopping without a profile": ({"state": "stopping", "instanceProfile": None}, "instance_stopped"),
    "pending": ({**RUNNING, "state": "pending"}, "instance_pending"),
    "without a profile": ({**RUNNING, "instanceProfile": None}, "no_instance_profile"),
    "sound": (RUNNING, None),
    "not known": (None, None),
}
EVENTS = {
    "silent": (("ApplicationStop", "UnknownError", NO_AGENT), "agent_unreachable", True),
    "silent, without a word": (("ApplicationStop", "", "\n"), "agent_unreachable", True),
    "silent in the middle": (("AfterInstall", "UnknownError", NO_AGENT), "agent_unreachable", True),
    "download broke off": (("DownloadBundle", "UnknownError", "end of file reached"), "download_failed", True),
    "something new": (("Install", "UnknownError", "something new"), "unknown", True),
    "without credentials": (("BeforeInstall", "UnknownError", "Missing credentials"), "no_credentials", False),
    "restarted": (("BeforeInstall", "UnknownError", "after an agent restart."), "agent_restarted", False),
    "denied": (("DownloadBundle", "UnknownError", "Access Denied"), "bundle_denied", False),
    "disk full": (("Install", "UnknownError", "No space left on device"), "disk_full", False),
    "script": (("AfterInstall", "ScriptFailed", "failed with exit code 1"), "script_failed", False),
    "stop script": (("ApplicationStop", "ScriptFailed", "failed with exit code 1"), "application_stop", False),
    "timeout": (("AfterInstall", "ScriptTimedOut", "failed to complete in 30 seconds"), "script_timed_out", False),
}


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("event", EVENTS)
def test_what_ec2_tells_comes_before_a_guess_and_after_what_the_agent_told(event: str, host: str) -> None:
    said, cause, guessed = EVENTS[event]
    state, of_host = HOSTS[host]
    found = hints.cause_of(*said, state)
    assert found.name == (of_host if of_host and guessed else cause)
    if found.name.startswith("instance_"):
        assert "install_agent" not in found.hint and HOST_REMEDIES[found.name] in found.hint


def test_every_cause_has_a_name_of_its_own() -> None:
    names = [cause.name for cause in hints.CAUSES]
    assert len(set(names)) == len(names) and not set(names) & set(hints.HOST_CAUSES)
    assert len({cause.hint for cause in hints.CAUSES}) == len(names)


def test_codes_are_those_of_the_service() -> None:
    model = botocore.session.get_session().get_service_model("codedeploy")
    assert set(hints.ERRORS) <= set(model.shape_for("ErrorCode").enum)
    assert {cause.code for cause in hints.CAUSES} - {""} <= set(model.shape_for("LifecycleErrorCode").enum)
