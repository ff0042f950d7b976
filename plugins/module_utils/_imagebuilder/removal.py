# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remove versions of components, recipes and workflows, and say which are kept because something uses them. Private.

Asked for one version, that one goes or the task fails; asked for by name, all go that nothing uses. Who uses what is
read, so check mode foretells it; what the service refuses all the same is kept, with its words.
"""

from __future__ import annotations

import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection, connect
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import FAILURES, Refused, failure, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import (
    matches,
    order,
    own_arn,
    tail,
    versionless,
    wild,
)
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE, deleter, read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.recipes import pipelines, versions_of
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import camel

IN_USE = ["ResourceDependencyException", "ResourceInUseException"]
Uses = t.Dict[str, t.List[str]]  # who uses what: "recipe web/1.0.0" -> references


class Removal(t.NamedTuple):
    """What goes and what stays."""

    removed: t.List[str]  # ARNs, newest first
    kept: t.List[Shape]  # arn, reason


def withdraw(module: t.Any, kind: str, place: t.Optional[str] = None) -> None:
    """Bring versions of a component, recipe or workflow to an end, and leave the module. `place`: in ARNs, where it is not the kind."""
    noun, name, params = kind.replace("-", "_"), module.params["name"], module.params
    try:
        aws = connect(module)
        removal = planned(aws, kind, name, params["semantic_version"], place)
        if not module.check_mode:
            removal = removed(aws, kind, removal)
    except FAILURES as problem:
        module.fail_json(
            **failure(problem, f"Failed to delete the {noun.replace('_', ' ')} {name}", module.argument_spec)
        )
    before = sorted(tail(arn) for arn in [*removal.removed, *(each["arn"] for each in removal.kept)])
    after = sorted(tail(each["arn"]) for each in removal.kept)
    if removal.kept:
        stays = "; ".join(f"{tail(each['arn'])}, {each['reason']}" for each in removal.kept)
        warn(f"Not deleted: {stays}. Change or remove what uses it, then run the task again.")
    result = {"changed": bool(removal.removed), noun: {}, **removal._asdict()}
    if module._diff:
        result["diff"] = {"before": {"versions": before}, "after": {"versions": after}}
    module.exit_json(**result)


def planned(aws: Connection, kind: str, name: str, version: t.Optional[str], place: t.Optional[str] = None) -> Removal:
    """What would go. Raises Refused when the one version that is asked for is in use."""
    stem = own_arn(aws, place or kind, name)
    everything = VERSIONS[kind](aws, stem)
    asked = [arn for arn in everything if version is None or matches(f"{stem}/{version}", arn)]
    if not asked:
        return Removal([], [])
    removal = judged(asked, everything, USES[kind](aws))
    kept = removal.kept
    if kept and version is not None and not wild(version):
        raise Refused(f"{tail(kept[0]['arn'])}: {kept[0]['reason']}. Change or remove what uses it first", kept=kept)
    return removal


def judged(asked: t.List[str], everything: t.List[str], uses: Uses) -> Removal:
    """Which of some versions nothing uses, and what uses the others."""
    reasons = {arn: used(arn, everything, uses) for arn in asked}
    kept = [{"arn": arn, "reason": reason} for arn, reason in reasons.items() if reason]
    return Removal([arn for arn, reason in reasons.items() if not reason], kept)


def removed(aws: Connection, kind: str, removal: Removal) -> Removal:
    """Carry it out; oldest first, so that wildcards go on standing for the newest to the end."""
    gone: list[str] = []
    kept = list(removal.kept)
    for arn in reversed(removal.removed):
        try:
            deleter(kind)(aws, {"arn": arn})
            gone.insert(0, arn)
        except is_boto3_error_code(IN_USE) as problem:
            kept.append({"arn": arn, "reason": problem.response["Error"]["Message"]})
    return Removal(gone, kept)


def unused_deleter(kind: str) -> t.Callable[[Connection, Shape], None]:
    """The delete function of a kind of configuration. Raises Refused with the pipelines that still use one."""
    member = camel(f"{kind.replace('-', '_')}_arn")

    def delete(aws: Connection, live: Shape) -> None:
        try:
            deleter(kind)(aws, live)
        except is_boto3_error_code(IN_USE):
            users = sorted(str(each["name"]) for each in pipelines(aws) if each.get(member) == live["arn"])
            if not users:
                raise
            raise Refused(
                f"used by {', '.join(f'image pipeline {user}' for user in users)}. Change or remove what uses it first"
            ) from None

    return delete


def used(arn: str, everything: t.List[str], uses: Uses) -> str:
    """Why a version has to stay; empty when nothing uses it. A reference with a wildcard uses the newest it stands for."""
    users = [user for user, references in uses.items() if any(arn == _meant(each, everything) for each in references)]
    return f"used by {', '.join(users)}" if users else ""


def _meant(reference: str, everything: t.List[str]) -> t.Optional[str]:
    return max((arn for arn in everything if matches(reference, arn)), key=order, default=None)


def component_versions(aws: Connection, stem: str) -> t.List[str]:
    """ARNs of all builds of all versions of a component, newest first."""
    return _builds(aws, stem, "component")


def workflow_versions(aws: Connection, stem: str) -> t.List[str]:
    """ARNs of all builds of all versions of a workflow, newest first."""
    return _builds(aws, stem, "workflow")


def _builds(aws: Connection, stem: str, kind: str) -> t.List[str]:
    """Lists find names only as they were first written, so the ARN has to tell which versions are meant."""
    versions = {
        each["arn"] for each in listed(aws, f"list_{kind}s", f"{kind}VersionList") if versionless(each["arn"]) == stem
    }
    operation, key, member = f"list_{kind}_build_versions", f"{kind}SummaryList", f"{kind}VersionArn"
    pages = [listed(aws, operation, key, **{member: version}) for version in versions]
    return sorted({each["arn"] for page in pages for each in page}, key=order, reverse=True)


def recipe_versions(aws: Connection, stem: str) -> t.List[str]:
    """ARNs of all versions of an image recipe, newest first."""
    return versions_of(aws, "image-recipe", stem)


def container_recipe_versions(aws: Connection, stem: str) -> t.List[str]:
    """ARNs of all versions of a container recipe, newest first."""
    return versions_of(aws, "container-recipe", stem)


def recipes_using_components(aws: Connection) -> Uses:
    """The components of every recipe of this account."""
    uses: Uses = {}
    for kind, operation, key in (
        ("image-recipe", "list_image_recipes", "imageRecipeSummaryList"),
        ("container-recipe", "list_container_recipes", "containerRecipeSummaryList"),
    ):
        for summary in listed(aws, operation, key):
            recipe = read(aws, kind, summary["arn"]) or {}
            label = f"{kind.replace('-', ' ')} {tail(summary['arn'])}"
            uses[label] = [each["componentArn"] for each in recipe.get("components", [])]
    return uses


def pipelines_using_recipes(aws: Connection) -> Uses:
    """The recipe of every pipeline of this account."""
    return {
        f"image pipeline {each['name']}": [str(each.get("imageRecipeArn") or each.get("containerRecipeArn"))]
        for each in pipelines(aws)
    }


def pipelines_using_workflows(aws: Connection) -> Uses:
    """The workflows of every pipeline of this account."""
    return {
        f"image pipeline {each['name']}": [use["workflowArn"] for use in each.get("workflows") or []]
        for each in pipelines(aws)
    }


def listed(aws: Connection, operation: str, key: str, **asked: t.Any) -> t.List[Shape]:
    """All pages of a list operation."""
    return items(aws, SERVICE, operation, key, **asked)


VERSIONS = {
    "component": component_versions,
    "container-recipe": container_recipe_versions,
    "image-recipe": recipe_versions,
    "workflow": workflow_versions,
}
USES = {
    "component": recipes_using_components,
    "container-recipe": pipelines_using_recipes,
    "image-recipe": pipelines_using_recipes,
    "workflow": pipelines_using_workflows,
}
