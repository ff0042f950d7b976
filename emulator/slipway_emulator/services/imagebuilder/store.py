# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The resources of one account and Region, and how ARNs find them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.moto_api._internal import mock_random

from slipway_emulator.clock import clock

from . import arns, versions
from .arns import Arn
from .exceptions import (
    DryRunOperationException,
    IdempotentParameterMismatchException,
    InvalidParameterValueException,
    ResourceNotFoundException,
)

Item = dict[str, Any]
OWNERS = {"aws": "Amazon", "third-party": "ThirdParty", "aws-marketplace": "AWSMarketplace"}


class Store(BaseBackend):
    """Every resource by its full ARN, in the shape Get answers with."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.resources: dict[str, Item] = {}
        self.replies: dict[tuple[str, str], tuple[str, Item]] = {}
        self.policies: dict[str, str] = {}

    def answer(self, operation: str, work: Callable[[Item], Item], parameters: Item) -> Item:
        """Do the work once for each client token: the same request again gets the first answer."""
        token = parameters.get("clientToken")
        asked = json.dumps(parameters, sort_keys=True, default=str)
        if token and (operation, token) in self.replies:
            before, reply = self.replies[operation, token]
            if before != asked:
                raise IdempotentParameterMismatchException(token)
            return reply
        reply = {"requestId": str(mock_random.uuid4()), "clientToken": token, **work(parameters)}
        if token:
            self.replies[operation, token] = (asked, reply)
        return reply

    def arn(self, kind: str, name: str, version: str | None = None, build: int | None = None) -> Arn:
        return arns.make(self.region_name, self.account_id, kind, name, version, build)

    def owner_of(self, arn: Arn) -> str:
        """Whose it is, in the words of the owner parameter of List operations."""
        return "Self" if arn.owner == self.account_id else OWNERS.get(arn.owner, "Shared")

    def add(self, arn: Arn, members: Item, parameters: Item) -> Item:
        """Keep a new resource, unless this was a dry run."""
        if parameters.get("dryRun"):
            raise DryRunOperationException
        record = {"arn": str(arn), **members, "dateCreated": now(), "tags": dict(parameters.get("tags") or {})}
        self.resources[str(arn)] = record
        return record

    def each(self, *kinds: str, owner: str | None = "Self") -> Iterator[tuple[Arn, Item]]:
        """All resources of some kinds, oldest first; None for every owner."""
        for text, record in self.resources.items():
            arn = arns.parse(text)
            if arn and arn.kind in kinds and owner in (None, self.owner_of(arn)):
                yield arn, record

    def records(self, kind: str, owner: str | None = "Self") -> list[Item]:
        return [record for _arn, record in self.each(kind, owner=owner)]

    def named(self, versionless: str) -> list[tuple[Arn, Item]]:
        """All versions and builds of one name."""
        start = f"{versionless}/"
        found = ((arns.parse(text), record) for text, record in self.resources.items() if text.startswith(start))
        return [(arn, record) for arn, record in found if arn]

    def exact(self, text: str) -> Item:
        """The resource with exactly this ARN."""
        if text not in self.resources:
            raise ResourceNotFoundException(text)
        return self.resources[text]

    def resolve(self, text: str, usable: Callable[[Item], bool] = lambda record: True) -> Item:
        """The newest usable resource that an ARN with or without wildcards and build number stands for."""
        found = self.match(text, usable)
        if found is None:
            raise ResourceNotFoundException(text)
        return found

    def match(self, text: str, usable: Callable[[Item], bool] = lambda record: True) -> Item | None:
        """As `resolve`, None when there is nothing."""
        arn = arns.parse(text)
        if arn is None or arn.version is None or arn.build is not None:
            return self.resources.get(text)
        wanted = versions.pattern(arn.version)
        fitting = [
            ((versions.parse(str(found.version)), found.build or 0), record)
            for found, record in self.named(arn.versionless)
            if versions.fits(versions.parse(str(found.version)), wanted) and usable(record)
        ]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def reference(self, parameter: str, text: str, usable: Callable[[Item], bool] = lambda record: True) -> Item:
        """A resource that another one names; a missing one is the fault of that parameter."""
        found = self.match(text, usable)
        if found is None:
            raise InvalidParameterValueException(parameter, f"The resource '{text}' does not exist.")
        return found


def now() -> str:
    """The present as the service writes dates."""
    return moment_text(clock.datetime())


def moment_text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def references(record: Item) -> dict[str, str]:
    """latestVersionReferences of a versioned resource."""
    arn = arns.parse(record["arn"])
    assert arn is not None
    return versions.references(arn.versionless, versions.parse(str(arn.version)))


def picked(source: Item, *names: str) -> Item:
    """The members that are there."""
    return {name: source[name] for name in names if source.get(name) is not None}
