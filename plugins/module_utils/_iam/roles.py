# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles and the instance profiles that give them to hosts. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape


def read_host_role(aws: Connection, role: str | None, profile: str | None) -> Shape:
    """The profile and the role in it, or the role by its name if the profile holds none; None for what does not exist.

    The account and the partition come from an ARN, and only without one from a call to STS.
    """
    held = find_profile(aws, profile) if profile else None
    name = (held or {}).get("roleName") or role
    found = find_role(aws, name) if name else None
    arn = (held or found or {}).get("arn")
    partition, account = (arn.split(":")[1], arn.split(":")[4]) if arn else (aws.partition, aws.account_id)
    return {"accountId": account, "partition": partition, "role": found, "instanceProfile": held}


def find_profile(aws: Connection, name: str) -> Shape | None:
    """One GetInstanceProfile; a profile holds at most one role."""
    held = _found(lambda: aws.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"])
    if held is None:
        return None
    roles = [one["RoleName"] for one in held["Roles"]]
    return {
        "instanceProfileName": held["InstanceProfileName"],
        "arn": held["Arn"],
        "roleName": next(iter(roles), None),
        "tags": _tags(held),
    }


def find_role(aws: Connection, name: str) -> Shape | None:
    """GetRole, and the lists of the policies attached to it and of the profiles it is in."""
    role = _found(lambda: aws.client("iam").get_role(RoleName=name)["Role"])
    if role is None:
        return None
    attached = items(aws, "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    profiles = items(aws, "iam", "list_instance_profiles_for_role", "InstanceProfiles", RoleName=name)
    return {
        "roleName": role["RoleName"],
        "arn": role["Arn"],
        "path": role["Path"],
        "description": role.get("Description", ""),
        "assumeRolePolicyDocument": role["AssumeRolePolicyDocument"],
        "managedPolicies": [one["PolicyArn"] for one in attached],
        "instanceProfiles": [one["InstanceProfileName"] for one in profiles],
        "tags": _tags(role),
    }


def _tags(live: Shape) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in live.get("Tags", [])}


def _found(read: t.Callable[[], Shape]) -> Shape | None:
    try:
        return read()
    except is_boto3_error_code("NoSuchEntity"):
        return None
