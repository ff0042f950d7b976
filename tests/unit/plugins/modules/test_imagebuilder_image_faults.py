# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls of imagebuilder_image and its _info with faults: right, or one clear sentence; nothing is built twice."""

from __future__ import annotations

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.imagebuilder import client, done, ingredients
from support.modules import run_module

from slipway_emulator.faults import faults

MODULE, INFO = "imagebuilder_image", "imagebuilder_image_info"
DIRECT = {
    "image_recipe": "web",
    "infrastructure_configuration": "web",
    "image_scanning_configuration": {"image_scanning_enabled": True},
    "scan_findings": {"fail_on": "CRITICAL"},
    "wait_delay": 600,
}
WHOLE = {"name": "web", "packages": True, "scan_findings": True}

READS = {"GetImage", "ListImageBuildVersions", "ListImageScanFindings", "ListImagePackages"}


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def built() -> int:
    return len(client().list_image_build_versions()["imageSummaryList"])


def test_reading_is_right_or_explained() -> None:
    done(MODULE, DIRECT)
    for module, params, verb in ((MODULE, DIRECT, "build the image of web"), (INFO, WHOLE, "read the images")):
        made = {call.operation for call in done(module, params).calls}
        for operation in sorted(made & READS):
            for name in ("throttled", "short outage", "outage", "denied"):
                faults.add({**FAULTS[name], "operation": operation})
                outcome = run_module(module, params)
                faults.remove()
                assert outcome.failed is not (name in PASSES), f"{operation}, {name}: {outcome.msg}"
                assert not outcome.changed and outcome.writes == []
                if outcome.failed:
                    is_a_sentence(outcome.msg, f"Failed to {verb}: ")


@pytest.mark.parametrize("operation", ["CreateImage", "ListImageScanFindings"])
def test_a_build_is_right_or_explained_and_never_begun_twice(operation: str) -> None:
    for name in ("short outage", "lost reply", "no reply"):
        before = built()
        faults.add({**FAULTS[name], "operation": operation})
        outcome = run_module(MODULE, {**DIRECT, "force": True})
        faults.remove()
        assert outcome.failed is not (name in PASSES), f"{name}: {outcome.msg}"
        began = operation != "CreateImage" or name in PASSES
        assert built() - before == int(began), name
        if outcome.failed:
            is_a_sentence(outcome.msg, "Failed to build the image of web: ")
            again = done(MODULE, DIRECT)
            assert again["image"]["state"]["status"] == "AVAILABLE" and not (began and again.changed)
