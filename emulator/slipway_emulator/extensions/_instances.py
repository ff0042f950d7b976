# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What moto's EC2 knows of a host."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from ..hosts import Host


def instance_of(host: Host) -> Any:
    """moto's instance of a host."""
    return ec2_backends[host.account_id][host.region].get_instance(host.instance_id)


def tags_of(host: Host) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in instance_of(host).get_tags()}
