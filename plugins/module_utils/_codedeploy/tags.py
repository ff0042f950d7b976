# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tags of applications and deployment groups. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def with_tags(aws: Connection, params: Shape, live: Shape) -> Shape:
    """Get calls return no tags; they cost a call of their own, made only when the task says something of tags."""
    return live if params.get("tags") is None and not params.get("include_tags") else _tagged(aws, live)


def retag(aws: Connection, live: Shape, put: Shape, drop: list[str]) -> None:
    """Remove tags from and add tags to an application or a deployment group."""
    arn = _arn(aws, live)
    if drop:
        aws.client(SERVICE).untag_resource(ResourceArn=arn, TagKeys=drop)
    if put:
        aws.client(SERVICE).tag_resource(ResourceArn=arn, Tags=ansible_dict_to_boto3_tag_list(put))


def with_tag_list(wanted: Shape) -> Shape:
    """The shape with its tag map as the list the API takes."""
    if "tags" not in wanted:
        return wanted
    return {**wanted, "tags": ansible_dict_to_boto3_tag_list(wanted["tags"])}


def _tagged(aws: Connection, live: Shape) -> Shape:
    found = items(aws, SERVICE, "list_tags_for_resource", "Tags", ResourceArn=_arn(aws, live))
    return {**live, "tags": boto3_tag_list_to_ansible_dict(found)}


def _arn(aws: Connection, live: Shape) -> str:
    application, group = live["applicationName"], live.get("deploymentGroupName")
    return aws.arn(SERVICE, f"deploymentgroup:{application}/{group}" if group else f"application:{application}")
