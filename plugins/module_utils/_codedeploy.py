# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of CodeDeploy's control plane. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.slipway.aws.plugins.module_utils._client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._paging import items
from ansible_collections.slipway.aws.plugins.module_utils._shapes import Shape

SERVICE = "codedeploy"
BATCH = 100  # names in one BatchGet of applications or deployment groups


def find_application(aws: Connection, params: Shape) -> Shape | None:
    """The application as GetApplication returns it, with tags when the task gives any; None when there is none."""
    try:
        live = aws.client(SERVICE).get_application(applicationName=params["name"])["application"]
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        return None
    return with_tags(aws, params, live, f"application:{params['name']}")


def create_application(aws: Connection, wanted: Shape) -> None:
    aws.client(SERVICE).create_application(**with_tag_list(wanted))


def delete_application(aws: Connection, live: Shape) -> None:
    """Deletes the deployment groups and the history too; declares no "does not exist"."""
    aws.client(SERVICE).delete_application(applicationName=live["applicationName"])


def retag_application(aws: Connection, live: Shape, put: Shape, drop: list[str]) -> None:
    retag(aws, f"application:{live['applicationName']}", put, drop)


def read_applications(aws: Connection, wanted: list[str]) -> list[Shape]:
    """Applications by name, unknown ones left out. One unknown name fails a whole batch, so then each is asked singly."""
    client = aws.client(SERVICE)
    found: list[Shape] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        try:
            found += client.batch_get_applications(applicationNames=part)["applicationsInfo"]
        except is_boto3_error_code("ApplicationDoesNotExistException"):
            found += [live for live in (find_application(aws, {"name": name}) for name in part) if live]
    return found


def find_deployment_config(aws: Connection, params: Shape) -> Shape | None:
    """The configuration as GetDeploymentConfig returns it, without members that AWS leaves empty."""
    try:
        live = aws.client(SERVICE).get_deployment_config(deploymentConfigName=params["name"])
    except is_boto3_error_code("DeploymentConfigDoesNotExistException"):
        return None
    return {k: v for k, v in live["deploymentConfigInfo"].items() if v not in (None, {})}


def create_deployment_config(aws: Connection, wanted: Shape) -> None:
    aws.client(SERVICE).create_deployment_config(**wanted)


def delete_deployment_config(aws: Connection, live: Shape) -> None:
    aws.client(SERVICE).delete_deployment_config(deploymentConfigName=live["deploymentConfigName"])


def names(aws: Connection, operation: str, key: str, **asked: t.Any) -> list[str]:
    """All pages of a list operation that returns names."""
    return items(aws, SERVICE, operation, key, **asked)


def with_tags(aws: Connection, params: Shape, live: Shape, resource: str) -> Shape:
    """Get calls return no tags; they cost a call of their own, made only when the task says something of tags."""
    return live if params.get("tags") is None else {**live, "tags": read_tags(aws, resource)}


def read_tags(aws: Connection, resource: str) -> dict[str, str]:
    """All tags of a resource given as `application:NAME` or `deploymentgroup:APP/GROUP`."""
    found = items(aws, SERVICE, "list_tags_for_resource", "Tags", ResourceArn=aws.arn(SERVICE, resource))
    return dict(boto3_tag_list_to_ansible_dict(found))


def retag(aws: Connection, resource: str, put: Shape, drop: list[str]) -> None:
    """Take tags off and put tags on a resource given as in `read_tags`."""
    arn = aws.arn(SERVICE, resource)
    if drop:
        aws.client(SERVICE).untag_resource(ResourceArn=arn, TagKeys=drop)
    if put:
        aws.client(SERVICE).tag_resource(ResourceArn=arn, Tags=ansible_dict_to_boto3_tag_list(put))


def with_tag_list(wanted: Shape) -> Shape:
    """The shape with its tag map as the list the API takes."""
    if "tags" not in wanted:
        return wanted
    return {**wanted, "tags": ansible_dict_to_boto3_tag_list(wanted["tags"])}
