# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A small world for deployments of Lambda functions: a function with versions and an alias, and a group to deploy it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import boto3

from slipway_emulator.clock import clock
from support.codedeploy_shop import REGION, ROLE, Shop, zipped

PREFIX = "CodeDeployDefault."


def content(text: str) -> dict[str, Any]:
    """A revision that is the AppSpec file itself."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"revisionType": "AppSpecContent", "appSpecContent": {"content": text, "sha256": digest}}


class LambdaShop(Shop):
    """What a test talks to. The function is `fn`, with versions 1 and 2; its alias `live` points at 1."""

    def __init__(self, region: str = REGION) -> None:
        super().__init__(region)
        self.functions = boto3.client("lambda", region)
        self.role = boto3.client("iam", region).create_role(RoleName="fn", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.function("fn")
        self.release("2")
        self.functions.create_alias(FunctionName="fn", Name="live", FunctionVersion="1")

    def function(self, name: str, text: str = "1") -> dict[str, Any]:
        """A function with its first version."""
        return self.functions.create_function(
            FunctionName=name, Role=self.role, Runtime="python3.13", Handler="main.handler", Publish=True,
            Code={"ZipFile": zipped({"main.py": text})},
        )  # fmt: skip

    def release(self, text: str, name: str = "fn") -> str:
        """The version that is published with other code."""
        self.functions.update_function_code(FunctionName=name, ZipFile=zipped({"main.py": text}))
        return self.functions.publish_version(FunctionName=name)["Version"]

    def lambda_group(self, config: str = "LambdaAllAtOnce", name: str = "prod", **settings: Any) -> None:
        if "app" not in self.codedeploy.list_applications()["applications"]:
            self.codedeploy.create_application(applicationName="app", computePlatform="Lambda")
        self.codedeploy.create_deployment_group(
            applicationName="app", deploymentGroupName=name, serviceRoleArn=ROLE,
            deploymentConfigName=PREFIX + config if config.startswith("Lambda") else config, **settings,
        )  # fmt: skip

    def appspec(self, current: str = "1", target: str = "2", hooks: dict[str, str] | None = None, **more: Any) -> str:
        properties = {"Name": "fn", "Alias": "live", "CurrentVersion": current, "TargetVersion": target, **more}
        resource = {"Type": "AWS::Lambda::Function", "Properties": properties}
        listed = [{event: function} for event, function in (hooks or {}).items()]
        return json.dumps({"version": 0.0, "Resources": [{"fn": resource}], "Hooks": listed})

    def shift(self, *versions: str, **more: Any) -> str:
        """Start a deployment, `shift("1", "2", hooks={"BeforeAllowTraffic": "check"})`; gives its id."""
        hooks = more.pop("hooks", None)
        return self.deploy(content(self.appspec(*versions, hooks=hooks)), **more)

    def shifted(self, *versions: str, **more: Any) -> dict[str, Any]:
        return self.ended(self.shift(*versions, **more))

    def routing(self) -> dict[str, float]:
        """The share of each version of the alias `live`."""
        alias = self.functions.get_alias(FunctionName="fn", Name="live")
        weights = (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
        return {alias["FunctionVersion"]: round(1 - sum(weights.values()), 4), **weights}

    def target(self, deployment_id: str) -> dict[str, Any]:
        [target_id] = self.codedeploy.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        found = self.codedeploy.get_deployment_target(deploymentId=deployment_id, targetId=target_id)
        return found["deploymentTarget"]["lambdaTarget"]

    def event_statuses(self, deployment_id: str) -> list[str]:
        return [event["status"] for event in self.target(deployment_id)["lifecycleEvents"]]

    def run_until_event(self, deployment_id: str, name: str) -> None:
        """Until this event runs."""

        def runs() -> bool:
            targets = self.record(deployment_id).targets.values()
            return any(e.name == name and e.status == "InProgress" for t in targets for e in t.events)

        clock.run_until(runs)

    def alarm(self, state: str, name: str = "errors") -> None:
        """An alarm in this state."""
        cloudwatch = boto3.client("cloudwatch", self.region)
        cloudwatch.put_metric_alarm(
            AlarmName=name, Namespace="web", MetricName="errors", Statistic="Sum", Period=60, EvaluationPeriods=1,
            Threshold=1, ComparisonOperator="GreaterThanThreshold",
        )  # fmt: skip
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="test")
