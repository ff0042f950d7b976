# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The end of a build's log, and what is known to cause what it or AWS says. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

LINES = 15
CAUSES = (  # what AWS says of a failed build, and what to do
    (
        r"verifying the Systems Manager Agent availability",
        "Give the build instance a route to the endpoints of Systems Manager (NAT gateway or VPC endpoints), and attach "
        "AmazonSSMManagedInstanceCore to the role of its instance profile",
    ),
    (
        r"EC2ImageBuilderDistributionCrossAccountRole",
        "Create the role EC2ImageBuilderDistributionCrossAccountRole in that account, with the policy "
        "Ec2ImageBuilderCrossAccountDistributionAccess and trust to this account",
    ),
    (
        r"default key cannot be shared",
        "Set kms_key_id of the distribution to a customer managed key that the other accounts may use",
    ),
    (
        r"ssm:PutParameter",
        "Choose a parameter below /imagebuilder/, or set execution_role to a role that may write the parameter",
    ),
    (r"accept terms and subscribe", "Subscribe to the product in AWS Marketplace with this account"),
    (
        r"\(S3Download\).*\b(403|AccessDenied)\b",
        "Allow s3:GetObject for the object to the role of the instance profile, and kms:Decrypt if the object is encrypted with a key of KMS",
    ),
    (r"InsufficientInstanceCapacity|VcpuLimitExceeded", "Set other instance_types in the infrastructure configuration"),
    (
        r"\b403\b|AccessDenied|not authorized",
        "Check the policies of the role of the instance profile, including s3:PutObject for the bucket of the logs",
    ),
)


def hint(text: str) -> str:
    """What to do about a failure; empty when nothing is known of it."""
    return next((remedy for pattern, remedy in CAUSES if re.search(pattern, text)), "")


def log_of(image: Shape) -> t.Tuple[str, str]:
    """Group and stream of a build in CloudWatch Logs."""
    group = (image.get("loggingConfiguration") or {}).get("logGroupName") or f"/aws/imagebuilder/{image.get('name')}"
    return str(group), str(image.get("version"))


def log_tail(aws: Connection, image: Shape) -> str:
    """The last lines of a build's log; empty where it cannot be read."""
    group, stream = log_of(image)
    asked = {"logGroupName": group, "logStreamName": stream, "limit": LINES, "startFromHead": False}
    answer = if_readable(lambda: aws.client("logs").get_log_events(**asked)) or {}
    return "\n".join(str(event.get("message", "")).rstrip() for event in answer.get("events", []))
