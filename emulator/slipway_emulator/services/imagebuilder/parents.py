# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a recipe's parent image stands for: an AMI in this Region, whatever way it was named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

from slipway_emulator.contents import images

from . import arns, seeds
from .exceptions import InvalidParameterValueException
from .sources import read_parameter
from .store import Item, Store

AMI = re.compile(r"ami-[0-9a-z]{8,17}")
PRODUCT = re.compile(r"prod-[a-z0-9]{13}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Parent:
    """A parent image; without an AMI when it is a Marketplace product nobody subscribed to here."""

    platform: str
    os_version: str
    ami_id: str | None = None
    image_arn: str | None = None  # build ARN when it was an Image Builder image


def resolve(store: Store, text: str, parameter: str = "parentImage") -> Parent:
    """InvalidParameterValueException when the text stands for nothing readable from this account and Region."""
    if text.startswith("ssm:"):
        return _from_parameter(store, text.removeprefix("ssm:"), parameter)
    arn = arns.parse(text)
    if arn and arn.kind == "image":
        return _from_image(store, text, parameter)
    if AMI.fullmatch(text):
        return _from_ami(store, text, parameter)
    if PRODUCT.fullmatch(text):
        return Parent("Linux", "")
    raise InvalidParameterValueException(
        parameter, f"{parameter} must be an AMI ID, an image ARN, an SSM parameter or an AWS Marketplace product ID."
    )


def _from_parameter(store: Store, name: str, parameter: str) -> Parent:
    value = read_parameter(store, name)
    if value is None:
        raise InvalidParameterValueException(parameter, f"The SSM parameter '{name}' does not exist.")
    if not AMI.fullmatch(value):
        raise InvalidParameterValueException(parameter, f"The SSM parameter '{name}' does not hold an AMI ID.")
    return _from_ami(store, value, parameter)


def available(image: Item) -> bool:
    return bool(image["state"]["status"] == "AVAILABLE")


def _from_image(store: Store, text: str, parameter: str) -> Parent:
    image = store.reference(parameter, text, available)
    managed = image.get("imageSource") == "AMAZON_MANAGED" and image["type"] == "AMI"
    ami_id = seeds.base_ami(store, image) if managed else _own_ami(store, image)
    if ami_id is None or not available(image):
        raise InvalidParameterValueException(parameter, f"The image '{text}' has no available AMI in this Region.")
    return Parent(image["platform"], image.get("osVersion", ""), ami_id, image["arn"])


def _own_ami(store: Store, image: Item) -> str | None:
    made = image.get("outputResources", {}).get("amis", [])
    here = [ami["image"] for ami in made if (ami["region"], ami["accountId"]) == (store.region_name, store.account_id)]
    return here[0] if here else None


def _from_ami(store: Store, ami_id: str, parameter: str) -> Parent:
    ami = find_ami(store.account_id, store.region_name, ami_id)
    if ami is None or ami.state != "available":
        raise InvalidParameterValueException(
            parameter, f"The AMI '{ami_id}' does not exist in Region {store.region_name} or is not shared with you."
        )
    contents = images.of(ami_id)
    platform = "Windows" if str(ami.platform or "").lower() == "windows" else "Linux"
    return Parent(platform, f"{contents.platform_name} {contents.platform_version}", ami_id)


def find_ami(account_id: str, region: str, ami_id: str) -> Any:
    """An AMI of the account, or one of another that lets it launch; None when there is none."""
    own = ec2_backends[account_id][region].amis.get(ami_id)
    if own is not None:
        return own
    for other in list(ec2_backends.values()):
        ami = other[region].amis.get(ami_id) if region in other else None
        if ami and ({"Group": "all"} in ami.launch_permissions or {"UserId": account_id} in ami.launch_permissions):
            return ami
    return None
