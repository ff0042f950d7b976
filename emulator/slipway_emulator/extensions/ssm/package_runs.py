# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What the SSM agent does with a package on a node: install, update, uninstall, validate, roll back.

A run waits by yielding seconds, so that it takes its time on the clock and goes on after a reboot.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from ... import console
from ...console_commands import Outcome
from ...contents import Distributed
from ...faults import faults
from ...hosts import HOST, Host
from .amazon_packages import AmazonPackage
from .package_files import BadPackage, check_root, check_sums, row_of, script_of, unzip
from .package_releases import Release
from .package_targets import NoTarget, Platform, environment, file_for, platform_of

SCRIPT_SECONDS = 2.0
LONGEST_SCRIPT = 3600.0  # the agent ends a script then
KILLED = 137
REBOOT = {"Linux": 194, "Windows": 3010}
MOST_REBOOTS = 10  # of an uninstall script, which runs again after each

WHERE = (*HOST, "package", "version", "action")
faults.declare("package-exits", "a script of a package exits like this", WHERE, code=1, stdout="", stderr="")
faults.declare("package-slow", "a script of a package takes longer", WHERE, seconds=600)
faults.declare(
    "package-download-fails",
    "a node cannot download a package",
    (*HOST, "package", "version"),
    message="failed to download installation package reliably, RequestError: send request failed",
)

Waiting = Generator[float, None, Any]


class Ended(Enum):
    """How a script ended."""

    OK = "Success"
    FAILED = "Failed"
    REBOOT = "SuccessAndReboot"
    ABSENT = ""


class PackageRun:
    """One action on one package of one node."""

    def __init__(self, host: Host, release: Release, arguments: Mapping[str, str], in_place: bool) -> None:
        self.host, self.release, self.in_place = host, release, in_place
        self.arguments = arguments
        self.platform: Platform = platform_of(host)
        self.trace: list[str] = []
        self.errors: list[str] = []

    @property
    def held(self) -> Distributed:
        """What the agent noted of the package on this node."""
        return self.host.contents.distributed.get(self.release.arn) or Distributed("", "")

    def install(self) -> Waiting:
        """Bring the wanted version to the node; gives the outcome."""
        held, release = self.held, self.release
        same = held.state == "Installed" and held.version == release.version
        if same and held.source == release.source:
            if (yield from self._valid(held.files)):
                return self._succeeded(f"{release.arn} {release.version} is already installed")
            files, row = held.files, dict(held.row)
            done = yield from self._again(files)
        else:
            files, row = self._download()
            done = yield from self._replace(held, files, same)
        if done:
            self._keep(Distributed(release.version, "Installed", release.version, release.source, files, row))
            return self._succeeded(f"Successfully installed {release.arn} {release.version}")
        return (yield from self._give_up(held, files, same))

    def uninstall(self, version: str) -> Waiting:
        """Remove what is installed, if it is the version that was asked for; gives the outcome."""
        held, arn = self.held, self.release.arn
        if not held.installed or (version and held.installed != version):
            return self._succeeded(f"{arn} {version} is not installed".replace("  ", " "))
        self.trace.append(f"Initiating {arn} {held.installed} uninstall")
        if not (yield from self._removed(held.files, held.installed)):
            self._keep(replace(held, state="Failed"))
            return self._failed("Failed to uninstall package; uninstall status Failed")
        self._keep(None)
        return self._succeeded(f"Successfully uninstalled {arn} {held.installed}")

    def _again(self, files: Mapping[str, str]) -> Waiting:
        """What is installed does not validate: it is installed over itself."""
        if not self.in_place:
            return (yield from self._installed(files, self.release.version))
        return (yield from self._updated(files))

    def _replace(self, held: Distributed, files: Mapping[str, str], same: bool) -> Waiting:
        """Another version or other content: in place, or after the old one is gone."""
        self.trace.append(f"Initiating {self.release.arn} {self.release.version} install")
        if self.in_place and held.installed:
            return (yield from self._updated(files))
        if held.installed and not (yield from self._removed(files if same else held.files, held.installed)):
            return False
        return (yield from self._installed(files, self.release.version))

    def _give_up(self, held: Distributed, files: Mapping[str, str], same: bool) -> Waiting:
        """Go back to the version that was there; a failed update in place stays as it is."""
        back = bool(held.installed) and not same and not self.in_place
        failed = Distributed(self.release.version, "Failed", held.installed, "", held.files, held.row)
        self._keep(failed)
        if back:
            self.trace.append(f"Initiating {self.release.arn} {held.installed} rollback")
            yield from self._removed(files, self.release.version)
            if (yield from self._installed(held.files, held.installed)):
                self._keep(replace(held, state="Installed", version=held.installed))
                self.trace.append(f"Rolled back to {self.release.arn} {held.installed}")
        return self._failed("Failed to install package; install status Failed")

    def _installed(self, files: Mapping[str, str], version: str) -> Waiting:
        """After a reboot the script does not run again."""
        if (yield from self._script(files, "install", version)) is Ended.FAILED:
            return False
        return (yield from self._valid(files))

    def _updated(self, files: Mapping[str, str]) -> Waiting:
        ended = yield from self._script(files, "update", self.release.version)
        if ended is Ended.ABSENT:
            self.errors.append("missing update script")
        return ended in (Ended.OK, Ended.REBOOT)

    def _valid(self, files: Mapping[str, str]) -> Waiting:
        """A package without a script for it is taken to be valid."""
        return (yield from self._script(files, "validate", self.release.version)) is not Ended.FAILED

    def _removed(self, files: Mapping[str, str], version: str) -> Waiting:
        """After a reboot the script runs again; one that is missing has nothing to do."""
        for _reboot in range(MOST_REBOOTS):
            ended = yield from self._script(files, "uninstall", version)
            if ended is not Ended.REBOOT:
                return ended is not Ended.FAILED
        return False

    def _script(self, files: Mapping[str, str], action: str, version: str) -> Waiting:
        name = script_of(files, action)
        if name is None:
            return Ended.ABSENT
        facts = {**self.host.facts(), "package": self._name, "version": version, "action": action}
        slow = faults.take("package-slow", **facts)
        seconds = float(slow["seconds"]) if slow else SCRIPT_SECONDS + console.sleeps(files[name])
        yield min(seconds, LONGEST_SCRIPT)
        if seconds > LONGEST_SCRIPT:
            return self._noted(action, name, Outcome("", "the script ran longer than 3600 seconds\n", KILLED))
        ended = self._noted(action, name, self._outcome(files, name, action, version, facts))
        if ended is Ended.REBOOT:
            self.host.start()
            yield 0.0
        return ended

    @property
    def _name(self) -> str:
        return self.release.arn.rpartition("/")[2]

    def _outcome(
        self, files: Mapping[str, str], name: str, action: str, version: str, facts: dict[str, str]
    ) -> Outcome:
        """What the script does and prints; one that a fault lets fail does nothing."""
        exits = faults.take("package-exits", **facts)
        if exits and exits["code"] not in (0, *REBOOT.values()):
            return Outcome(exits["stdout"], exits["stderr"], exits["code"])
        outcome = self._ran(files, name, action, version)
        return replace(outcome, code=exits["code"]) if exits else outcome

    def _ran(self, files: Mapping[str, str], name: str, action: str, version: str) -> Outcome:
        amazon = self.release.amazon
        if amazon is not None:
            return _native(self.host, amazon, action, version)
        windows = self.host.contents.windows
        if name.endswith(".ps1") is not windows:
            kind = "aws:runPowerShellScript" if name.endswith(".ps1") else "aws:runShellScript"
            return Outcome("", f"plugin {kind} is not supported on {self.platform.name}\n", 1)
        variables = {**environment(self.host, self.platform, action), **self.arguments}
        if windows:
            return console.run_powershell(self.host, files[name], variables)
        return console.run(self.host, files[name], variables, files)

    def _noted(self, action: str, name: str, outcome: Outcome) -> Ended:
        """The trace has what each script printed."""
        reboot = REBOOT["Windows" if self.host.contents.windows else "Linux"]
        ended = Ended.OK if outcome.code == 0 else Ended.REBOOT if outcome.code == reboot else Ended.FAILED
        plugin = "aws:runPowerShellScript" if name.endswith(".ps1") else "aws:runShellScript"
        self.trace.append(f"Plugin {plugin} ResultStatus {ended.value}")
        self.trace.append(f"{action} output: {outcome.stdout}")
        if outcome.stderr or ended is Ended.FAILED:
            told = f"{outcome.stderr}failed to run commands: exit status {outcome.code}"
            self.errors.append(f"{action} errors: {told if ended is Ended.FAILED else outcome.stderr}")
        return ended

    def _download(self) -> tuple[Mapping[str, str], dict[str, str]]:
        """Its files on this node, and what they tell inventory. Raises BadPackage."""
        release, region = self.release, self.host.region
        try:
            name = file_for(release.manifest.get("packages") or {}, self.platform)
        except NoTarget as none:
            raise BadPackage(f"failed to find platform: {none}") from None
        facts = {**self.host.facts(), "package": self._name, "version": release.version}
        fault = faults.take("package-download-fails", **facts)
        if fault:
            raise BadPackage(fault["message"])
        if release.amazon is not None:
            return {f"{action}.sh": "" for action in ("install", "uninstall")}, {}
        attachment = release.attachment(name)
        check_sums(region, attachment, release.manifest["files"].get(name, {}).get("checksums"))
        unzipped = unzip(region, attachment)
        check_root(unzipped)
        return unzipped.texts, row_of(unzipped, release.arn, release.version)

    def _keep(self, state: Distributed | None) -> None:
        contents = self.host.contents
        others = {arn: one for arn, one in contents.distributed.items() if arn != self.release.arn}
        kept = others if state is None else {**others, self.release.arn: state}
        self.host.change(replace(contents, distributed=kept))

    def _succeeded(self, text: str) -> Outcome:
        return Outcome("\n".join([*self.trace, text]) + "\n", "".join(f"{one}\n" for one in self.errors), 0)

    def _failed(self, text: str) -> Outcome:
        errors = [*self.errors, text]
        return Outcome("".join(f"{one}\n" for one in self.trace), "".join(f"{one}\n" for one in errors), 1)

    def fail(self, why: str) -> Outcome:
        """The package itself is not as it must be."""
        return self._failed(f"{why}\nFailed to install package; install status Failed")


def _native(host: Host, package: AmazonPackage, action: str, version: str) -> Outcome:
    problem = host.act(lambda machine: package.effect(machine, action, version))
    return Outcome("", f"{problem}\n" if problem else "", 1 if problem else 0)
