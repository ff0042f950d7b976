# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""When the cron expressions of AWS match next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from slipway_emulator.schedules import cron_fields, next_match, rate_minutes


@pytest.mark.parametrize(
    ("fields", "moment"),
    [
        ("0/30 * * * ? *", "2026-11-30 10:30"),
        ("0 0/4 * * ? *", "2026-11-30 12:00"),
        ("15 10 ? * * *", "2026-11-30 10:15"),
        ("0 2 ? * SUN *", "2026-12-06 02:00"),
        ("0 2 ? * MON-FRI *", "2026-12-01 02:00"),
        ("0 2 ? * TUE#2 *", "2026-12-08 02:00"),
        ("0 2 ? * 3#3 *", "2026-12-15 02:00"),
        ("0 2 ? * THUL *", "2026-12-31 02:00"),
        ("0 2 29 FEB ? *", "2028-02-29 02:00"),
        ("0 2 L * ? *", "2026-12-31 02:00"),
        ("0 2 12W * ? *", "2026-12-11 02:00"),
        ("0 2 13W * ? *", "2026-12-14 02:00"),
        ("0 2 1W AUG ? *", "2027-08-02 02:00"),
        ("0 2 1W MAY ? *", "2027-05-03 02:00"),
        ("0 2 LW JAN ? *", "2027-01-29 02:00"),
    ],
)
def test_the_next_match_comes_after_now(fields: str, moment: str) -> None:
    found = cron_fields(f"cron({fields})")
    assert found is not None
    now = datetime(2026, 11, 30, 10, 1, 30, tzinfo=UTC)
    assert next_match(found, now) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_what_never_comes_has_no_next_match() -> None:
    assert next_match(["0", "2", "31", "2", "?", "*"], datetime(2026, 11, 30, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "expression", ["cron(0 2 * * *)", "cron(0 2 ? * FUN#2 *)", "cron(0 25 ? * SUN *)", "rate(1 week)"]
)
def test_what_is_no_expression(expression: str) -> None:
    assert cron_fields(expression) is None and rate_minutes(expression) is None
