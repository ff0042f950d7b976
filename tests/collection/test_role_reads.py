# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A role takes over what another one read only where it is certainly the same thing: credentials may differ from role to role."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.collection.package import load

GROUP = "arn:aws:autoscaling:eu-west-1:{}:autoScalingGroup:1:autoScalingGroupName/storefront"
PROFILE = "arn:aws:iam::{}:instance-profile/teams/storefront-host"
NAMES = ("__autoscaling_fleet_profile_arn", "__autoscaling_fleet_profile_is_known")
OURS, THEIRS = "123456789012", "999999999999"


@pytest.mark.parametrize(
    ("group", "read", "known"),
    [
        (OURS, {"__codedeploy_setup_host_profile_arn": PROFILE.format(OURS)}, True),
        (OURS, {"__codedeploy_setup_host_profile_arn": PROFILE.format(THEIRS)}, False),
        (OURS, {"__codedeploy_setup_host_profile_arn": f"{PROFILE.format(OURS)}-2"}, False),
        (OURS, {"__codedeploy_setup_host_profile_arn": ""}, False),  # created in this run, or removed
        (OURS, {}, False),  # the role did not run
        ("", {"__codedeploy_setup_host_profile_arn": PROFILE.format(OURS)}, False),  # there is no group yet
    ],
)
def test_the_fleet_knows_a_profile_that_was_read_in_its_account(group: str, read: dict[str, str], known: bool) -> None:
    expressions = load("roles/autoscaling_fleet/vars/main.yml")
    variables: dict[str, Any] = {
        **{name: trust_as_template(expressions[name]) for name in NAMES},
        **read,
        "autoscaling_fleet_instance_profile_name": "storefront-host",
        "__autoscaling_fleet_live": {"auto_scaling_group_arn": GROUP.format(group)} if group else {},
    }
    found = Templar(DataLoader(), variables).template(trust_as_template("{{ __autoscaling_fleet_profile_is_known }}"))
    assert found is known
