# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Scans of images for known vulnerabilities: what they find is put into the world by faults."""

from __future__ import annotations

from typing import Any

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents
from slipway_emulator.faults import faults

from .executions import StepFailed
from .store import Item, Store

SEVERITIES = ("UNTRIAGED", "INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")  # the least first
EVERYWHERE = {"kernel": "6.1.0"}  # packages that every image has
UNFINISHED = ("PENDING", "SCANNING", "COLLECTING")
TAG = "latest"  # of the copy of a container image that is scanned
ON_DEMAND = "ON_DEMAND_AMI_CVE"

faults.declare(
    "image-finding",
    "a scan finds a vulnerability of a package that an image has",
    ("image", "region"),
    vulnerability="CVE-2026-0001",
    severity="HIGH",
    package="kernel",
    fixed_in=None,
)
faults.declare(
    "scan-fails",
    "the scan of an image does not come to an end; the image is made all the same",
    ("image", "region"),
    status="FAILED",
    message="The scan failed.",
)


def wanted(image: Item) -> bool:
    return bool(image.get("imageScanningConfiguration", {}).get("imageScanningEnabled"))


def expect(image: Item) -> None:
    """A scan that is asked for and was not carried out yet is to come."""
    if wanted(image) and image.get("scanState", {}).get("status") != "COMPLETED":
        image["scanState"] = {"status": "PENDING"}


def move(image: Item, status: str, reason: str | None = None) -> None:
    """To the next state of the scan, where there is one that is not over."""
    if image.get("scanState", {}).get("status") in UNFINISHED:
        image["scanState"] = {"status": status, **({"reason": reason} if reason else {})}


def collect(store: Store, image: Item, contents: Contents) -> list[Item]:
    """The findings that ListImageScanFindings tells; raises StepFailed when they fail the image."""
    failing = faults.find("scan-fails", image=image["name"], region=store.region_name)
    if failing:
        move(image, failing["status"], str(failing["message"]))
        return []
    found = _findings(store, image, contents)
    move(image, "COMPLETED")
    configuration = image["imageScanningConfiguration"]
    if ON_DEMAND not in configuration.get("imageScanningTypes", []):
        return found
    _judge(found, configuration.get("scanResultCondition"))
    return []  # EC2 tells those of its own scans


def _judge(found: list[Item], condition: Item | None) -> None:
    if condition is None:
        return
    most = SEVERITIES.index(condition["maximumSeverityLabel"])
    fixable = condition.get("fixAvailable", True)
    counted = [each for each in found if each["fixAvailable"] == "YES" or not fixable]
    worse = [each["title"] for each in counted if SEVERITIES.index(each["severity"]) > most]
    if worse:
        label = condition["maximumSeverityLabel"]
        raise StepFailed(f"The AMI has findings that are more severe than {label}: {', '.join(worse)}.")


def _findings(store: Store, image: Item, contents: Contents) -> list[Item]:
    packages = {**EVERYWHERE, **contents.packages}
    rules = faults.fitting("image-finding", image=image["name"], region=store.region_name)
    return [_finding(store, image, rule, packages) for rule in rules if rule["package"] in packages]


def _finding(store: Store, image: Item, rule: dict[str, Any], packages: dict[str, str]) -> Item:
    name, fixed = rule["package"], rule["fixed_in"]
    package = {"name": name, "version": packages[name], "packageManager": "OS", "fixedInVersion": fixed}
    advice = f"Update {name} to {fixed}." if fixed else "None Provided"
    return {
        "awsAccountId": store.account_id,
        "imageBuildVersionArn": image["arn"],
        "imagePipelineArn": image.get("sourcePipelineArn"),
        "type": "PACKAGE_VULNERABILITY",
        "title": f"{rule['vulnerability']} - {name}",
        "description": f"{rule['vulnerability']} in {name} {packages[name]}",
        "severity": rule["severity"],
        "fixAvailable": "YES" if fixed else "NO",
        "remediation": {"recommendation": {"text": advice}},
        "firstObservedAt": clock.datetime(),
        "updatedAt": clock.datetime(),
        "packageVulnerabilityDetails": {
            "vulnerabilityId": rule["vulnerability"],
            "vulnerablePackages": [package],
            "source": "NVD",
        },
    }


def counts(findings: list[Item]) -> Item:
    """severityCounts of some findings."""
    told = {level.lower(): 0 for level in ("CRITICAL", "HIGH", "MEDIUM")}
    for level in told:
        told[level] = sum(each["severity"].lower() == level for each in findings)
    return {"all": len(findings), **told}
