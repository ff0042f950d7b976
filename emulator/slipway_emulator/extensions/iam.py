# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""IAM: what an update does not name stays; policies are simulated; those of AWS are parsed once, not for every reset."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, ManagedPolicy
from moto.iam.responses import IamResponse

from ._patching import put, wrap

_parsed: dict[tuple[str, str], dict[str, ManagedPolicy]] = {}


def extend() -> None:
    """Make new IAM backends cheap: every world needs one for each partition, since each request is noted there."""
    wrap(IAMBackend, "_init_aws_policies", _unattached)
    wrap(IAMBackend, "_init_managed_policies", _by_arn)
    put(IamResponse, simulate_principal_policy)
    wrap(IamResponse, "update_role", _updated)


def _updated(update: Callable[[IamResponse], Any], response: IamResponse) -> Any:
    """moto sets a role's description and session duration back when the request does not name them."""
    role = response.backend.get_role(response._get_param("RoleName"))
    kept = role.description, role.max_session_duration
    answer = update(response)
    named = [response._get_param(name) is not None for name in ("Description", "MaxSessionDuration")]
    role.description = role.description if named[0] else kept[0]
    role.max_session_duration = role.max_session_duration if named[1] else kept[1]
    return answer


def _unattached(parse: Callable[[IAMBackend], list[ManagedPolicy]], backend: IAMBackend) -> list[ManagedPolicy]:
    """The policies of one account; nobody can change them, and a reset leaves only the count of attachments behind."""
    key = (backend.account_id, backend.region_name)
    if key not in _parsed:
        _parsed[key] = {policy.arn: policy for policy in parse(backend)}
    for policy in _parsed[key].values():
        policy.attachment_count = 0
    return list(_parsed[key].values())


def _by_arn(_name: Callable[[IAMBackend], dict[str, ManagedPolicy]], backend: IAMBackend) -> dict[str, ManagedPolicy]:
    return dict(_parsed[backend.account_id, backend.region_name])


def simulate_principal_policy(self: Any) -> ActionResult:
    """SimulatePrincipalPolicy of a role: what its own policies say, without boundaries and others' policies.

    Of conditions, StringEquals and StringLike are evaluated if the request gives all their keys. A statement with another
    condition does not count, and its keys are said to be missing.
    """
    arn = self._get_param("PolicySourceArn")
    role = next((one for one in self.backend.get_roles() if one.arn == arn), None)
    if role is None:
        raise NotFoundException(f"The entity with ARN {arn} cannot be found")
    statements = _statements_of(role)
    resources = self._get_param("ResourceArns", []) or ["*"]
    context = {one["ContextKeyName"]: one["ContextKeyValues"] for one in self._get_param("ContextEntries", [])}
    statements = list(filter(None, (_in_context(statement, context) for statement in statements)))
    results = [
        {"EvalActionName": action, "EvalResourceName": resource, **_evaluated(statements, action, resource)}
        for action in self._get_param("ActionNames", [])
        for resource in resources
    ]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def may(role: Any, action: str, resource: str) -> bool:
    """Whether the policies of a role allow it; a condition that nothing tells of counts as fulfilled where it allows."""
    found = _evaluated(_statements_of(role), action, resource)
    return bool(
        found["EvalDecision"] == "allowed"
        or (found["EvalDecision"] == "implicitDeny" and found["MissingContextValues"])
    )


def _statements_of(role: Any) -> list[dict[str, Any]]:
    documents = [*role.policies.values(), *map(_in_force, role.managed_policies.values())]
    return [one for document in documents for one in _statements(json.loads(document))]


def _in_force(policy: ManagedPolicy) -> str:
    """The document of the version that counts."""
    return str(next(one.document for one in policy.versions if one.version_id == policy.default_version_id))


def _statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    found = policy["Statement"]
    return found if isinstance(found, list) else [found]


def _in_context(statement: dict[str, Any], context: dict[str, list[str]]) -> dict[str, Any] | None:
    """The statement without conditions that the context fulfils, as it is if the context does not tell; None if it contradicts."""
    conditions = statement.get("Condition") or {}
    keys = {key for tests in conditions.values() for key in tests}
    if not conditions or not keys <= set(context) or not set(conditions) <= {"StringEquals", "StringLike"}:
        return statement
    holds = all(
        any(fnmatch.fnmatchcase(value, pattern) for value in context[key] for pattern in _listed(patterns))
        for tests in conditions.values()
        for key, patterns in tests.items()
    )
    return {**statement, "Condition": {}} if holds else None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _evaluated(statements: list[dict[str, Any]], action: str, resource: str) -> dict[str, Any]:
    said, missing = set(), set()
    for statement in statements:
        conditions = statement.get("Condition") or {}
        alone = IAMPolicy(json.dumps({"Statement": [{**statement, "Condition": {}}]}))
        decision = alone.is_action_permitted(action, resource)
        if not conditions:
            said.add(decision)
        elif decision != PermissionResult.NEUTRAL:
            missing |= {key for keys in conditions.values() for key in keys}
    return {"EvalDecision": _decision(said), "MissingContextValues": sorted(missing)}


def _decision(said: set[PermissionResult]) -> str:
    if PermissionResult.DENIED in said:
        return "explicitDeny"
    return "allowed" if PermissionResult.PERMITTED in said else "implicitDeny"
