# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures that every test may use."""

from __future__ import annotations

import functools
import gc
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from ansible.plugins import loader as plugin_loader
from botocore.loaders import JSONFileLoader, Loader

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]  # nothing of the developer's own account may leak into a test
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
# Before the collection is imported: Ansible finds no filters of one that Python has found by itself.
plugin_loader.init_plugin_loader()
gc.set_threshold(100_000, 20, 20)  # a Region of moto has thousands of public images: most looks for garbage find none

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting  # noqa: E402
from slipway_emulator.clock import clock  # noqa: E402  # after the environment is clean
from slipway_emulator.world import world as emulated_world  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def nothing_of_botocore_is_made_twice() -> Iterator[None]:
    """Reading service models and making clients was most of a test's time; a client holds nothing of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boto3, "client", functools.cache(boto3.client))
        read = functools.cache(JSONFileLoader().load_file)
        patch.setattr(JSONFileLoader, "load_file", staticmethod(lambda path: _with_own_addresses(read(path))))
        services = functools.cache(Loader().list_available_services)
        patch.setattr(Loader, "list_available_services", lambda _loader, type_name: services(type_name))
        yield


def _with_own_addresses(model: Any) -> Any:
    """botocore cuts the bucket out of an S3 operation's address in the model itself, so no two sessions may share it."""
    if not isinstance(model, dict) or "operations" not in model:
        return model
    own = {name: {**operation, "http": dict(operation["http"])} for name, operation in model["operations"].items()}
    return {**model, "operations": own}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty emulated AWS in this process. Its clock stands; code that sleeps leaps over the time instead."""
    with emulated_world():
        monkeypatch.setattr(time, "sleep", clock.advance)
        monkeypatch.setattr(waiting, "time", SimpleNamespace(sleep=clock.advance, monotonic=clock.now))
        yield
