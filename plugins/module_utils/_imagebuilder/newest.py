# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The newest image by pipeline, recipe, tags or SSM parameter, as it is in one Region. Knows nothing of Ansible. Private.

What a distribution made is as old as what it was made of, however late it was distributed.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    SOURCE_TAG,
    amis,
    created,
    image_ids,
    status,
    summaries,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.inputs import marks
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import complete_build
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.parents import resolve_parent
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.retirement import age_days

SELECTORS = ("image_pipeline", "image_recipe", "tags", "ssm_parameter")


def newest(aws: Connection, params: Shape) -> Shape:
    """The image, as the lookup returns it. Raises Refused when there is none."""
    given = [name for name in SELECTORS if params.get(name)]
    if len(given) != 1:
        raise Refused(f"exactly one of {', '.join(SELECTORS)} is required, and {len(given)} are given")
    region = params.get("image_region") or aws.region
    everything, _now = summaries(aws, "list_image_build_versions")
    if given == ["ssm_parameter"]:
        return _of_parameter(aws, params, region, everything)
    chosen = _chosen(aws, params, everything)
    there = [image for image in chosen if status(image) == "AVAILABLE" and region in image_ids(image)]
    if not there:
        raise Refused(
            f"there is no available image in {region} of {given[0]} {params[given[0]]}. Bake it, or distribute it to that Region"
        )
    image = max(there, key=lambda one: (created(_source(one, everything)), created(one)))
    return _told(aws, region, image_ids(image)[region], image, everything)


def _chosen(aws: Connection, params: Shape, everything: t.List[Shape]) -> t.List[Shape]:
    """The images that are asked for, with those that distributions made of them."""
    if params.get("tags"):
        wanted = {key: str(value) for key, value in params["tags"].items()}.items()
        found = [image for image in everything if wanted <= (image.get("tags") or {}).items()]
    elif params.get("image_pipeline"):
        asked = {"image_pipeline_arn": params["image_pipeline"]}
        complete_build(aws, asked)
        found = summaries(aws, "list_image_pipeline_images", imagePipelineArn=asked["image_pipeline_arn"])[0]
    else:
        asked = {"image_recipe_arn": params["image_recipe"]}
        complete_build(aws, asked)
        stem = versionless(asked["image_recipe_arn"]).replace(":image-recipe/", ":image/")
        found = [image for image in everything if versionless(image["arn"]) == stem]
    arns = {image["arn"] for image in found}
    return [*found, *(image for image in everything if image["arn"] not in arns and _source(image, found) is not image)]


def _of_parameter(aws: Connection, params: Shape, region: str, everything: t.List[Shape]) -> Shape:
    """The AMI of a parameter in the Region; whether Image Builder made it or not."""
    ami = resolve_parent(aws.in_region(region), f"ssm:{params['ssm_parameter']}", "ssm_parameter")["ami"]
    made = [image for image in everything if any(one["image"] == ami for one in amis(image))]
    return _told(aws, region, ami, min(made, key=created, default={}), everything)


def _source(image: Shape, images: t.List[Shape]) -> Shape:
    """The image that a distribution is of; any other image is its own."""
    ami = (image.get("tags") or {}).get(SOURCE_TAG)
    return next((one for one in images if one is not image and ami in [each["image"] for each in amis(one)]), image)


def _told(aws: Connection, region: str, ami: str, image: Shape, everything: t.List[Shape]) -> Shape:
    source = _source(image, everything) if image else {}
    return {
        "image_id": ami,
        "region": region,
        "arn": image.get("arn"),
        "name": image.get("name"),
        "version": image.get("version"),
        "date_created": source.get("dateCreated"),
        "age_days": age_days(source, aws.now()) if source else None,
        "digest": (marks(source)[0] or None) if source else None,
        "tags": image.get("tags") or {},
    }
