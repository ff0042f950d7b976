# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zips of a package in a bucket of the user's, from where AWS copies them. Private to this collection."""

from __future__ import annotations

import functools
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.store import (
    Denied,
    Place,
    Taken,
    check_bucket,
    find_object,
    holds,
    part_size,
    upload,
)
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import File, Package

OWN_ACCOUNT = "self"  # of `expected_bucket_owner`


def place_of(aws: Connection, params: Shape, file: File, bucket: str) -> Place:
    """Where a zip goes: its name tells its content, so equal content is stored once."""
    prefix = params["name"] if params["key_prefix"] is None else params["key_prefix"]
    owner = params["expected_bucket_owner"]
    key = "/".join(filter(None, (prefix.strip("/"), file.name)))
    return Place(bucket, key, aws.account_id if owner == OWN_ACCOUNT else owner)


def attachments(aws: Connection, params: Shape, package: Package, bucket: str) -> list[Shape]:
    """How AWS is told of the zips."""
    return [
        {"Key": "S3FileUrl", "Values": [place_of(aws, params, file, bucket).uri], "Name": file.name}
        for file in package.files.values()
    ]


def store_all(aws: Connection, params: Shape, package: Package, bucket: str) -> list[str]:
    """Upload what is not there, and tell the names of what was uploaded."""
    return [file.name for file in package.files.values() if _store(aws, params, file, bucket)]


def look_at_bucket(aws: Connection, bucket: str) -> None:
    """Raise BundleError when there is no such bucket."""
    check_bucket(aws.client("s3"), Place(bucket, ""))


def _store(aws: Connection, params: Shape, file: File, bucket: str) -> bool:
    """What the key holds is compared by its bytes: whoever may write to the bucket can put anything there.

    Other bytes are replaced. A version that was published keeps the copy that AWS made of its files.
    """
    s3, place = aws.client("s3"), place_of(aws, params, file, bucket)
    size = part_size(file.bound)
    try:
        there = find_object(s3, place)
    except Denied:  # without the right to list, a missing object cannot be told from a forbidden one
        there = None
    if there is not None and _holds(s3, place, there, file, size):
        return False
    sse = given({"ServerSideEncryption": params["server_side_encryption"], "SSEKMSKeyId": params["sse_kms_key_id"]})
    send = functools.partial(upload, s3, place, size_of_part=size, settings=sse)
    try:
        _stored, uploaded = send(file.as_measured(), replaces=there)
    except Taken as taken:  # somebody was faster, or the object could not be seen before
        _stored, uploaded = send(file.as_measured(), replaces=taken.stored)
    return bool(uploaded)


def _holds(s3: t.Any, place: Place, there: t.Any, file: File, size: int) -> bool:
    try:
        return holds(s3, place, there, file.as_measured(), size)
    except Denied:
        return False
