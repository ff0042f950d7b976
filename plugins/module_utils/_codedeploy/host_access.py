# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether hosts may read a bundle: IAM's own simulation of the roles in their instance profiles. Only reads. Private.

Two calls for each instance profile. A caller who may not ask gets no answer, and neither does a question that policies alone
do not settle: a bucket or a key may let a role in that has no right of its own, and conditions may depend on the request.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, code
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._iam.simulation import EXPLICIT, IMPLICIT, simulate


class Denial(t.NamedTuple):
    """Why hosts with an instance profile cannot read the bundle, or maybe cannot."""

    cause: str
    text: str
    certain: bool


def denials(aws: Connection, location: Shape, key_id: str | None, profiles: t.Iterable[str]) -> dict[str, Denial]:
    """What keeps hosts from the bundle, by the ARN of their instance profile; those of which nothing is known left out."""
    found = {arn: _of_profile(aws, location, key_id, arn) for arn in sorted(set(profiles))}
    return {arn: denial for arn, denial in found.items() if denial}


def _of_profile(aws: Connection, location: Shape, key_id: str | None, profile: str) -> Denial | None:
    name = profile.rpartition("/")[2]
    try:
        roles = aws.client("iam").get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]
        if not roles:
            # Hosts that had one go on for hours with the credentials it gave them.
            return Denial("no_instance_role", f"its instance profile {name} has no role", False)
        return _of_role(aws, location, key_id, roles[0]["Arn"])
    except AWS_FAILURES:
        return None


def _of_role(aws: Connection, location: Shape, key_id: str | None, role: str) -> Denial | None:
    read = "s3:GetObjectVersion" if location.get("version") else "s3:GetObject"
    wanted = {read: f"arn:{aws.partition}:s3:::{location['bucket']}/{location['key']}"}
    if key_id and key_id.startswith("arn:"):
        wanted["kms:Decrypt"] = key_id
    decisions = simulate(aws, role, [*wanted.items()])
    for action, resource in wanted.items():
        decision, text = decisions.get((action, resource)), f"its role {role} is not allowed {action} on {resource}"
        if decision == EXPLICIT:
            return Denial("bundle_denied", text, True)
        if decision == IMPLICIT and action == read:
            return Denial("bundle_denied", text, _needs_own_right(aws, location))
        if decision == IMPLICIT and _is_customers(aws, resource):
            return Denial("bundle_denied", text, False)
    return None


def _needs_own_right(aws: Connection, location: Shape) -> bool:
    """Whether no policy of the bucket can make up for a right that a role lacks: it has none, or is another account's."""
    try:
        aws.client("s3").get_bucket_policy(Bucket=location["bucket"])
    except AWS_FAILURES as answer:
        if code(answer) == "NoSuchBucketPolicy":
            return True
    return _is_of_another_account(aws, location)


def _is_of_another_account(aws: Connection, location: Shape) -> bool:
    """S3 refuses a request that expects another owner; only where it answers without that is the owner the reason."""
    asked = {"Bucket": location["bucket"], "Key": location["key"]}
    try:
        aws.client("s3").head_object(**asked)
    except AWS_FAILURES:
        return False
    try:
        aws.client("s3").head_object(**asked, ExpectedBucketOwner=aws.account_id)
    except AWS_FAILURES as answer:
        return code(answer) in ("403", "AccessDenied")
    return False


def _is_customers(aws: Connection, key: str) -> bool:
    """Whether a key is the customer's own; the key that AWS manages for S3 serves every principal of its account."""
    try:
        return bool(aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "CUSTOMER")
    except AWS_FAILURES:
        return False
