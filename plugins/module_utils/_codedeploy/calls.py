# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all calls of CodeDeploy share. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items

SERVICE = "codedeploy"
BATCH = 100  # names in one BatchGet of applications or deployment groups


def names(aws: Connection, operation: str, key: str, **asked: t.Any) -> list[str]:
    """All pages of a list operation that returns names."""
    return items(aws, SERVICE, operation, key, **asked)
