# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks ask for, in the API's shapes; parts that several Image Builder modules share. Private."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._shapes import EMPTY, USER_KEYED, Shape, Whole

RUNS_BY_DEFAULT = {"imageTestsEnabled": True, "timeoutMinutes": 720}  # imageTestsConfiguration that AWS fills in
PARAMETERS: t.Dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "value": {"type": "list", "elements": "str", "required": True},
    },
}
# How an image is built; for pipelines and for images that are built without one.
BUILD_OPTIONS: t.Dict[str, t.Any] = {
    "image_tests_configuration": {
        "type": "dict",
        "options": {"image_tests_enabled": {"type": "bool"}, "timeout_minutes": {"type": "int"}},
    },
    "enhanced_image_metadata_enabled": {"type": "bool"},
    "image_scanning_configuration": {
        "type": "dict",
        "options": {
            "image_scanning_enabled": {"type": "bool"},
            "image_scanning_types": {
                "type": "list",
                "elements": "str",
                "choices": ["TEST_INSTANCE_CVE", "ON_DEMAND_AMI_CVE"],
            },
            "scan_result_condition": {
                "type": "dict",
                "options": {
                    "maximum_severity_label": {
                        "type": "str",
                        "choices": ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH"],
                        "required": True,
                    },
                    "fix_available": {"type": "bool"},
                },
            },
            "ecr_configuration": {
                "type": "dict",
                "options": {
                    "repository_name": {"type": "str"},
                    "container_tags": {"type": "list", "elements": "str"},
                },
            },
        },
    },
    "workflows": {
        "type": "list",
        "elements": "dict",
        "options": {
            "workflow_arn": {"type": "str", "required": True, "aliases": ["workflow"]},
            "parameters": PARAMETERS,
            "parallel_group": {"type": "str"},
            "on_failure": {"type": "str", "choices": ["CONTINUE", "ABORT"]},
        },
    },
    "execution_role": {"type": "str"},
}
DEVICES: t.Dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "device_name": {"type": "str"},
        "virtual_name": {"type": "str"},
        "no_device": {"type": "bool"},
        "ebs": {
            "type": "dict",
            "options": {
                "encrypted": {"type": "bool"},
                "delete_on_termination": {"type": "bool"},
                "iops": {"type": "int"},
                "kms_key_id": {"type": "str"},
                "snapshot_id": {"type": "str"},
                "volume_size": {"type": "int"},
                "volume_type": {"type": "str", "choices": ["standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"]},
                "throughput": {"type": "int"},
            },
        },
    },
}


def camel(option: str) -> str:
    """The API member of an option."""
    first, *rest = option.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def api(value: t.Any) -> t.Any:
    """Options as API shapes: camelCase keys, but for the user's own in maps such as tags, whose values become text."""
    if isinstance(value, list):
        return type(value)(api(item) for item in value)
    if not isinstance(value, dict):
        return value
    members = {camel(key): item for key, item in value.items() if item is not None}
    return {key: text_map(item) if key in USER_KEYED else api(item) for key, item in members.items()}


def asked(params: Shape, *options: str) -> Shape:
    """The members these options ask for; what was not given is None."""
    return {
        camel(option): None if params[option] is None else api({option: params[option]})[camel(option)]
        for option in options
    }


def whole(items: t.Optional[t.List[t.Any]]) -> t.Optional[t.List[t.Any]]:
    """A list that is replaced whole, its items without what they leave empty."""
    return None if items is None else Whole(spoken(item) for item in items)


def spoken(value: t.Any, key: str = "") -> t.Any:
    """The value without empty members at any depth: the service refuses them, and an omitted one is cleared.

    The empty `noDevice` of a block device means something: leave out the device the parent image has.
    """
    if isinstance(value, dict) and key not in USER_KEYED:
        inner = {name: spoken(item, name) for name, item in value.items()}
        return {name: item for name, item in inner.items() if item not in EMPTY or name == "noDevice"}
    return [spoken(item) for item in value] if isinstance(value, list) else value


def text_map(values: t.Mapping[str, t.Any]) -> t.Dict[str, str]:
    """Numbers and booleans in YAML are text in a tag."""
    return {str(key): str(value) for key, value in values.items()}
