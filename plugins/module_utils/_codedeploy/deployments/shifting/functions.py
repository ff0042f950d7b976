# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Lambda alias as what traffic is moved on. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.causes import problem
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting import (
    appspec,
    evidence,
    hooks,
)
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.shifting.target import Source, Target
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused, if_allowed
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._lambda import aliases

LATEST = "$LATEST"


def look(aws: Connection, source: Source, last: Shape) -> Target:
    """What a deployment would do to the alias. `last` is the last deployment of the group, of which only ids are known. One call."""
    function, name, wanted = _wanted(source)
    alias = aliases.read_alias(aws, function, name)
    if alias is None:
        text = f"there is no alias {name} of a function {function} in {aws.region}. Correct function_name, alias or region, or create"
        raise Refused(f"{text} the alias with amazon.aws.lambda_alias.")
    current, shares = alias["FunctionVersion"], aliases.shares(alias)
    spec = source.spec or appspec.of_function(function, name, current, wanted, source.options.get("hooks") or {})
    place = {"functionName": function, "functionAlias": name}
    target = Target(spec, {**place, "version": current, "shares": shares}, {**place, "version": wanted}, None)
    if len(shares) > 1:
        return _weighted(target, source, alias, shares, last)
    if current == wanted:
        return target
    problems = [*_unmovable(target, source), *([_misnamed(target)] if source.spec else [])]
    reason = f"the alias {name} sends all traffic to version {current}"
    return target._replace(reason=reason, problems=tuple(filter(None, problems)))


def problems(aws: Connection, target: Target) -> list[Shape]:
    """What is known to make the deployment fail; one call for the version, and one for each hook function."""
    function, version = target.after["functionName"], target.after["version"]
    found = list(target.problems)
    if version != LATEST and if_allowed(lambda: aliases.read_version(aws, function, version), {}) is None:
        found.append(problem("version_missing", f"the function {function} has no version {version}", True))
    return [*found, *hooks.missing(aws, target.spec)]


def source_before(aws: Connection, newest: Shape, options: Shape) -> Source | None:
    """The version that served before a deployment: its target names it. None after one that ended before it had a target."""
    name = newest["deploymentId"]
    info = evidence.target_of(aws, name).get("lambdaFunctionInfo")
    if not info and newest["status"] in ("Failed", "Stopped"):
        return None
    if not info:
        raise Refused(f"{name} moved no traffic, so it is not known what served before it. {evidence.NAME_IT}")
    function, alias_name, moved = info["functionName"], info["functionAlias"], info["targetVersion"]
    alias = aliases.read_alias(aws, function, alias_name)
    current = alias["FunctionVersion"] if alias else None
    if newest["status"] == "Succeeded" and current != moved:
        text = f"{name} moved the alias {alias_name} of {function} to version {moved}, but it is on {current} now"
        raise Refused(f"{text}, so something else changed it since. {evidence.NAME_IT}")
    place = {"function_name": function, "alias": alias_name, "target_version": info["currentVersion"]}
    return Source(appspec.LAMBDA, {**place, "hooks": options.get("hooks") or {}}, repair=True)


def shares_in_words(shares: Shape) -> str:
    """`90 % on version 1 and 10 % on version 2`."""
    return " and ".join(f"{share:g} % on version {version}" for version, share in shares.items())


def _wanted(source: Source) -> tuple[str, str, str]:
    if source.spec:
        asked = source.spec.properties
        return asked["Name"], asked["Alias"], asked["TargetVersion"]
    return source.options["function_name"], source.options["alias"], source.options["target_version"]


def _weighted(target: Target, source: Source, alias: Shape, shares: Shape, last: Shape) -> Target:
    """An alias on two versions, which no deployment is moving: AWS refuses every deployment until it is on one."""
    name, wanted = alias["Name"], target.after["version"]
    by = f" by {last['deploymentId']}, which is {last['status']}" if last.get("status") in ("Failed", "Stopped") else ""
    reason = f"the alias {name} was left on two versions{by}: {shares_in_words(shares)}"
    if source.repair:
        spec = source.spec or target.spec
        return target._replace(spec=spec, reason=reason, repair=alias, moves=alias["FunctionVersion"] != wanted)
    return target._replace(reason=reason, problems=(problem("alias_weighted", reason, True),))


def _unmovable(target: Target, source: Source) -> list[Shape]:
    found = []
    for version, what in ((target.before["version"], "points at"), (target.after["version"], "would move to")):
        if version == LATEST:
            text = f"the alias {target.before['functionAlias']} {what} {LATEST}, which CodeDeploy cannot move traffic to or from"
            found.append(problem("version_unpublished", text, True))
    return found


def _misnamed(target: Target) -> Shape | None:
    """An AppSpec of the user whose current version is not the one that serves."""
    said, current = target.spec.properties["CurrentVersion"], target.before["version"]
    if said == current:
        return None
    text = f"the AppSpec names {said} as the current version, but the alias {target.before['functionAlias']} is on {current}"
    return problem("current_version_wrong", text, True)
