# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Workflows (control plane: builds run the managed ones) and lifecycle policies (control plane)."""

from __future__ import annotations

from slipway_emulator.clock import clock

from . import arns, documents, listing
from .components import Components, by_name
from .exceptions import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
)
from .store import Item, picked, references

KINDS = ("workflow/build", "workflow/test", "workflow/distribution")
FILTERS = listing.members("name", "version", "description", "type")
POLICY = ("name", "description", "executionRole", "resourceType", "policyDetails", "resourceSelection")


class Workflows(Components):
    """Operations on workflows and lifecycle policies."""

    def create_workflow(self, parameters: Item) -> Item:
        data = self.document_source(parameters)
        content = {
            **picked(parameters, "name", "description", "changeDescription", "type", "kmsKeyId"),
            "data": data,
            "parameters": documents.workflow(data),
        }
        kind = f"workflow/{parameters['type'].lower()}"
        arn = self.next_build(kind, "Workflow", parameters, lambda old: bool(old["data"] == data))
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

    def create_lifecycle_policy(self, parameters: Item) -> Item:
        members = _policy(parameters)
        arn = self.arn("lifecycle-policy", parameters["name"])
        if str(arn) in self.resources:
            raise ResourceAlreadyExistsException("LifecyclePolicy", str(arn))
        record = self.add(arn, members, parameters)
        record["dateCreated"] = clock.datetime()
        return {"lifecyclePolicyArn": str(arn)}

    def update_lifecycle_policy(self, parameters: Item) -> Item:
        old = self.exact(parameters["lifecyclePolicyArn"])
        if parameters["resourceType"] != old["resourceType"]:
            raise InvalidParameterValueException("resourceType", "The resource type of a policy cannot be changed.")
        kept = picked(old, "arn", "name", "dateCreated", "tags")
        self.resources[old["arn"]] = {**_policy(parameters), **kept, "dateUpdated": clock.datetime()}
        return {"lifecyclePolicyArn": old["arn"]}

    def get_lifecycle_policy(self, parameters: Item) -> Item:
        return {"lifecyclePolicy": self.exact(parameters["lifecyclePolicyArn"])}

    def delete_lifecycle_policy(self, parameters: Item) -> Item:
        arn = self.exact(parameters["lifecyclePolicyArn"])["arn"]
        del self.resources[arn]
        return {"lifecyclePolicyArn": arn}

    def list_lifecycle_policies(self, parameters: Item) -> Item:
        items = self.records("lifecycle-policy")
        items = listing.select(items, parameters.get("filters"), listing.members("name", "resourceType", "status"))
        return listing.page("ListLifecyclePolicies", "lifecyclePolicySummaryList", items, parameters)


def _policy(parameters: Item) -> Item:
    selection = parameters["resourceSelection"]
    if ("recipes" in selection) == ("tagMap" in selection):
        raise InvalidParameterCombinationException("Exactly one of 'recipes' and 'tagMap' must be specified.")
    details = parameters["policyDetails"]
    actions = [detail["action"]["type"] for detail in details]
    if len(set(actions)) < len(actions):
        raise InvalidParameterValueException("policyDetails", "Each action can be used only once.")
    for index, detail in enumerate(details):
        _check_detail(f"policyDetails[{index}]", detail, parameters["resourceType"])
    return {**picked(parameters, *POLICY), "status": parameters.get("status", "ENABLED")}


def _check_detail(where: str, detail: Item, resource_type: str) -> None:
    action, rule = detail["action"]["type"], detail["filter"]
    if resource_type == "CONTAINER_IMAGE" and action != "DELETE":
        raise InvalidParameterValueException(f"{where}.action.type", "Container images can only be deleted.")
    if rule["type"] == "COUNT" and action != "DELETE":
        raise InvalidParameterValueException(f"{where}.filter.type", "COUNT can be used only with the action DELETE.")
    if rule["type"] == "AGE" and "unit" not in rule:
        raise InvalidParameterValueException(f"{where}.filter.unit", "unit is required for the filter type AGE.")
    include = detail["action"].get("includeResources", {})
    if include.get("snapshots") and not include.get("amis"):
        raise InvalidParameterValueException(f"{where}.action.includeResources", "snapshots needs amis.")
