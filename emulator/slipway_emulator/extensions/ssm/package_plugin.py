# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The plugin aws:configurePackage: what it is asked for, and that only one works on a package at a time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from ...clock import clock
from ...console_commands import Outcome
from ...faults import faults
from ...hosts import HOST, Host
from .package_files import BadPackage
from .package_releases import comes_from_document, find
from .package_runs import PackageRun, Waiting

LOCK_SECONDS = 1800.0  # the agent keeps a lock no longer
LONGEST_PAUSE = 15  # seconds before the agent asks for a document
ARGUMENT = "SSM_"

faults.declare(
    "package-busy", "the agent of a node is at work on the package already", (*HOST, "package"), action="Install"
)


def configure(host: Host, inputs: dict[str, str]) -> Waiting:
    """Install or uninstall a package; gives the outcome."""
    name, version = inputs.get("name", ""), inputs.get("version", "")
    try:
        arguments = _arguments(inputs.get("additionalArguments", ""))
        if comes_from_document(name, version):
            yield _pause(host, name)
        release = find(host, name, version)
        with _locked(host, release.arn, inputs.get("action", "")):
            run = PackageRun(host, release, arguments, inputs.get("installationType") == "In-place update")
            try:
                if inputs.get("action") == "Uninstall":
                    return (
                        yield from run.uninstall("" if version.lower() == "latest" else version and release.version)
                    )
                return (yield from run.install())
            except BadPackage as why:
                return run.fail(str(why))
    except BadPackage as why:
        return Outcome("", f"{why}\n", 1)


def _arguments(text: str) -> dict[str, str]:
    try:
        given = json.loads(text or "{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise BadPackage("invalid input: additionalArguments must be a JSON object of texts")
    wrong = next((name for name in given if not name.startswith(ARGUMENT) or name == ARGUMENT), None)
    if wrong is not None:
        raise BadPackage(f"invalid input: the name of the additional argument {wrong} must begin with {ARGUMENT}")
    return given


def _pause(host: Host, name: str) -> float:
    """Agents do not all ask at once: each waits for a while of its own."""
    return 1.0 + hashlib.sha256(f"{host.instance_id}{name}".encode()).digest()[0] % LONGEST_PAUSE


@contextmanager
def _locked(host: Host, arn: str, action: str) -> Iterator[None]:
    rule = faults.find("package-busy", **host.facts(), package=arn.rpartition("/")[2])
    other, since = (rule["action"], clock.now()) if rule else host.busy.get(arn, ("", 0.0))
    if other and clock.now() - since < LOCK_SECONDS:
        raise BadPackage(f'Package "{arn}" is already in the process of action "{other}"')
    mine = host.busy[arn] = (action, clock.now())
    try:
        yield
    finally:
        if host.busy.get(arn) is mine:
            del host.busy[arn]
