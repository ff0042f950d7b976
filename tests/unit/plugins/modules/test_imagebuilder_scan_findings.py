# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Findings of scans as a gate of imagebuilder_image; packages and findings in imagebuilder_image_info."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, done, ingredients
from support.modules import run_module

from slipway_emulator.faults import faults

MODULE = "imagebuilder_image"
SCAN = {"image_scanning_configuration": {"image_scanning_enabled": True}}
DIRECT = {"image_recipe": "web", "infrastructure_configuration": "web", "wait_delay": 600, **SCAN}


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def finding(number: int, severity: str, **more: t.Any) -> None:
    faults.add({"kind": "image-finding", "vulnerability": f"CVE-2026-{number}", "severity": severity, **more})


def gated(**rule: t.Any) -> dict[str, t.Any]:
    return {**DIRECT, "scan_findings": rule}


def test_severe_findings_fail_the_task_on_every_run_and_name_the_packages() -> None:
    finding(1, "HIGH", fixed_in="6.1.9")
    finding(2, "CRITICAL")
    finding(3, "UNTRIAGED")
    outcome = run_module(MODULE, gated(fail_on="HIGH"))
    assert outcome.failed and outcome["image"]["state"]["status"] == "AVAILABLE"
    assert (
        "Failed to build the image of web: the scan of web/1.0.0/1 has 2 findings of severity HIGH or higher: CVE-2026-2 "
        "(CRITICAL, kernel 6.1.0); CVE-2026-1 (HIGH, kernel 6.1.0, fixed in 6.1.9). Update these packages in the recipe"
    ) in outcome.msg
    assert len(outcome["scan_findings"]) == 3
    again = run_module(MODULE, gated(fail_on="HIGH"), check_mode=True)
    assert again.failed and again.writes == [] and "2 findings" in again.msg


def test_findings_below_without_a_fix_or_accepted_pass() -> None:
    finding(1, "HIGH")
    finding(2, "MEDIUM", fixed_in="6.1.9")
    passed = done(MODULE, gated(fail_on="CRITICAL"))
    assert passed.changed and [each["severity"] for each in passed["scan_findings"]] == ["HIGH", "MEDIUM"]
    assert not done(MODULE, gated(fail_on="HIGH", fix_available=True)).changed
    assert not done(MODULE, gated(fail_on="HIGH", ignore=["CVE-2026-1"])).changed
    outcome = run_module(MODULE, gated(fail_on="LOW", fix_available=True))
    assert outcome.failed and "1 finding of severity LOW or higher: CVE-2026-2 (MEDIUM" in outcome.msg


def test_many_findings_are_counted() -> None:
    for number in range(130):
        finding(number, "LOW")
    outcome = run_module(MODULE, gated(fail_on="LOW"))
    assert outcome.failed and "130 findings" in outcome.msg and "; and 120 more. " in outcome.msg
    assert len(outcome["scan_findings"]) == 130


@pytest.mark.parametrize(
    ("scanning", "text"),
    [
        ({"image_scanning_enabled": False}, "web/1.0.0/1 was not scanned. Enable image_scanning_enabled"),
        (
            {"image_scanning_enabled": True, "image_scanning_types": ["ON_DEMAND_AMI_CVE"]},
            "Use scan_result_condition of image_scanning_configuration instead of scan_findings",
        ),
        (
            {"image_scanning_enabled": True},
            "the scan of web/1.0.0/1 is FAILED (no agent), so its findings are not known",
        ),
    ],
)
def test_what_was_not_scanned_does_not_pass(scanning: dict[str, t.Any], text: str) -> None:
    faults.add({"kind": "scan-fails", "message": "no agent"})
    outcome = run_module(MODULE, {**gated(fail_on="LOW"), "image_scanning_configuration": scanning})
    assert outcome.failed and text in outcome.msg


def test_an_image_from_before_the_scans_is_built_again() -> None:
    bare = {name: value for name, value in DIRECT.items() if name not in SCAN}
    done(MODULE, bare)
    assert not done(MODULE, DIRECT).changed, "only the gate needs a scan"
    told = done(MODULE, gated(fail_on="LOW"), check_mode=True)
    assert told.changed and told["reason"] == "web/1.0.0/1 was not scanned"
    built = done(MODULE, gated(fail_on="LOW"))
    assert built.changed and built["reason"] == told["reason"] and built["scan_findings"] == []
    assert not done(MODULE, gated(fail_on="LOW")).changed


def test_a_condition_of_aws_fails_the_build_in_words() -> None:
    finding(1, "CRITICAL", fixed_in="6.1.9")
    condition = {"scan_result_condition": {"maximum_severity_label": "HIGH"}}
    scanning = {"image_scanning_enabled": True, "image_scanning_types": ["ON_DEMAND_AMI_CVE"], **condition}
    outcome = run_module(MODULE, {**DIRECT, "image_scanning_configuration": scanning})
    assert outcome.failed and "step CollectImageScanFindings of workflow test/test-image" in outcome.msg
    assert "more severe than HIGH: CVE-2026-1" in outcome.msg


def test_packages_and_findings_are_read_when_asked_for() -> None:
    finding(1, "LOW", package="jq", fixed_in="1.7")
    done("imagebuilder_component", {"name": "web", "data": HELLO.replace("echo hello", "dnf install -y jq")})
    done(MODULE, DIRECT)
    info = "imagebuilder_image_info"
    (plain,) = done(info, {"name": "web"})["images"]
    assert plain["scan_state"] == {"status": "COMPLETED"} and not {"packages", "scan_findings"} & set(plain)
    (image,) = done(info, {"name": "web", "packages": True, "scan_findings": True})["images"]
    assert image["packages"] == [{"package_name": "jq", "package_version": "1.0.0"}]
    (found,) = image["scan_findings"]
    assert found["package_vulnerability_details"]["vulnerability_id"] == "CVE-2026-1"
    outcome = run_module(info, {"packages": True})
    assert outcome.failed and "require name" in outcome.msg
