# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is known to stand against a deployment before it is created. Only reads. Private to this collection.

Each obstacle is a problem as `causes.problem` makes it. What may not be read is told too, and never blocks.
"""

from __future__ import annotations

import collections
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._cloudwatch import alarms
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import waves
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments import bundles, calls
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, if_allowed, is_unreadable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

MOST_HOSTS = 1000  # instances that AWS takes in one deployment, unless it raised the quota


class Target(t.NamedTuple):
    """What is deployed, and where to."""

    group: Shape
    hosts: list[Shape] | None  # None when they are not known
    minimum: Shape  # of healthy hosts
    bundle: bundles.Bundle
    zonal: Shape = {}  # settings of a deployment to one Availability Zone after the other


def find(aws: Connection, asked: Shape, target: Target) -> list[Shape]:
    """Obstacles to a deployment with these members of CreateDeployment."""
    return [
        *of_size(target.hosts, target.minimum),
        *of_zones(target.hosts or [], target.zonal),
        *of_alarms(aws, alarms_of(asked, target.group)),
        *bundles.problems(target.bundle, target.hosts),
    ]


def readable_config(aws: Connection, name: str) -> tuple[Shape, Shape]:
    """The minimum of healthy hosts and the settings for zones; empty, which stands against nothing, where it may not be read."""
    config: Shape = if_allowed(lambda: calls.host_config(aws, name), {})
    return config.get("minimumHealthyHosts") or {}, config.get("zonalConfig") or {}


def alarms_of(asked: Shape, group: Shape) -> Shape:
    """The alarms that watch the deployment: its own take the place of the group's."""
    override = asked.get("overrideAlarmConfiguration")
    return (group.get("alarmConfiguration") if override is None else override) or {}


def of_size(hosts: t.Sized | None, minimum: Shape) -> list[Shape]:
    """Too many hosts, or none that may go."""
    if not hosts:
        return []
    count, found = len(hosts), []
    if count > MOST_HOSTS:
        text = f"the deployment would go to {count} hosts, but AWS allows {MOST_HOSTS} in one deployment"
        found.append(problem("too_many_hosts", text, True))
    kept = waves.minimum_healthy(minimum, count)
    if kept >= count:
        text = f"{kept} of {count} hosts must stay healthy, which leaves none to deploy to"
        found.append(problem("no_host_left", text, True))
    return found


def of_zones(hosts: list[Shape], zonal: Shape) -> list[Shape]:
    """Availability Zones of which no host may go."""
    counts = collections.Counter(one.get("availabilityZone") for one in hosts) if zonal else {}
    found = []
    for name, count in sorted(counts.items(), key=str):
        kept = waves.minimum_healthy(zonal.get("minimumHealthyHostsPerZone") or {}, count)
        if kept >= count:
            text = f"{kept} of {count} hosts in {name} must stay healthy, which leaves none to deploy to"
            found.append(problem("no_host_left", text, True))
    return found


def of_alarms(aws: Connection, configuration: Shape) -> list[Shape]:
    """Alarms that are on or missing: AWS stops the deployment at once. No call when alarms are switched off."""
    names = [one["name"] for one in configuration.get("alarms") or []]
    if not configuration.get("enabled") or not names:
        return []
    try:
        known = alarms.read_alarms(aws, names)
    except FAILURES as denied:
        if not is_unreadable(denied):
            raise
        return [problem("alarm_unreadable", f"the alarms {', '.join(names)} could not be read: {denied}")]
    ignored = bool(configuration.get("ignorePollAlarmFailure"))
    on = [name for name in names if known.get(name, {}).get("StateValue") == "ALARM"]
    missing = [name for name in names if name not in known]
    return [
        *(problem("alarm_on", _on_in_words(known[name]), True) for name in on),
        *(problem("alarm_missing", f"there is no alarm {name} in {aws.region}", not ignored) for name in missing),
    ]


def _on_in_words(alarm: Shape) -> str:
    reason = str(alarm.get("StateReason") or "").rstrip(".")
    return f"the alarm {alarm['AlarmName']} is in the ALARM state" + (f" ({reason})" if reason else "")
