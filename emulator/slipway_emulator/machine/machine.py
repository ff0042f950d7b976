# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The machine as others see it: booted from contents, it runs scripts, user data and component documents."""

from __future__ import annotations

from dataclasses import replace

from . import interpreter
from .documents import DocumentRunner, StepProblem
from .powershell import PowerShell
from .state import State
from .userdata import scripts_of, windows_scripts_of

MANAGED_AGENT = ":aws:component/aws-codedeploy-agent-"


class Machine(State):
    def run_script(self, script: str, variables: dict[str, str] | None = None) -> str | None:
        """Run a shell script with these environment variables; why it failed, or None."""
        return interpreter.run(self, script, variables)

    def run_powershell(self, script: str) -> str | None:
        """Follow a PowerShell script as far as it is understood; why it failed, or None."""
        return PowerShell(self).run(script)

    def start_enabled(self) -> None:
        """Start at boot what is enabled; what fails keeps nothing else from running."""
        for unit in sorted(self.contents.enabled):
            self.run_script(f"systemctl start {unit}")

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
