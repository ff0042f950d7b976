# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One push in a process of its own: `python pushes.py VARIANT SOURCE ENDPOINT`."""

from __future__ import annotations

import os
import sys
import tempfile
import typing as t
import zipfile

CALLER: dict[str, t.Any] = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "eu-west-1"}
OPTIONS = {
    "application_name": "bench",
    "exclude": [".git"],
    "bucket": "bench",
    "symlinks": "keep",
    "ignore_file": None,
    "object_tags": None,
    "s3": None,
    "github": None,
    "retain": None,
    "key": None,
    "key_prefix": None,
    "bundle_type": "zip",
    "compression_level": 6,
    "register": "auto",
    "description": None,
    "server_side_encryption": None,
    "sse_kms_key_id": None,
    "expected_bucket_owner": None,
}


def ours(src: str, endpoint: str, **options: object) -> None:
    """What codedeploy_revision does."""
    import boto3

    from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.push import apply_revision, plan_revision
    from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection

    aws = Connection(boto3.session.Session(**CALLER), CALLER["region_name"], endpoint_url=endpoint)
    params = {**OPTIONS, "src": src, **options}
    apply_revision(aws, params, plan_revision(aws, params))


def plain(src: str, endpoint: str) -> None:
    """What `aws deploy push` does, in a process that loaded what every module of the collection loads: zipfile into a
    temporary file, then the upload."""
    import boto3

    from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection

    with tempfile.TemporaryFile("w+b") as bundle:
        with zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            for folder, _folders, names in os.walk(src):
                for name in names:
                    path = os.path.join(folder, name)
                    archive.write(path, os.path.relpath(path, src))
        bundle.seek(0)
        aws = Connection(boto3.session.Session(**CALLER), CALLER["region_name"], endpoint_url=endpoint)
        aws.client("s3").upload_fileobj(bundle, "bench", "plain.zip")
    location = {"bucket": "bench", "key": "plain.zip", "bundleType": "zip"}
    aws.client("codedeploy").register_application_revision(
        applicationName="bench", revision={"revisionType": "S3", "s3Location": location}
    )


def archive(src: str, endpoint: str) -> None:
    """What it does with the zip beside the directory, which was made before."""
    ours(f"{src}.zip", endpoint, bundle_type=None)


VARIANTS = {
    "plain": plain,
    "zip": ours,
    "zip, level 1": lambda src, endpoint: ours(src, endpoint, compression_level=1),
    "tgz": lambda src, endpoint: ours(src, endpoint, bundle_type="tgz"),
    "no-op": ours,
    "archive": archive,
    "archive, no-op": archive,
}

if __name__ == "__main__":
    VARIANTS[sys.argv[1]](sys.argv[2], sys.argv[3])
