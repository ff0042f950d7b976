# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What shapes an image, and its digest: an image whose inputs did not move is not baked again. Private.

Every part has a digest of its own, kept in a tag of the image, so that the next run can say what has moved. Parts:

- recipe: name, volumes, working directory, build instance, AMI tags and watermarks (neither version nor description);
- components: what their documents say at present, in order, with their parameters;
- parent image: the AMI or image build that the recipe's parent stands for at present;
- infrastructure: the members in `SHAPING`; where a build runs (network, logs, keys) does not count;
- workflows: those that replace the service's own.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import document_digest
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail, versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    DISTRIBUTION,
    INFRASTRUCTURE,
    PIPELINE,
    complete_build,
    read,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.parents import resolve_parent
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import api

DIGEST_TAG = "slipway:inputs-digest"
PARTS_TAG = "slipway:inputs"
SHAPING = ("instanceProfileName", "instanceTypes", "parentInstance")
RECIPE = (
    "name",
    "blockDeviceMappings",
    "workingDirectory",
    "additionalInstanceConfiguration",
    "amiTags",
    "amiWatermarks",
    "containerType",
    "dockerfileTemplateData",
    "instanceConfiguration",
    "targetRepository",
)
BUILD_MEMBERS = (
    "image_recipe_arn",
    "container_recipe_arn",
    "infrastructure_configuration_arn",
    "distribution_configuration_arn",
    "image_tests_configuration",
    "enhanced_image_metadata_enabled",
    "image_scanning_configuration",
    "workflows",
    "execution_role",
    "logging_configuration",
)


class NotThere(Refused):
    """Something the build refers to does not exist; in check mode it may be what an earlier task would create."""


class Source(t.NamedTuple):
    """What is built: a pipeline, or a recipe and its companions; `members` are those of CreateImage."""

    pipeline: str | None
    members: Shape
    recipe: Shape
    infrastructure: Shape
    distribution: Shape

    @property
    def label(self) -> str:
        """In words."""
        if self.pipeline:
            return f"image pipeline {tail(self.pipeline)}"
        return f"{'container' if self.recipe.get('containerType') else 'image'} recipe {tail(self.recipe['arn'])}"


class Inputs(t.NamedTuple):
    """What shapes the image now, by part, and the digests."""

    values: Shape
    parts: dict[str, str]
    digest: str

    def tags(self) -> dict[str, str]:
        """How an image tells what it was made from."""
        return {DIGEST_TAG: self.digest, PARTS_TAG: " ".join(f"{name}:{value}" for name, value in self.parts.items())}


def source_of(aws: Connection, params: Shape) -> Source:
    """Everything the task's build refers to, read. Raises NotThere for what is not."""
    complete_build(aws, params)
    pipeline = params["image_pipeline_arn"]
    if pipeline:
        members = there(aws, PIPELINE, pipeline)
    else:
        if not params["infrastructure_configuration_arn"]:
            raise Refused("a build without a pipeline needs infrastructure_configuration_arn")
        members = api({name: params[name] for name in BUILD_MEMBERS if params.get(name) not in (None, "")})
    kind = "image-recipe" if members.get("imageRecipeArn") else "container-recipe"
    recipe = members.get("imageRecipeArn") or members.get("containerRecipeArn")
    distribution = members.get("distributionConfigurationArn")
    return Source(
        pipeline=pipeline,
        members=members,
        recipe=there(aws, kind, str(recipe)),
        infrastructure=there(aws, INFRASTRUCTURE, members["infrastructureConfigurationArn"]),
        distribution=there(aws, DISTRIBUTION, distribution) if distribution else {},
    )


def inputs_of(aws: Connection, source: Source) -> Inputs:
    """The inputs as they are now: wildcards and SSM parameters resolved."""
    values: Shape = {
        "recipe": {key: source.recipe[key] for key in RECIPE if key in source.recipe},
        "components": [_component(aws, use) for use in source.recipe.get("components", [])],
        "parentImage": _parent(aws, source.recipe),
        "infrastructure": {key: source.infrastructure[key] for key in SHAPING if key in source.infrastructure},
        "workflows": source.members.get("workflows", []),
    }
    parts = {name: _digest(value)[:12] for name, value in _counted(values).items()}
    return Inputs(values, parts, _digest(_counted(values)))


def marks(image: Shape) -> tuple[str, dict[str, str]]:
    """Digest and digests of the parts an image was made from; empty for one that was not started by this collection."""
    tags = image.get("tags") or {}
    parts = [part.partition(":") for part in tags.get(PARTS_TAG, "").split()]
    return tags.get(DIGEST_TAG, ""), {name: value for name, _colon, value in parts}


def _parent(aws: Connection, recipe: Shape) -> Shape:
    """What the parent stands for; what a tag of a registry stands for is not to be had from AWS."""
    parent = recipe["parentImage"]
    in_registry = recipe.get("containerType") and not parent.startswith("arn:")
    return {"container": parent} if in_registry else resolve_parent(aws, parent)


def _counted(values: Shape) -> Shape:
    """Without the numbers of component builds: a new build that says the same changes nothing."""
    components = [{key: value for key, value in each.items() if key != "version"} for each in values["components"]]
    return {**values, "components": components}


def _component(aws: Connection, use: Shape) -> Shape:
    found = read(aws, "component", use["componentArn"])
    if found is None:
        raise NotThere(
            f"the component {use['componentArn']} of the recipe does not exist. Create it, or fix the recipe"
        )
    # what others sell may not be shown; then the build has to stand for its content
    text = found.get("data")
    says = document_digest(text) if text else found["arn"]
    parameters = use.get("parameters", [])
    return {
        "component": versionless(found["arn"]),
        "version": tail(found["arn"]),
        "digest": says,
        "parameters": parameters,
    }


def there(aws: Connection, kind: str, arn: str) -> Shape:
    """What an ARN stands for. Raises NotThere when there is nothing."""
    found = read(aws, kind, arn)
    if found is None:
        noun = kind.replace("-", " ")
        raise NotThere(
            f"there is no {noun} {tail(arn)} in {aws.region}. Create it with imagebuilder_{kind.replace('-', '_')} first"
        )
    return found


def _digest(value: t.Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":"), default=str).encode()).hexdigest()
