# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which images can be deprecated, disabled and deleted, and why the others stay. Pure. Private to this collection.

An image that something needs stays as it is. One that other accounts can launch is deprecated first, which they see, and
goes on only when their notice is over, because nothing in this account tells what they launched from it.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail, versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    IN_FLIGHT,
    SOURCE_TAG,
    amis,
    created,
    status,
)

KEEP, DEPRECATE, DISABLE, DELETE = "keep", "deprecate", "disable", "delete"
STEPS = {DEPRECATE: "DEPRECATED", DISABLE: "DISABLED", DELETE: "DELETED"}  # in this order
RANKS = {"AVAILABLE": 0, "DEPRECATED": 1, "DISABLED": 2}
UNFINISHED = ("FAILED", "CANCELLED")  # AWS can only delete those
DAY = datetime.timedelta(days=1)


class Policy(t.NamedTuple):
    """When images go; days, None for a step that is not taken."""

    now: datetime.datetime
    keep: int = 1  # of the newest available images of each name
    deprecate: t.Optional[int] = None
    disable: t.Optional[int] = None
    delete: t.Optional[int] = None
    notice: int = 0


class Verdict(t.NamedTuple):
    """What is to be done with an image, and why."""

    action: str
    reason: str


def verdicts(images: t.Sequence[Shape], policy: Policy) -> t.Dict[str, Verdict]:
    """By ARN. An image has `heldBy`, a list of what needs it in words, and `sharedWith`, None where that was not read."""
    newest = _newest(images, policy.keep)
    newest |= {image["arn"] for image in images if (_source(image, images) or {}).get("arn") in newest}
    found = {image["arn"]: _verdict(image, policy, newest) for image in images}
    while True:
        kept = {image["arn"]: _shared_ami(image, images, found) for image in images}
        needed = {arn: Verdict(KEEP, why) for arn, why in kept.items() if why}
        if not needed:
            return found
        found |= needed


def _source(image: Shape, images: t.Sequence[Shape]) -> t.Optional[Shape]:
    """The image that a distribution is of: it is as new as that one."""
    ami = (image.get("tags") or {}).get(SOURCE_TAG)
    return next(
        (other for other in images if other is not image and ami in [one["image"] for one in amis(other)]), None
    )


def _newest(images: t.Sequence[Shape], keep: int) -> t.Set[str]:
    """ARNs of the newest available images of each name."""
    found: t.Dict[str, t.List[str]] = {}
    for image in sorted(images, key=created, reverse=True):
        if status(image) == "AVAILABLE" and not _source(image, images):
            found.setdefault(versionless(image["arn"]), []).append(image["arn"])
    return {arn for arns in found.values() for arn in arns[:keep]}


def _verdict(image: Shape, policy: Policy, newest: t.Set[str]) -> Verdict:
    state, days = status(image), age_days(image, policy.now)
    if state in IN_FLIGHT:
        return Verdict(KEEP, f"it is {state}")
    if image.get("type") == "DOCKER":
        return Verdict(KEEP, "a container image, whose use cannot be seen here")
    if image.get("heldBy"):
        return Verdict(KEEP, f"needed by {'; '.join(image['heldBy'])}")
    if image["arn"] in newest:
        return Verdict(
            KEEP, f"one of the newest {policy.keep} of its name" if policy.keep > 1 else "the newest of its name"
        )
    action = _due(state, days, policy)
    if action == KEEP:
        return Verdict(KEEP, f"{state}, {days} days old")
    return _noticed(image, policy, Verdict(action, f"{state}, {days} days old"))


def age_days(image: Shape, now: datetime.datetime) -> int:
    """Whole days since the build of an image began."""
    return int((now - created(image)) / DAY)


def _due(state: str, days: int, policy: Policy) -> str:
    """The step that goes furthest, unless the image is there already."""
    limits = {DEPRECATE: policy.deprecate, DISABLE: policy.disable, DELETE: policy.delete}
    due = [
        step
        for rank, (step, limit) in enumerate(limits.items(), 1)
        if limit is not None and days >= limit and rank > RANKS.get(state, 0)
    ]
    if state in UNFINISHED:
        due = [step for step in due if step == DELETE]
    return due[-1] if due else KEEP


def _noticed(image: Shape, policy: Policy, verdict: Verdict) -> Verdict:
    """What other accounts can launch goes when the notice is over that its deprecation gives them."""
    shared = image.get("sharedWith")
    if not shared or verdict.action == DEPRECATE or policy.notice <= 0:
        return verdict
    others = f"shared with {', '.join(shared)}"
    since = image.get("deprecationTime")
    if since is None and status(image) == "AVAILABLE":
        return Verdict(DEPRECATE, f"{verdict.reason}; {others}, who get {policy.notice} days notice")
    if since is None:
        return verdict
    ends = since + policy.notice * DAY
    if policy.now < ends:
        return Verdict(KEEP, f"{others}, whose notice ends on {ends.date().isoformat()}")
    return verdict


def _shared_ami(image: Shape, images: t.Sequence[Shape], found: t.Mapping[str, Verdict]) -> str:
    """Why an image has to stay for the sake of another one with the same AMI, as distributions have it."""
    action = found[image["arn"]].action
    if action == KEEP:
        return ""
    own = {ami["image"] for ami in amis(image)}
    for other in images:
        less = other["arn"] != image["arn"] and _rank(found[other["arn"]].action) < _rank(action)
        both = own & {ami["image"] for ami in amis(other)} if less else set()
        if both:
            return f"its AMI {min(both)} is an AMI of {tail(other['arn'])} too"
    return ""


def _rank(action: str) -> int:
    return [KEEP, *STEPS].index(action)
