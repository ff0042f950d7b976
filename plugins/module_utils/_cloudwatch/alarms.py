# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls of CloudWatch. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

BATCH = 100  # alarms in one question, and in one answer
KINDS = {"MetricAlarms": "MetricAlarm", "CompositeAlarms": "CompositeAlarm"}


def read_alarms(aws: Connection, names: list[str]) -> dict[str, Shape]:
    """Alarms by name, of both kinds: without AlarmTypes a composite alarm is left out. Unknown names are left out."""
    found: dict[str, Shape] = {}
    for start in range(0, len(names), BATCH):
        asked = {"AlarmNames": names[start : start + BATCH], "AlarmTypes": [*KINDS.values()], "MaxRecords": BATCH}
        answer = aws.client("cloudwatch").describe_alarms(**asked)
        found.update({one["AlarmName"]: one for kind in KINDS for one in answer.get(kind) or []})
    return found
