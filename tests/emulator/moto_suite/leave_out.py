# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""pytest plugin of `run.py`: leaves out exactly the tests named in the environment variable LEFT_OUT, a JSON list."""

from __future__ import annotations

import json
import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A name without parameters stands for all of them; a name that fits nothing is an error of the list."""
    names = set(json.loads(os.environ["LEFT_OUT"]))
    out = [item for item in items if {item.nodeid, item.nodeid.split("[")[0]} & names]
    unknown = names - {item.nodeid for item in out} - {item.nodeid.split("[")[0] for item in out}
    if unknown:
        raise pytest.UsageError(f"moto has no such tests: {', '.join(sorted(unknown))}")
    config.hook.pytest_deselected(items=out)
    items[:] = [item for item in items if item not in out]
