# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for applications. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import BATCH, SERVICE, names
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.tags import with_tag_list, with_tags
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def find_application(aws: Connection, params: Shape) -> Shape | None:
    """The application as GetApplication returns it, with tags when the task gives any; None when there is none."""
    try:
        live = aws.client(SERVICE).get_application(applicationName=params["name"])["application"]
    except is_boto3_error_code("ApplicationDoesNotExistException"):
        return None
    return with_tags(aws, params, live)


def create_application(aws: Connection, wanted: Shape) -> None:
    aws.client(SERVICE).create_application(**with_tag_list(wanted))


def delete_application(aws: Connection, live: Shape) -> None:
    """Deletes the deployment groups and the history too; declares no "does not exist"."""
    aws.client(SERVICE).delete_application(applicationName=live["applicationName"])


def read_applications(aws: Connection, wanted: list[str] | None) -> list[Shape]:
    """Applications by name, unknown ones left out; all when no names are given.

    One unknown name fails a whole batch, so then each is asked singly.
    """
    client = aws.client(SERVICE)
    wanted = names(aws, "list_applications", "applications") if wanted is None else wanted
    found: list[Shape] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        try:
            found += client.batch_get_applications(applicationNames=part)["applicationsInfo"]
        except is_boto3_error_code("ApplicationDoesNotExistException"):
            found += [live for live in (find_application(aws, {"name": name}) for name in part) if live]
    return found
