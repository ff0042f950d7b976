# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the stories of ECS and Lambda share: a release that moves in steps, bad ones that are rolled back, and a silent run."""

from __future__ import annotations

import json
import re
import threading
import time
import typing as t
from collections.abc import Callable, Iterator

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.schedule import predefined
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import to_result
from stage import Played, Stage

from . import hosts
from .telling import Step, Story, Wishes, expect

AMAZON = "CodeDeployDefault."
STEPS = re.compile(r"(?:Linear|Canary)[0-9]+Percent(?:Every)?[0-9]+Minutes?|AllAtOnce")
OFTEN = 0.2  # seconds between two looks at the traffic; twelve of the emulator's clock
Shares = tuple[float, float]  # percent of the old and of the new release


class Sampler:
    """Notes how much traffic the old and the new release have, whenever that changes, and the time by the emulated clock."""

    def __init__(self, plays: Stage, look: Callable[[], Shares], at_first: Callable[[], None] | None = None) -> None:
        self._plays, self._look, self._at_first = plays, look, at_first
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.seen: list[dict[str, float]] = []

    def __enter__(self) -> Sampler:
        self._thread.start()
        return self

    def __exit__(self, *_problem: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        start = float(self._plays.control("clock")["now"])
        while not self._over.is_set():
            now, (blue, green) = float(self._plays.control("clock")["now"]), self._look()
            if not self.seen or (self.seen[-1]["blue"], self.seen[-1]["green"]) != (blue, green):
                self.seen.append({"time": round(now - start, 1), "blue": blue, "green": green})
            if 0 < green < 100 and self._at_first:
                self._at_first()
                self._at_first = None
            self._over.wait(OFTEN)


class TrafficStory(Story):
    """A subclass knows what serves, how it is changed, and which playbooks deploy it."""

    fleet = 2
    platform: t.ClassVar[str]
    deploys: t.ClassVar[str]  # playbook
    returns: t.ClassVar[str]
    prefix: t.ClassVar[str]  # of the role's variables
    config: t.ClassVar[str]  # deployment configuration, if the user names none

    def __init__(self, address: str, wishes: Wishes) -> None:
        super().__init__(address, wishes)
        self.name = wishes.named or wishes.name
        self.hook, self.alarm = f"{self.name}-check", f"{self.name}-errors"
        role = hosts.role(self.client, "codedeploy", "codedeploy.amazonaws.com", self.policy)
        self.function_role = hosts.role(self.client, "function", "lambda.amazonaws.com", "AWSLambdaExecute")
        self.function(self.hook)
        self.raise_alarm("OK")
        self.plays = self.stage({**self.shared(role), **self.variables()})
        self.figures = {"weights": [], "deployments": [], "second_run": {}}

    @classmethod
    def refuses(cls, config: str) -> str:
        steps = STEPS.search(config)
        if not config or (steps and config == f"{AMAZON}{cls.platform}{steps.group()}"):
            return ""
        if steps and not config.startswith(AMAZON):
            return ""
        return (
            f"CONFIG must be a deployment configuration of AWS for {cls.platform}, such as {cls.config}, or a name of your own"
            f" that contains its steps, such as shop-Linear25PercentEvery2Minutes. It is {config}."
        )

    @property
    def policy(self) -> str:
        return "service-role/AWSCodeDeployRoleForLambda" if self.platform == "Lambda" else "AWSCodeDeployRoleForECS"

    def variables(self) -> dict[str, t.Any]:
        """What the playbook of this platform is given; also makes what is there before."""
        raise NotImplementedError

    def release(self, number: int) -> dict[str, t.Any]:
        """Another release, as the user makes one; the variables that deploy it."""
        raise NotImplementedError

    def shares(self) -> dict[str, float]:
        """Percent of the traffic by release."""
        raise NotImplementedError

    def begun(self) -> None:
        """Bring the first release into service."""

    def steps(self) -> Iterator[Step]:
        yield Step(
            f"Step 1: deploy version 2 of {self.name}",
            f"Version 1 serves. The traffic moves to version 2 in the steps of {self.config_name}.",
            self.moved,
        )
        yield Step("Step 2: run the same again", "Version 2 has all traffic, so nothing is written.", self.same_again)
        yield Step(
            "Step 3: deploy version 3, which a hook function finds bad",
            f"The function {self.hook} is the hook {self.wishes.hook}. It fails, and version 2 serves on.",
            self.refused_by_hook,
        )
        if self.in_steps:
            yield Step(
                "Step 4: deploy version 4, during which an alarm goes off",
                f"As soon as version 4 has some of the traffic, the alarm {self.alarm} goes off. CodeDeploy stops and rolls back.",
                self.stopped_by_alarm,
            )
        yield Step(
            "Last step: deploy version 5, return to version 2, and run the same again",
            f"The playbook {self.returns} deploys what served before version 5. Its second run writes nothing.",
            self.returned,
        )

    def moved(self) -> None:
        self.begun()
        played, seen = self.watched(2)
        self.figures["weights"] = seen
        green = [one["green"] for one in seen]
        expect(played.code == 0 and green[-1] == 100 and green == sorted(green), f"the traffic moved: {told(seen)}")
        expect(not self.in_steps or any(0 < share < 100 for share in green), "it moved in steps")

    def same_again(self) -> None:
        played = self.plays.play(self.deploys, **self.last)
        writes = len(played.own_writes)
        self.figures["second_run"] = {"changed": played.changed, "write_calls": writes}
        expect(played.code == 0 and played.changed == 0, "changed=0")
        expect(not writes, "the ledger of the emulator shows no write call by the modules of this collection")

    def refused_by_hook(self) -> None:
        self.plays.control("faults", kind="hook-fails", function_name=self.hook)
        played, seen = self.watched(3, **self.with_hook(self.wishes.hook))
        self.plays.control("faults", method="DELETE")
        failed = played.last("codedeploy_deployment").get("failed_targets") or [{}]
        expect(played.code != 0 and failed[0].get("function_name") == self.hook, f"the report named {self.hook}")
        expect(seen[-1]["blue"] == 100, "version 2 has all traffic")

    def stopped_by_alarm(self) -> None:
        played, seen = self.watched(4, lambda: self.raise_alarm("ALARM"))
        self.raise_alarm("OK")
        rollback = (played.last("codedeploy_deployment").get("rollback") or {}).get("deployment") or {}
        expect(
            played.code != 0 and rollback.get("status") == "Succeeded", f"{rollback.get('deployment_id')} rolled back"
        )
        expect(seen[-1]["blue"] == 100, f"the traffic came back: {told(seen)}")

    def returned(self) -> None:
        before = self.shares()
        deployed = self.plays.play(self.deploys, **self.release(5))
        self.noted(deployed)
        back = self.plays.play(self.returns)
        self.noted(back)
        expect(deployed.code == 0 and back.code == 0 and self.shares() == before, "what served before serves again")
        again = self.plays.play(self.returns)
        expect(again.code == 0 and not again.own_writes, "the second run of the rollback wrote nothing")

    def watched(
        self, number: int, at_first: Callable[[], None] | None = None, **more: t.Any
    ) -> tuple[Played, list[t.Any]]:
        """Deploy a release and note the traffic meanwhile. What serves at the beginning is blue."""
        self.last = {**self.release(number), **more}
        [blue] = self.shares()
        with Sampler(self.plays, lambda: divided(self.shares(), blue), at_first) as sampler:
            played = self.plays.play(self.deploys, **self.last)
            time.sleep(3 * OFTEN)  # so that the end is noted, too
        self.noted(played)
        return played, sampler.seen

    def noted(self, played: Played) -> None:
        result = played.last("codedeploy_deployment")
        deployment, rollback = result.get("deployment") or {}, (result.get("rollback") or {}).get("deployment") or {}
        told_of = {"id": deployment.get("deployment_id"), "status": deployment.get("status")}
        self.figures["deployments"].append({**told_of, "rolled_back_by": rollback.get("deployment_id")})

    def with_hook(self, event: str) -> dict[str, t.Any]:
        """The variables that have the hook function run."""
        raise NotImplementedError

    @property
    def config_name(self) -> str:
        return self.wishes.config or self.config

    @property
    def in_steps(self) -> bool:
        return "AllAtOnce" not in self.config_name

    def shared(self, role: str) -> dict[str, t.Any]:
        """What a user would keep in a vars file; the pauses are short because the emulator's clock runs fast."""
        return {
            "slipway_region": self.region,
            "slipway_application": self.name,
            "slipway_deployment_group": "production",
            "slipway_service_role_arn": role,
            f"{self.prefix}_config_name": self.config_name,
            **self._own_config(),
            f"{self.prefix}_alarms": self.alarm,
            f"{self.prefix}_wait_delay": 1,
        }

    def _own_config(self) -> dict[str, t.Any]:
        """The steps of a configuration that AWS does not have, which the playbook creates."""
        steps = STEPS.search(self.config_name)
        if self.config_name.startswith(AMAZON) or not steps:
            return {}
        routing = predefined(f"{AMAZON}{self.platform}{steps.group()}")
        return {f"{self.prefix}_traffic_routing": to_result(routing)}

    def function(self, name: str) -> None:
        code = {"ZipFile": hosts.zipped("main.py", f"# {name}, version 1\n")}
        settings = {"Runtime": "python3.13", "Handler": "main.handler", "Code": code, "Role": self.function_role}
        self.client("lambda").create_function(FunctionName=name, **settings)

    def raise_alarm(self, state: str) -> None:
        metric = {
            "Namespace": "AWS/Lambda",
            "MetricName": "Errors",
            "Statistic": "Sum",
            "Period": 60,
            "EvaluationPeriods": 1,
        }
        limit = {"Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"}
        client = self.client("cloudwatch")
        if not client.describe_alarms(AlarmNames=[self.alarm])["MetricAlarms"]:
            client.put_metric_alarm(AlarmName=self.alarm, **metric, **limit)
        client.set_alarm_state(AlarmName=self.alarm, StateValue=state, StateReason=json.dumps("demonstration"))


def divided(shares: dict[str, float], blue: str) -> Shares:
    old = shares.get(blue, 0.0)
    return old, round(sum(shares.values()) - old, 1)


def told(seen: list[t.Any]) -> str:
    return ", ".join(f"{one['green']:g} % after {one['time']:g} s" for one in seen)
