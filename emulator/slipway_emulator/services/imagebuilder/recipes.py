# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Image and container recipes: immutable, one resource for each version, versions counted up on request."""

from __future__ import annotations

from . import arns, listing, parents, versions
from .arns import Arn
from .components import active
from .exceptions import (
    InvalidParameterCombinationException,
    InvalidParameterValueException,
    ResourceAlreadyExistsException,
    ResourceDependencyException,
    ServiceQuotaExceededException,
)
from .parents import Parent, available
from .sharing import refuse_shared
from .sources import read_object
from .store import Item, Store, picked, references

MOST_COMPONENTS = 20
COMMON = ("name", "description", "components", "parentImage", "workingDirectory")
IMAGE_ONLY = ("blockDeviceMappings", "additionalInstanceConfiguration", "amiTags", "amiWatermarks")
CONTAINER_ONLY = ("containerType", "instanceConfiguration", "targetRepository", "kmsKeyId")
WITH_IOPS = ("io1", "io2", "gp3")
FILTERS = listing.members("name", "parentImage", "platform")


class Recipes(Store):
    """Operations on image and container recipes."""

    def create_image_recipe(self, parameters: Item) -> Item:
        parent = parents.resolve(self, parameters["parentImage"])
        self._check_components(parameters, parent)
        _check_devices("blockDeviceMappings", parameters.get("blockDeviceMappings", []))
        agent = parameters.get("additionalInstanceConfiguration", {}).get("systemsManagerAgent", {})
        if parent.platform == "Windows" and "uninstallAfterBuild" in agent:
            raise InvalidParameterValueException(
                "additionalInstanceConfiguration.systemsManagerAgent", "It cannot be set for Windows images."
            )
        members = {**picked(parameters, *COMMON, *IMAGE_ONLY), "platform": parent.platform}
        return self._add_recipe("image-recipe", "ImageRecipe", members, parameters)

    def create_container_recipe(self, parameters: Item) -> Item:
        template = self._template(parameters)
        platform = parameters.get("platformOverride") or self._platform(parameters["parentImage"])
        self._check_components(parameters, Parent(platform, parameters.get("imageOsVersionOverride", "")))
        instance = parameters.get("instanceConfiguration", {})
        _check_devices("instanceConfiguration.blockDeviceMappings", instance.get("blockDeviceMappings", []))
        members = {
            **picked(parameters, *COMMON, *CONTAINER_ONLY),
            "dockerfileTemplateData": template,
            "platform": platform,
            "encrypted": True,
        }
        return self._add_recipe("container-recipe", "ContainerRecipe", members, parameters)

    def _platform(self, parent: str) -> str:
        """An image of Image Builder tells it; an image of a registry is taken for one of Linux."""
        if arns.parse(parent) is None:
            return "Linux"
        return str(self.reference("parentImage", parent, available)["platform"])

    def _template(self, parameters: Item) -> str:
        if ("dockerfileTemplateData" in parameters) == ("dockerfileTemplateUri" in parameters):
            raise InvalidParameterCombinationException(
                "Exactly one of 'dockerfileTemplateData' and 'dockerfileTemplateUri' must be specified."
            )
        inline: str | None = parameters.get("dockerfileTemplateData")
        return inline or read_object(self, "dockerfileTemplateUri", parameters["dockerfileTemplateUri"])

    def _check_components(self, parameters: Item, parent: Parent) -> None:
        used = parameters.get("components", [])
        if len(used) > MOST_COMPONENTS:
            raise ServiceQuotaExceededException(
                f"You have exceeded the quota of {MOST_COMPONENTS} components in a recipe."
            )
        seen: set[str] = set()
        for index, use in enumerate(used):
            where = f"components[{index}].componentArn"
            component = self.reference(where, use["componentArn"])
            arn = arns.parse(component["arn"])
            assert arn is not None
            if arn.versionless in seen:
                raise InvalidParameterValueException(where, "A component can be used only once in a recipe.")
            seen.add(arn.versionless)
            _check_component(where, component, parent)
            _check_parameters(f"components[{index}].parameters", component, use.get("parameters", []))

    def _add_recipe(self, kind: str, noun: str, members: Item, parameters: Item) -> Item:
        arn = self.arn(kind, parameters["name"])
        taken = [versions.parse(str(found.version)) for found, _record in self.named(arn.versionless)]
        wanted = versions.nodes(parameters["semanticVersion"])
        version = versions.text(versions.following(wanted, taken)) if None in wanted else parameters["semanticVersion"]
        arn = self.arn(kind, parameters["name"], version)
        if str(arn) in self.resources:
            raise ResourceAlreadyExistsException(noun, str(arn))
        work = "C:/" if members["platform"] == "Windows" else "/tmp"
        own = {"workingDirectory": work, **members, "owner": self.account_id, "version": version}
        record = self.add(arn, own, parameters)
        key = f"{noun[0].lower()}{noun[1:]}Arn"
        return {key: str(arn), "latestVersionReferences": references(record)}

    def get_image_recipe(self, parameters: Item) -> Item:
        record = self.resolve(parameters["imageRecipeArn"])
        return {"imageRecipe": record, "latestVersionReferences": references(record)}

    def get_container_recipe(self, parameters: Item) -> Item:
        record = self.resolve(parameters["containerRecipeArn"])
        return {"containerRecipe": record, "latestVersionReferences": references(record)}

    def delete_image_recipe(self, parameters: Item) -> Item:
        return self._delete_recipe("imageRecipeArn", parameters)

    def delete_container_recipe(self, parameters: Item) -> Item:
        return self._delete_recipe("containerRecipeArn", parameters)

    def _delete_recipe(self, key: str, parameters: Item) -> Item:
        text = parameters[key]
        self.exact(text)
        for pipeline in self.records("image-pipeline"):
            reference = pipeline.get(key)
            found = self.match(reference) if reference else None
            if found and found["arn"] == text:
                raise ResourceDependencyException(text)
        refuse_shared(self, text)
        del self.resources[text]
        return {key: text}

    def list_image_recipes(self, parameters: Item) -> Item:
        items = [_summary(arn, record) for arn, record in self.each("image-recipe", owner=_owner(parameters))]
        items = listing.select(items, parameters.get("filters"), FILTERS)
        return listing.page("ListImageRecipes", "imageRecipeSummaryList", items, parameters)

    def list_container_recipes(self, parameters: Item) -> Item:
        items = [_summary(arn, record) for arn, record in self.each("container-recipe", owner=_owner(parameters))]
        items = listing.select(items, parameters.get("filters"), {**FILTERS, **listing.members("containerType")})
        return listing.page("ListContainerRecipes", "containerRecipeSummaryList", items, parameters)


def _owner(parameters: Item) -> str:
    return str(parameters.get("owner", "Self"))


def _summary(arn: Arn, record: Item) -> Item:
    summary = picked(record, "name", "platform", "owner", "parentImage", "dateCreated", "containerType", "tags")
    instance = record.get("instanceConfiguration", {})
    return {"arn": str(arn), **summary, "instanceImage": instance.get("image")}


def _check_component(where: str, component: Item, parent: Parent) -> None:
    if not active(component):
        status = component["state"]["status"].lower()
        raise InvalidParameterValueException(where, f"The component '{component['arn']}' is {status}.")
    if component["platform"] != parent.platform:
        raise InvalidParameterValueException(
            where, f"The component is for the platform {component['platform']}, the parent image is {parent.platform}."
        )
    supported = component.get("supportedOsVersions")
    if supported and parent.os_version and not any(parent.os_version.startswith(system) for system in supported):
        raise InvalidParameterValueException(
            where, f"The component supports {', '.join(supported)}; the parent image is {parent.os_version}."
        )


def _check_parameters(where: str, component: Item, given: list[Item]) -> None:
    known = {parameter["name"]: parameter for parameter in component.get("parameters", [])}
    names = [parameter["name"] for parameter in given]
    for name in names:
        if name not in known:
            raise InvalidParameterValueException(where, f"The component has no parameter '{name}'.")
        if names.count(name) > 1:
            raise InvalidParameterValueException(where, f"The parameter '{name}' is given more than once.")
    for name, parameter in known.items():
        if name not in names and "defaultValue" not in parameter:
            raise InvalidParameterValueException(where, f"The component's parameter '{name}' needs a value.")


def _check_devices(where: str, mappings: list[Item]) -> None:
    names = [mapping.get("deviceName") for mapping in mappings if mapping.get("deviceName")]
    for name in names:
        if names.count(name) > 1:
            raise InvalidParameterValueException(where, f"The device '{name}' is given more than once.")
    for index, mapping in enumerate(mappings):
        volume = mapping.get("ebs", {})
        kind = volume.get("volumeType")
        if "iops" in volume and kind not in (None, *WITH_IOPS):  # without a type, the build shows whether it fits
            raise InvalidParameterValueException(
                f"{where}[{index}].ebs.iops", "iops needs a volumeType of io1, io2 or gp3."
            )
        if "throughput" in volume and kind != "gp3":
            raise InvalidParameterValueException(
                f"{where}[{index}].ebs.throughput", "throughput needs the volumeType gp3."
            )
