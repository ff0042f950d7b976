# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for the nouns that can be changed: infrastructure, distribution, pipeline, lifecycle policy. Knows nothing of Ansible. Private.

Get answers with the tags, so they cost no call. Every update replaces the whole: what is sent is the live shape with
the wish laid over it, without what AWS assigns, so that nothing a task does not speak of is lost (an update of a
pipeline without `status` would enable it, one without `schedule` would delete the schedule).
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import CannotChange, Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given, option_name
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import complete, complete_items, own_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import RUNS_BY_DEFAULT, spoken

SERVICE = "imagebuilder"
MISSING = "ResourceNotFoundException"
INFRASTRUCTURE, DISTRIBUTION, PIPELINE = "infrastructure-configuration", "distribution-configuration", "image-pipeline"
BUILT = ("component", "image", "workflow")  # whose versions have builds
# What Get returns and Update does not take. Both recipe members of a pipeline stay: it has only one of them.
ASSIGNED = frozenset(
    {"arn", "name", "tags", "dateCreated", "dateUpdated", "timeoutMinutes", "platform"}
    | {"dateLastRun", "dateNextRun", "lastRunStatus", "consecutiveFailures"}
)


def find_infrastructure(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The infrastructure configuration as Get returns it, with AWS's defaults where it leaves them out."""
    live = read(aws, INFRASTRUCTURE, own_arn(aws, INFRASTRUCTURE, params["name"]))
    if live is None:
        need(params, "infrastructure configuration", "instance_profile_name")
        metadata = given(params.get("instance_metadata_options") or {})
        if metadata or params.get("instance_metadata_options") is None:  # an empty block asks for none
            params["instance_metadata_options"] = {"http_tokens": "required", **metadata}
        return None
    return {"terminateInstanceOnFailure": True, "terminateInstanceOnCompletion": True, **live}


def find_distribution(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The distribution configuration as Get returns it. A launch template's new version is its default when unset."""
    live = read(aws, DISTRIBUTION, own_arn(aws, DISTRIBUTION, params["name"]))
    if live is None:
        need(params, "distribution configuration", "distributions")
        return None
    for distribution in live.get("distributions", []):
        for template in distribution.get("launchTemplateConfigurations", []):
            template.setdefault("setDefaultVersion", True)
    return live


def find_pipeline(aws: Connection, params: Shape) -> t.Optional[Shape]:
    """The pipeline as Get returns it, with AWS's defaults where it leaves them out. Puts ARNs for names in params."""
    complete_build(aws, params)
    live = read(aws, PIPELINE, own_arn(aws, PIPELINE, params["name"]))
    if live is None:
        recipe = "container_recipe_arn" if params.get("container_recipe_arn") else "image_recipe_arn"
        need(params, "image pipeline", recipe, "infrastructure_configuration_arn")
        return None
    _refuse_switch(live, params)
    live = {
        "status": "ENABLED",
        "enhancedImageMetadataEnabled": True,
        "imageTestsConfiguration": RUNS_BY_DEFAULT,
        **live,
    }
    if live.get("schedule"):
        condition = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"
        live["schedule"] = {"timezone": "UTC", "pipelineExecutionStartCondition": condition, **live["schedule"]}
    same_role(live, params)
    return live


def complete_build(aws: Connection, params: Shape) -> None:
    """ARNs for the names of everything a build refers to."""
    complete(
        aws,
        params,
        image_recipe_arn="image-recipe",
        container_recipe_arn="container-recipe",
        infrastructure_configuration_arn=INFRASTRUCTURE,
        distribution_configuration_arn=DISTRIBUTION,
        image_pipeline_arn=PIPELINE,
    )
    complete_items(aws, params.get("workflows"), "workflow_arn", "workflow")


def read(aws: Connection, kind: str, arn: str) -> t.Optional[Shape]:
    """What Get says of an ARN, None when there is nothing."""
    noun = _noun(kind)
    try:
        answer = getattr(aws.client(SERVICE), f"get_{kind.replace('-', '_')}")(**{_arn_member(kind): arn})
    except is_boto3_error_code(MISSING):
        return None
    return {k: v for k, v in answer[noun].items() if v is not None}


def creator(kind: str) -> t.Callable[[Connection, Shape], None]:
    """The create function of a kind."""

    def create(aws: Connection, wanted: Shape) -> None:
        getattr(aws.client(SERVICE), f"create_{kind.replace('-', '_')}")(**spoken(wanted))

    return create


def updater(kind: str) -> t.Callable[[Connection, Shape, Shape], None]:
    """The update function of a kind: the full replacement."""

    def update(aws: Connection, live: Shape, wanted: Shape) -> None:
        members = {k: v for k, v in spoken(wanted).items() if k not in ASSIGNED}
        getattr(aws.client(SERVICE), f"update_{kind.replace('-', '_')}")(**{_arn_member(kind): live["arn"]}, **members)

    return update


def deleter(kind: str) -> t.Callable[[Connection, Shape], None]:
    """The delete function of a kind. What is gone is deleted: an attempt before this one may have done it."""

    def delete(aws: Connection, live: Shape) -> None:
        try:
            getattr(aws.client(SERVICE), f"delete_{kind.replace('-', '_')}")(**{_arn_member(kind): live["arn"]})
        except is_boto3_error_code(MISSING):
            return

    return delete


def retag(aws: Connection, live: Shape, put: Shape, drop: t.List[str]) -> None:
    """Take tags off and put tags on. Nothing to do (arn None) where a new version was created, with its tags."""
    if drop and live["arn"]:
        aws.client(SERVICE).untag_resource(resourceArn=live["arn"], tagKeys=drop)
    if put and live["arn"]:
        aws.client(SERVICE).tag_resource(resourceArn=live["arn"], tags=put)


def _noun(kind: str) -> str:
    first, *rest = kind.split("-")
    return first + "".join(part.title() for part in rest)


def _arn_member(kind: str) -> str:
    return f"{_noun(kind)}BuildVersionArn" if kind in BUILT else f"{_noun(kind)}Arn"


def need(params: Shape, noun: str, *options: str) -> None:
    missing = [option for option in options if not params.get(option)]
    if missing and params["state"] == "present":
        raise Refused(f"the {noun} does not exist, and a new {noun} requires {' and '.join(missing)}")


def _refuse_switch(live: Shape, params: Shape) -> None:
    for member, other in (("imageRecipeArn", "container_recipe_arn"), ("containerRecipeArn", "image_recipe_arn")):
        if live.get(member) and params.get(other) and params["state"] == "present":
            raise CannotChange(
                f"AWS cannot change a pipeline with {option_name(member)} to a pipeline with {other}. "
                f"Choose another name, or remove {params['name']} with state=absent first"
            )


def same_role(live: Shape, params: Shape) -> None:
    """A role may be given by name or by ARN, and answered as the other."""
    role, wish = live.get("executionRole") or "", params.get("execution_role") or ""
    if role.startswith("arn:") != wish.startswith("arn:") and role.split("/")[-1] == wish.split("/")[-1]:
        live["executionRole"] = wish
