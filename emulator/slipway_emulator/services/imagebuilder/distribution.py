# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""From the build's AMI to AMIs in every Region and account, and what is configured with them afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.utilities.utils import get_partition

from slipway_emulator.contents import Contents, images
from slipway_emulator.faults import faults

from . import iam, integration
from .amis import make_ami, name_of, share
from .distributing import REGIONS
from .executions import StepFailed
from .store import Item, Store

CROSS_ACCOUNT_ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
DEFAULT_KEY = "Encrypted snapshots with EBS default key cannot be shared"

faults.declare(
    "distribution-fails",
    "the copy of an image to one Region or account fails",
    ("image", "region", "account"),
    message="Failed to copy the AMI.",
    status="FAILED",
)


class Distributor:
    """Distribution and integration of one build; made AMIs are noted in the image record as they appear."""

    def __init__(self, store: Store, image: Item) -> None:
        self.store = store
        self.image = image
        self.source: Any = None
        self.contents = Contents()
        self.recipe: Item = {}
        given = image.get("distributionConfiguration", {}).get("distributions", [])
        self.entries: list[Item] = given or [{"region": store.region_name}]

    @property
    def region_count(self) -> int:
        return len(self.entries)

    def create_source(self, parent: Any, recipe: Item, contents: Contents) -> str:
        """The AMI in the build Region; it stays there whatever is distributed."""
        self.recipe, self.contents = recipe, contents
        here = next((entry for entry in self.entries if entry["region"] == self.store.region_name), {})
        wanted = here.get("amiDistributionConfiguration", {})
        backend = ec2_backends[self.store.account_id][self.store.region_name]
        self.source = make_ami(
            backend,
            parent,
            name=name_of(wanted.get("name"), self.image),
            description=wanted.get("description") or recipe.get("description"),
            tags={**recipe.get("amiTags", {}), **wanted.get("amiTags", {}), **self._marks()},
            mappings=recipe.get("blockDeviceMappings", []),
        )
        images.record(self.source.id, contents)
        self._note(self.store.region_name, self.store.account_id, self.source)
        return str(self.source.id)

    def take_source(self, ami: Any, recipe: Item, contents: Contents) -> None:
        """An AMI that exists, which is distributed without a build; it serves the Region where it is."""
        self.recipe, self.contents, self.source = recipe, contents, ami
        if any(entry["region"] == self.store.region_name for entry in self.entries):
            self._note(self.store.region_name, ami.owner_id, ami)

    def distribute(self) -> None:
        """Every entry is tried; those that fail fail the image in the end, what was made stays."""
        if self.source is None:
            raise StepFailed("There is no image to distribute: no step of the workflows created one.")
        failures = [failure for entry in self.entries for failure in self._entry(entry)]
        if failures:
            raise self._failed("Distribution failed.", failures)

    def integrate(self) -> None:
        """What every entry wants configured with its AMIs."""
        failures: list[Item] = []
        for entry in self.entries:
            failures += integration.apply(self.store, self.image, entry)
        if failures:
            raise self._failed("Image configuration failed.", failures)

    def _failed(self, what: str, failures: list[Item]) -> StepFailed:
        first = failures[0]
        return StepFailed(
            f"{what} Region {first['region']}: {first['errorMessage']}",
            distributionFailure={"errorMessage": what, "regionFailures": failures},
        )

    def _entry(self, entry: Item) -> Iterator[Item]:
        """The failures of one Region; accounts that could be served are."""
        wanted = entry.get("amiDistributionConfiguration", {})
        for account in wanted.get("targetAccountIds") or [self.store.account_id]:
            facts = {"image": self.image["name"], "region": entry["region"], "account": account}
            fault = faults.take("distribution-fails", **facts)
            why = str(fault["message"]) if fault else self._refused(entry["region"], account, wanted)
            if why:
                status = fault["status"] if fault else "FAILED"
                place = {"region": entry["region"], "targetAccountId": account}
                yield {**place, "status": status, "errorMessage": why}
                continue
            ami = self._copy(entry["region"], account, wanted)
            share(ami, wanted.get("launchPermission", {}))

    def _refused(self, region: str, account: str, wanted: Item) -> str | None:
        if region not in REGIONS or get_partition(region) != get_partition(self.store.region_name):
            return f"The Region {region} is not enabled for this account."
        if account != self.store.account_id and not iam.has_role(account, CROSS_ACCOUNT_ROLE):
            return f"Failed to assume the role {CROSS_ACCOUNT_ROLE} in the account {account}."
        if self._shares(account, wanted) and self._default_key(wanted):
            return DEFAULT_KEY
        return None

    def _shares(self, account: str, wanted: Item) -> bool:
        permission = wanted.get("launchPermission", {})
        shared = [key for key in permission if key != "userGroups" and permission[key]]
        return account != self.store.account_id or bool(shared)

    def _default_key(self, wanted: Item) -> bool:
        """Encrypted, and not by a key of the customer's."""
        volumes = [mapping.get("ebs", {}) for mapping in self.recipe.get("blockDeviceMappings", [])]
        encrypted = any(volume.get("encrypted") for volume in volumes)
        keys = [volume.get("kmsKeyId") for volume in volumes if volume.get("encrypted")]
        key = wanted.get("kmsKeyId") or next((key for key in keys if key), None)
        return (encrypted and key is None) or key == "alias/aws/ebs"

    def _copy(self, region: str, account: str, wanted: Item) -> Any:
        if (region, account) == (self.store.region_name, self.store.account_id):
            return self.source
        made = self._made(region, account)
        if made:
            return made
        ami = make_ami(
            ec2_backends[account][region],
            self.source,
            name=name_of(wanted.get("name"), self.image),
            description=wanted.get("description"),
            tags={**wanted.get("amiTags", {}), **self._marks()},
            mappings=self.recipe.get("blockDeviceMappings", []),
        )
        images.record(ami.id, self.contents)
        self._note(region, account, ami)
        return ami

    def _made(self, region: str, account: str) -> Any:
        """The copy of an attempt before this one."""
        amis = self.image["outputResources"]["amis"]
        ids = [ami["image"] for ami in amis if (ami["region"], ami["accountId"]) == (region, account)]
        return ec2_backends[account][region].amis.get(ids[0]) if ids else None

    def _marks(self) -> dict[str, str]:
        return {"CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": self.image["arn"]}

    def _note(self, region: str, account: str, ami: Any) -> None:
        made = self.image.setdefault("outputResources", {}).setdefault("amis", [])
        made.append(
            {
                "region": region,
                "accountId": account,
                "image": ami.id,
                "name": ami.name,
                "description": ami.description,
                "state": {"status": "AVAILABLE"},
            }
        )
