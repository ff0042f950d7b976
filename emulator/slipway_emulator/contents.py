# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What an AMI contains, derived from what made it, and what a host launched from it therefore carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Distributed:
    """A package of Distributor as the SSM agent keeps it on the disk."""

    version: str  # of the manifest, that was worked on last
    state: str  # Installed or Failed
    installed: str = ""  # the version that was installed last, if it was not removed since
    source: str = ""  # which document version and manifest the files came from
    files: Mapping[str, str] = field(default_factory=dict)  # unpacked, of the version that was installed last
    row: Mapping[str, str] = field(default_factory=dict)  # what its own manifest.json tells inventory


@dataclass(frozen=True)
class Contents:
    """Software of an image or a host."""

    platform_name: str = "Amazon Linux"
    platform_version: str = "2023"
    agent_version: str | None = None  # CodeDeploy agent; None: not installed
    agent_enabled: bool = False  # starts at boot
    packages: dict[str, str] = field(default_factory=dict)  # name -> version, as inventory would list them
    components: tuple[str, ...] = ()  # build ARNs of the Image Builder components that ran
    services: Mapping[str, bool] = field(default_factory=dict)  # units that scripts started (True) or stopped
    texts: Mapping[str, str | None] = field(default_factory=dict)  # files that commands wrote; None: removed
    files: Mapping[str, str] = field(default_factory=dict)  # that came with bundles, by path: how they begin
    bundles: Mapping[str, str] = field(default_factory=dict)  # directory -> the object of S3 that was unpacked there
    enabled: frozenset[str] = frozenset()  # units that start at boot, but for the agent's
    distributed: Mapping[str, Distributed] = field(default_factory=dict)  # packages of Distributor by their ARN

    @property
    def windows(self) -> bool:
        return "Windows" in self.platform_name

    made: frozenset[str] = frozenset()  # what scripts may have made here: names of accounts and programs


class Images:
    """Contents of every AMI the emulator knows more of than its id."""

    def __init__(self) -> None:
        self._contents: dict[str, Contents] = {}

    def record(self, image_id: str, contents: Contents) -> None:
        self._contents[image_id] = contents

    def of(self, image_id: str) -> Contents:
        """What the AMI contains; a plain Amazon Linux for one nothing is known of."""
        return self._contents.get(image_id, Contents())

    def clear(self) -> None:
        self._contents.clear()


images = Images()
