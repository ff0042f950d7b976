# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A deployment group whose Auto Scaling group CodeDeploy has replaced by a copy."""

from __future__ import annotations

import typing as t

import pytest
from support.codedeploy_shop import ROLE, Shop
from support.deployment_groups import scaling_group, update
from support.modules import Outcome, run_module

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy import copies

COPY = "CodeDeploy_prod_d-ABCDEF123"
FLEET = {"named": "web", "auto_scaling_group": COPY, "copied_by": "d-ABCDEF123"}


@pytest.fixture
def shop(world: None) -> Shop:
    """A group that went over from web to a copy of it."""
    found = Shop()
    for name in ("web", COPY, "other"):
        scaling_group(name)
    found.group(ec2TagFilters=[], autoScalingGroups=["web"])
    update(found, autoScalingGroups=[COPY])
    return found


def group(check: bool = False, **options: t.Any) -> Outcome:
    base = {"application_name": "app", "name": "prod", "service_role_arn": ROLE}
    return run_module("codedeploy_deployment_group", {**base, **options}, check_mode=check)


def test_the_first_name_means_the_copy(shop: Shop) -> None:
    for check in (True, False):
        same = group(check, auto_scaling_groups=["web"], repair_launch_hooks=True)
        assert not same.changed and not same.writes and same["deployment_group"]["fleet"] == FLEET, same.msg
        assert same["deployment_group"]["auto_scaling_groups"] == [COPY]
    other = {"auto_scaling_groups": ["web"], "outdated_instances_strategy": "IGNORE"}
    foretold, done = group(True, **other), group(**other)
    assert done.changed and done["diff"] == foretold["diff"] and done["deployment_group"]["fleet"] == FLEET
    assert [one["name"] for one in shop.group_info()["autoScalingGroups"]] == [COPY]
    assert "fleet" not in group(auto_scaling_groups=[COPY])["deployment_group"]


def test_another_fleet_is_set_on_wish(shop: Shop) -> None:
    assert not group(auto_scaling_groups=["other"]).changed
    assert group(auto_scaling_groups=["other", "web"]).changed
    assert [one["name"] for one in shop.group_info()["autoScalingGroups"]] == ["other", "web"]
    update(shop, autoScalingGroups=[COPY])
    done = group(auto_scaling_groups=["other"], keep_copied_group=False)
    assert done.changed and "fleet" not in done["deployment_group"]
    update(shop, autoScalingGroups=[COPY])
    assert group(auto_scaling_groups=[]).changed and not shop.group_info().get("autoScalingGroups")


@pytest.mark.parametrize(
    ("name", "made_by"),
    [
        (COPY, "d-ABCDEF123"),
        ("CodeDeploy_prod_d-abcdef123", None),
        ("CodeDeploy_other_d-ABCDEF123", None),
        ("CodeDeploy_prod_d-ABCDEF123-blue", None),
        ("web", None),
    ],
)
def test_a_copy_is_told_by_its_name(name: str, made_by: str | None) -> None:
    assert copies.copied_by("prod", name) == made_by
    assert (copies.name_of("prod", "d-ABCDEF123") == name) == (name == COPY)
