# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""An AWS to rehearse against: moto, the services moto lacks, one clock and one registry of hosts."""

from __future__ import annotations

import os

# moto reads these when it is imported: AWS-managed policies exist, and launching an unknown AMI is an error, as on AWS.
os.environ.setdefault("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
os.environ.setdefault("MOTO_ENABLE_AMI_VALIDATION", "true")

__version__ = "1.0.0.dev0"
