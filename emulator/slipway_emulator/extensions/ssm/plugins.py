# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a node does for a step of a document. It waits by yielding seconds and gives the outcome."""

from __future__ import annotations

from collections.abc import Callable

from ... import console
from ...console_commands import Outcome
from ...hosts import Host
from .documents import POWERSHELL, Step
from .package_plugin import configure
from .package_runs import Waiting


def perform(host: Host, step: Step) -> Waiting:
    """The plugin that the action of the step names."""
    return (yield from PLUGINS.get(step.action, _shell)(host, step))


def _shell(host: Host, step: Step) -> Waiting:
    yield from ()
    return console.run(host, step.script)


def _powershell(host: Host, step: Step) -> Waiting:
    yield from ()
    return console.run_powershell(host, step.script)


def _package(host: Host, step: Step) -> Waiting:
    return (yield from configure(host, step.inputs))


def _inventory(host: Host, step: Step) -> Waiting:
    yield from ()
    host.gather_now()
    return Outcome("Inventory policy has been successfully applied.\n")


PLUGINS: dict[str, Callable[[Host, Step], Waiting]] = {
    POWERSHELL: _powershell,
    "aws:configurePackage": _package,
    "aws:softwareInventory": _inventory,
}
