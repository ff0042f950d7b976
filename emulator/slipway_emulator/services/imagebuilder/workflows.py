# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Workflows: immutable, a new build version for changed content of the same version."""

from __future__ import annotations

from . import arns, documents, listing
from .components import Components, by_name, same
from .exceptions import ResourceDependencyException
from .store import Item, picked, references

KINDS = ("workflow/build", "workflow/test", "workflow/distribution")
FILTERS = listing.members("name", "version", "description", "type")


class Workflows(Components):
    """Operations on workflows."""

    def create_workflow(self, parameters: Item) -> Item:
        data = self.document_source(parameters)
        content = {
            **picked(parameters, "name", "description", "changeDescription", "type", "kmsKeyId"),
            "data": data,
            "parameters": documents.workflow(data),
        }
        kind = f"workflow/{parameters['type'].lower()}"
        arn = self.next_build(kind, "Workflow", parameters, lambda old: same(old, content, "data", "kmsKeyId"))
        record = self.add(arn, {**content, "version": arn.version, "owner": self.account_id}, parameters)
        return {"workflowBuildVersionArn": str(arn), "latestVersionReferences": references(record)}

    def get_workflow(self, parameters: Item) -> Item:
        record = self.resolve(parameters["workflowBuildVersionArn"])
        return {"workflow": record, "latestVersionReferences": references(record)}

    def delete_workflow(self, parameters: Item) -> Item:
        text = parameters["workflowBuildVersionArn"]
        self.exact(text)
        used = [use for pipeline in self.records("image-pipeline") for use in pipeline.get("workflows", [])]
        for use in used:
            found = self.match(use["workflowArn"])
            if found and found["arn"] == text:
                raise ResourceDependencyException(text)
        del self.resources[text]
        return {"workflowBuildVersionArn": text}

    def list_workflows(self, parameters: Item) -> Item:
        versions: dict[str, Item] = {}
        for arn, record in self.each(*KINDS, owner=parameters.get("owner", "Self")):
            names = ("name", "version", "description", "type", "owner", "dateCreated")
            versions[str(arn.without_build)] = {"arn": str(arn.without_build), **picked(record, *names)}
        items = listing.select(list(versions.values()), parameters.get("filters"), FILTERS)
        if parameters.get("byName"):
            items = by_name(items)
        return listing.page("ListWorkflows", "workflowVersionList", items, parameters)

    def list_workflow_build_versions(self, parameters: Item) -> Item:
        wanted = parameters.get("workflowVersionArn")
        newest = self.match(wanted) if wanted else None
        version = arns.parse(newest["arn"]) if newest else None
        items = [
            {key: value for key, value in record.items() if key != "data"}
            for arn, record in self.each(*KINDS, owner=None if wanted else "Self")
            if wanted is None or (version and arn.without_build == version.without_build)
        ]
        return listing.page("ListWorkflowBuildVersions", "workflowSummaryList", items, parameters)
