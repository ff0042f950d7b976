# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Components: immutable, a new build version for changed content of the same version."""

from __future__ import annotations

from collections.abc import Callable

from . import arns, documents, listing, versions
from .arns import Arn
from .exceptions import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
)
from .sharing import refuse_shared
from .sources import read_object
from .store import Item, Store, picked, references

KEPT = ("name", "platform", "description", "changeDescription", "supportedOsVersions", "kmsKeyId")
CONTENT = ("data", "platform", "supportedOsVersions", "kmsKeyId")
FILTERS = {
    **listing.members("description", "name", "platform", "status", "type", "version", "productCodes"),
    "supportedOsVersion": listing.member("supportedOsVersions"),
}


def active(component: Item) -> bool:
    return bool(component["state"]["status"] == "ACTIVE")


class Components(Store):
    """Operations on components."""

    def create_component(self, parameters: Item) -> Item:
        source = self.document_source(parameters)
        document = documents.component(source, parameters["platform"])
        return self._add_component(parameters, {"data": source, **document.derived()})

    def import_component(self, parameters: Item) -> Item:
        """A shell script becomes a document of one step; its type is the caller's to say."""
        if parameters["platform"] == "Windows":
            raise InvalidParameterValueException("format", "SHELL is not supported on the Windows platform.")
        script = self.document_source(parameters)
        phase = "test" if parameters["type"] == "TEST" else "build"
        data = documents.wrap_script(parameters["name"], phase, script)
        reply = self._add_component(parameters, {"data": data, "type": parameters["type"], "parameters": []})
        return picked(reply, "componentBuildVersionArn")

    def document_source(self, parameters: Item) -> str:
        """The text of a document given inline or by its address in S3."""
        if ("data" in parameters) == ("uri" in parameters):
            raise InvalidParameterCombinationException("Exactly one of 'data' and 'uri' must be specified.")
        return parameters["data"] if "data" in parameters else read_object(self, "uri", parameters["uri"])

    def _add_component(self, parameters: Item, derived: Item) -> Item:
        content = {**picked(parameters, *KEPT), **derived}
        arn = self.next_build("component", "Component", parameters, lambda old: same(old, content, *CONTENT))
        members = {
            **content,
            "version": arn.version,
            "state": {"status": "ACTIVE"},
            "owner": self.account_id,
            "encrypted": True,
        }
        record = self.add(arn, members, parameters)
        return {"componentBuildVersionArn": str(arn), "latestVersionReferences": references(record)}

    def next_build(self, kind: str, noun: str, parameters: Item, same: Callable[[Item], bool]) -> Arn:
        """The ARN of the next build version; a version whose newest build is the same is refused."""
        version = parameters["semanticVersion"]  # stays as it is written, such as 2019.12.02
        versions.parse(version)
        arn = self.arn(kind, parameters["name"], version)
        newest = self.match(str(arn))
        if newest is None:
            return self.arn(kind, parameters["name"], version, 1)
        if same(newest):
            raise ResourceAlreadyExistsException(noun, newest["arn"])
        before = arns.parse(newest["arn"])
        assert before is not None and before.build is not None
        return self.arn(kind, parameters["name"], version, before.build + 1)

    def get_component(self, parameters: Item) -> Item:
        record = self.resolve(parameters["componentBuildVersionArn"], _readable(parameters["componentBuildVersionArn"]))
        return {"component": record, "latestVersionReferences": references(record)}

    def delete_component(self, parameters: Item) -> Item:
        text = parameters["componentBuildVersionArn"]
        arn = arns.parse(self.exact(text)["arn"])
        assert arn is not None
        recipes = self.records("image-recipe") + self.records("container-recipe")
        if any(self._uses(used["componentArn"], arn) for recipe in recipes for used in recipe.get("components", [])):
            raise ResourceDependencyException(text)
        refuse_shared(self, text)
        del self.resources[text]
        return {"componentBuildVersionArn": text}

    def _uses(self, reference: str, component: Arn) -> bool:
        """By version or build number; or by a wildcard that stands for it at present."""
        if reference in (str(component), str(component.without_build)):
            return True
        resolved = self.match(reference, active) if "x" in reference.rpartition("/")[2] else None
        return resolved is not None and resolved["arn"] == str(component)

    def list_components(self, parameters: Item) -> Item:
        filters = parameters.get("filters") or []
        named = {rule["name"] for rule in filters}
        if parameters.get("byName") and "version" in named:
            raise InvalidParameterCombinationException("The version filter cannot be used together with byName.")
        items = [_version(record) for record in self._newest_builds(parameters)]
        if "status" not in named:
            items = [item for item in items if item["status"] != "DEPRECATED"]
        items = listing.select(items, filters, FILTERS)
        if parameters.get("byName"):
            items = by_name(items)
        return listing.page("ListComponents", "componentVersionList", items, parameters)

    def _newest_builds(self, parameters: Item) -> list[Item]:
        """The last build of every version."""
        newest: dict[str, Item] = {}
        for arn, record in self.each("component", owner=parameters.get("owner", "Self")):
            newest[str(arn.without_build)] = record
        return list(newest.values())

    def list_component_build_versions(self, parameters: Item) -> Item:
        version = parameters.get("componentVersionArn")
        items = [
            {key: value for key, value in record.items() if key not in ("data", "parameters", "kmsKeyId", "encrypted")}
            for arn, record in self.each("component")
            if version in (None, str(arn.without_build)) and record["state"]["status"] != "DEPRECATED"
        ]
        return listing.page("ListComponentBuildVersions", "componentSummaryList", items, parameters)


def _readable(text: str) -> Callable[[Item], bool]:
    """A wildcard looks for what recipes may use; an exact version also finds what is deprecated."""
    arn = arns.parse(text)
    return active if arn and arn.wild else lambda record: True


def same(old: Item, new: Item, *names: str) -> bool:
    return bool(picked(old, *names) == picked(new, *names))


def _version(record: Item) -> Item:
    arn = arns.parse(record["arn"])
    assert arn is not None
    names = ("name", "version", "description", "platform", "supportedOsVersions", "type", "owner", "dateCreated")
    return {
        "arn": str(arn.without_build),
        **picked(record, *names, "productCodes"),
        "status": record["state"]["status"],
    }


def by_name(items: list[Item]) -> list[Item]:
    """One entry for each name, addressed by wildcards."""
    newest: dict[str, Item] = {}
    for item in items:
        arn = arns.parse(item["arn"])
        assert arn is not None
        newest[arn.versionless] = {**item, "arn": f"{arn.versionless}/x.x.x"}
    return list(newest.values())
