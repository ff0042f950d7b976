# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the tests of a push share, and those of a package."""

from __future__ import annotations

import itertools
import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.distributor import Shelf, sources
from support.modules import CONNECTION
from support.pushes import APPSPEC, client, here

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world


@pytest.fixture(scope="module")
def aws() -> t.Iterator[t.Iterator[int]]:
    """One world for all tests here, each with names of its own: to make one takes longer than most of the tests."""
    with emulated_world():
        yield itertools.count(1)


@pytest.fixture
def s3(aws: t.Iterator[int]) -> t.Any:
    number = next(aws)
    here.bucket, here.application = f"releases{number}", f"storefront{number}"
    faults.remove()
    made = client("s3")
    made.create_bucket(Bucket=here.bucket, CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]})
    client("codedeploy").create_application(applicationName=here.application, computePlatform="Server")
    return made


@pytest.fixture
def src(tmp_path: Path) -> Path:
    root = tmp_path / "storefront"
    (root / "scripts").mkdir(parents=True)
    (root / "appspec.yml").write_text(APPSPEC)
    (root / "scripts/after.sh").write_text("#!/bin/sh\n")
    (root / "scripts/after.sh").chmod(0o755)
    return root


@pytest.fixture(scope="module")
def numbers() -> t.Iterator[t.Iterator[int]]:
    """One world for all tests here, each with names of its own."""
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "time", SimpleNamespace(sleep=clock.advance, monotonic=clock.now))
        yield itertools.count(1)


@pytest.fixture
def number(numbers: t.Iterator[int]) -> int:
    return next(numbers)


@pytest.fixture
def shelf(number: int, tmp_path: Path) -> t.Iterator[Shelf]:
    made = Shelf(f"agent{number}", f"packages{number}", sources(tmp_path / "agent"))
    client("s3").create_bucket(
        Bucket=made.bucket, CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]}
    )
    yield made
    faults.remove()
