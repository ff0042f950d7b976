# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import botocore.session
import pytest

from ansible_collections.slipway.aws.plugins.module_utils._deployments import hints

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
        ("AfterInstall", "ScriptMissing", "Script does not exist at specified location: /x", "relative to the top"),
        ("AfterInstall", "ScriptTimedOut", "failed to complete in 300 seconds", "timeout"),
        ("AfterInstall", "ScriptFailed", "exit code 127\nstart.sh: line 3: npm: command not found", "not found"),
        ("AfterInstall", "ScriptFailed", "bad interpreter: /bin/bash^M", "line ends"),
        ("AfterInstall", "ScriptFailed", "Permission denied", "runas"),
        ("AfterInstall", "ScriptFailed", "failed with exit code 1", "log_tail"),
        ("Install", "UnknownError", "something new", "codedeploy-agent.log"),
    ],
)
def test_a_known_cause_is_recognized(event: str, code: str, text: str, words: str) -> None:
    assert words in hints.hint_for(event, code, text)


def test_codes_are_those_of_the_service() -> None:
    model = botocore.session.get_session().get_service_model("codedeploy")
    assert set(hints.ERRORS) <= set(model.shape_for("ErrorCode").enum)
    assert {cause.code for cause in hints.CAUSES} - {""} <= set(model.shape_for("LifecycleErrorCode").enum)
