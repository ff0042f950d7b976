# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What AWS knows of the contents of an image: packages, and findings of its scan, which can be a gate. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

PAGE = 100
SHOWN = 10  # findings in a message
SEVERITIES = ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL"]
SCAN_FINDINGS_OPTION: t.Dict[str, t.Any] = {
    "scan_findings": {
        "type": "dict",
        "options": {
            "fail_on": {"type": "str", "choices": SEVERITIES, "required": True},
            "fix_available": {"type": "bool"},
            "ignore": {"type": "list", "elements": "str"},
        },
    }
}


def packages(aws: Connection, arn: str) -> t.List[Shape]:
    """The packages of an image, as AWS collected them when it was built."""
    return items(aws, SERVICE, "list_image_packages", "imagePackageList", imageBuildVersionArn=arn, maxResults=PAGE)


def findings(aws: Connection, arn: str) -> t.List[Shape]:
    """The findings of the scan of an image."""
    of_image = [{"name": "imageBuildVersionArn", "values": [arn]}]
    return items(aws, SERVICE, "list_image_scan_findings", "findings", filters=of_image, maxResults=PAGE)


def gate(aws: Connection, params: Shape, image: Shape) -> Shape:
    """The findings of an available image for the result; raises Refused for one that must not have them."""
    rule = params.get("scan_findings")  # a distribution has no gate
    if not rule:
        return {}
    _refuse_unscanned(image)
    found = findings(aws, image["arn"])
    told = {"scan_findings": to_result(found)}
    severe = [each for each in found if _counts(rule, each)]
    if severe:
        raise Refused(_why(rule, image, severe), image=to_result(image), **told)
    return told


def lacks_scan(params: Shape, source: Shape, image: Shape) -> bool:
    """Whether an image was built without the scan that its source asks for by now, and that the gate needs."""
    return bool(params["scan_findings"]) and _scanned(source) and not _scanned(image)


def _scanned(shape: Shape) -> bool:
    return bool((shape.get("imageScanningConfiguration") or {}).get("imageScanningEnabled"))


def _refuse_unscanned(image: Shape) -> None:
    name, scan = tail(image["arn"]), image.get("scanState") or {}
    kinds = (image.get("imageScanningConfiguration") or {}).get("imageScanningTypes") or []
    if "ON_DEMAND_AMI_CVE" in kinds:
        raise Refused(
            f"{name} was scanned with ON_DEMAND_AMI_CVE, whose findings Image Builder does not return. "
            "Use scan_result_condition of image_scanning_configuration instead of scan_findings"
        )
    if not scan:
        raise Refused(
            f"{name} was not scanned. Enable image_scanning_enabled of image_scanning_configuration, and run the task again"
        )
    if scan.get("status") != "COMPLETED":
        reason = f" ({shown_line(scan['reason'])})" if scan.get("reason") else ""
        raise Refused(
            f"the scan of {name} is {scan.get('status')}{reason}, so its findings are not known. "
            "Check that Amazon Inspector is activated, and build a new image with force=true"
        )


def _counts(rule: Shape, finding: Shape) -> bool:
    """Whether the gate minds a finding. One of a severity that has no rank yet, such as UNTRIAGED, is left out."""
    severity = str(finding.get("severity"))
    if severity not in SEVERITIES or SEVERITIES.index(severity) < SEVERITIES.index(rule["fail_on"]):
        return False
    if rule["fix_available"] and finding.get("fixAvailable") not in ("YES", "PARTIAL"):
        return False
    return _vulnerability(finding) not in (rule["ignore"] or [])


def _vulnerability(finding: Shape) -> str:
    return str((finding.get("packageVulnerabilityDetails") or {}).get("vulnerabilityId") or finding.get("title"))


def _why(rule: Shape, image: Shape, severe: t.List[Shape]) -> str:
    ordered = sorted(severe, key=lambda each: -SEVERITIES.index(each["severity"]))
    named = "; ".join(_named(each) for each in ordered[:SHOWN])
    more = f"; and {len(ordered) - SHOWN} more" if len(ordered) > SHOWN else ""
    noun = "finding" if len(severe) == 1 else "findings"
    return (
        f"the scan of {tail(image['arn'])} has {len(severe)} {noun} of severity {rule['fail_on']} or higher: {shown_line(named)}{more}. "
        "Update these packages in the recipe and run the task again, build a new image with force=true if a component "
        "already updates them, or accept findings with scan_findings.ignore"
    )


def _named(finding: Shape) -> str:
    details = finding.get("packageVulnerabilityDetails") or {}
    affected = [
        f"{each.get('name')} {each.get('version')}"
        + (f", fixed in {each['fixedInVersion']}" if each.get("fixedInVersion") else "")
        for each in details.get("vulnerablePackages") or []
    ]
    return f"{_vulnerability(finding)} ({', '.join([finding['severity'], *affected])})"
