# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Shifting the traffic of a Lambda alias from one version of the function to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from slipway_emulator.extensions.awslambda import functions

from ..deployment import Event, Target
from ..problem import Problem
from .appspec import LAMBDA_EVENTS
from .run import TrafficRun

MISCONFIGURED = (
    "The deployment failed because the AppSpec file that specifies the AWS Lambda deployment configuration is missing or"
    " has an invalid configuration."
)


@dataclass(frozen=True)
class Shift:
    """What the traffic of which alias is shifted between."""

    function: str
    alias: str
    current: str
    target: str


class LambdaTarget(Target):
    TYPE, MEMBER = "LambdaTarget", "lambdaTarget"

    def __init__(self, run: LambdaRun, shift: Shift, arn: str) -> None:
        events = [Event(name) for name in LAMBDA_EVENTS]
        super().__init__(f"{shift.function}:{shift.alias}", arn, events=events)
        self.run, self.shift = run, shift

    def details(self) -> dict[str, Any]:
        return {
            "lambdaFunctionInfo": {
                "functionName": self.shift.function,
                "functionAlias": self.shift.alias,
                "currentVersion": self.shift.current,
                "targetVersion": self.shift.target,
                "targetVersionWeight": float(self.run.share),
            }
        }


class LambdaRun(TrafficRun):
    PLATFORM = "Lambda"

    def find_target(self) -> Target:
        wanted = self.appspec.properties
        function = self._function(wanted["Name"])
        shift = Shift(function.name, wanted["Alias"], wanted["CurrentVersion"], wanted["TargetVersion"])
        for version in (shift.current, shift.target):
            if version not in function.versions:
                raise Problem("INVALID_LAMBDA_FUNCTION", f"The function {function.name} has no version {version}.")
        alias = self._alias(shift)
        if shift.current == shift.target or alias.function_version != shift.current or alias.weights:
            raise Problem("INVALID_LAMBDA_CONFIGURATION", MISCONFIGURED)
        self.deployment.start = shift
        return LambdaTarget(self, shift, alias.arn)

    def find_origin(self, start: Shift) -> Target:
        back = Shift(start.function, start.alias, start.target, start.current)
        return LambdaTarget(self, back, self._alias(start).arn)

    def shift(self, share: int) -> None:
        start: Shift = self.deployment.start
        if share == 100:
            self._alias(start).route(start.target, {})
        else:
            self._alias(start).route(start.current, {start.target: share / 100})

    def restore(self, start: Shift) -> None:
        self._alias(start).route(start.current, {})

    def _function(self, name: str) -> functions.Function:
        found = functions.find(self.state.account_id, self.state.region_name, name)
        if found is None:
            raise Problem("INVALID_LAMBDA_FUNCTION", f"There is no Lambda function {name}.")
        return found

    def _alias(self, shift: Shift) -> functions.Alias:
        alias = self._function(shift.function).aliases.get(shift.alias)
        if alias is None:
            raise Problem("INVALID_LAMBDA_FUNCTION", f"The function {shift.function} has no alias {shift.alias}.")
        return alias
