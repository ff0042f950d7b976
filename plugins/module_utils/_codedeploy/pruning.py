# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Old bundles of a prefix that no deployment group can still need. Private to this collection.

Only objects whose key has the form of a bundle of ours count. What is kept beside the newest ones: the target revision of
every deployment group of every application of the Region, which Auto Scaling launches hosts with, the revisions of its last
successful and its last deployment, and those of deployments that are not over and of what they would be rolled back to.
Other accounts are not seen from here, so a bucket that they may read is refused.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import Place
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import names
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import calls
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.groups import read_deployment_groups
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, DENIED, Refused, code
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

NAME = re.compile(r"[0-9a-f]{64}\.(?:zip|tar|tgz)")  # of a bundle, behind its prefix
AT_ONCE = 1000  # objects in one DeleteObjects
ACCOUNT = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?(\d{12})(?::.+)?")  # of a principal
REMEDY = "Leave retain out, and remove old bundles with a lifecycle rule or by hand"


def prunable(aws: Connection, place: Place, prefix: str, retain: int) -> list[Shape]:
    """The bundles of this prefix that are neither among the newest nor needed, oldest first. `place` is the newest of them.

    Raises Refused where that cannot be known.
    """
    _refuse_shared(aws, place)
    others = [one for one in _bundles(aws, place, prefix) if one["Key"] != place.key]
    old = sorted(others, key=lambda one: one["LastModified"])[: max(0, len(others) - retain + 1)]
    needed = _needed(aws, place.bucket) if old else set()
    return [one for one in old if one["Key"] not in needed]


def delete(aws: Connection, place: Place, objects: list[Shape]) -> None:
    """Delete the objects. In a bucket with versioning their versions stay, behind delete markers."""
    failed: list[Shape] = []
    for start in range(0, len(objects), AT_ONCE):
        wanted = {"Objects": [{"Key": one["Key"]} for one in objects[start : start + AT_ONCE]], "Quiet": True}
        failed += aws.client("s3").delete_objects(**place.bucket_arguments, Delete=wanted).get("Errors", [])
    if failed:
        first = failed[0]
        text = f"{len(failed)} of {len(objects)} old bundles could not be deleted, such as {first['Key']}: {first.get('Message')}"
        raise Refused(
            f"the revision was pushed, but {text.rstrip('.')}. Allow s3:DeleteObject on them and run the task again"
        )


def _bundles(aws: Connection, place: Place, prefix: str) -> list[Shape]:
    start = f"{prefix}/" if prefix else ""
    asked: Shape = {**place.bucket_arguments, "Prefix": start}
    found = items(aws, "s3", "list_objects_v2", "Contents", **asked)
    return [one for one in found if NAME.fullmatch(one["Key"].removeprefix(start))]


def _refuse_shared(aws: Connection, place: Place) -> None:
    """Refuse a bucket that hosts of other accounts may read, and one of which that is not known."""
    asked = {"Bucket": place.bucket, "ExpectedBucketOwner": aws.account_id}
    try:
        policy = json.loads(aws.client("s3").get_bucket_policy(**asked)["Policy"])
    except AWS_FAILURES as answer:
        if code(answer) == "NoSuchBucketPolicy":
            return
        if code(answer) not in (*DENIED, "403", "MethodNotAllowed"):
            raise
        text = f"the policy of the bucket {place.bucket} could not be read, so it is not known whether other accounts use its bundles"
        raise Refused(f"{text}. Allow s3:GetBucketPolicy on it if it is a bucket of this account. {REMEDY}") from answer
    strangers = sorted({name for name in _principals(policy) if not _is_own(aws, name)})
    if strangers:
        text = f"the policy of the bucket {place.bucket} lets {', '.join(strangers)} in"
        raise Refused(f"{text}, whose deployments cannot be seen from this account. {REMEDY}")


def _principals(policy: Shape) -> t.Iterator[str]:
    """Whom the policy allows anything; services of AWS act for an account that is named elsewhere."""
    statements = policy.get("Statement") or []
    for statement in [statements] if isinstance(statements, dict) else statements:
        principal = statement.get("Principal", "*" if "NotPrincipal" in statement else {})
        by_kind = principal if isinstance(principal, dict) else {"AWS": principal}
        for kind, named in by_kind.items() if statement.get("Effect") == "Allow" else ():
            if kind != "Service":
                yield from [named] if isinstance(named, str) else named


def _is_own(aws: Connection, principal: str) -> bool:
    found = ACCOUNT.fullmatch(principal)
    return bool(found and found.group(1) == aws.account_id)


def _needed(aws: Connection, bucket: str) -> set[str]:
    """Keys of the bucket that a deployment group of this Region can still need."""
    groups = [
        group
        for application in names(aws, "list_applications", "applications")
        for group in read_deployment_groups(aws, application, None)
    ]
    last = (
        group.get(which) or {} for group in groups for which in ("lastSuccessfulDeployment", "lastAttemptedDeployment")
    )
    ids = [one["deploymentId"] for one in last if one.get("deploymentId")]
    ids += calls.list_deployments(aws, None, None, includeOnlyStatuses=calls.ACTIVE)
    deployments = calls.read_deployments(aws, list(dict.fromkeys(ids)))
    lost = sorted(set(ids) - {one["deploymentId"] for one in deployments})
    if lost:
        raise Refused(
            f"the deployments {', '.join(lost)} could not be read, so it is not known what they need. {REMEDY}"
        )
    revisions = [group.get("targetRevision") for group in groups]
    revisions += [one.get(which) for one in deployments for which in ("revision", "previousRevision")]
    places = ((revision or {}).get("s3Location") or {} for revision in revisions)
    return {place["key"] for place in places if place.get("bucket") == bucket}
