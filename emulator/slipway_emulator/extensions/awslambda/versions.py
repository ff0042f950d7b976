# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Versions: numbers that never come back, equal content that is published once, guards by RevisionId and CodeSha256."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError, PreconditionFailedException
from moto.awslambda.models import LambdaBackend, LambdaFunction, LambdaStorage
from moto.awslambda.responses import LambdaResponse
from moto.moto_api._internal import mock_random

from .._patching import put, wrap

OF_ONE_VERSION = ("FunctionArn", "LastModified", "RevisionId", "Version")  # never the same in another version


class ResourceConflict(LambdaClientError):
    code = 409

    def __init__(self, message: str) -> None:
        super().__init__("ResourceConflictException", message)


def extend() -> None:
    put(LambdaStorage, publish_version=_publish)
    wrap(LambdaStorage, "put_function", _put_function)
    wrap(LambdaStorage, "del_function", _delete)
    put(LambdaResponse, publish_version=_publish_response)
    wrap(LambdaFunction, "get_configuration", _configuration)
    wrap(LambdaFunction, "update_configuration", _configured)
    wrap(LambdaFunction, "update_function_code", _updated)
    for name in ("update_function_configuration", "update_function_code"):
        wrap(LambdaBackend, name, _guarded)


def check_revision(held: Any, revision_id: str | None, what: str) -> None:
    """Refuse a change that was decided on an older state."""
    if revision_id and revision_id != held.revision_id:
        raise PreconditionFailedException(
            f"The Revision Id provided does not match the latest Revision Id. Call the Get{what} API to retrieve the"
            " latest Revision Id"
        )


def renew(held: Any) -> None:
    held.revision_id = str(mock_random.uuid4())


def _put_function(original: Callable[..., None], storage: LambdaStorage, fn: Any) -> None:
    renew(fn)
    original(storage, fn)


def _configuration(original: Callable[..., dict[str, Any]], fn: Any, on_create: bool = False) -> dict[str, Any]:
    return {**original(fn, on_create), "RevisionId": fn.revision_id}


def _configured(original: Callable[..., dict[str, Any]], fn: Any, given: dict[str, Any]) -> dict[str, Any]:
    """With the members that moto shows and leaves as they are."""
    fn.kms_key_arn = given.get("KMSKeyArn", fn.kms_key_arn)
    fn.tracing_config = given.get("TracingConfig") or fn.tracing_config
    fn.ephemeral_storage = (given.get("EphemeralStorage") or {}).get("Size", fn.ephemeral_storage)
    if "Environment" in given:
        given = {**given, "Environment": {"Variables": {}, **given["Environment"]}}
    renew(fn)
    return original(fn, given)


def _updated(original: Callable[..., dict[str, Any]], fn: Any, given: dict[str, Any]) -> dict[str, Any]:
    if not given.get("DryRun"):
        renew(fn)
    return original(fn, given)


def _guarded(
    original: Callable[..., Any], backend: LambdaBackend, function_name: str, qualifier: str, body: dict[str, Any]
) -> Any:
    check_revision(backend.get_function(function_name, qualifier), body.get("RevisionId"), "Function")
    return original(backend, function_name, qualifier, body)


def _publish_response(self: Any) -> tuple[int, dict[str, Any], str]:
    name = unquote(self.path.split("/")[-2])
    latest = self.backend._lambdas.get_function_by_name_or_arn_forbid_qualifier(name)
    wanted = self._get_param("CodeSha256")
    if wanted and wanted != latest.code_sha_256:
        raise InvalidParameterValueException(
            f"CodeSHA256 ({wanted}) is different from current CodeSHA256 in $LATEST ({latest.code_sha_256})."
            " Please try again with the CodeSHA256 in $LATEST."
        )
    check_revision(latest, self._get_param("RevisionId"), "Function")
    version = self.backend.publish_version(name, self._get_param("Description"))
    return 201, {"status": 201}, json.dumps(version.get_configuration())


def _publish(self: Any, name_or_arn: str, description: str = "") -> Any:
    """The newest version if it was published from what $LATEST is now, else a new one."""
    latest = self.get_function_by_name_or_arn_forbid_qualifier(name_or_arn)
    versions, content = self._functions[latest.function_name]["versions"], _content(latest)
    if versions and versions[-1].published_from == content:
        return versions[-1]
    version: Any = copy.copy(latest)
    version.set_version(_next_number(self, latest.function_name))
    version.description = description or latest.description
    version.published_from = content
    renew(version)
    renew(latest)
    versions.append(version)
    self._arns[version.function_arn] = version
    return version


def _content(fn: LambdaFunction) -> dict[str, Any]:
    """Code and configuration, apart from what every version has of its own."""
    found = copy.deepcopy(fn.get_configuration())
    return {name: value for name, value in found.items() if name not in OF_ONE_VERSION}


def _next_number(storage: Any, name: str) -> int:
    """A number is never used twice, not even when the function was deleted meanwhile."""
    numbers: dict[str, int] = storage.__dict__.setdefault("published", {})
    numbers[name] = numbers.get(name, 0) + 1
    return numbers[name]


def _delete(original: Callable[..., None], storage: Any, name_or_arn: str, qualifier: str | None = None) -> None:
    found = storage.get_function_by_name_or_arn_with_qualifier(name_or_arn, qualifier)
    number = str(found.version)
    users = [a.name for a in storage.list_aliases(found.function_name) if number in a.versions()]
    if number != "$LATEST" and users:
        raise ResourceConflict(f"Unable to delete version because the following aliases reference it: {users}")
    original(storage, name_or_arn, qualifier)
