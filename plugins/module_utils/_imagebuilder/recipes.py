# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for image recipes. Knows nothing of Ansible. Private to this collection.

A recipe cannot be changed, and each version exists once; asked for with a version ending in `x`, the service counts up.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import CannotChange, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import (
    Shape,
    Unordered,
    differences,
    given,
    option_name,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import (
    NEWEST,
    check_version,
    complete_items,
    own_arn,
    wild,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import PIPELINE, SERVICE, read, updater
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.parents import complete_parent, refuse_unknown
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import refuse_uses
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked, spoken, whole
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.user_data import encoded
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.versions import (
    same_content,
    with_mark,
    without_mark,
)

RECIPE = "image-recipe"
FIRST_VERSION = "1.0.x"
OPTIONS = (
    "description",
    "parent_image",
    "components",
    "block_device_mappings",
    "working_directory",
    "additional_instance_configuration",
    "ami_tags",
    "ami_watermarks",
)


def content(params: Shape) -> Shape:
    """What makes a new version when it changes."""
    wanted = asked(params, *OPTIONS)
    wanted["components"] = whole(wanted["components"])
    wanted["blockDeviceMappings"] = _devices(wanted["blockDeviceMappings"])
    instance = wanted["additionalInstanceConfiguration"] or {}
    if instance.get("userDataOverride"):
        instance["userDataOverride"] = encoded(instance["userDataOverride"])
    if wanted["amiWatermarks"] is not None:
        wanted["amiWatermarks"] = Unordered(wanted["amiWatermarks"])
    return wanted


def find_recipe(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The newest version that answers to the asked one; None when there is none. Puts ARNs for names in params.

    Takes out of params what this version already is, so that what is left asks for a new one.
    """
    check_version(params["semantic_version"], wildcards=True)
    complete_items(aws, params["components"], "component_arn", "component")
    params["parent_image"] = complete_parent(aws, params["parent_image"])
    found = read(aws, RECIPE, own_arn(aws, RECIPE, params["name"], params["semantic_version"] or NEWEST))
    if params["state"] == "present" and params["parent_image"] not in (None, (found or {}).get("parentImage")):
        refuse_unknown(aws, params["parent_image"])
    if found is None:
        if not params["parent_image"]:
            raise Refused("the recipe does not exist, and a new recipe requires parent_image")
        params["semantic_version"] = params["semantic_version"] or FIRST_VERSION
    live = found and _compared(found, params)
    if params["state"] == "present" and params["components"]:  # taken out of params where they make no new version
        same_parent = params["parent_image"] in (None, (found or {}).get("parentImage"))
        refuse_uses(aws, params["components"], found.get("platform") if found and same_parent else None)
    return live


def _compared(found: Shape, params: Shape) -> Shape:
    version = params["semantic_version"] or found["version"].rpartition(".")[0] + ".x"
    live, mark = without_mark({**found, "semanticVersion": version})
    if live.get("blockDeviceMappings"):
        live["blockDeviceMappings"] = sorted(live["blockDeviceMappings"], key=_device)
    if same_content(live, content(params), mark):
        params.update(dict.fromkeys(OPTIONS))
    elif not wild(version):
        stuck = ", ".join(sorted(map(option_name, differences(live, given(content(params))))))
        raise CannotChange(
            f"AWS cannot change {stuck} of an existing version. Set another semantic_version, or one that AWS "
            f"increments ({version.rpartition('.')[0]}.x)"
        )
    return live


def create_recipe(aws: Connection, wanted: Shape) -> str:
    """A new recipe, or a new version of it; returns its ARN."""
    keys = tuple(content(dict.fromkeys(OPTIONS)))
    members = {key: wanted[key] for key in ("name", "semanticVersion", *keys, "tags") if key in wanted}
    return str(aws.client(SERVICE).create_image_recipe(**spoken(with_mark(members, keys)))["imageRecipeArn"])


def new_version(aws: Connection, live: Shape, wanted: Shape) -> str:
    """A new version; it is created with its tags, so the old one's stay as they are. Returns its ARN."""
    arn = create_recipe(aws, wanted)
    live["arn"] = None
    return arn


def new_version_and_repoint(aws: Connection, live: Shape, wanted: Shape) -> None:
    """A new version, to which every pipeline goes on that names just the one before; wildcards follow by themselves."""
    old = live["arn"]
    arn = new_version(aws, live, wanted)
    for pipeline in pipelines(aws):
        if pipeline.get("imageRecipeArn") == old:
            updater(PIPELINE)(aws, pipeline, {**pipeline, "imageRecipeArn": arn})


def pipelines(aws: Connection) -> t.List[Shape]:
    """All pipelines, whole."""
    return items(aws, SERVICE, "list_image_pipelines", "imagePipelineList")


def _devices(items: t.Optional[t.List[Shape]]) -> t.Optional[t.List[Shape]]:
    """In one order, since theirs means nothing. `noDevice` is a flag that the API spells as an empty text."""
    spelled = [
        {**{k: v for k, v in item.items() if k != "noDevice"}, **({"noDevice": ""} if item.get("noDevice") else {})}
        for item in items or []
    ]
    return None if items is None else whole(sorted(spelled, key=_device))


def _device(item: Shape) -> str:
    return str(item.get("deviceName") or item.get("virtualName") or "")
