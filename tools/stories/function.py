# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Lambda function whose versions are deployed by moving the traffic of an alias."""

from __future__ import annotations

import typing as t

from . import hosts
from .telling import expect
from .traffic import TrafficStory

ALIAS = "live"
EVENTS = {"BeforeAllowTraffic": "lambda_deployment_before_hook", "AfterAllowTraffic": "lambda_deployment_after_hook"}


class Function(TrafficStory):
    file = "lambda.json"
    platform, prefix = "Lambda", "lambda_deployment"
    deploys, returns = "slipway.aws.deploy_lambda", "slipway.aws.rollback_lambda"
    config = "CodeDeployDefault.LambdaCanary10Percent5Minutes"

    def variables(self) -> dict[str, t.Any]:
        self.function(self.name)
        return {"slipway_function": self.name, "slipway_alias": ALIAS}

    def begun(self) -> None:
        """The first version needs no deployment: the alias begins with it."""
        played = self.plays.play(self.deploys)
        expect(played.code == 0 and self.shares() == {"1": 100.0}, "a new alias serves version 1")

    def release(self, number: int) -> dict[str, t.Any]:
        code = hosts.zipped("main.py", f"# {self.name}, version {number}\n")
        self.client("lambda").update_function_code(FunctionName=self.name, ZipFile=code)
        return {}

    def shares(self) -> dict[str, float]:
        alias = self.client("lambda").get_alias(FunctionName=self.name, Name=ALIAS)
        others = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        moved = {version: round(100 * weight, 1) for version, weight in others.items()}
        return {alias["FunctionVersion"]: round(100 - sum(moved.values()), 1), **moved}

    def with_hook(self, event: str) -> dict[str, t.Any]:
        return {EVENTS[event]: self.hook}
