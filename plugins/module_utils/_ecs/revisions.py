# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A revision of a task definition: which one there is, and whether a new one is due. Private to this collection."""

from __future__ import annotations

import dataclasses

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._ecr.images import find_digest, is_in_ecr, pinned
from ansible_collections.slipway.aws.plugins.module_utils._ecs.changes import asked_tags, from_options, with_changes
from ansible_collections.slipway.aws.plugins.module_utils._ecs.content import hidden, normalized, same
from ansible_collections.slipway.aws.plugins.module_utils._ecs.services import primary, read_service
from ansible_collections.slipway.aws.plugins.module_utils._ecs.task_definitions import (
    find_newest,
    find_task_definition,
    is_active,
    register_task_definition,
    tag_task_definition,
)


@dataclasses.dataclass(frozen=True)
class Revision:
    """`source`: what the wish was made from; `found`: an active revision that says the same; `tags`: what it lacks of tags."""

    wanted: Shape
    source: Shape | None = None
    newest: Shape | None = None
    found: Shape | None = None
    tags: dict[str, str] = dataclasses.field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return self.found is None or bool(self.tags)


def plan_revision(aws: Connection, params: Shape) -> Revision:
    """Find out, by reading only, whether a revision has to be registered.

    Only what the wish was made from and the newest revision are compared: every other one would take a request.
    """
    inline = params["task_definition"]
    source = None if inline else _source(aws, params)
    base = source or from_options(inline, params["family"])
    wanted = _pinned(aws, with_changes(base, params), params) if params["pin_digest"] else with_changes(base, params)
    if source and is_active(source) and same(source, wanted):
        return _found(Revision(wanted, source), source, asked_tags(params))
    newest = source if source and params["service"] is None else find_newest(aws, wanted["family"], tags=True)
    due = Revision(wanted, source, newest)
    return _found(due, newest, asked_tags(params)) if newest and same(newest, wanted) else due


def apply_revision(aws: Connection, todo: Revision) -> Revision:
    if todo.found is None:
        made = register_task_definition(aws, todo.wanted, todo.newest)
        return dataclasses.replace(todo, found={**made, "tags": todo.wanted["tags"]})
    if todo.tags:
        tag_task_definition(aws, todo.found["taskDefinitionArn"], todo.tags)
    return dataclasses.replace(todo, found={**todo.found, "tags": {**todo.found["tags"], **todo.tags}})


def describe_revision(told: Revision, registered: bool) -> Shape:
    """The result members. What would be registered has no ARN yet."""
    shape = told.found or told.wanted
    result: Shape = {"task_definition": to_result(hidden(shape)), "registered": registered}
    if told.source:
        result["source_arn"] = told.source["taskDefinitionArn"]
    return result


def diff_revision(todo: Revision) -> Shape:
    """What the two say, defaults left out; values of variables as digests."""
    before = todo.found or todo.source or todo.newest
    after = {**todo.found, "tags": {**todo.found["tags"], **todo.tags}} if todo.found else todo.wanted
    return {"before": _said(before) if before else {}, "after": _said(after)}


def _said(definition: Shape) -> Shape:
    tags = {"tags": definition["tags"]} if definition.get("tags") else {}
    return dict(to_result({**hidden(normalized(definition)), **tags}))


def _found(due: Revision, revision: Shape, asked: dict[str, str]) -> Revision:
    tags = {key: value for key, value in asked.items() if revision["tags"].get(key) != value}
    return dataclasses.replace(due, found=revision, tags=tags)


def _source(aws: Connection, params: Shape) -> Shape:
    if params["service"] is None:
        found = find_newest(aws, params["family"], tags=True)
        if found is None:
            text = f"the family {params['family']} has no active revision"
            raise Refused(f"{text}. Set task_definition to register the first one, or correct family")
        return found
    service = read_service(aws, params["cluster"], params["service"])
    if service is None:
        text = f"the service {params['service']} does not exist in the cluster {params['cluster']}"
        raise Refused(f"{text}. Correct service and cluster, or use family")
    arn = (primary(service) or {}).get("taskDefinition") or service.get("taskDefinition")
    running = find_task_definition(aws, arn, tags=True) if arn else None
    if running is None:
        raise Refused(f"the service {params['service']} runs no task definition that can be read. Use family")
    return running


def _pinned(aws: Connection, wanted: Shape, params: Shape) -> Shape:
    """With digests in the place of the tags of images that the task sets. An image elsewhere than in ECR cannot be asked for."""
    named = {one["name"] for one in params["containers"] or [] if one["image"]}
    containers = []
    for container in wanted["containerDefinitions"]:
        image = container.get("image") or ""
        if container["name"] in named and not is_in_ecr(image) and "@sha256:" not in image:
            raise Refused(
                f"pin_digest cannot be used with {image}, which is not an image in ECR. Write its digest into image"
            )
        set_here = container["name"] in named or params["task_definition"] is not None
        containers.append({**container, "image": _by_digest(aws, image)} if set_here else container)
    return {**wanted, "containerDefinitions": containers}


def _by_digest(aws: Connection, image: str) -> str:
    if not is_in_ecr(image) or "@sha256:" in image:
        return image
    found = find_digest(aws, image)
    if found is None:
        raise Refused(f"there is no image {image} in ECR. Push it first, or correct its tag")
    return pinned(image, found)
