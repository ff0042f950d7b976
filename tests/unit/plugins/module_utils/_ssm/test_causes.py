# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The most likely cause of a command that failed on a node, and that there is advice for each."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._ssm.endings import ENDINGS
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import causes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.outcome import FAILED, UNFINISHED


@pytest.mark.parametrize(
    ("output", "code", "cause"),
    [
        ("Package is already in the process of other action", 1, "package_busy"),
        ("failed to find platform: no manifest found for platform: amazon, version 2023, architecture arm64", 1, "package_platform"),
        ("Package is not supported (package is missing install action)", 1, "package_layout"),
        ("missing update script in the package", 1, "package_update"),
        ("package document is not currently active, kindly retry when package is active", 1, "package_inactive"),
        ("failed to download manifest - failed to retrieve package document: InvalidDocument: x", 1, "package_missing"),
        ("failed to download manifest - failed to retrieve package document: AccessDeniedException: x", 1, "package_denied"),
        ("failed to download manifest - failed to retrieve manifest: ValidationException: Require valid document name.", 1, "package_of_aws"),
        ("failed to download installation package reliably, RequestError: send request failed", 1, "download_failed"),
        ("failed to verify the package app.zip: the checksum does not match the manifest", 1, "package_changed"),
        ("E: Could not get lock /var/lib/dpkg/lock-frontend", 100, "package_manager_busy"),
        ("An error occurred (AccessDenied) when calling the GetObject operation", 254, "node_denied"),
        ("Unable to locate credentials. You can configure credentials", 253, "no_credentials"),
        ("cp: error writing '/x': No space left on device", 1, "disk_full"),
        ("curl: (6) Could not resolve host: example.com", 6, "no_network"),
        ("sh: line 1: nginx: command not found", 127, "not_found"),
        ("", 126, "not_executable"),
        ("Killed", 137, "killed"),
        ("Terminated", 143, "killed"),
        ("something else", 3, "script_failed"),
        ("", None, "script_failed"),
    ],
)  # fmt: skip
def test_a_failure_is_told_by_its_output_or_else_by_its_exit_code(output: str, code: int | None, cause: str) -> None:
    assert causes.cause_of("Failed", code, output) == cause


def test_every_cause_has_advice_and_every_advice_a_cause() -> None:
    named = {
        *causes.BY_STATUS.values(),
        *causes.BY_EXIT_CODE.values(),
        *(cause for _pattern, cause in causes.BY_OUTPUT),
    }
    assert named | {"script_failed"} == set(causes.ADVICE)
    assert all(text.endswith(".") for text in causes.ADVICE.values())


def test_every_end_without_an_output_has_words_and_a_cause() -> None:
    told_by_output = {"Failed", "TimedOut"}
    assert set(FAILED) - told_by_output <= set(ENDINGS) and set(UNFINISHED) <= set(ENDINGS)
    assert set(ENDINGS) - set(UNFINISHED) <= set(causes.BY_STATUS)


def test_a_status_tells_more_than_what_was_written_before() -> None:
    assert causes.cause_of("ExecutionTimedOut", None, "No space left on device") == "too_slow"
