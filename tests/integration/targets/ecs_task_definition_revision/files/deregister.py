# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: deregister.py FAMILY: deregister the active revisions of a family, for which amazon.aws has no module."""

from __future__ import annotations

import os
import sys

import boto3

ecs = boto3.client("ecs", os.environ["AWS_REGION"])
for page in ecs.get_paginator("list_task_definitions").paginate(familyPrefix=sys.argv[1], status="ACTIVE"):
    for arn in page["taskDefinitionArns"]:
        ecs.deregister_task_definition(taskDefinition=arn)
