# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for functions and their versions. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._lambda.aliases import MISSING, SERVICE

LATEST = "$LATEST"


def read_aliases(aws: Connection, function: str) -> list[Shape]:
    """All aliases of a function; none of a function that does not exist."""
    try:
        return items(aws, SERVICE, "list_aliases", "Aliases", FunctionName=function)
    except is_boto3_error_code(MISSING):
        return []


def read_versions(aws: Connection, name: str) -> list[Shape]:
    """The published versions of a function, the oldest first; none of a function that does not exist."""
    try:
        found = items(aws, SERVICE, "list_versions_by_function", "Versions", FunctionName=name)
    except is_boto3_error_code(MISSING):
        return []
    return sorted((one for one in found if one["Version"] != LATEST), key=lambda one: int(one["Version"]))


def delete_version(aws: Connection, name: str, version: str) -> None:
    """What is gone is deleted."""
    try:
        aws.client(SERVICE).delete_function(FunctionName=name, Qualifier=version)
    except is_boto3_error_code(MISSING):
        return
