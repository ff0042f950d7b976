# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import moto.core.models
import pytest
from ansible.plugins import loader as plugin_loader
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]  # nothing of the developer's own account may leak into a test
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Before the collection is imported: Ansible finds no filters of one that Python has found by itself.
plugin_loader.init_plugin_loader()
# How long an example takes says how busy the machine is.
settings.register_profile("slipway", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("slipway")
gc.set_threshold(100_000, 20, 20)  # a Region of moto has thousands of public images: most looks for garbage find none

from support.botocore_once import make_once  # noqa: E402

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting  # noqa: E402
from slipway_emulator.clock import clock  # noqa: E402  # after the environment is clean
from slipway_emulator.world import world as emulated_world  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def nothing_of_botocore_is_made_twice() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        make_once(patch)
        # Tests ask nothing else by `requests`, for which moto has 1,200 rules in every world.
        patch.setattr(moto.core.models, "RESPONSES_METHODS", ["GET"])
        yield


@pytest.fixture
def world() -> Iterator[None]:
    """An empty emulated AWS in this process. Its clock stands; code that sleeps leaps over the time instead."""
    with _empty_world():
        yield


@pytest.fixture(scope="module")
def shared_world() -> Iterator[None]:
    """The same for all tests of a file that change nothing, or nothing that another looks at."""
    with _empty_world():
        yield


@contextmanager
def _empty_world() -> Iterator[None]:
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", clock.advance)
        patch.setattr(waiting, "time", SimpleNamespace(sleep=clock.advance, monotonic=clock.now))
        yield
