# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Old versions of components, recipes and workflows that nothing uses: told with `retain`, deleted with `prune`. Private.

Beside recipes and pipelines, images count: a recipe stays while there is an image of it, and what a build in progress was
started with stays until the build is over, because it is read while the build runs.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure
from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Plan, Resource, ensured
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import own_arn, tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import IN_FLIGHT, status, summaries
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import (
    USES,
    VERSIONS,
    Removal,
    Uses,
    judged,
    removed,
)

RECIPES = ("image-recipe", "container-recipe")
RETAIN_OPTIONS: t.Dict[str, t.Any] = {"retain": {"type": "int"}, "prune": {"type": "bool", "default": False}}


def ensure_pruned(module: t.Any, kind: str, resource: Resource, place: t.Optional[str] = None) -> None:
    """As `ensure`, with the old versions beside it. `place`: in ARNs, where it is not the kind."""
    params = module.params
    what = f"Failed to prune the {resource.noun} {params['name']}"
    problems = list(_problems(params))
    if problems:
        module.fail_json(**failure(Refused(problems[0]), what))
    result, done = ensured(module, resource)
    if params["retain"] is None:
        module.exit_json(**result)
    try:
        aws = connect(module)
        stem = own_arn(aws, place or kind, params["name"])
        old = unused(aws, kind, stem, params["retain"], _coming(module, done, result[resource.name]))
        if params["prune"] and not module.check_mode:
            old = removed(aws, kind, old)
    except FAILURES as problem:
        module.fail_json(**{**result, **failure(problem, what, module.argument_spec)})
    module.exit_json(**_told(result, old, params["prune"]))


def _problems(params: Shape) -> t.Iterator[str]:
    if params["prune"] and params["retain"] is None:
        yield "prune requires retain. Set the number of versions to keep"
    if params["retain"] is not None and params["retain"] < 1:
        yield "retain must be at least 1"


def unused(aws: Connection, kind: str, stem: str, retain: int, current: t.Optional[str]) -> Removal:
    """The versions beyond the newest ones, newest first. `current` is the one of the task; None when it is to be created."""
    everything = VERSIONS[kind](aws, stem)
    old = [arn for arn in everything[retain if current else retain - 1 :] if arn != current]
    return judged(old, everything, {**USES[kind](aws), **_used_by_images(aws, kind)}) if old else Removal([], [])


def _coming(module: t.Any, done: Plan, shown: Shape) -> t.Optional[str]:
    """The version that the task asks for; None in check mode if it would be created."""
    creates = done.action == "create" or (done.action == "update" and done.members - {"tags"})
    return None if module.check_mode and creates else shown["arn"]


def _used_by_images(aws: Connection, kind: str) -> Uses:
    uses: Uses = {}
    for image in summaries(aws, "list_image_build_versions")[0]:
        label = f"image {tail(image['arn'])}"
        if status(image) in IN_FLIGHT and kind not in RECIPES:
            uses[label] = _ingredients(read(aws, "image", image["arn"]) or {}, kind)
        elif status(image) != "DELETED" and kind in RECIPES:
            uses[label] = [image["arn"].replace(":image/", f":{kind}/").rpartition("/")[0]]
    return uses


def _ingredients(image: Shape, kind: str) -> t.List[str]:
    if kind == "workflow":
        return [use["workflowArn"] for use in image.get("workflows") or []]
    recipe = image.get("imageRecipe") or image.get("containerRecipe") or {}
    return [use["componentArn"] for use in recipe.get("components") or []]


def _told(result: Shape, old: Removal, prune: bool) -> Shape:
    told = {**result, "unused_versions": old.removed, "used_versions": old.kept, "pruned": prune}
    if prune and old.removed:
        told["changed"] = True
        if "diff" in told:
            versions = {"unused_versions": [tail(arn) for arn in old.removed]}
            told["diff"] = {
                "before": {**told["diff"]["before"], **versions},
                "after": {**told["diff"]["after"], "unused_versions": []},
            }
    return told
