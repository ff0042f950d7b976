# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What no deployment configuration can be, told before any call. Private to this collection."""

from __future__ import annotations

import collections.abc as c
import math

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.configs import (
    PREDEFINED_PREFIX,
    find_deployment_config,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.group_rules import NAME
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import refuse
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

LONGEST_SHIFT = 2880  # minutes
BLOCKS = {"AllAtOnce": None, "TimeBasedCanary": "time_based_canary", "TimeBasedLinear": "time_based_linear"}


def find_possible_config(aws: Connection, params: Shape) -> Shape | None:
    """The live configuration. Raises Refused for options that AWS refuses."""
    if params["state"] == "absent":
        return find_deployment_config(aws, params)
    refuse(problems(params))
    live = find_deployment_config(aws, params)
    if live is None:
        refuse(_of_new(params))
    return live


def problems(params: Shape) -> c.Iterator[str]:
    """Why AWS would refuse these options, whatever there is."""
    if not NAME.fullmatch(params["name"]):
        yield f"name {params['name']!r} is not 1 to 100 letters, digits or any of +=,.@_-"
    if params["compute_platform"]:
        yield from _platform(params, params["compute_platform"])
    zone = (params["zonal_config"] or {}).get("minimum_healthy_hosts_per_zone")
    yield from _minimum(params["minimum_healthy_hosts"], "minimum_healthy_hosts")
    yield from _minimum(zone, "zonal_config.minimum_healthy_hosts_per_zone")
    for option, seconds in (params["zonal_config"] or {}).items():
        if isinstance(seconds, int) and seconds < 0:
            yield f"zonal_config.{option} is negative"
    if params["traffic_routing_config"]:
        yield from _routing(params["traffic_routing_config"])


def _platform(params: Shape, platform: str) -> c.Iterator[str]:
    foreign = ("traffic_routing_config",) if platform == "Server" else ("minimum_healthy_hosts", "zonal_config")
    for option in foreign:
        if params[option]:
            yield f"{option} cannot be used with the compute_platform {platform}"


def _of_new(params: Shape) -> c.Iterator[str]:
    platform = params["compute_platform"] or "Server"
    needed = "minimum_healthy_hosts" if platform == "Server" else "traffic_routing_config"
    yield from _platform(params, platform)
    if not params[needed]:
        yield f"the deployment configuration does not exist yet, and a new one for {platform} needs {needed}"
    if params["name"].startswith(PREDEFINED_PREFIX):
        yield f"names that begin with {PREDEFINED_PREFIX} are reserved for AWS"


def _minimum(hosts: Shape | None, option: str) -> c.Iterator[str]:
    if hosts and hosts["type"] == "FLEET_PERCENT" and hosts["value"] > 99:
        yield f"{option}.value is more than 99 percent"
    if hosts and hosts["value"] < 0:
        yield f"{option}.value is negative"


def _routing(routing: Shape) -> c.Iterator[str]:
    """Exactly the block of the type, with both its numbers."""
    given = [option for option in BLOCKS.values() if option and routing.get(option)]
    wanted = BLOCKS[routing["type"]]
    if given != ([wanted] if wanted else []):
        yield f"traffic_routing_config of type {routing['type']} takes {wanted or 'no block'}, and has {' and '.join(given) or 'none'}"
    for option in given:
        word = option.removeprefix("time_based_")
        percentage, interval = (routing[option].get(f"{word}_{number}") or 0 for number in ("percentage", "interval"))
        steps = 1 if word == "canary" else math.ceil(100 / max(percentage, 1)) - 1
        if not 1 <= percentage <= 99:
            yield f"traffic_routing_config.{option}.{word}_percentage is not between 1 and 99"
        if interval < 1 or interval * steps > LONGEST_SHIFT:
            yield f"traffic_routing_config.{option}.{word}_interval makes a shift of less than 1 or more than {LONGEST_SHIFT} minutes"
