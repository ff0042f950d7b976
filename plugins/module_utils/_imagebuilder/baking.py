# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of having an image: decide, start or join, follow, tell. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.clearing import clear, clearance
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.findings import gate, lacks_scan
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    BUILD,
    NOTHING,
    Decision,
    decide,
    image_ids,
    image_uris,
    start,
    status,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.inputs import NotThere, marks
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.logs import log_tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.progress import Build, why_failed
from ansible_collections.slipway.aws.plugins.module_utils._text import shown as shown_text

LONGEST = 21_600  # seconds; AWS's own waiter gives a build six hours


def bake(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have an image made from the present inputs. Returns what the task registers."""
    follow = params["follow"] or {}
    if follow.get("id"):
        return followed(aws, params, follow["id"], {"changed": True})
    try:
        decision = decide(aws, params)
    except NotThere as problem:
        if check_mode:
            return _first(str(problem))
        raise
    image = _whole(aws, decision.image) if check_mode or decision.action == NOTHING else {}
    if decision.action == NOTHING and lacks_scan(params, decision.source.members, image):
        decision = decision._replace(action=BUILD, reason=f"{tail(image['arn'])} was not scanned")
    told = _told(decision)
    if decision.action == NOTHING:
        return {**told, **shown(image), **gate(aws, params, image)}
    if check_mode:
        return {**told, **shown(image)}
    arn = start(aws, decision, params["tags"]) if decision.action == BUILD else decision.image["arn"]
    if params["wait"]:
        return followed(aws, params, arn, told)
    return {**told, **shown(read(aws, "image", arn) or {"arn": arn})}


def _first(why: str) -> Shape:
    """What check mode can tell of a build whose ingredients earlier tasks would create."""
    return {
        "changed": True,
        "joined": False,
        "reason": why,
        **shown({}),
        "diff": {"before": {}, "after": {"digest": "known when everything that the image is built from exists"}},
    }


def unbake(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have images gone. Returns what the task registers."""
    todo = clearance(aws, params)
    before = sorted(tail(image["arn"]) for image in todo.images)
    if not check_mode:
        todo = clear(aws, params, todo)
    after = sorted(set(before) - {tail(image["arn"]) for image in todo.images})
    return {
        "changed": bool(todo.images),
        **shown({}),
        "removed": [image["arn"] for image in todo.images],
        "deregistered": to_result(todo.delete),
        "left": to_result(todo.left),
        "diff": {"before": {"images": before}, "after": {"images": after}},
    }


def followed(aws: Connection, params: Shape, arn: str, told: Shape) -> Shape:
    """Wait for the build, or in slices for news of it. Raises Refused when it does not end well."""
    build = Build(aws, arn)
    build.look()
    within = limits(params, LONGEST)
    if params["wait_timeout"] is None:
        within = within._replace(timeout=max(0.0, LONGEST - build.age))
    seen = watch(build.look, within)
    result = {**told, **shown(build.image)}
    if seen.done and status(build.image) != "AVAILABLE":
        log = log_tail(aws, build.image)
        raise Refused(f"{tail(arn)} {why_failed(build.image)}", **_kept(result), log_tail=shown_text(log))
    if seen.done:
        result |= gate(aws, params, build.image)
    if not seen.done and seen.seconds >= within.timeout:
        raise Refused(_out_of_time(arn, build), **_kept(result))
    if within.slice is not None:
        result["followed"] = {"id": arn, "done": seen.done, "seen": seen.text, "lines": seen.lines}
    return result


def _out_of_time(arn: str, build: Build) -> str:
    doing = f": {build.steps}" if build.steps else ""
    return (
        f"{tail(arn)} is still {status(build.image)}, {int(build.age)} seconds after the build began{doing}. The build continues in AWS. "
        "Run the task again to wait for it, or increase wait_timeout"
    )


def _kept(result: Shape) -> Shape:
    return {key: value for key, value in result.items() if key != "diff"}


def _told(decision: Decision) -> Shape:
    """What is known before anything is started."""
    before = {"digest": marks(decision.image)[0], **marks(decision.image)[1]} if decision.image else {}
    after = {"digest": decision.inputs.digest, **decision.inputs.parts}
    return {
        "changed": decision.action != NOTHING,
        "joined": decision.action not in (NOTHING, BUILD),
        "reason": decision.reason,
        "digest": decision.inputs.digest,
        "inputs": to_result(decision.inputs.values),
        "diff": {"before": before, "after": after if decision.action == BUILD else before},
    }


def _whole(aws: Connection, image: Shape) -> Shape:
    """A listed build as Get shows it; one call, so that an image looks the same however the task ended."""
    return (read(aws, "image", image["arn"]) or image) if image else {}


def shown(image: Shape) -> dict[str, t.Any]:
    """An image as the task registers it."""
    return {"image": to_result(image), "image_ids": image_ids(image), "image_uris": image_uris(image)}
