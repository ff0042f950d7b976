# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Findings of scans: listed one by one, and counted by account, image, pipeline or vulnerability."""

from __future__ import annotations

from . import listing, scanning
from .exceptions import InvalidParameterValueException
from .images import Images
from .store import Item

# filter -> (members of the answer that name what is counted)
AGGREGATIONS = {
    "imageBuildVersionArn": "imageAggregation",
    "imagePipelineArn": "imagePipelineAggregation",
    "vulnerabilityId": "vulnerabilityIdAggregation",
}
FILTERS = {
    **listing.members("imageBuildVersionArn", "imagePipelineArn", "severity"),
    "vulnerabilityId": lambda finding: [finding["packageVulnerabilityDetails"]["vulnerabilityId"]],
}


class Findings(Images):
    """Operations on findings of scans."""

    def list_image_scan_findings(self, parameters: Item) -> Item:
        items = listing.select(self._findings(), parameters.get("filters"), FILTERS)
        return listing.page("ListImageScanFindings", "findings", items, parameters)

    def list_image_scan_finding_aggregations(self, parameters: Item) -> Item:
        """Of the whole account, or one for each value of the filter."""
        rule = parameters.get("filter")
        if rule is None:
            told = {"accountId": self.account_id, "severityCounts": scanning.counts(self._findings())}
            return {"aggregationType": "AccountAggregation", "responses": [{"accountAggregation": told}]}
        if rule["name"] not in AGGREGATIONS:
            raise InvalidParameterValueException("filter.name", f"'{rule['name']}' is not a filter of this operation.")
        member = AGGREGATIONS[rule["name"]]
        items: list[Item] = [{member: self._counted(rule["name"], value)} for value in rule["values"]]
        page = listing.page("ListImageScanFindingAggregations", "responses", items, parameters)
        return {"aggregationType": f"{member[0].upper()}{member[1:]}", **page}

    def _counted(self, name: str, value: str) -> Item:
        found = listing.select(self._findings(), [{"name": name, "values": [value]}], FILTERS)
        return {name: value, "severityCounts": scanning.counts(found)}

    def _findings(self) -> list[Item]:
        return [finding for build in self.builds.values() for finding in build.findings]
