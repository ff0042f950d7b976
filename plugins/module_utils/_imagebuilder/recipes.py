# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for recipes of images and of containers. Knows nothing of Ansible. Private to this collection.

A recipe cannot be changed, and each version exists once; asked for with a version ending in `x`, the service counts up.
"""

from __future__ import annotations

import re
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
    matches,
    order,
    own_arn,
    versionless,
    wild,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.documents import s3_text
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    PIPELINE,
    SERVICE,
    need,
    read,
    updater,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.parents import complete_parent, refuse_unknown
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.references import refuse_uses
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import asked, camel, spoken, whole
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.user_data import encoded
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.versions import (
    same_content,
    with_mark,
    without_mark,
)

RECIPE, CONTAINER_RECIPE = "image-recipe", "container-recipe"
FIRST_VERSION = "1.0.x"
TEMPLATE_URI = "dockerfileTemplateUri"
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
CONTAINER_OPTIONS = (
    *("description", "parent_image", "components", "working_directory", "container_type", "target_repository"),
    *("dockerfile_template_data", "instance_configuration", "kms_key_id"),
    *("platform_override", "image_os_version_override"),
)
# What a recipe's create call takes besides name, version and tags.
MEMBERS = {RECIPE: tuple(map(camel, OPTIONS)), CONTAINER_RECIPE: tuple(map(camel, CONTAINER_OPTIONS))}


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


def container_content(params: Shape) -> Shape:
    """The same of a container recipe."""
    wanted = asked(params, *CONTAINER_OPTIONS)
    wanted["components"] = whole(wanted["components"])
    instance = wanted["instanceConfiguration"]
    if instance and "blockDeviceMappings" in instance:
        instance["blockDeviceMappings"] = _devices(instance["blockDeviceMappings"])
    return wanted


def find_recipe(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The newest version that answers to the asked one; None when there is none. Puts ARNs for names in params.

    Takes out of params what this version already is, so that what is left asks for a new one.
    """
    found = _found(aws, RECIPE, params)
    if params["state"] == "present" and params["parent_image"] not in (None, (found or {}).get("parentImage")):
        refuse_unknown(aws, params["parent_image"])
    if found is None and not params["parent_image"]:
        raise Refused("the recipe does not exist, and a new recipe requires parent_image")
    if found and found.get("blockDeviceMappings"):
        found["blockDeviceMappings"] = sorted(found["blockDeviceMappings"], key=_device)
    return _compared(aws, found, params, content, OPTIONS)


def find_container_recipe(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """As `find_recipe`. AWS tells neither where a Dockerfile came from nor the overrides, but the platform that came of one."""
    if params["dockerfile_template_uri"]:
        params["dockerfile_template_data"] = s3_text(aws, "dockerfile_template_uri", params["dockerfile_template_uri"])
    found = _found(aws, CONTAINER_RECIPE, params)
    if found is None:
        need(params, "container recipe", "parent_image", "target_repository", "dockerfile_template_data")
        params["container_type"] = params["container_type"] or "DOCKER"
        return _compared(aws, None, params, container_content, CONTAINER_OPTIONS)
    told = {"platformOverride": found.get("platform"), "imageOsVersionOverride": params["image_os_version_override"]}
    instance = found.get("instanceConfiguration") or {}
    if instance.get("blockDeviceMappings"):
        instance["blockDeviceMappings"] = sorted(instance["blockDeviceMappings"], key=_device)
    options = (*CONTAINER_OPTIONS, "dockerfile_template_uri")
    live = _compared(aws, {**found, **given(told)}, params, container_content, options)
    return live and {key: value for key, value in live.items() if key not in told or params[option_name(key)]}


def _found(aws: Connection, kind: str, params: Shape) -> t.Optional[Shape]:
    check_version(params["semantic_version"], wildcards=True)
    complete_items(aws, params["components"], "component_arn", "component")
    params["parent_image"] = complete_parent(aws, params["parent_image"])
    arn = own_arn(aws, kind, params["name"], params["semantic_version"] or NEWEST)
    if re.search(r"x\.[0-9]", arn):  # Get accepts wildcards only at the end
        arn = next((each for each in versions_of(aws, kind, versionless(arn)) if matches(arn, each)), "")
    return read(aws, kind, arn) if arn else None


def versions_of(aws: Connection, kind: str, stem: str) -> t.List[str]:
    """ARNs of all versions of a recipe, newest first."""
    member = camel(kind.replace("-", "_"))
    found = (each["arn"] for each in items(aws, SERVICE, f"list_{kind.replace('-', '_')}s", f"{member}SummaryList"))
    return sorted((arn for arn in found if versionless(arn) == stem), key=order, reverse=True)


def _compared(
    aws: Connection,
    found: t.Optional[Shape],
    params: Shape,
    wanted: t.Callable[[Shape], Shape],
    options: t.Tuple[str, ...],
) -> t.Optional[Shape]:
    live = None
    if found:
        live = _as_asked(found, params, wanted, options)
    else:
        params["semantic_version"] = params["semantic_version"] or FIRST_VERSION
    if params["state"] == "present" and params["components"]:  # taken out of params where they make no new version
        same_parent = params["parent_image"] in (None, (found or {}).get("parentImage"))
        refuse_uses(aws, params["components"], found.get("platform") if found and same_parent else None)
    return live


def _as_asked(found: Shape, params: Shape, wanted: t.Callable[[Shape], Shape], options: t.Tuple[str, ...]) -> Shape:
    version = params["semantic_version"] or found["version"].rpartition(".")[0] + ".x"
    live, mark = without_mark({**found, "semanticVersion": version})
    if same_content(live, wanted(params), mark):
        params.update(dict.fromkeys(options))
    elif not wild(version):
        stuck = ", ".join(sorted(map(option_name, differences(live, given(wanted(params))))))
        raise CannotChange(
            f"AWS cannot change {stuck} of an existing version. Set another semantic_version, or one that AWS "
            f"increments ({version.rpartition('.')[0]}.x)"
        )
    return live


def recipe_creator(kind: str) -> t.Callable[[Connection, Shape], str]:
    """The create function of a kind of recipe: a new one, or a new version of it; returns its ARN."""

    def create(aws: Connection, wanted: Shape) -> str:
        noun, keys = kind.replace("-", "_"), ("name", "semanticVersion", *MEMBERS[kind], TEMPLATE_URI, "tags")
        marked = spoken(with_mark({key: wanted[key] for key in keys if key in wanted}, MEMBERS[kind]))
        if TEMPLATE_URI in marked:
            del marked["dockerfileTemplateData"]
        return str(getattr(aws.client(SERVICE), f"create_{noun}")(**marked)[camel(f"{noun}_arn")])

    return create


def versioner(kind: str, repoint: bool) -> t.Callable[[Connection, Shape, Shape], None]:
    """The update function: a new version, created with its tags, so the old one's stay as they are.

    With `repoint` every pipeline goes on to it that names just the one before; wildcards follow by themselves.
    """
    create, member = recipe_creator(kind), camel(f"{kind.replace('-', '_')}_arn")

    def update(aws: Connection, live: Shape, wanted: Shape) -> None:
        old, live["arn"] = live["arn"], None
        arn = create(aws, wanted)
        for pipeline in pipelines(aws) if repoint else ():
            if pipeline.get(member) == old:
                updater(PIPELINE)(aws, pipeline, {**pipeline, member: arn})

    return update


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
