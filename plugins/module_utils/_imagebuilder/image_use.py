# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What needs the images of an account: hosts, Auto Scaling groups, launch templates, recipes, other accounts. Private.

The number of calls depends on the Regions and on the launch templates in use, not on the number of images. Only for images
that would be disabled or deleted one call for each AMI tells who else can launch it. A read that is refused fails the task:
what cannot be seen may be in use.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import matches, order, tail, versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.clearing import images_of
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import amis, status, summaries
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.launch_use import (
    Uses,
    parameters,
    uses_in_region,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.retirement import (
    DELETE,
    DISABLE,
    Policy,
    age_days,
    verdicts,
)

SSM = "ssm:"
SUBJECTS = ("image_pipeline_arn", "image_recipe_arn")


def use_of_images(aws: Connection, params: Shape) -> t.List[Shape]:
    """The images with what needs them and what can be done with them, newest first."""
    everything = [image for image in summaries(aws, "list_image_build_versions")[0] if status(image) != "DELETED"]
    chosen = _chosen(aws, params, everything)
    uses = _uses(aws, params, everything, chosen)
    for image in chosen:
        image["heldBy"] = _said(aws, image, uses)
        image["sharedWith"] = None
    policy = _policy(aws, params)
    for image in _going(chosen, policy):
        image["sharedWith"] = _others(aws, image)
    decided = verdicts(chosen, policy)
    told = [_told(image, decided[image["arn"]]._asdict(), policy) for image in chosen]
    return sorted(told, key=lambda image: (versionless(image["arn"]), order(image["arn"])), reverse=True)


def _chosen(aws: Connection, params: Shape, everything: t.List[Shape]) -> t.List[Shape]:
    """The images of a pipeline or a recipe, or all of them."""
    if not any(params.get(name) for name in SUBJECTS):
        return everything
    wanted = {image["arn"] for image in images_of(aws, params)}
    return [image for image in everything if image["arn"] in wanted]


def _policy(aws: Connection, params: Shape) -> Policy:
    steps = (params["deprecate_after_days"], params["disable_after_days"], params["delete_after_days"])
    return Policy(aws.now(), params["keep"], *steps, notice=params["notice_days"])


def _uses(aws: Connection, params: Shape, everything: t.List[Shape], chosen: t.List[Shape]) -> Uses:
    """What needs each AMI and each image. Other images of the account tell which launch templates are worth reading."""
    known = _own(aws, everything)
    uses: Uses = {}
    for region in sorted({region for region, _ami in _own(aws, chosen)}):
        ids = {ami for where, ami in known if where == region}
        for ami, users in uses_in_region(aws.in_region(region), ids, params["rollback_days"], aws.now()).items():
            uses.setdefault(ami, []).extend(users)
    for image, users in _recipes(aws, everything).items():
        uses.setdefault(image, []).extend(users)
    return uses


def _own(aws: Connection, images: t.Iterable[Shape]) -> t.Set[t.Tuple[str, str]]:
    """Region and id of the AMIs that this account owns; what others own is out of sight."""
    return {
        (ami["region"], ami["image"])
        for image in images
        for ami in amis(image)
        if str(ami.get("accountId") or aws.account_id) == aws.account_id
    }


def _recipes(aws: Connection, everything: t.List[Shape]) -> Uses:
    """The images and AMIs that recipes build upon."""
    found: t.List[t.Tuple[str, str]] = []
    for kind, operation, key in (
        ("image recipe", "list_image_recipes", "imageRecipeSummaryList"),
        ("container recipe", "list_container_recipes", "containerRecipeSummaryList"),
    ):
        for recipe in listed(aws, operation, key):
            parents = [str(recipe[member]) for member in ("parentImage", "instanceImage") if recipe.get(member)]
            found += [(parent, f"{kind} {tail(recipe['arn'])}") for parent in parents]
    values = parameters(aws, [parent[len(SSM) :] for parent, _user in found if parent.startswith(SSM)])
    uses: Uses = {}
    for parent, user in found:
        uses.setdefault(values.get(parent[len(SSM) :]) or _meant(parent, everything), []).append(user)
    return uses


def _meant(parent: str, everything: t.List[Shape]) -> str:
    """The AMI, or the ARN of the image, that a parent stands for at present."""
    arns = {image["arn"]: status(image) for image in everything}
    if not parent.startswith("arn:") or parent in arns:
        return parent
    return max(
        (arn for arn, state in arns.items() if state == "AVAILABLE" and matches(parent, arn)), key=order, default=""
    )


def _said(aws: Connection, image: Shape, uses: Uses) -> t.List[str]:
    keys = [image["arn"], *(ami for _region, ami in sorted(_own(aws, [image])))]
    return list(dict.fromkeys(user for key in keys for user in uses.get(key, [])))


def _going(images: t.List[Shape], policy: Policy) -> t.List[Shape]:
    """The images of which it matters who else can launch them."""
    decided = verdicts(images, policy)
    return [image for image in images if decided[image["arn"]].action in (DISABLE, DELETE)]


def _others(aws: Connection, image: Shape) -> t.List[str]:
    """Accounts, organizations and units that have a copy or can launch one."""
    found = {f"account {ami['accountId']}" for ami in amis(image) if ami.get("accountId") not in (None, aws.account_id)}
    for region, ami in sorted(_own(aws, [image])):
        found |= set(_permitted(aws.in_region(region), ami))
    return sorted(found)


def _permitted(aws: Connection, ami: str) -> t.Iterator[str]:
    client = aws.client("ec2")
    if not client.describe_images(Filters=[{"Name": "image-id", "Values": [ami]}], IncludeDisabled=True)["Images"]:
        return  # gone already, so nobody can launch it
    answer = client.describe_image_attribute(ImageId=ami, Attribute="launchPermission")
    for permission in answer.get("LaunchPermissions", []):
        if permission.get("Group"):
            yield "everybody"
        if permission.get("UserId") not in (None, aws.account_id):
            yield f"account {permission['UserId']}"
        for member in ("OrganizationArn", "OrganizationalUnitArn"):
            if permission.get(member):
                yield permission[member]


def _told(image: Shape, verdict: Shape, policy: Policy) -> Shape:
    members = ("arn", "name", "version", "state", "dateCreated", "deprecationTime", "tags", "heldBy", "sharedWith")
    return {
        **{member: image.get(member) for member in members},
        "ageDays": age_days(image, policy.now),
        "amis": amis(image),
        **verdict,
    }
