# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether it was this task that stopped a deployment, where the answer of AWS to the first request was lost."""

from __future__ import annotations

from types import SimpleNamespace
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import starting


@pytest.mark.parametrize(
    ("attempts", "status", "stopped"),
    [(1, "Stopped", True), (1, "Succeeded", False), (0, "Stopped", False)],
)
def test_a_repeated_stop_finds_what_the_first_did(attempts: int, status: str, stopped: bool) -> None:
    answer = {"Error": {"Code": "DeploymentAlreadyCompletedException"}, "ResponseMetadata": {"RetryAttempts": attempts}}
    client = mock.Mock()
    client.stop_deployment.side_effect = ClientError(answer, "StopDeployment")  # type: ignore[arg-type]
    client.get_deployment.return_value = {"deploymentInfo": {"status": status}}
    aws = SimpleNamespace(client=lambda service: client, region="eu-west-1")
    assert starting.stop(aws, "d-ABCDEF123") is stopped  # type: ignore[arg-type]
