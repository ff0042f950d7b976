# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What an AMI contains, derived from what made it, and what a host launched from it therefore carries."""

from __future__ import annotations

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
