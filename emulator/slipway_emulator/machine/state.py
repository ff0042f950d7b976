# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What is on a machine and what runs on it: what scripts and documents change, and their conditions ask for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..contents import Contents
from .systems import is_debian
from .traces import joined, made_by

NO_RUBY = "/usr/bin/env: 'ruby': No such file or directory"
NO_UNIT = "Unit codedeploy-agent.service could not be found."
STARTING = ("start", "restart", "reload-or-restart", "try-restart")
AGENT, WINDOWS_AGENT = "codedeploy-agent", "CodeDeploy Host Agent"  # as the system lists the installed package


class FetchProblem(Exception):
    """Why an object of S3 could not be downloaded."""


@dataclass(frozen=True)
class Download:
    """An object of S3 as it lies on the disk, or what was unpacked from it."""

    content: bytes
    source: str  # s3://BUCKET/KEY


class State:
    """Booted from contents: what is enabled runs, unless `running` tells how the agent is now."""

    def __init__(self, contents: Contents, running: bool | None = None) -> None:
        self.contents = contents
        booted = contents.agent_enabled and contents.agent_version is not None
        self.running = booted if running is None else running
        self.files: dict[str, str] = {}  # path -> text of scripts that were written
        self.objects: dict[str, Download] = {}  # by path
        # An object of S3 from a bucket of this account, or anybody's, by what the machine may read; raises FetchProblem.
        self.fetch: Callable[[str, str | None], bytes] | None = None
        self.downloads: dict[str, str | None] = {}  # file name -> version it installs; None: the download failed

    @property
    def debian(self) -> bool:
        return is_debian(self.contents)

    @property
    def windows(self) -> bool:
        return self.contents.windows

    @property
    def agent_package(self) -> str:
        return WINDOWS_AGENT if self.windows else AGENT

    def agent_state(self) -> str:
        """The CodeDeploy agent: absent, stopped or running."""
        if not self.installed:
            return "absent"
        return "running" if self.running else "stopped"

    @property
    def installed(self) -> bool:
        return self.contents.agent_version is not None

    def text(self, path: str) -> str | None:
        """How a file begins, None where nothing is known of it."""
        return self.files.get(path, self.contents.texts.get(path) or self.contents.files.get(path))

    def put_files(self, files: dict[str, str]) -> None:
        self.contents = replace(self.contents, files={**self.contents.files, **files})

    def remove_files(self, path: str) -> None:
        """A file, or a directory with all that is in it."""
        contents, below = self.contents, f"{path.rstrip('/')}/"

        def left(known: dict[str, str]) -> dict[str, str]:
            return {at: what for at, what in known.items() if at != path and not at.startswith(below)}

        self.objects.pop(path, None)
        self.files.pop(path, None)
        self.contents = replace(contents, files=left(dict(contents.files)), bundles=left(dict(contents.bundles)))

    def enable(self, units: list[str], enabled: bool = True) -> None:
        """Whether units of others start at boot."""
        now = self.contents.enabled
        self.contents = replace(self.contents, enabled=now | set(units) if enabled else now - set(units))

    def note_traces(self, script: str) -> None:
        """Keep what a script may have made."""
        self.contents = replace(self.contents, made=joined(self.contents.made, made_by(script)))

    def install_agent(self, version: str) -> None:
        """As the packages do: the service is registered to start at boot, and started."""
        packages = {**self.contents.packages, self.agent_package: version}
        self.contents = replace(self.contents, agent_version=version, agent_enabled=True, packages=packages)
        self.running = True

    def run_installer(self, version: str) -> str | None:
        """The 1.x installer is a Ruby program: Amazon Linux gets it with the package, Debian's family must have it."""
        if version.startswith("1.") and self.debian and not self.has_ruby():
            return NO_RUBY
        if version.startswith("1.") and not self.debian:
            self.add_packages(["ruby"])
        self.install_agent(version)
        return None

    def has_ruby(self) -> bool:
        return any(name == "ruby" or name.startswith("ruby") for name in self.contents.packages)

    def remove_agent(self) -> None:
        packages = {name: v for name, v in self.contents.packages.items() if name != self.agent_package}
        self.contents = replace(self.contents, agent_version=None, agent_enabled=False, packages=packages)
        self.running = False

    def add_packages(self, names: list[str]) -> None:
        packages = {**dict.fromkeys(names, "1.0.0"), **self.contents.packages}
        self.contents = replace(self.contents, packages=packages)

    def remove_packages(self, names: list[str]) -> None:
        kept = {name: version for name, version in self.contents.packages.items() if name not in names}
        self.contents = replace(self.contents, packages=kept)

    def change_other_service(self, unit: str, verb: str, now: bool) -> None:
        """systemctl on any other unit: kept is whether it runs."""
        runs = {**dict.fromkeys(STARTING, True), "stop": False, "kill": False}.get(verb)
        if now and verb in ("enable", "disable", "mask"):
            runs = verb == "enable"
        if runs is not None:
            self.contents = replace(self.contents, services={**self.contents.services, unit: runs})

    def change_service(self, verb: str, now: bool) -> str | None:
        """systemctl on the agent's unit; why it failed, or None."""
        if not self.installed:
            return NO_UNIT
        if verb in ("enable", "disable", "mask"):
            self.contents = replace(self.contents, agent_enabled=verb == "enable")
            if now:
                self.running = verb == "enable"
        elif verb in (*STARTING, "stop"):
            self.running = verb != "stop"
        return None
