# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The main job as tests and benchmarks run it."""

from __future__ import annotations

import typing as t

from support.plays import REGION

JOB = "slipway.aws.bake_and_deploy"


def variables(bundle: str) -> dict[str, t.Any]:
    """A fleet of three hosts, made from nothing."""
    return {
        "slipway_region": REGION,
        "slipway_regions": ["us-east-2"],
        "slipway_application": "storefront",
        "slipway_deployment_group": "production",
        "slipway_fleet": "storefront",
        "slipway_image_name": "storefront-base",
        "slipway_bundle": bundle,
        "slipway_tags": {"Team": "shop"},
        "codedeploy_setup_create_iam": True,
        "golden_image_create_instance_profile": True,
        "golden_image_wait_delay": 2,
        "app_deployment_wait_delay": 2,
        "autoscaling_fleet_wait_delay": 2,
        "autoscaling_fleet_size": 3,
        "autoscaling_fleet_min_healthy_percentage": 50,
        "autoscaling_fleet_instance_warmup": 60,
    }
