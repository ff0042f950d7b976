# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of one distribution: a Region, and what happens there. Private to this collection."""

from __future__ import annotations

import typing as t

TEXT: t.Dict[str, t.Any] = {"type": "str"}
NEEDED: t.Dict[str, t.Any] = {"type": "str", "required": True}
TEXTS: t.Dict[str, t.Any] = {"type": "list", "elements": "str"}


def _items(**options: t.Any) -> t.Dict[str, t.Any]:
    return {"type": "list", "elements": "dict", "options": options}


def _map(**options: t.Any) -> t.Dict[str, t.Any]:
    return {"type": "dict", "options": options}


TARGET_REPOSITORY = _map(service={**NEEDED, "choices": ["ECR"]}, repository_name=NEEDED)
DISTRIBUTIONS = _items(
    region=NEEDED,
    ami_distribution_configuration=_map(
        name=TEXT,
        description=TEXT,
        target_account_ids=TEXTS,
        ami_tags={"type": "dict"},
        kms_key_id=TEXT,
        launch_permission=_map(
            user_ids=TEXTS, user_groups=TEXTS, organization_arns=TEXTS, organizational_unit_arns=TEXTS
        ),
    ),
    container_distribution_configuration=_map(
        description=TEXT,
        container_tags=TEXTS,
        target_repository={**TARGET_REPOSITORY, "required": True},
    ),
    license_configuration_arns=TEXTS,
    launch_template_configurations=_items(
        launch_template_id=NEEDED,
        account_id=TEXT,
        set_default_version={"type": "bool", "default": True},
    ),
    s3_export_configuration=_map(
        role_name=NEEDED,
        disk_image_format={**NEEDED, "choices": ["VMDK", "RAW", "VHD"]},
        s3_bucket=NEEDED,
        s3_prefix=TEXT,
    ),
    fast_launch_configurations=_items(
        enabled={"type": "bool", "required": True},
        account_id=TEXT,
        max_parallel_launches={"type": "int"},
        launch_template=_map(launch_template_id=TEXT, launch_template_name=TEXT, launch_template_version=TEXT),
        snapshot_configuration=_map(target_resource_count={"type": "int"}),
    ),
    ssm_parameter_configurations=_items(
        parameter_name=NEEDED,
        ami_account_id=TEXT,
        data_type={"type": "str", "choices": ["text", "aws:ec2:image"], "default": "text"},
    ),
)
