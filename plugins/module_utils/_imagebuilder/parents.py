# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a recipe's parent image stands for. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import DENIED, Refused
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import OWNED, full_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import read

AMI = re.compile(r"ami-[0-9a-z]{8,17}")
PRODUCT = re.compile(r"prod-[0-9a-z]+|[0-9a-z]{20,}|[0-9a-f-]{36}")  # loosely: AWS documents no pattern
IMAGE = re.compile(
    r"arn:[^:]+:imagebuilder:[^:]+:[^:]+:image/[a-z0-9_-]+/(?:[0-9]+|x)(?:\.(?:[0-9]+|x)){2}(?:/[0-9]+)?"
)
REMEDY = "Use the id of an AMI of this Region, an image (aws:amazon-linux-2023-x86, an ARN) or ssm:PARAMETER"


def complete_parent(aws: Connection, text: t.Optional[str]) -> t.Optional[str]:
    """An ARN for `OWNER:NAME`; all else as it is."""
    return full_arn(aws, "image", text) if text and OWNED.fullmatch(text) else text


def resolve_parent(aws: Connection, parent: str, option: str = "parent_image") -> t.Dict[str, str]:
    """`{ami: …}`, with the build it belongs to for an Image Builder image. Raises Refused when there is nothing.

    A Marketplace product can only be resolved by the service: it stands for itself.
    """
    if parent.startswith("ssm:"):
        return {"ami": _ami(aws, _parameter(aws, parent, option), parent, option)}
    if AMI.fullmatch(parent):
        return {"ami": _ami(aws, parent, parent, option)}
    if IMAGE.fullmatch(parent):
        return _image(aws, parent, option)
    if not PRODUCT.fullmatch(parent):
        raise Refused(f"{option}: {parent} is not a valid {option.replace('_', ' ')}. {REMEDY}")
    return {"product": parent}


def refuse_unknown(aws: Connection, parent: str) -> None:
    """Raise Refused when a parent image stands for nothing. A caller who may not look is not stopped by that."""
    try:
        resolve_parent(aws, parent)
    except is_boto3_error_code(list(DENIED)):
        return


def _parameter(aws: Connection, parent: str, option: str) -> str:
    name = parent.split(":", 1)[1]
    try:
        return str(aws.client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except is_boto3_error_code(["ParameterNotFound", "ParameterVersionNotFound"]):
        raise Refused(f"{option}: there is no SSM parameter {name} in {aws.region}. {REMEDY}") from None


def _ami(aws: Connection, ami_id: str, parent: str, option: str) -> str:
    via = "" if parent == ami_id else f", the value of {parent},"
    try:
        found = AMI.fullmatch(ami_id) and aws.client("ec2").describe_images(ImageIds=[ami_id])["Images"]
    except is_boto3_error_code(["InvalidAMIID.NotFound", "InvalidAMIID.Malformed", "InvalidAMIID.Unavailable"]):
        found = []
    if not found:
        raise Refused(f"{option}: the AMI {ami_id}{via} is not in {aws.region}, or not shared with you. {REMEDY}")
    return ami_id


def _image(aws: Connection, arn: str, option: str) -> t.Dict[str, str]:
    """An image ARN, perhaps with wildcards: its newest available build."""
    image = read(aws, "image", arn)
    if image is None:
        raise Refused(f"{option}: no available image in {aws.region} matches {arn}. {REMEDY}")
    amis = image.get("outputResources", {}).get("amis", [])
    here = [ami["image"] for ami in amis if ami.get("region") == aws.region and ami.get("image")]
    return {"image": image["arn"], **({"ami": here[0]} if here else {})}
