# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The machine: its contents, whether the agent runs, the files that matter."""

from __future__ import annotations

from dataclasses import replace

from ..contents import Contents
from .documents import DocumentRunner, StepProblem
from .interpreter import Interpreter
from .packages import is_debian
from .powershell import PowerShell
from .traces import joined, made_by
from .userdata import scripts_of, windows_scripts_of

NO_RUBY = "/usr/bin/env: 'ruby': No such file or directory"
NO_UNIT = "Unit codedeploy-agent.service could not be found."
AGENT, WINDOWS_AGENT = "codedeploy-agent", "CodeDeploy Host Agent"  # as the system lists the installed package
MANAGED_AGENT = ":aws:component/aws-codedeploy-agent-"


class Machine:
    """Booted from contents: what is enabled runs, unless `running` tells how the agent is now."""

    def __init__(self, contents: Contents, running: bool | None = None) -> None:
        self.contents = contents
        booted = contents.agent_enabled and contents.agent_version is not None
        self.running = booted if running is None else running
        self.files: dict[str, str] = {}  # path -> text of scripts that were written
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

    def run_script(self, script: str) -> str | None:
        """Run a shell script; why it failed, or None."""
        self.contents = replace(self.contents, made=joined(self.contents.made, made_by(script)))
        return Interpreter(self).run(script)

    def run_powershell(self, script: str) -> str | None:
        """Follow a PowerShell script as far as it is understood; why it failed, or None."""
        return PowerShell(self).run(script)

    def run_user_data(self, text: str) -> str | None:
        """Run what the first boot makes of user data: cloud-init of scripts and cloud-configs, Windows of its own tags."""
        if self.windows:
            problems = [self.run_powershell(script) for script in windows_scripts_of(text)]
        else:
            problems = [self.run_script(script) for script in scripts_of(text, self.files)]
        return next((problem for problem in problems if problem), None)

    def run_phase(
        self, arn: str, document: str, phase: str, values: dict[str, str] | None = None
    ) -> StepProblem | None:
        """Run one phase of a component document with parameter values; what failed, or None."""
        if MANAGED_AGENT in arn:
            if phase == "build":
                self.install_agent("1.8.1")
                self.contents = replace(self.contents, agent_enabled=(values or {}).get("SetAgentDisabled") != "yes")
            return None
        return DocumentRunner(self, document, values or {}).run(phase)

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

    def change_service(self, verb: str, now: bool) -> str | None:
        """systemctl on the agent's unit; why it failed, or None."""
        if not self.installed:
            return NO_UNIT
        if verb in ("enable", "disable", "mask"):
            self.contents = replace(self.contents, agent_enabled=verb == "enable")
            if now:
                self.running = verb == "enable"
        elif verb in ("start", "restart", "stop", "reload-or-restart", "try-restart"):
            self.running = verb != "stop"
        return None
