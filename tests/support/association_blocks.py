# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variants of every block of options of an association."""

from __future__ import annotations

import typing as t

from support.blocks import Row

RUNBOOK = {"document_name": "AWS-StopEC2Instance", "automation_target_parameter_name": "InstanceId", "wait": False}
SHELL: dict[str, t.Any] = {"document_name": "AWS-RunShellScript", "parameters": {"commands": ["true"]}, "wait": False}
NODES = [{"key": "tag:Role", "values": ["web"]}]
ON_NODES = {**SHELL, "targets": NODES}
STOPPED = {**RUNBOOK, "parameters": {"InstanceId": "x"}, "targets": NODES}
ALARM = {"ignore_poll_alarm_failure": True, "alarms": [{"name": "slow"}]}

ROWS = [
    Row("ssm_association", "targets", [NODES, [{"key": "InstanceIds", "values": ["*"]}], NODES * 2], SHELL),
    Row(
        "ssm_association",
        "target_locations",
        [
            [{"accounts": ["123456789012", "210987654321"], "regions": ["us-east-1", "eu-west-1"]}],
            [
                {
                    "accounts": ["123456789012", "210987654321"],
                    "regions": ["us-east-1", "eu-west-1"],
                    "execution_role_name": "automation",
                }
            ],
            [
                {
                    "accounts": ["ou-abcd-12345678"],
                    "regions": ["eu-west-1"],
                    "exclude_accounts": ["123456789012"],
                    "include_child_organization_units": True,
                    "execution_role_name": "automation",
                    "target_location_max_concurrency": "2",
                    "target_location_max_errors": "1",
                    "target_location_alarm_configuration": ALARM,
                    "targets": NODES,
                    "targets_max_concurrency": "10%",
                    "targets_max_errors": "0",
                },
                {"accounts": ["123456789012"], "regions": ["eu-west-1"]},
            ],
            [],
        ],
        STOPPED,
    ),
    Row(
        "ssm_association",
        "output_location",
        [
            {"s3_location": {"output_s3_bucket_name": "logs", "output_s3_region": "eu-west-1"}},
            {"s3_location": {"output_s3_bucket_name": "logs", "output_s3_key_prefix": "ssm"}},
            {"s3_location": {"output_s3_bucket_name": "other", "output_s3_key_prefix": ""}},
            {},
        ],
        ON_NODES,
        kept=2,
    ),
    Row(
        "ssm_association",
        "alarm_configuration",
        [
            ALARM,
            {"ignore_poll_alarm_failure": False, "alarms": [{"name": "errors"}]},
            {"alarms": [{"name": "slow"}]},
            {},
        ],
        ON_NODES,
        kept=1,
    ),
]
