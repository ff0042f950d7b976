# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an association can be, told before it is asked for. Pure. Private to this collection."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, Shape

RATE = re.compile(r"rate\((\d{1,6}) (minute|hour|day)s?\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
SHORTEST, LONGEST = 30, 31 * 1440
NEEDS_CRON_ONLY = {"ScheduleOffset": "schedule_offset", "Duration": "duration"}


def problems(shape: Shape) -> t.Iterator[str]:
    """What State Manager would refuse of an association as it is to be, by the names of options."""
    expression, cron_only = shape.get("ScheduleExpression") or "", shape.get("ApplyOnlyAtCronInterval")
    rate = RATE.fullmatch(expression)
    if rate and not SHORTEST <= int(rate[1]) * MINUTES[rate[2]] < LONGEST:
        yield f"schedule_expression must be a rate of 30 minutes or more and below 31 days, not {expression}"
    if cron_only and not expression.startswith(("cron(", "at(")):
        yield "apply_only_at_cron_interval needs a cron or an at expression in schedule_expression"
    for member, option in NEEDS_CRON_ONLY.items():
        if shape.get(member) and not cron_only:
            yield f"{option} needs apply_only_at_cron_interval=true"
    if shape.get("Targets") not in EMPTY and shape.get("TargetMaps") not in EMPTY:
        yield "an association has targets or target_maps, not both. Clear one of them with an empty list"
