# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""AMIs in moto's EC2 as Image Builder makes them."""

from __future__ import annotations

from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.utils import random_ami_id

from slipway_emulator.clock import clock

from .distributing import VARIABLE
from .store import Item

# userIds and so on -> the key of a launch permission in EC2
PERMISSIONS = {
    "userIds": "UserId",
    "organizationArns": "OrganizationArn",
    "organizationalUnitArns": "OrganizationalUnitArn",
}
ROOT_SIZE = 8  # GiB


class BuiltAmi(Ami):
    """An AMI with the block devices that its recipe asks for."""

    wanted_mappings: list[Item]

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        asked = {mapping.get("deviceName"): mapping for mapping in getattr(self, "wanted_mappings", [])}
        root = self._device(self.root_device_name, asked.pop(self.root_device_name, {}).get("ebs", {}))
        others = [self._device(name, mapping["ebs"]) for name, mapping in asked.items() if name and "ebs" in mapping]
        return [root, *others]

    def _device(self, name: str, volume: Item) -> dict[str, Any]:
        return {
            "DeviceName": name,
            "Ebs": {
                "SnapshotId": self.ebs_snapshot.id,
                "VolumeSize": volume.get("volumeSize", ROOT_SIZE),
                "DeleteOnTermination": volume.get("deleteOnTermination", True),
                "VolumeType": volume.get("volumeType", "gp3"),
                "Encrypted": volume.get("encrypted", False),
            },
        }


def make_ami(
    backend: Any, like: Any, *, name: str, description: str | None, tags: dict[str, str], mappings: list[Item]
) -> BuiltAmi:
    """A new AMI of the backend's account and Region, of the same kind as another; its snapshot has the same tags."""
    ami = BuiltAmi(
        backend,
        random_ami_id(),
        name=name,
        description=description,
        owner_id=backend.account_id,
        virtualization_type=like.virtualization_type or "hvm",
        architecture=like.architecture,
        platform=like.platform if str(like.platform).lower() == "windows" else None,
        hypervisor=like.hypervisor,
        root_device_type="ebs",
        root_device_name=like.root_device_name,
        creation_date=clock.datetime().replace(tzinfo=None),
        image_location=f"{backend.account_id}/{name}",
        tags=tags,
    )
    ami.wanted_mappings = mappings
    ami.ebs_snapshot.add_tags(tags)
    backend.amis[ami.id] = ami
    return ami


def name_of(wanted: str | None, image: Item) -> str:
    """The name of an AMI with its variables replaced; the image's name and the time unless one was given."""
    date = clock.datetime().strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    if wanted is None:
        return f"{image['name']} {date}"
    values = {"imagebuilder:buildDate": date, "imagebuilder:buildVersion": image["arn"].rpartition("/")[2]}
    return VARIABLE.sub(lambda match: values.get(match.group(1), match.group(0)), wanted)


def share(ami: Any, permission: Item) -> None:
    """Let others launch it."""
    wanted = [{"Group": group} for group in permission.get("userGroups", [])]
    for member, key in PERMISSIONS.items():
        wanted += [{key: value} for value in permission.get(member, [])]
    ami.launch_permissions += [entry for entry in wanted if entry not in ami.launch_permissions]
