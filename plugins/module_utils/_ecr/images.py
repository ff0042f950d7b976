# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Images in ECR, by the content that a tag stands for. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import re

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection

ECR = re.compile(
    r"(?P<registry>(?P<account>[0-9]{12})\.dkr[.-]ecr(?:-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+)/"
    r"(?P<repository>[a-z0-9._/-]+?)(?::(?P<tag>[A-Za-z0-9_.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
MISSING = ["ImageNotFoundException", "RepositoryNotFoundException"]


def is_in_ecr(image: str) -> bool:
    return ECR.fullmatch(image) is not None


def find_digest(aws: Connection, image: str) -> str | None:
    """The digest of an image in ECR, whose tag is `latest` when it has none; None when there is no such image."""
    found = ECR.fullmatch(image)
    if found is None:
        return None
    identity = {"imageDigest": found["digest"]} if found["digest"] else {"imageTag": found["tag"] or "latest"}
    asked = {"registryId": found["account"], "repositoryName": found["repository"], "imageIds": [identity]}
    region = found["region"]
    connection = aws if region == aws.region else aws.in_region(region)
    try:
        answer = connection.client("ecr").describe_images(**asked)
    except is_boto3_error_code(MISSING):
        return None
    return next((str(one["imageDigest"]) for one in answer["imageDetails"]), None)


def pinned(image: str, digest: str) -> str:
    """The image by its digest alone: with a tag beside it, it would look as if the tag had a say."""
    found = ECR.fullmatch(image)
    return f"{found['registry']}/{found['repository']}@{digest}" if found else image
