# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Packages for the SSM emulation: zips in a bucket, their manifest, the document."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from slipway_emulator.clock import clock

from . import compute

BUCKET = "packages"
SETTLED = 6.0  # seconds after which a version is Active, Failed or gone
WINDOWS = {"platform_name": "Microsoft Windows Server 2022", "platform_version": "2022"}
UBUNTU = {"platform_name": "Ubuntu", "platform_version": "22.04"}
SCRIPTS = {"install.sh": "echo installed\n", "uninstall.sh": "echo removed\n"}


def archive(files: dict[str, str]) -> bytes:
    """A zip of these files, byte for byte the same each time."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, text in files.items():
            made.writestr(zipfile.ZipInfo(name), text)
    return target.getvalue()


def put(key: str, content: bytes, bucket: str = BUCKET) -> str:
    """Store an object; its address."""
    s3 = compute.client("s3")
    if bucket not in [found["Name"] for found in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": compute.REGION})
    s3.put_object(Bucket=bucket, Key=key, Body=content)
    return f"s3://{bucket}/{key}"


def manifest(files: dict[str, bytes], version: str = "1.0", targets: dict[str, Any] | None = None) -> dict[str, Any]:
    """The first file for every platform, unless told."""
    [first, *_others] = files
    return {
        "schemaVersion": "2.0",
        "version": version,
        "packages": targets or {"_any": {"_any": {"_any": {"file": first}}}},
        "files": {name: {"checksums": {"sha256": hashlib.sha256(data).hexdigest()}} for name, data in files.items()},
    }


def stored(files: dict[str, bytes], prefix: str = "app") -> list[dict[str, Any]]:
    """Put the files into the bucket; the attachments that name them."""
    return [
        {"Key": "S3FileUrl", "Values": [put(f"{prefix}/{name}", data)], "Name": name} for name, data in files.items()
    ]


def create(
    name: str = "agent", version: str = "1.0", files: dict[str, bytes] | None = None, **asked: Any
) -> dict[str, Any]:
    """CreateDocument of a package."""
    return compute.client("ssm").create_document(**request(name, version, files, **asked), DocumentType="Package")[
        "DocumentDescription"
    ]


def update(
    name: str = "agent", version: str = "2.0", files: dict[str, bytes] | None = None, **asked: Any
) -> dict[str, Any]:
    """UpdateDocument of a package."""
    wanted = {"DocumentVersion": "$LATEST", **asked}
    return compute.client("ssm").update_document(**request(name, version, files, **wanted))["DocumentDescription"]


def request(name: str, version: str, files: dict[str, bytes] | None, **asked: Any) -> dict[str, Any]:
    files = files or {"app.zip": archive({**SCRIPTS, "version": version})}
    targets = asked.pop("targets", None)
    wanted = {"Content": json.dumps(manifest(files, version, targets)), "VersionName": version}
    if "Attachments" not in asked:
        wanted["Attachments"] = stored(files, f"{name}/{version}")
    return {"Name": name, **wanted, **asked}


def settle() -> None:
    clock.advance(SETTLED)


def refused(operation: str, **asked: Any) -> tuple[str, str]:
    """Code and message of an operation of SSM that must fail."""
    try:
        getattr(compute.client("ssm"), operation)(**asked)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError(f"{operation} was not refused")


def configure(
    instance_id: str, name: str = "agent", action: str = "Install", seconds: float = 60, **parameters: str
) -> dict[str, Any]:
    """Run AWS-ConfigureAWSPackage on one node for a while; its invocation."""
    sent = send([instance_id], name, action, **parameters)
    clock.advance(seconds)
    return invocation(sent, instance_id)


def send(ids: list[str], name: str = "agent", action: str = "Install", **parameters: str) -> str:
    """SendCommand; the id of the command."""
    given = {name: [value] for name, value in {"name": name, "action": action, **parameters}.items()}
    sent = compute.client("ssm").send_command(DocumentName="AWS-ConfigureAWSPackage", InstanceIds=ids, Parameters=given)
    return sent["Command"]["CommandId"]


def invocation(command_id: str, instance_id: str) -> dict[str, Any]:
    return compute.client("ssm").get_command_invocation(CommandId=command_id, InstanceId=instance_id)


def said(told: dict[str, Any]) -> str:
    """All that an invocation printed."""
    return told["StandardOutputContent"] + told["StandardErrorContent"]


def node(agent: str | None = None, **about: Any) -> str:
    """A booted host; `about` changes its contents."""
    [instance_id] = compute.run(compute.image(agent))
    compute.boot()
    found = compute.host(instance_id)
    found.contents = replace(found.contents, **about)
    return instance_id


def published(scripts: dict[str, str] | None = None, version: str = "1.0", name: str = "agent", **asked: Any) -> None:
    """A version of the package that is Active and the default one."""
    files = {"app.zip": archive({**SCRIPTS, "version": version, **(scripts or {})})}
    if name in [d["Name"] for d in compute.client("ssm").list_documents()["DocumentIdentifiers"]]:
        number = update(name, version, files, **asked)["DocumentVersion"]
        settle()
        compute.client("ssm").update_document_default_version(Name=name, DocumentVersion=number)
    else:
        create(name, version, files, **asked)
        settle()
