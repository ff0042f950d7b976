# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the module ssm_run_command, and the targets that associations have as well. Private to this collection."""

from __future__ import annotations

import typing as t

TARGETS: dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "key": {"type": "str", "required": True, "no_log": False},
        "values": {"type": "list", "elements": "str", "required": True},
    },
}
COMMAND_OPTIONS: dict[str, t.Any] = {
    "state": {"type": "str", "choices": ["sent", "cancelled"], "default": "sent"},
    "document_name": {"type": "str"},
    "document_version": {"type": "str"},
    "document_hash": {"type": "str"},
    "document_hash_type": {"type": "str", "choices": ["Sha256", "Sha1"], "default": "Sha256"},
    "parameters": {"type": "dict"},
    "secret_parameters": {"type": "dict", "no_log": True},
    "instance_ids": {"type": "list", "elements": "str"},
    "targets": TARGETS,
    "max_concurrency": {"type": "str", "default": "50"},
    "max_errors": {"type": "str", "default": "0"},
    "timeout_seconds": {"type": "int"},
    "comment": {"type": "str"},
    "max_age_days": {"type": "int"},
    "ignore_invalid_platform": {"type": "bool", "default": False},
    "return_output": {"type": "bool", "default": False},
    "output_s3_bucket_name": {"type": "str"},
    "output_s3_key_prefix": {"type": "str", "no_log": False},
    "cloud_watch_output_config": {
        "type": "dict",
        "options": {
            "cloud_watch_output_enabled": {"type": "bool"},
            "cloud_watch_log_group_name": {"type": "str"},
        },
    },
    "alarm_configuration": {
        "type": "dict",
        "options": {
            "alarms": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"name": {"type": "str", "required": True}},
            },
            "ignore_poll_alarm_failure": {"type": "bool"},
        },
    },
    "notification_config": {
        "type": "dict",
        "options": {
            "notification_arn": {"type": "str"},
            "notification_events": {"type": "list", "elements": "str"},
            "notification_type": {"type": "str", "choices": ["Command", "Invocation"]},
        },
    },
    "service_role_arn": {"type": "str"},
    "command_id": {"type": "str"},
}
COMMAND_RULES: dict[str, t.Any] = {
    "mutually_exclusive": [("instance_ids", "targets")],
    "required_by": {"max_age_days": ("instance_ids",)},
    "required_if": [
        ("state", "sent", ("document_name",)),
        ("state", "sent", ("instance_ids", "targets"), True),
        ("state", "cancelled", ("command_id",)),
    ],
}
