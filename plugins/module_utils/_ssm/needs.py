# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a node needs to be managed and to get packages, in words. Pure. Private to this collection."""

from __future__ import annotations

ROLE = "AmazonSSMManagedInstanceCore"
ENDPOINTS = "the endpoints ssm, ssmmessages and ec2messages of its Region (NAT gateway, VPC endpoints, or a proxy that is set for the agent)"
S3 = "S3 in its Region (NAT gateway, VPC endpoint for S3, or a proxy that is set for the agent)"
AGENT = "2.3.274.0"  # the first SSM Agent that takes packages
