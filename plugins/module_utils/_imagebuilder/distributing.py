# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of distributing an image that exists: decide, start, join or retry, follow. Knows nothing of Ansible. Private.

AWS makes a new image of every distribution and does not tell in it what was distributed. So its tags tell: the AMI, and
a digest of what the distribution configuration said.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn, matches, order, tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.baking import followed, shown
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    IN_FLIGHT,
    SOURCE_TAG,
    amis,
    created,
    distributed_places,
    image_ids,
    places,
    status,
    summaries,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.inputs import NotThere, there
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import DISTRIBUTION, SERVICE, read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.parents import AMI, resolve_parent
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.versions import content_digest

DIGEST_TAG = "slipway:distribution-digest"
NOTHING, JOIN, RETRY, DISTRIBUTE = "nothing", "join", "retry", "distribute"
Place = t.Tuple[str, str]  # Region and account


class Todo(t.NamedTuple):
    """What to do, and why."""

    action: str
    reason: str
    source: str  # as AWS takes it
    image: Shape  # the one that has the AMIs, is in flight or failed; empty for a new distribution
    tags: t.Dict[str, str]  # how the image of a distribution tells what it is of
    wanted: t.Set[Place]
    there: t.Dict[Place, str]  # AMI by place


def distribute(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have the AMIs of an image where the distribution configuration wants them. Returns what the task registers."""
    if (params["follow"] or {}).get("id"):
        return followed(aws, params, params["follow"]["id"], {"changed": True})
    try:
        todo = decided(aws, params)
    except NotThere as problem:
        if check_mode:
            told = {
                "changed": True,
                "joined": False,
                "reason": str(problem),
                "source": problem.details.get("source", {}),
            }
            return {**told, "places": [], **shown({})}
        raise
    told = _told(todo)
    if check_mode or todo.action == NOTHING:
        return {**told, **shown((read(aws, "image", todo.image["arn"]) if todo.image else None) or {})}
    arn = _started(aws, params, todo)
    if params["wait"]:
        return followed(aws, params, arn, told)
    return {**told, **shown(read(aws, "image", arn) or {"arn": arn})}


def decided(aws: Connection, params: Shape) -> Todo:
    """Reads only: the source, the distribution configuration, and what was distributed before."""
    name = params["source_image"]
    images, _now = summaries(aws, "list_image_build_versions")
    ami, source = source_of(aws, name, images, params["required_tags"] or {})
    arn = full_arn(aws, DISTRIBUTION, params["distribution_configuration_arn"])
    try:
        distribution = there(aws, DISTRIBUTION, arn)
    except NotThere as problem:
        raise NotThere(str(problem), source=_source(ami, source)) from None
    tags = {SOURCE_TAG: ami, DIGEST_TAG: _digest(distribution)}
    related = [image for image in images if _is_of(image, ami, aws.region)]
    same = [image for image in related if tags.items() <= _tags(image).items()]
    wanted = distributed_places(aws, distribution)
    held = {(aws.region, aws.account_id): ami, **_held(related)}
    newest = max(same, key=created, default={})
    if status(newest) in IN_FLIGHT:
        reason = f"{tail(newest['arn'])} is {status(newest)}, so this distribution is used"
        return Todo(JOIN, reason, source, newest, tags, wanted, held)
    served = None if params["force"] else _served(aws, same, related, distribution, wanted)
    if served:
        return Todo(NOTHING, f"{tail(served['arn'])} has been distributed so", source, served, tags, wanted, held)
    if status(newest) in ("FAILED", "CANCELLED") and not params["force"]:
        reason = f"{tail(newest['arn'])} is {status(newest)}, so its distribution is retried"
        return Todo(RETRY, reason, source, newest, tags, wanted, held)
    return Todo(DISTRIBUTE, _why(params, name, wanted - set(held), tail(arn)), source, {}, tags, wanted, held)


def source_of(aws: Connection, text: str, images: t.List[Shape], required: Shape) -> t.Tuple[str, str]:
    """The AMI of this Region that is distributed, and the source as AWS takes it. Raises NotThere when there is no such image."""
    if AMI.fullmatch(text) or text.startswith("ssm:"):
        ami = _resolved(aws, text)
        image = next((one for one in images if SOURCE_TAG not in _tags(one) and _has(one, ami, aws.region)), {})
        _refuse_untagged(text, image, required)
        return ami, ami
    image = _named(aws, full_arn(aws, "image", text), images)
    if status(image) != "AVAILABLE":
        raise Refused(f"{tail(image['arn'])} is {status(image)}, and AWS distributes only available images")
    _refuse_untagged(tail(image["arn"]), image, required)
    here = [ami for ami in amis(image) if ami["region"] == aws.region]
    if not here:
        raise Refused(f"{tail(image['arn'])} has no AMI in {aws.region}. Run the task in a Region where it has one")
    return image_ids({**image, "outputResources": {"amis": here}})[aws.region], image["arn"]


def _source(ami: str, source: str) -> Shape:
    """What is distributed, as the task registers it."""
    return {"image_id": ami, "arn": source if source != ami else None}


def _resolved(aws: Connection, text: str) -> str:
    try:
        return resolve_parent(aws, text, "source_image")["ami"]
    except Refused as problem:
        raise NotThere(str(problem)) from None


def _named(aws: Connection, arn: str, images: t.List[Shape]) -> Shape:
    """The build of an ARN, or the newest one that is available. A name does not stand for what a distribution made of it."""
    own = [image for image in images if matches(arn, image["arn"])]
    built = [image for image in own if SOURCE_TAG not in _tags(image) and status(image) == "AVAILABLE"]
    return max(built or own, key=lambda image: order(image["arn"]), default=None) or there(aws, "image", arn)


def _tags(image: Shape) -> Shape:
    return image.get("tags") or {}


def _refuse_untagged(name: str, image: Shape, required: Shape) -> None:
    missing = [key for key, value in required.items() if _tags(image).get(key) != str(value)]
    if missing:
        raise Refused(
            f"{name} does not have the required tags {', '.join(sorted(missing))}. Tag the image when it has passed, or change required_tags"
        )


def _has(image: Shape, ami: str, region: str) -> bool:
    return any((each["region"], each["image"]) == (region, ami) for each in amis(image))


def _is_of(image: Shape, ami: str, region: str) -> bool:
    """Whether an image was distributed from the AMI, or made it."""
    return _has(image, ami, region) or _tags(image).get(SOURCE_TAG) == ami


def _held(images: t.List[Shape]) -> t.Dict[Place, str]:
    """AMI by place, the newest image's where there are several."""
    done = sorted((image for image in images if status(image) == "AVAILABLE"), key=created)
    return {
        (ami["region"], str(ami.get("accountId") or image["arn"].split(":")[4])): ami["image"]
        for image in done
        for ami in amis(image)
    }


def _served(
    aws: Connection, same: t.List[Shape], related: t.List[Shape], distribution: Shape, wanted: t.Set[Place]
) -> t.Optional[Shape]:
    """The image that has everything as wanted: one that was distributed so, or one that was built with the same distribution."""
    home = {(aws.region, aws.account_id)}
    available = [image for image in related if status(image) == "AVAILABLE" and wanted <= places(image) | home]
    for image in sorted(available, key=created, reverse=True):
        if image in same:
            return image
        if SOURCE_TAG not in _tags(image):
            built = (read(aws, "image", image["arn"]) or {}).get("distributionConfiguration") or {}
            if _digest(built) == _digest(distribution):
                return image
    return None


def _digest(distribution: Shape) -> str:
    return content_digest({"distributions": distribution.get("distributions", [])})


def _why(params: Shape, name: str, missing: t.Set[Place], distribution: str) -> str:
    if params["force"]:
        return "force is set"
    where = ", ".join(" of account ".join(place) for place in sorted(missing))
    return f"{name} is not in {where}" if where else f"{name} has not been distributed by {distribution} as it is now"


def _started(aws: Connection, params: Shape, todo: Todo) -> str:
    """Start what has to be started. botocore's client token makes a repeated request the same distribution."""
    client = aws.client(SERVICE)
    if todo.action == JOIN:
        return str(todo.image["arn"])
    if todo.action == RETRY:
        return str(client.retry_image(imageBuildVersionArn=todo.image["arn"])["imageBuildVersionArn"])
    group = (params["logging_configuration"] or {}).get("log_group_name")
    answer = client.distribute_image(
        sourceImage=todo.source,
        distributionConfigurationArn=full_arn(aws, DISTRIBUTION, params["distribution_configuration_arn"]),
        executionRole=params["execution_role"],
        tags={**{key: str(value) for key, value in (params["tags"] or {}).items()}, **todo.tags},
        **({"loggingConfiguration": {"logGroupName": group}} if group else {}),
    )
    return str(answer["imageBuildVersionArn"])


def _told(todo: Todo) -> Shape:
    before, after = set(todo.there) & todo.wanted, todo.wanted
    changed = todo.action != NOTHING
    return {
        "changed": changed,
        "joined": todo.action == JOIN,
        "reason": todo.reason,
        "source": _source(todo.tags[SOURCE_TAG], todo.source),
        "places": [
            {"region": place[0], "account_id": place[1], "image_id": todo.there.get(place)}
            for place in sorted(todo.wanted)
        ],
        "diff": {"before": _diff(before, todo, not changed), "after": _diff(after, todo, True)},
    }


def _diff(of: t.Set[Place], todo: Todo, done: bool) -> Shape:
    return {"places": sorted("/".join(place) for place in of), "digest": todo.tags[DIGEST_TAG] if done else ""}
