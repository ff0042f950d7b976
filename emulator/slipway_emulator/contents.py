# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What an AMI contains, derived from what made it, and what a host launched from it therefore carries."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .machine import Machine


@dataclass(frozen=True)
class Contents:
    """Software of an image or a host."""

    platform_name: str = "Amazon Linux"
    platform_version: str = "2023"
    agent_version: str | None = None  # CodeDeploy agent; None: not installed
    agent_enabled: bool = False  # starts at boot
    packages: dict[str, str] = field(default_factory=dict)  # name -> version, as inventory would list them
    components: tuple[str, ...] = ()  # build ARNs of the Image Builder components that ran


# What the name of an AMI that others made tells of its system.
SYSTEMS = (
    (re.compile(r"ubuntu.*?(\d\d\.\d\d)", re.IGNORECASE), "Ubuntu"),
    (re.compile(r"debian-(\d+)", re.IGNORECASE), "Debian"),
    (re.compile(r"(?:al|amazon-linux-)(2023)", re.IGNORECASE), "Amazon Linux"),
    (re.compile(r"amzn(2)-", re.IGNORECASE), "Amazon Linux"),
    (re.compile(r"rhel-?(\d+)", re.IGNORECASE), "Red Hat Enterprise Linux"),
    (re.compile(r"windows.server.?-?(\d{4})", re.IGNORECASE), "Microsoft Windows Server"),
)


def named(ami_name: str) -> Contents:
    """The bare system of an AMI of that name; Amazon Linux 2023 when the name tells nothing."""
    for pattern, system in SYSTEMS:
        match = pattern.search(ami_name)
        if match:
            return Contents(platform_name=system, platform_version=match.group(1))
    return Contents()


class Images:
    """Contents of every AMI the emulator knows more of than its id."""

    def __init__(self) -> None:
        self._contents: dict[str, Contents] = {}

    def record(self, image_id: str, contents: Contents) -> None:
        self._contents[image_id] = contents

    def of(self, image_id: str) -> Contents:
        """What the AMI contains; for one nothing was recorded of, the bare system that its name in EC2 tells."""
        return self._contents.get(image_id) or named(_name_in_ec2(image_id))

    def clear(self) -> None:
        self._contents.clear()


images = Images()


def _name_in_ec2(image_id: str) -> str:
    from moto.ec2.models import ec2_backends  # moto's models must not be imported before world.install()

    for account in list(ec2_backends.values()):
        for backend in list(account.values()):
            if image_id in backend.amis:
                return str(backend.amis[image_id].name or "")
    return ""


def after_script(contents: Contents, script: str) -> Contents:
    """Contents after a shell script (user data, a component's commands, a Run Command) ran on a machine with them.

    User data in cloud-init's other forms (`#cloud-config`, several parts) is understood as well.
    """
    machine = _machine(contents)
    if script.lstrip().startswith(("#cloud-config", "Content-Type:", "MIME-Version:")):
        machine.run_user_data(script.lstrip())
    else:
        machine.run_script(script)
    return machine.contents


def after_document(contents: Contents, arn: str, document: str) -> Contents:
    """Contents after an Image Builder component document ran, its build phase and then validate."""
    machine = _machine(contents)
    for phase in ("build", "validate"):
        if machine.run_phase(arn, document, phase):
            break
    return replace(machine.contents, components=(*contents.components, arn))


def _machine(contents: Contents) -> Machine:
    from .machine import Machine  # it needs Contents

    return Machine(contents)
