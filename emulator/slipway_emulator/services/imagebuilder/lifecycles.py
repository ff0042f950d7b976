# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lifecycle policies: replaced as a whole by an update, and run once a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from slipway_emulator.clock import clock

from . import arns, listing, versions
from .exceptions import InvalidRequestException, ResourceAlreadyExistsException
from .retiring import Action, period
from .states import LifecycleExecution, States
from .store import Item, picked

DAY = 86_400.0
KEPT = ("name", "description", "executionRole", "resourceType", "policyDetails", "resourceSelection")
SUMMARY = (*KEPT[:4], "arn", "status", "dateCreated", "dateUpdated", "dateLastRun", "tags")
# The states in which an action finds an image; later ones in the life of an image win over earlier ones.
FROM = {
    "DEPRECATE": ("AVAILABLE",),
    "DISABLE": ("AVAILABLE", "DEPRECATED"),
    "DELETE": ("AVAILABLE", "DEPRECATED", "DISABLED"),
}


class Lifecycles(States):
    """Operations on lifecycle policies."""

    def create_lifecycle_policy(self, parameters: Item) -> Item:
        members = _policy(parameters)
        arn = self.arn("lifecycle-policy", parameters["name"])
        if str(arn) in self.resources:
            raise ResourceAlreadyExistsException("LifecyclePolicy", str(arn))
        record = self.add(arn, members, parameters)
        record["dateCreated"] = clock.datetime()
        clock.after(DAY, partial(self._daily, record["arn"], record["dateCreated"]))
        return {"lifecyclePolicyArn": str(arn)}

    def update_lifecycle_policy(self, parameters: Item) -> Item:
        old = self.exact(parameters["lifecyclePolicyArn"])
        if parameters["resourceType"] != old["resourceType"]:
            raise InvalidRequestException("The resource type of a lifecycle policy cannot be changed.")
        kept = picked(old, "arn", "name", "dateCreated", "dateLastRun", "tags")
        self.resources[old["arn"]] = {**_policy(parameters), **kept, "dateUpdated": clock.datetime()}
        return {"lifecyclePolicyArn": old["arn"]}

    def get_lifecycle_policy(self, parameters: Item) -> Item:
        return {"lifecyclePolicy": self.exact(parameters["lifecyclePolicyArn"])}

    def delete_lifecycle_policy(self, parameters: Item) -> Item:
        """Cancels a run that is in progress."""
        arn = self.exact(parameters["lifecyclePolicyArn"])["arn"]
        for execution in self._running(arn):
            execution.status = "CANCELLING"
        del self.resources[arn]
        return {"lifecyclePolicyArn": arn}

    def list_lifecycle_policies(self, parameters: Item) -> Item:
        items = [picked(record, *SUMMARY) for record in self.records("lifecycle-policy")]
        items = listing.select(items, parameters.get("filters"), listing.members("name", "resourceType", "status"))
        return listing.page("ListLifecyclePolicies", "lifecyclePolicySummaryList", items, parameters)

    def _running(self, arn: str) -> list[LifecycleExecution]:
        return [one for one in self.lifecycle.values() if one.about == arn and not one.over]

    def _daily(self, arn: str, created: datetime) -> None:
        """Run the policy and come again tomorrow, unless it was deleted (and perhaps made anew) since."""
        policy = self.resources.get(arn)
        if policy is None or policy["dateCreated"] != created:
            return
        clock.after(DAY, partial(self._daily, arn, created))
        if policy["status"] == "ENABLED" and not self._running(arn):
            policy["dateLastRun"] = clock.datetime()
            self.execute(arn, list(self._identified(policy)), arn)

    def _identified(self, policy: Item) -> Iterator[tuple[Item, Action]]:
        """The images that a policy changes today, each with the action that goes furthest."""
        images: dict[str, tuple[Item, Action]] = {}
        for name in FROM:
            for detail in (one for one in policy["policyDetails"] if one["action"]["type"] == name):
                for group in self._groups(policy):
                    images |= {image["arn"]: (image, _action(policy, detail)) for image in _due(group, detail)}
        yield from images.values()

    def _groups(self, policy: Item) -> Iterator[list[Item]]:
        """The selected images, newest first: those of each recipe that is named, or all that have the tags."""
        selection = policy["resourceSelection"]
        kind = "AMI" if policy["resourceType"] == "AMI_IMAGE" else "DOCKER"
        images = [(arn, image) for arn, image in self.each("image") if image["type"] == kind]
        images.sort(key=lambda pair: str(pair[1]["dateCreated"]), reverse=True)
        if "tagMap" in selection:
            wanted = selection["tagMap"].items()
            yield [image for _arn, image in images if wanted <= image["tags"].items()]
        for recipe in selection.get("recipes", []):
            name, pattern = arns.arn_name(recipe["name"]), versions.pattern(recipe["semanticVersion"])
            yield [
                image
                for arn, image in images
                if arn.name == name and versions.fits(versions.parse(str(arn.version)), pattern)
            ]


def _due(group: list[Item], detail: Item) -> Iterator[Item]:
    """The images of a group that an action is due for."""
    action, rule = detail["action"]["type"], detail["filter"]
    there = [image for image in group if image["state"]["status"] in FROM[action]]
    spared = rule["value"] if rule["type"] == "COUNT" else rule.get("retainAtLeast", 0) if action == "DELETE" else 0
    excluded = detail.get("exclusionRules", {}).get("tagMap", {}).items()
    for image in there[spared:]:
        old = rule["type"] == "COUNT" or _age(image) >= period(rule)
        if old and not excluded & image["tags"].items():
            yield image


def _age(image: Item) -> timedelta:
    return clock.datetime() - datetime.fromisoformat(image["dateCreated"].replace("Z", "+00:00"))


def _action(policy: Item, detail: Item) -> Action:
    rule = detail["filter"]
    limit = f"{rule['value']} {rule['unit'].lower()}" if rule["type"] == "AGE" else f"the newest {rule['value']}"
    return Action(
        detail["action"]["type"],
        role=policy["executionRole"],
        include=detail["action"].get("includeResources", {}),
        exclude=detail.get("exclusionRules", {}).get("amis", {}),
        reason=f"The rule of type {rule['type']} applies: {limit}.",
    )


def _policy(parameters: Item) -> Item:
    selection = parameters["resourceSelection"]
    if ("recipes" in selection) == ("tagMap" in selection):
        raise InvalidRequestException("Exactly one of 'recipes' and 'tagMap' must be specified in 'resourceSelection'.")
    for recipe in selection.get("recipes", []):
        versions.pattern(recipe["semanticVersion"])
    details = parameters["policyDetails"]
    actions = [detail["action"]["type"] for detail in details]
    if len(set(actions)) < len(actions):
        raise InvalidRequestException("Each type of action can be used only once in 'policyDetails'.")
    for index, detail in enumerate(details):
        for problem in _problems(detail, parameters["resourceType"]):
            raise InvalidRequestException(f"policyDetails[{index}]: {problem}")
    return {**picked(parameters, *KEPT), "status": parameters.get("status", "ENABLED")}


def _problems(detail: Item, resource_type: str) -> Iterator[str]:
    action, rule = detail["action"]["type"], detail["filter"]
    include = detail["action"].get("includeResources", {})
    if resource_type == "CONTAINER_IMAGE":
        yield from _of_containers(detail)
    elif include.get("containers"):
        yield "'containers' can be included only for container images."
    if rule["type"] == "COUNT" and action != "DELETE":
        yield "The filter type COUNT can be used only with the action DELETE."
    if (rule["type"] == "AGE") != ("unit" in rule):
        yield "'unit' is required for the filter type AGE, and can be used only with it."
    if "retainAtLeast" in rule and rule["type"] != "AGE":
        yield "'retainAtLeast' can be used only with the filter type AGE."
    if include.get("snapshots") and (not include.get("amis") or action != "DELETE"):
        yield "'snapshots' can be included only together with 'amis' and with the action DELETE."


def _of_containers(detail: Item) -> Iterator[str]:
    include = detail["action"].get("includeResources", {})
    if detail["action"]["type"] != "DELETE":
        yield "Container images can only be deleted."
    if include.get("amis") or include.get("snapshots"):
        yield "'amis' and 'snapshots' can be included only for AMIs."
    if "amis" in detail.get("exclusionRules", {}):
        yield "'exclusionRules.amis' can be used only for AMIs."
