# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where AWS keeps policies that hold statements of ours: a bucket, the trust of a role, the inline policies of a role.

What cannot be read is an error and never an empty policy: what is written replaces all that was there.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import DENIED, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._iam.statements import (
    Policy,
    Statement,
    merged,
    missing,
    same,
    statements,
    without,
)

# What is not there yet holds no policy; writing to it is refused by AWS itself.
ABSENT = ["NoSuchBucketPolicy", "NoSuchBucket", "NoSuchEntity"]


class Place(t.Protocol):
    """One policy."""

    def read(self) -> Policy: ...

    def write(self, policy: Policy) -> None: ...

    def beside(self) -> t.Iterator[tuple[str, Policy | None]]:
        """Other policies that grant the same principal rights, by name; None for one that may not be read."""


class BucketPolicy:
    """The policy of a bucket."""

    def __init__(self, aws: Connection, bucket: str) -> None:
        self._s3, self._bucket = aws.client("s3"), bucket

    def read(self) -> Policy:
        return _found(lambda: json.loads(self._s3.get_bucket_policy(Bucket=self._bucket)["Policy"]))

    def write(self, policy: Policy) -> None:
        if policy:
            self._s3.put_bucket_policy(Bucket=self._bucket, Policy=json.dumps(policy))
        else:
            self._s3.delete_bucket_policy(Bucket=self._bucket)

    def beside(self) -> t.Iterator[tuple[str, Policy | None]]:
        return iter(())


class TrustPolicy:
    """Who may act in a role."""

    def __init__(self, aws: Connection, role: str) -> None:
        self._iam, self._role = aws.client("iam"), role

    def read(self) -> Policy:
        return _found(lambda: self._iam.get_role(RoleName=self._role)["Role"]["AssumeRolePolicyDocument"])

    def write(self, policy: Policy) -> None:
        if not policy:
            raise Refused("a trust policy needs at least one statement. Delete the role, or keep the statement.")
        self._iam.update_assume_role_policy(RoleName=self._role, PolicyDocument=json.dumps(policy))

    def beside(self) -> t.Iterator[tuple[str, Policy | None]]:
        return iter(())


class InlinePolicy:
    """A policy embedded in a role."""

    def __init__(self, aws: Connection, role: str, name: str) -> None:
        self._aws, self._iam = aws, aws.client("iam")
        self._asked = {"RoleName": role, "PolicyName": name}

    def read(self) -> Policy:
        return _found(lambda: self._iam.get_role_policy(**self._asked)["PolicyDocument"])

    def write(self, policy: Policy) -> None:
        if policy:
            self._iam.put_role_policy(**self._asked, PolicyDocument=json.dumps(policy))
        else:
            self._iam.delete_role_policy(**self._asked)

    def beside(self) -> t.Iterator[tuple[str, Policy | None]]:
        try:
            yield from self._inline()
            yield from self._attached()
        except is_boto3_error_code(ABSENT):
            return

    def _inline(self) -> t.Iterator[tuple[str, Policy | None]]:
        role, own = self._asked["RoleName"], self._asked["PolicyName"]
        for name in items(self._aws, "iam", "list_role_policies", "PolicyNames", RoleName=role):
            if name != own:
                yield name, self._iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def _attached(self) -> t.Iterator[tuple[str, Policy | None]]:
        role = self._asked["RoleName"]
        for attached in items(self._aws, "iam", "list_attached_role_policies", "AttachedPolicies", RoleName=role):
            yield attached["PolicyName"], self._managed(attached["PolicyArn"])

    def _managed(self, arn: str) -> Policy | None:
        try:
            version = self._iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
            read = self._iam.get_policy_version(PolicyArn=arn, VersionId=version)
            return dict(read["PolicyVersion"]["Document"])
        except is_boto3_error_code(list(DENIED)):
            return None


class Plan(t.NamedTuple):
    """What will be written, which of the statements it adds or updates, and which policies could not be looked at."""

    before: Policy
    after: Policy
    missing: list[Statement]
    unread: list[str]


def place(aws: Connection, bucket: str | None, role: str | None, policy_name: str | None) -> Place:
    """The policy that the options of a task mean."""
    if role:
        return InlinePolicy(aws, role, policy_name) if policy_name else TrustPolicy(aws, role)
    return BucketPolicy(aws, str(bucket))


def title(bucket: str | None, role: str | None, policy_name: str | None) -> str:
    """Its name in messages."""
    kind = f"policy {policy_name}" if policy_name else "trust policy"
    return f"{kind} of the role {role}" if role else f"policy of the bucket {bucket}"


def plan(where: Place, wanted: list[Statement], state: str, unless_allowed: bool) -> Plan:
    """Read what is there and decide what to write."""
    _check(wanted, state)
    before = where.read()
    if state == "absent":
        return Plan(before, without(before, {one["Sid"] for one in wanted}), [], [])
    ours, unread = _not_allowed(where, before, wanted) if unless_allowed else (wanted, [])
    after = merged(before, ours, adopt=not unless_allowed)
    there = statements(before)
    added = [one for one in statements(after) if not any(same(one, other) for other in there)]
    return Plan(before, after if added else before, added, unread)


def _check(wanted: list[Statement], state: str) -> None:
    sids = [one.get("Sid") for one in wanted]
    if not all(sids) or len(set(sids)) < len(sids):
        raise Refused("each statement needs a unique Sid. Set Sid to letters and digits.")
    for one in wanted if state == "present" else []:
        if one.get("Effect") not in ("Allow", "Deny") or not ("Action" in one or "NotAction" in one):
            raise Refused(f"the statement {one['Sid']} is not complete. Set Effect to Allow or Deny, and Action.")


def _not_allowed(where: Place, before: Policy, wanted: list[Statement]) -> tuple[list[Statement], list[str]]:
    """What neither this policy nor those beside it grant; nobody reads on when nothing is missing any more."""
    held, unread, beside = [before], [], where.beside()
    lacking = missing(held, wanted)
    while lacking and (found := next(beside, None)):
        name, policy = found
        if policy is None:
            unread.append(name)
            continue
        held.append(policy)
        lacking = missing(held, wanted)
    return lacking, unread


def _found(read: t.Callable[[], t.Any]) -> Policy:
    try:
        return dict(read())
    except is_boto3_error_code(ABSENT):
        return {}
