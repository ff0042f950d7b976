# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decide whether an image has to be built, and start it. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import datetime
import typing as t
from email.utils import parsedate_to_datetime

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import pages
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.inputs import (
    Inputs,
    Source,
    inputs_of,
    marks,
    source_of,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE

IN_FLIGHT = ("PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING")
PAGE = 100
SOURCE_TAG = "slipway:source-image"  # of an image that a distribution made: the AMI that was distributed
NOTHING, JOIN, BUILD = "nothing", "join", "build"


class Decision(t.NamedTuple):
    """What to do, and why."""

    action: str  # nothing, join, build
    reason: str
    source: Source
    inputs: Inputs
    image: Shape  # the one to join, or the newest available one; empty when there is none


def decide(aws: Connection, params: Shape) -> Decision:
    """Reads only: what shapes the image, which builds there are, and how they compare."""
    source = source_of(aws, params)
    inputs = inputs_of(aws, source)
    images, now = builds(aws, source)
    running = [each for each in images if status(each) in IN_FLIGHT and marks(each)[0] in ("", inputs.digest)]
    if running:
        image = max(running, key=_created)
        reason = f"{tail(image['arn'])} is {status(image)}, so this build is used"
        return Decision(JOIN, reason, source, inputs, image)
    newest = max((each for each in images if status(each) == "AVAILABLE"), key=_created, default={})
    why = stale(aws, params, source, inputs, newest, now)
    reason = why or f"{tail(newest['arn'])} was built from the same inputs"
    return Decision(BUILD if why else NOTHING, reason, source, inputs, newest)


def stale(
    aws: Connection, params: Shape, source: Source, inputs: Inputs, newest: Shape, now: datetime.datetime | None
) -> str:
    """Why the newest available image will not do; empty when it will."""
    if not newest:
        return f"there is no available image of {source.label} yet"
    name, digest = tail(newest["arn"]), marks(newest)[0]
    if params["force"]:
        return "force is set"
    if not digest:
        return f"{name} has no record of its inputs"
    if digest != inputs.digest:
        return f"{name} was built with another {_moved(newest, inputs)}"
    missing = sorted(wanted_places(aws, source) - places(newest))
    if missing:
        return f"{name} is not in {', '.join(' of account '.join(place) for place in missing)}"
    return _too_old(newest, params["max_age_days"], now)


def builds(aws: Connection, source: Source) -> tuple[list[Shape], datetime.datetime | None]:
    """Builds of a pipeline, or of the recipe's name; and the service's clock, from the Date of its answer."""
    if source.pipeline:
        return summaries(aws, "list_image_pipeline_images", imagePipelineArn=source.pipeline)
    names = [{"name": "name", "values": [source.recipe["name"]]}]
    found, now = summaries(aws, "list_image_build_versions", filters=names)
    return [image for image in found if SOURCE_TAG not in (image.get("tags") or {})], now


def summaries(aws: Connection, operation: str, **asked: t.Any) -> tuple[list[Shape], datetime.datetime | None]:
    """All pages of a list of image builds, and the service's clock."""
    found: list[Shape] = []
    now = None
    for page in pages(aws, SERVICE, operation, maxResults=PAGE, **asked):
        found += page.get("imageSummaryList", [])
        now = service_clock(page)
    return found, now


def service_clock(answer: Shape) -> datetime.datetime | None:
    """When the service answered, by its own clock; the clock of this machine may be wrong."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    return parsedate_to_datetime(date) if date else None


def created(image: Shape) -> datetime.datetime:
    """When an image was begun; Python 3.10 does not read the Z of UTC."""
    return datetime.datetime.fromisoformat(str(image["dateCreated"]).replace("Z", "+00:00"))


def status(image: Shape) -> str:
    """The state in one word."""
    return str((image.get("state") or {}).get("status", ""))


def places(image: Shape) -> set[tuple[str, str]]:
    """Region and account of every AMI and container image; one that names no account is the image's owner's."""
    owner = image["arn"].split(":")[4]
    return {(each["region"], str(each.get("accountId") or owner)) for each in [*amis(image), *containers(image)]}


def amis(image: Shape) -> list[Shape]:
    """The AMIs an image came to be."""
    made = (image.get("outputResources") or {}).get("amis") or []
    return [ami for ami in made if ami.get("image") and ami.get("region")]


def containers(image: Shape) -> list[Shape]:
    """The container images an image came to be, by Region."""
    made = (image.get("outputResources") or {}).get("containers") or []
    return [each for each in made if each.get("region")]


def image_uris(image: Shape) -> dict[str, list[str]]:
    """URIs of container images by Region."""
    return {each["region"]: list(each.get("imageUris") or []) for each in containers(image)}


def image_ids(image: Shape) -> dict[str, str]:
    """AMI id by Region: this account's own where there are copies in several."""
    owner = str(image.get("arn", "::::").split(":")[4])
    ordered = sorted(amis(image), key=lambda ami: str(ami.get("accountId")) == owner)
    return {ami["region"]: ami["image"] for ami in ordered}


def wanted_places(aws: Connection, source: Source) -> set[tuple[str, str]]:
    """Where AMIs or container images have to be by the distribution configuration."""
    if source.recipe.get("containerType"):
        given = source.distribution.get("distributions", [])
        return {(each["region"], aws.account_id) for each in given if each.get("containerDistributionConfiguration")}
    return distributed_places(aws, source.distribution) if source.distribution else {(aws.region, aws.account_id)}


def distributed_places(aws: Connection, distribution: Shape) -> set[tuple[str, str]]:
    """Region and account of every AMI that a distribution configuration makes or shares: a Region without one for AMIs counts for nothing."""
    found = set()
    for each in distribution.get("distributions", []):
        targets = each.get("amiDistributionConfiguration", {}).get("targetAccountIds")
        found |= {(each["region"], account) for account in targets or [aws.account_id]}
    return found


def start(aws: Connection, decision: Decision, tags: Shape | None) -> str:
    """Start the build and return its ARN. botocore's client token makes a repeated request the same build."""
    marked = {**{key: str(value) for key, value in (tags or {}).items()}, **decision.inputs.tags()}
    client, source = aws.client(SERVICE), decision.source
    if source.pipeline:
        answer = client.start_image_pipeline_execution(imagePipelineArn=source.pipeline, tags=marked)
    else:
        answer = client.create_image(**source.members, tags=marked)
    return str(answer["imageBuildVersionArn"])


def _moved(newest: Shape, inputs: Inputs) -> str:
    before = marks(newest)[1]
    names = {"parentImage": "parent image", "components": "set of components", "workflows": "set of workflows"}
    moved = [names.get(name, name) for name, value in inputs.parts.items() if before.get(name) != value]
    return " and ".join(moved) or "input"


def _too_old(newest: Shape, max_age_days: int | None, now: datetime.datetime | None) -> str:
    if max_age_days is None or now is None:
        return ""
    days = (now - created(newest)).total_seconds() / 86_400
    return f"{tail(newest['arn'])} is {int(days)} days old, more than {max_age_days}" if days > max_age_days else ""


def _created(image: Shape) -> str:
    return str(image.get("dateCreated", ""))
