# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A version of a function: whether one is due, and which ones nothing uses. Private to this collection."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, Refused, may_have_happened
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, digest, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._lambda.aliases import SERVICE, read_version
from ansible_collections.slipway.aws.plugins.module_utils._lambda.functions import (
    delete_version,
    read_aliases,
    read_versions,
)

TIMEOUT = 300
# What differs between two versions of the same content; the rest of a configuration is compared, whatever AWS adds to it.
OF_ONE_VERSION = (
    *("FunctionName", "FunctionArn", "Version", "MasterArn", "Description", "LastModified", "RevisionId", "CodeSize"),
    *("State", "StateReason", "StateReasonCode"),
    *("LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"),
    *("SigningProfileVersionArn", "SigningJobArn", "RuntimeVersionConfig", "ConfigSha256", "ResponseMetadata"),
)


@dataclasses.dataclass(frozen=True)
class Versions:
    """`latest`: the unpublished code and configuration; `newest`: the newest version; `unused`: versions to prune, by number."""

    latest: Shape
    newest: Shape | None
    due: bool
    unused: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()

    @property
    def expected(self) -> Shape:
        """What check mode shows: the newest version, or what the next one will be."""
        return self.newest if self.newest is not None and not self.due else content(self.latest)

    def published(self, made: Shape) -> bool:
        """AWS itself publishes nothing when nothing changed, and answers with the newest version."""
        return self.newest is None or made.get("Version") != self.newest["Version"]


def check(params: Shape) -> None:
    if params["retain"] is not None and params["retain"] < 1:
        raise Refused("retain must be at least 1")
    if params["prune"] and params["retain"] is None:
        raise Refused("prune needs retain. Set the number of versions to keep")


def content(function: Shape) -> Shape:
    """What a function runs and how, which is all that makes a new version."""
    found = {key: value for key, value in function.items() if key not in OF_ONE_VERSION and value}
    if "SnapStart" in found:
        found["SnapStart"] = {"ApplyOn": found["SnapStart"].get("ApplyOn")}
    if "Layers" in found:
        found["Layers"] = [layer.get("Arn") for layer in found["Layers"]]
    return found


def plan_version(aws: Connection, params: Shape) -> Versions:
    """Find out, by reading only, whether a version has to be published, and what could be pruned after that."""
    name = params["name"]
    latest = read_version(aws, name)
    if latest is None:
        raise Refused("the function does not exist. Create it with amazon.aws.lambda, or correct name and region")
    versions = read_versions(aws, name)
    newest = versions[-1] if versions else None
    due = newest is None or content(newest) != content(latest)
    numbers = [one["Version"] for one in versions]
    unused = _unused(aws, name, numbers, params["retain"] - int(due)) if params["retain"] is not None else ()
    return Versions(latest, newest, due, unused, tuple(numbers))


def _unused(aws: Connection, name: str, numbers: list[str], retain: int) -> tuple[str, ...]:
    """Beyond the newest ones, those to which no alias sends traffic."""
    used = {
        version
        for alias in read_aliases(aws, name)
        for version in (
            alias["FunctionVersion"],
            *((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}),
        )
    }
    return tuple(number for number in numbers[: max(0, len(numbers) - retain)] if number not in used)


def publish(aws: Connection, params: Shape, todo: Versions) -> Shape:
    """The version that is published now, or the newest one when nothing differs from it."""
    if todo.newest is not None and not todo.due:
        made = todo.newest
    else:
        made = _published(aws, params, todo, todo.latest if is_ready(todo.latest) else _wait(aws, params, None))
    return made if is_ready(made) or not params["wait"] else _wait(aws, params, made["Version"])


def prune(aws: Connection, params: Shape, todo: Versions) -> None:
    for number in todo.unused:
        try:
            delete_version(aws, params["name"], number)
        except is_boto3_error_code("ResourceConflictException") as problem:
            cause = problem.response["Error"].get("Message", "").rstrip(".")
            raise Refused(
                f"version {number} cannot be deleted: {cause}. Raise retain, or remove what uses it"
            ) from problem


def _published(aws: Connection, params: Shape, todo: Versions, latest: Shape) -> Shape:
    """With what was compared as guards, so that nothing else is published than what was seen.

    There is no client token: after an answer that was lost, the newest version tells whether it was published.
    """
    name = params["name"]
    guards = {key: latest[key] for key in ("CodeSha256", "RevisionId") if latest.get(key)}
    described = {"Description": params["description"]} if params["description"] is not None else {}
    try:
        return dict(aws.client(SERVICE, once=True).publish_version(FunctionName=name, **guards, **described))
    except is_boto3_error_code("PreconditionFailedException") as problem:
        text = f"somebody changed the function {name} while the task ran"
        raise Refused(f"{text}. Run the task again to publish what is there then.") from problem
    except AWS_FAILURES as problem:
        found = read_versions(aws, name)[-1:] if may_have_happened(problem) else []
        known = todo.newest["Version"] if todo.newest else None
        if not found or found[0]["Version"] == known or content(found[0]) != content(latest):
            raise
        return found[0]


def is_ready(function: Shape) -> bool:
    """Whether an update or a start of a function is over. Raises Refused when it failed."""
    if "Failed" in (function.get("State"), function.get("LastUpdateStatus")):
        why = function.get("LastUpdateStatusReason") or function.get("StateReason") or "AWS gave no reason"
        raise Refused(
            f"the last update of the function failed: {why.rstrip('.')}. Update it again with amazon.aws.lambda"
        )
    return function.get("State") != "Pending" and function.get("LastUpdateStatus") != "InProgress"


def _wait(aws: Connection, params: Shape, version: str | None) -> Shape:
    """Until a version, or the function itself, can be used."""
    name, within = params["name"], limits(params, TIMEOUT)
    seen: list[Shape] = []

    def look() -> Look:
        seen.append(read_version(aws, name, version) or {})
        return Look("", is_ready(seen[-1]))

    if version is None and not params["wait"]:
        raise Refused("an update of the function is in progress. Set wait, or run the task again later")
    if not watch(look, within).done:
        what = f"version {version}" if version else "an update of the function"
        raise Refused(f"{what} is still in progress after {within.timeout} seconds. Raise wait_timeout")
    return seen[-1]


def describe(function: Shape) -> t.Any:
    """A version as a result; the values of environment variables, which may be passwords, as digests."""
    environment = function.get("Environment") or {}
    variables = {name: digest(value) for name, value in (environment.get("Variables") or {}).items()}
    hidden = {"Environment": {**environment, "Variables": variables}} if environment else {}
    return to_result({**function, **hidden})


def diff(todo: Versions, pruned: bool) -> dict[str, t.Any]:
    """What the newest version runs and what the next one does; and which versions are kept, if any are pruned."""
    before: Shape = {"content": describe(content(todo.newest)) if todo.newest else {}}
    after: Shape = {"content": describe(content(todo.latest))}
    if pruned:
        before["versions"] = list(todo.numbers)
        after["versions"] = [number for number in todo.numbers if number not in todo.unused]
    return {"before": before, "after": after}
