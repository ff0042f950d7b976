# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Objects of S3 as a build instance gets them: by what the role of its instance profile may read."""

from __future__ import annotations

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.utilities.utils import get_partition

from slipway_emulator.extensions.iam import may
from slipway_emulator.machine import FetchProblem

from . import iam
from .store import Store

READ = "s3:GetObject"
AMAZONS = ("amazon", "aws-", "ec2imagebuilder")  # what buckets that the world has and nobody made begin with


class Objects:
    """What one instance profile may read."""

    def __init__(self, store: Store, profile: str) -> None:
        self.store, self.profile = store, profile
        self.s3: S3Backend = s3_backends[store.account_id][get_partition(store.region_name)]

    def fetch(self, source: str, owner: str | None = None) -> bytes:
        """The content of s3://BUCKET/KEY; FetchProblem where it is missing or may not be read."""
        bucket, _slash, key = source.removeprefix("s3://").partition("/")
        if bucket.startswith(AMAZONS) and bucket not in self.s3.buckets:
            return b""
        try:
            theirs = self.s3.get_bucket(bucket).account_id
            allowed = owner in (None, theirs) and self._allowed(bucket, key)
            found = self.s3.get_object(bucket, key) if allowed else None
        except (S3ClientError, ServiceException):
            raise FetchProblem(f"{source}: NoSuchBucket: The specified bucket does not exist") from None
        if not allowed:
            raise FetchProblem(f"{source}: AccessDenied: Access Denied, status code: 403")
        if found is None:
            raise FetchProblem(f"{source}: NoSuchKey: The specified key does not exist.")
        return bytes(found.value)

    def _allowed(self, bucket: str, key: str) -> bool:
        """By the policies of the role alone: the policy of the bucket is not looked at."""
        profile = iam.instance_profile(self.store.account_id, self.profile)
        arn = f"arn:{get_partition(self.store.region_name)}:s3:::{bucket}/{key}"
        return any(may(role, READ, arn) for role in (profile.roles if profile else []))
