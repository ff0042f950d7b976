# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from support.codedeploy_shop import Shop

from slipway_emulator.clock import clock


def test_an_object_is_stored_at_a_time_of_the_clock(world: None) -> None:
    shop = Shop()
    shop.bundle("app-1.zip")
    clock.advance(3600)
    shop.bundle("app-2.zip")
    first, second = (shop.s3.head_object(Bucket=shop.bucket, Key=f"app-{n}.zip")["LastModified"] for n in (1, 2))
    assert (second - first).total_seconds() == 3600
