# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""ARNs of Image Builder: what a name becomes in one, and which parts one has."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, replace

from moto.utilities.utils import get_partition

PARTS = re.compile(
    r"arn:(?P<partition>aws[^:]*):imagebuilder:(?P<region>[^:]+):(?P<owner>[^:]+):"
    r"(?P<kind>workflow/[a-z]+|[a-z-]+)/(?P<name>[a-z0-9_-]+)(?:/(?P<version>[0-9x.]+)(?:/(?P<build>[0-9]+))?)?"
)


@dataclass(frozen=True)
class Arn:
    """One ARN taken apart; `version` may hold wildcards, `build` is the fourth node."""

    partition: str
    region: str
    owner: str
    kind: str
    name: str
    version: str | None = None
    build: int | None = None

    def __str__(self) -> str:
        tail = "".join(f"/{part}" for part in (self.version, self.build) if part is not None)
        return f"{self.versionless}{tail}"

    @property
    def versionless(self) -> str:
        return f"arn:{self.partition}:imagebuilder:{self.region}:{self.owner}:{self.kind}/{self.name}"

    @property
    def without_build(self) -> Arn:
        return replace(self, build=None)

    @property
    def wild(self) -> bool:
        return self.version is not None and "x" in self.version


def make(region: str, owner: str, kind: str, name: str, version: str | None = None, build: int | None = None) -> Arn:
    return Arn(get_partition(region), region, owner, kind, arn_name(name), version, build)


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Arn | None:
    """The parts, or None for something that is no ARN of this service."""
    match = PARTS.fullmatch(text)
    if match is None:
        return None
    build = match["build"]
    return Arn(
        match["partition"],
        match["region"],
        match["owner"],
        match["kind"],
        match["name"],
        match["version"],
        int(build) if build else None,
    )


def arn_name(name: str) -> str:
    """Names that differ only in case, spaces and underscores are the same resource."""
    return re.sub("[ _]", "-", name.lower())
