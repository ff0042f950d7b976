# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything AWS can tell of a bucket, a role and an instance profile, to be compared before and after."""

from __future__ import annotations

import json
import typing as t

from botocore.exceptions import ClientError

ASPECTS = (
    "policy", "encryption", "versioning", "ownership_controls", "tagging", "acl", "cors", "logging", "website",
    "lifecycle_configuration", "notification_configuration", "request_payment", "accelerate_configuration",
)  # fmt: skip


def bucket(s3: t.Any, name: str) -> dict[str, t.Any]:
    """Each aspect as its Get answers; the code of the error where there is nothing."""
    reads = {aspect: getattr(s3, f"get_bucket_{aspect}") for aspect in ASPECTS}
    reads |= {"public": s3.get_public_access_block, "lock": s3.get_object_lock_configuration}
    found = {aspect: _answer(lambda read=read: read(Bucket=name)) for aspect, read in reads.items()}
    if isinstance(found["policy"], dict):
        found["policy"] = json.loads(found["policy"]["Policy"])
    return found


def role(iam: t.Any, name: str) -> dict[str, t.Any]:
    """The role with its policies, inline ones by their documents."""
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {
        "role": iam.get_role(RoleName=name)["Role"],
        "inline": {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline},
        "attached": sorted(one["PolicyName"] for one in attached),
    }


def profile(iam: t.Any, name: str) -> dict[str, t.Any]:
    """The instance profile; of its roles the names, since `role` tells the rest."""
    found = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    return {**found, "Roles": [one["RoleName"] for one in found["Roles"]]}


def tags(found: t.Iterable[dict[str, str]]) -> dict[str, str]:
    return {one["Key"]: one["Value"] for one in found}


def _answer(read: t.Callable[[], dict[str, t.Any]]) -> t.Any:
    try:
        return {key: value for key, value in read().items() if key != "ResponseMetadata"}
    except ClientError as problem:
        return problem.response["Error"]["Code"]
