# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether the hosts of an Auto Scaling group are in service, healthy in its load balancers, and answer. Private. Only reads."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._autoscaling import calls as scaling
from ansible_collections.slipway.aws.plugins.module_utils._autoscaling.refresh_hosts import find_group
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._text import some

TIMEOUT = 600  # seconds; hosts that boot and join a load balancer take some minutes
MOST_NAMED = 5
GOOD = ("healthy", "unused", "InService")  # a target group that no load balancer uses checks nothing


class Others(t.NamedTuple):
    """What other services know of hosts."""

    targets: t.Callable[[Connection, str], list[Shape]]  # of a target group
    managed: (
        t.Callable[[Connection, list[str]], dict[str, Shape]] | None
    )  # nodes of Systems Manager, where that matters


class Watcher:
    """Looks at a group: one call, one for each of its load balancers, and one for Systems Manager."""

    def __init__(self, aws: Connection, name: str, others: Others) -> None:
        self.aws, self.name, self.others = aws, name, others
        self.hosts: list[Shape] = []
        self.missing = 0

    def look(self) -> Look:
        group = find_group(self.aws, self.name)
        found = [one for one in scaling.members(group) if one["LifecycleState"] != "Standby"]
        self.hosts = [_host(one) for one in sorted(found, key=lambda one: str(one["InstanceId"]))]
        self.missing = max(0, (group.get("DesiredCapacity") or 0) - len(self.hosts))
        for balancer, states in self._balancers(group):
            for one in self.hosts:
                state, why = states.get(one["InstanceId"], ("not registered", ""))
                if state not in GOOD:
                    one["Reasons"].append(f"{state} in {balancer}{f' ({why})' if why else ''}")
        self._ask_agents()
        return Look(self.text(), not self.bad and not self.missing)

    @property
    def bad(self) -> list[Shape]:
        return [one for one in self.hosts if one["Reasons"]]

    def _balancers(self, group: Shape) -> t.Iterator[tuple[str, dict[str, tuple[str, str]]]]:
        for arn in group.get("TargetGroupARNs") or []:
            name = f"the target group {arn.rpartition('targetgroup/')[2].partition('/')[0]}"
            yield name, _best(self.others.targets(self.aws, arn))
        for balancer in group.get("LoadBalancerNames") or []:
            answer = self.aws.client("elb").describe_instance_health(LoadBalancerName=balancer)
            states = {
                one["InstanceId"]: (one["State"], one.get("Description") or "") for one in answer["InstanceStates"]
            }
            yield f"the load balancer {balancer}", states

    def _ask_agents(self) -> None:
        if self.others.managed is None or not self.hosts:
            return
        known = self.others.managed(self.aws, [one["InstanceId"] for one in self.hosts])
        for one in self.hosts:
            if known.get(one["InstanceId"], {}).get("PingStatus") != "Online":
                one["Reasons"].append("does not answer to Systems Manager")

    def text(self) -> str:
        """`shop: 3 of 4 hosts are healthy; i-1: unhealthy in the target group web`."""
        total = len(self.hosts) + self.missing
        start = f"{self.name}: {len(self.hosts) - len(self.bad)} of {total} hosts are healthy"
        told = [f"{one['InstanceId']}: {', '.join(one['Reasons'])}" for one in self.bad]
        told += [f"{self.missing} are not launched yet"] if self.missing else []
        return f"{start}; {some(told, MOST_NAMED)}" if told else start


def _host(member: Shape) -> Shape:
    """What a result tells of a member, with what is wrong with it so far."""
    reasons = [] if member["LifecycleState"] == "InService" else [f"in {member['LifecycleState']}"]
    if member["HealthStatus"].lower() != "healthy":
        reasons.append(f"{member['HealthStatus']} in the group")
    kept = ("InstanceId", "LifecycleState", "HealthStatus", "LaunchTemplate", "LaunchConfigurationName")
    return {**{name: member[name] for name in kept if member.get(name)}, "Reasons": reasons}


def _best(targets: list[Shape]) -> dict[str, tuple[str, str]]:
    """State and reason by host; one that is registered with several ports is healthy when all are."""
    found: dict[str, tuple[str, str]] = {}
    for one in targets:
        health, host = one["TargetHealth"], one["Target"]["Id"]
        if found.get(host, (GOOD[0], ""))[0] in GOOD:
            found[host] = (health["State"], health.get("Description") or health.get("Reason") or "")
    return found


def wait(aws: Connection, params: Shape, check_mode: bool, others: Others) -> Shape:
    """Wait until all hosts are healthy. Returns what the task registers."""
    watcher, within = Watcher(aws, params["name"], others), limits(params, TIMEOUT)
    once = check_mode or not params["wait"]
    watched = watch(watcher.look, within._replace(timeout=0.0) if once else within)
    result: Shape = {
        "changed": False,
        "hosts": to_result(watcher.hosts),
        "unhealthy_hosts": [one["InstanceId"] for one in watcher.bad],
    }
    if within.slice is not None:
        told = {"seen": watched.text, "lines": watched.lines}
        result["followed"] = {"id": params["name"], "done": watched.done, **told}
    if not watched.done and not check_mode and (once or watched.seconds >= within.timeout):
        when = "" if once else " when wait_timeout expired"
        raise Refused(f"{watcher.text()}{when}. Check the application and its health check on these hosts.", **result)
    return result
