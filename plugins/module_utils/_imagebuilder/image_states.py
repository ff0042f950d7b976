# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The acts on images that are there: cancel or retry a build, deprecate, disable, and bring back. Private.

A state of an image alone changes at once. Where its AMIs are included AWS makes a lifecycle execution of it, and
refuses a second one for the image until the first is over: so one that is in progress is waited for before anything else.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_allowed, if_readable
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, watch
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.baking import followed, shown
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.clearing import images_of
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.executions import (
    awaited,
    exclusions,
    in_progress,
    refuse_failed,
    within,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.images import (
    IN_FLIGHT,
    SOURCE_TAG,
    amis,
    created,
    status,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE, read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed

ROUNDED = datetime.timedelta(minutes=1)  # EC2 keeps the time of a deprecation to the minute
STATES = {"deprecated": "DEPRECATED", "disabled": "DISABLED", "available": "AVAILABLE"}
CHANGEABLE = tuple(STATES.values())
UNFINISHED = ("PENDING", "CREATING", "BUILDING")  # a build that failed in one of these has no AMI to go on with


def cancel(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have no build in progress. Returns what the task registers."""
    images = _known(aws, params)
    running = [image for image in images if status(image) in IN_FLIGHT]
    if not running:
        newest = _newest(images)
        why = f"{tail(newest['arn'])} is {status(newest)}" if newest else "there is no image yet"
        return _told(False, f"no build is in progress: {why}", newest)
    told = _told(
        True, ", ".join(f"{tail(each['arn'])} is {status(each)}" for each in running), _newest(running), "CANCELLED"
    )
    if not check_mode:
        running = [_cancelled(aws, params, image["arn"]) for image in running]
        told |= shown(_newest(running))
    ended = [image for image in running if check_mode or not params["wait"] or status(image) == "CANCELLED"]
    return {**told, "changed": bool(ended), "cancelled": [each["arn"] for each in ended]}


def retry(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have the build that failed or was cancelled go on where it ended. Returns what the task registers."""
    if (params["follow"] or {}).get("id"):
        return followed(aws, params, params["follow"]["id"], {"changed": True})
    image = _newest(_known(aws, params))
    if not image:
        raise Refused("there is no image whose build could be retried. Build one with state=present")
    state, name = status(image), tail(image["arn"])
    if state in IN_FLIGHT:
        told = _told(False, f"{name} is {state}, so this build is used", image)
        return followed(aws, params, image["arn"], told) if params["wait"] and not check_mode else told
    if state in CHANGEABLE:
        return _told(False, f"{name} is {state}, so there is nothing to retry", image)
    _refuse_retry(aws, image)
    told = _told(True, f"{name} is {state}", image, "AVAILABLE")
    if check_mode:
        return told
    aws.client(SERVICE).retry_image(imageBuildVersionArn=image["arn"])
    if params["wait"]:
        return followed(aws, params, image["arn"], told)
    return {**told, **shown(read(aws, "image", image["arn"]) or image)}


def change_state(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have an image deprecated, disabled or available. Returns what the task registers."""
    wish = STATES[params["state"]]
    moment, image = _moment(params["update_at"]), _one(aws, params)
    before = None if check_mode else in_progress(aws, image)
    if before:
        awaited(aws, params, before)
        image = _one(aws, params)
    if _is(aws, params, image, wish, moment):
        return _told(False, f"{tail(image['arn'])} is {status(image)}", image)
    _refuse_change(image, wish)
    if check_mode:
        return _told(True, f"{tail(image['arn'])} is {status(image)}", image, wish)
    told = _told(True, f"{tail(image['arn'])} was {status(image)}", image, wish)
    execution = aws.client(SERVICE).start_resource_state_update(**_update(params, image, wish, moment))
    if params["wait"] and execution.get("lifecycleExecutionId"):
        refuse_failed(aws, image, awaited(aws, params, execution["lifecycleExecutionId"]))
    return {**told, **shown(_one(aws, params))}


def _told(changed: bool, reason: str, image: Shape, then: t.Optional[str] = None) -> Shape:
    before = {"state": status(image)} if image else {}
    after = {"state": then} if changed and then else before
    return {"changed": changed, "reason": reason, "diff": {"before": before, "after": after}, **shown(image)}


def _known(aws: Connection, params: Shape) -> t.List[Shape]:
    """The images the task speaks of: one that is named, which has to be there, or builds, which distributions are not."""
    images = images_of(aws, params)
    if not params["image_build_version_arn"]:
        return [image for image in images if SOURCE_TAG not in (image.get("tags") or {})]
    if not images:
        raise Refused(f"there is no image {params['image_build_version_arn']} in {aws.region}. Check name and version")
    return images


def _newest(images: t.List[Shape]) -> Shape:
    return max(images, key=created, default={})


def _one(aws: Connection, params: Shape) -> Shape:
    return _known(aws, params)[0]


def _cancelled(aws: Connection, params: Shape, arn: str) -> Shape:
    """The image after its build was cancelled; one that ended in the meantime cannot be, and that is no failure."""
    try:
        aws.client(SERVICE).cancel_image_creation(imageBuildVersionArn=arn)
    except is_boto3_error_code("InvalidRequestException"):
        if status(read(aws, "image", arn) or {}) in IN_FLIGHT:
            raise

    def look() -> Look:
        state = status(read(aws, "image", arn) or {})
        return Look(state, done=state not in IN_FLIGHT)

    if params["wait"] and not watch(look, within(params)).done:
        raise Refused(
            f"{tail(arn)} is still being cancelled. Run the task again to wait for it, or increase wait_timeout"
        )
    return read(aws, "image", arn) or {"arn": arn}


def _refuse_retry(aws: Connection, image: Shape) -> None:
    name, context = tail(image["arn"]), (image.get("state") or {}).get("failureContext") or {}
    ended = context.get("imageStatus")
    if image.get("type") == "DOCKER":
        raise Refused(f"{name} is a container image, and AWS retries only builds of AMIs. Use state=present")
    if status(image) == "DELETED":
        raise Refused(f"{name} was deleted. Build a new image with state=present")
    if ended in UNFINISHED or (not ended and _is_unbuilt(aws, image)):
        how = f"failed before its AMI was made ({ended})" if ended else "was cancelled before its AMI was made"
        raise Refused(
            f"{name} {how}, and AWS retries only tests and distribution. Build a new image with state=present"
        )


def _is_unbuilt(aws: Connection, image: Shape) -> bool:
    """A cancelled build does not tell how far it was, but its workflows do, for as long as AWS lists them."""
    asked = {"imageBuildVersionArn": image["arn"]}
    runs = if_readable(lambda: listed(aws, "list_workflow_executions", "workflowExecutions", **asked)) or []
    built = [run.get("status") == "COMPLETED" for run in runs if run.get("type") == "BUILD"]
    return bool(built) and not any(built)


def _moment(text: t.Optional[str]) -> t.Optional[datetime.datetime]:
    if text is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise Refused(f"update_at {text!r} is not a time. Use a form like 2026-12-24T18:00:00Z") from None
    if moment.tzinfo is None:
        raise Refused(f"update_at {text!r} has no time zone. Add one, for example Z for UTC")
    return moment


def _is(aws: Connection, params: Shape, image: Shape, wish: str, moment: t.Optional[datetime.datetime]) -> bool:
    """Whether nothing is left to do, with the AMIs where they are included."""
    planned = image.get("deprecationTime")
    if moment is not None:
        return bool(planned and abs(planned - moment) < ROUNDED)
    done = status(image) == wish and (wish != "AVAILABLE" or planned is None)
    include = (params["include_resources"] or {}).get("amis")
    if params["exclusion_rules"]:  # which AMIs are excluded is for AWS to say
        return done
    return done and (not include or all(_ami_is(aws, ami, wish) for ami in amis(image)))


def _ami_is(aws: Connection, ami: Shape, wish: str) -> bool:
    """Whether an AMI is as wished; one that is gone, or of another account, or may not be seen, is left to AWS."""
    asked = {"Filters": [{"Name": "image-id", "Values": [ami["image"]]}]}
    asked_all = {**asked, "IncludeDeprecated": True, "IncludeDisabled": True}
    client = aws.in_region(ami["region"]).client("ec2")
    found: t.List[Shape] = if_allowed(lambda: client.describe_images(**asked_all)["Images"], [])
    is_so = {
        "DEPRECATED": lambda one: bool(one.get("DeprecationTime")),
        "DISABLED": lambda one: one.get("State") == "disabled",
        "AVAILABLE": lambda one: one.get("State") == "available" and not one.get("DeprecationTime"),
    }
    return all(is_so[wish](one) for one in found)


def _refuse_change(image: Shape, wish: str) -> None:
    name, state = tail(image["arn"]), status(image)
    if image.get("type") == "DOCKER":
        raise Refused(f"{name} is a container image, and AWS can only delete those. Use state=absent")
    if state in IN_FLIGHT:
        raise Refused(f"{name} is {state}. Wait until the build has finished, or cancel it with state=cancelled")
    if state not in CHANGEABLE:
        raise Refused(f"{name} is {state} and cannot become {wish}. Remove it with state=absent")


def _update(params: Shape, image: Shape, wish: str, moment: t.Optional[datetime.datetime]) -> Shape:
    wanted: Shape = {"resourceArn": image["arn"], "state": {"status": wish}}
    if (params["include_resources"] or {}).get("amis"):
        wanted |= {"executionRole": params["execution_role"], "includeResources": {"amis": True}, **exclusions(params)}
    return {**wanted, "updateAt": moment} if moment else wanted


def refuse_options(params: Shape) -> None:
    """Raise Refused for options that do not go with the state of a task."""
    include, arn = (params["include_resources"] or {}).get("amis"), params["image_build_version_arn"]
    if params["state"] in STATES and bool(include) != bool(params["execution_role"]):
        raise Refused(
            "include_resources.amis and execution_role require each other, because AWS changes AMIs with that role"
        )
    deletes = params["state"] == "absent" and params["delete_resources"] and params["execution_role"]
    if params["exclusion_rules"] and not (deletes or (params["state"] in STATES and include)):
        raise Refused(
            "exclusion_rules requires include_resources.amis, or state=absent with delete_resources and execution_role, because they are about AMIs"
        )
    if params["update_at"] is not None and params["state"] != "deprecated":
        raise Refused("update_at requires state=deprecated")
    if arn and not arn.rpartition("/")[2].isdecimal():  # without the build it would be another image tomorrow
        raise Refused(f"image_build_version_arn {arn!r} needs version and build number, for example web/1.0.3/2")
