# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""codedeploy_deployment_config: what AWS would refuse is refused before anything is written, and nothing else is."""

from __future__ import annotations

import typing as t

import botocore.exceptions
import pytest
from support.imagebuilder import client, done
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import given
from ansible_collections.slipway.aws.plugins.modules.codedeploy_deployment_config import ARGUMENT_SPEC, want

MODULE = "codedeploy_deployment_config"
HALF = {"minimum_healthy_hosts": {"type": "FLEET_PERCENT", "value": 50}}


def shift(kind: str, **block: t.Any) -> dict[str, t.Any]:
    return {"compute_platform": "Lambda", "traffic_routing_config": {"type": kind, **block}}


CANARY = {"time_based_canary": {"canary_percentage": 10, "canary_interval": 5}}
REFUSED = [
    ({**HALF, "name": "no name"}, "name 'no name'"),
    ({"minimum_healthy_hosts": {"type": "FLEET_PERCENT", "value": 100}}, "minimum_healthy_hosts.value is more than 99"),
    ({"minimum_healthy_hosts": {"type": "HOST_COUNT", "value": -1}}, "minimum_healthy_hosts.value is negative"),
    ({**HALF, "zonal_config": {"monitor_duration_in_seconds": -1}}, "zonal_config.monitor_duration_in_seconds is neg"),
    (
        {**HALF, "zonal_config": {"minimum_healthy_hosts_per_zone": {"type": "FLEET_PERCENT", "value": 101}}},
        "zonal_config.minimum_healthy_hosts_per_zone.value",
    ),
    (
        {**shift("AllAtOnce"), "compute_platform": "Server"},
        "traffic_routing_config cannot be used with the compute_platform Server",
    ),
    ({**HALF, **shift("AllAtOnce")}, "minimum_healthy_hosts cannot be used with the compute_platform Lambda"),
    (shift("AllAtOnce", **CANARY), "of type AllAtOnce takes no block, and has time_based_canary"),
    (shift("TimeBasedLinear", **CANARY), "takes time_based_linear, and has time_based_canary"),
    (shift("TimeBasedCanary"), "takes time_based_canary, and has none"),
    (shift("TimeBasedCanary", time_based_canary={"canary_percentage": 10}), "canary_interval makes a shift of less"),
    (shift("TimeBasedCanary", time_based_canary={"canary_interval": 10}), "canary_percentage is not between 1 and 99"),
    (
        shift("TimeBasedLinear", time_based_linear={"linear_percentage": 1, "linear_interval": 60}),
        "linear_interval makes a shift of less than 1 or more than 2880",
    ),
    (
        shift("TimeBasedCanary", time_based_canary={"canary_percentage": 10, "canary_interval": 2881}),
        "canary_interval makes a shift of less than 1 or more than 2880",
    ),
]
REFUSED_OF_NEW = [
    ({}, "a new one for Server needs minimum_healthy_hosts"),
    ({"compute_platform": "ECS"}, "a new one for ECS needs traffic_routing_config"),
    (
        {"traffic_routing_config": {"type": "AllAtOnce"}},
        "traffic_routing_config cannot be used with the compute_platform Server",
    ),
    ({**HALF, "name": "CodeDeployDefault.Mine"}, "names that begin with CodeDeployDefault. are reserved for AWS"),
]


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize(("options", "said"), REFUSED)
def test_what_the_options_show_is_refused_before_any_call(
    world: None, options: dict, said: str, check_mode: bool
) -> None:
    refused = run_module(MODULE, {"name": "most", **options}, check_mode=check_mode)
    assert refused.failed and said in refused.msg
    assert refused.calls == []


@pytest.mark.parametrize(("options", "said"), REFUSED_OF_NEW)
def test_what_a_new_one_needs_is_told_in_check_mode(world: None, options: dict, said: str) -> None:
    refused = run_module(MODULE, {"name": "most", **options}, check_mode=True)
    assert refused.failed and said in refused.msg
    assert [call.operation for call in refused.calls] == ["GetDeploymentConfig"]


@pytest.mark.parametrize(("options", "_said"), [*REFUSED, *REFUSED_OF_NEW])
def test_aws_refuses_just_that(world: None, options: dict, _said: str) -> None:
    wanted = given(want({**dict.fromkeys(ARGUMENT_SPEC), "name": "most", **options}))
    with pytest.raises((botocore.exceptions.ClientError, botocore.exceptions.ParamValidationError)):
        client("codedeploy").create_deployment_config(**wanted)


def test_the_longest_shift_is_two_days(world: None) -> None:
    whole = {"time_based_canary": {"canary_percentage": 10, "canary_interval": 2880}}
    assert done(MODULE, {"name": "two-days", **shift("TimeBasedCanary", **whole)}).changed


def test_what_is_there_can_be_asked_for_by_its_name_alone(world: None) -> None:
    assert not done(MODULE, {"name": "CodeDeployDefault.LambdaAllAtOnce"}).changed
    done(MODULE, {"name": "canary", **shift("TimeBasedCanary", **CANARY)})
    assert not done(MODULE, {"name": "canary", "traffic_routing_config": {"type": "TimeBasedCanary", **CANARY}}).changed
    assert done(MODULE, {"name": "canary", "state": "absent", **HALF}).changed
