# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove images: the records, and when asked the AMIs and snapshots they stand for. Private to this collection.

Deleting an image in Image Builder removes the record only. AMIs of this account are deregistered here with their
snapshots; AMIs in other accounts are out of the caller's reach and are reported. With an execution role the service
does it all, other accounts' copies and container images in ECR included.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, watch
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn, tail, versionless
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.executions import (
    awaited,
    exclusions,
    in_progress,
    look,
    refuse_failed,
    within,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    IN_FLIGHT,
    amis,
    containers,
    status,
    summaries,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import (
    SERVICE,
    complete_build,
    deleter,
    read,
)

GONE = ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"]
WITH_SNAPSHOTS = "DeleteAssociatedSnapshots"  # member of DeregisterImage since botocore 1.40.0
DELETED = ("success", "skipped")  # a snapshot that another AMI has too is skipped


class Clearance(t.NamedTuple):
    """What goes and what is left behind."""

    images: list[Shape]
    delete: list[Shape]  # AMIs and container images, as in outputResources
    left: list[Shape]  # those that stay, with `reason`


def clearance(aws: Connection, params: Shape) -> Clearance:
    """Which images and AMIs would go. Raises Refused when one is still being built."""
    images = [each for each in images_of(aws, params) if status(each) != "DELETED"]
    building = [tail(each["arn"]) for each in images if status(each) in IN_FLIGHT]
    if building:
        raise Refused(
            f"{', '.join(building)} is still being built. Wait until the build has finished, or cancel it with state=cancelled"
        )
    delete: list[Shape] = []
    left: list[Shape] = []
    for ami in (ami for image in images for ami in amis(image)):
        reason = _stays(aws, params, ami)
        left += [{**ami, "reason": reason}] if reason else []
        delete += [] if reason else [ami]
    for place in (place for image in images for place in containers(image)):
        reason = _stays_in_registry(params)
        left += [{**place, "reason": reason}] if reason else []
        delete += [] if reason else [place]
    return Clearance(images, delete, left)


def clear(aws: Connection, params: Shape, todo: Clearance) -> Clearance:
    """Carry it out. Returns what went: an image stays if AWS skips one of its AMIs."""
    role, stayed = params["execution_role"], []
    for image in todo.images:
        if role and params["delete_resources"] and (amis(image) or containers(image)):
            if not _is_deleted_with_role(aws, params, image):
                stayed.append(image)
            continue
        for ami in (ami for ami in amis(image) if ami in todo.delete):
            _deregister(aws.in_region(ami["region"]), ami["image"])
        deleter("image")(aws, image)
    places = [place for image in stayed for place in (*amis(image), *containers(image))]
    kept = [{**place, "reason": "exclusion_rules apply to an AMI of the image"} for place in places]
    gone = [place for place in todo.delete if place not in places]
    return Clearance([image for image in todo.images if image not in stayed], gone, [*todo.left, *kept])


def images_of(aws: Connection, params: Shape) -> list[Shape]:
    """The image of an ARN, or all of a pipeline or of a recipe's name."""
    complete_build(aws, params)
    if params["image_build_version_arn"]:
        arn = full_arn(aws, "image", params["image_build_version_arn"])
        found = read(aws, "image", arn)
        return [found] if found else []
    if params["image_pipeline_arn"]:
        return summaries(aws, "list_image_pipeline_images", imagePipelineArn=params["image_pipeline_arn"])[0]
    # names are listed as they were first written, so the ARN has to tell which are meant
    stem = versionless(params["image_recipe_arn"] or params["container_recipe_arn"]).replace("-recipe/", "/")
    stem = stem.replace(":container/", ":image/")
    return [each for each in summaries(aws, "list_image_build_versions")[0] if versionless(each["arn"]) == stem]


def _stays(aws: Connection, params: Shape, ami: Shape) -> str:
    if not params["delete_resources"]:
        return "delete_resources is not set"
    if params["execution_role"] or str(ami.get("accountId")) == aws.account_id:
        return ""
    return f"it belongs to account {ami.get('accountId')}. Set execution_role, or remove the AMI in that account"


def _stays_in_registry(params: Shape) -> str:
    if not params["delete_resources"]:
        return "delete_resources is not set"
    return "" if params["execution_role"] else "execution_role is not set. Set it, or remove the image in Amazon ECR"


def _is_deleted_with_role(aws: Connection, params: Shape, image: Shape) -> bool:
    """Whether AWS deletes the image, after what it does to the image at present: that may be the deletion of an earlier run."""
    before = in_progress(aws, image)
    if before and awaited(aws, params, before) and _is_gone(aws, image["arn"]):
        return True
    execution = _update_state(aws, params, image)
    return not params["wait"] or _is_deleted(aws, params, image, execution)


def _is_gone(aws: Connection, arn: str) -> bool:
    return status(read(aws, "image", arn) or {}) in ("", "DELETED")


def _update_state(aws: Connection, params: Shape, image: Shape) -> t.Optional[str]:
    """The execution that deletes the image."""
    kinds = ["amis", "snapshots"] if amis(image) else ["containers"]
    answer = aws.client(SERVICE).start_resource_state_update(
        resourceArn=image["arn"],
        state={"status": "DELETED"},
        executionRole=params["execution_role"],
        includeResources=dict.fromkeys(kinds, True),
        **(exclusions(params) if amis(image) else {}),
    )
    return answer.get("lifecycleExecutionId")


def _is_deleted(aws: Connection, params: Shape, image: Shape, execution: t.Optional[str]) -> bool:
    """Whether the image is gone when its execution is over. Raises Refused when that failed."""
    arn = image["arn"]
    ended: t.List[str] = []

    def poll() -> Look:
        state = status(read(aws, "image", arn) or {})
        if state not in ("", "DELETED") and execution and look(aws, execution).done:
            ended.append(execution)
        return Look(state, done=state in ("", "DELETED") or bool(ended))

    if not watch(poll, within(params)).done:
        raise Refused(
            f"{tail(arn)} is still being removed. The removal continues in AWS. Run the task again to wait for it"
        )
    if not ended or _is_gone(aws, arn):
        return True
    refuse_failed(aws, image, (ended[0], look(aws, ended[0]).text))
    return False


def _deregister(aws: Connection, ami_id: str) -> None:
    """An AMI with its snapshots, in one call: nothing tells a later run which snapshots an AMI had. What is gone is passed over."""
    ec2 = aws.client("ec2")
    if WITH_SNAPSHOTS not in ec2.meta.service_model.operation_model("DeregisterImage").input_shape.members:
        text = "the installed botocore cannot remove an AMI together with its snapshots"
        raise Refused(f"{text}. Install botocore 1.40.0 or newer, or set delete_resources to false")
    try:
        answer = ec2.deregister_image(ImageId=ami_id, **{WITH_SNAPSHOTS: True})
    except is_boto3_error_code(GONE):
        return
    left = [one for one in answer.get("DeleteSnapshotResults") or [] if one.get("ReturnCode") not in DELETED]
    if left:
        told = ", ".join(f"{one['SnapshotId']} ({one['ReturnCode']})" for one in left)
        warn(f"The AMI {ami_id} was deregistered, but AWS did not delete its snapshots: {told}. Delete them in EC2.")
