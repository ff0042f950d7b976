# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Aliases: weights and versions are validated, a change needs the current RevisionId if it names one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException, ValidationException
from moto.awslambda.models import LambdaAlias, LambdaStorage
from moto.awslambda.responses import LambdaResponse

from .._patching import put, wrap
from .versions import check_revision, renew

LATEST = "$LATEST"
VERSION = re.compile(r"\$LATEST|[0-9]+")


def extend() -> None:
    put(LambdaAlias, weights=_weights, versions=_versions)
    put(LambdaResponse, list_aliases=_list_aliases)
    wrap(LambdaResponse, "update_alias", _guarded)
    wrap(LambdaAlias, "update", _update)
    for name in ("put_alias", "update_alias"):
        wrap(LambdaStorage, name, _checked)


def _weights(self: Any) -> dict[str, float]:
    """Share of each version besides the alias' own."""
    return (self.routing_config or {}).get("AdditionalVersionWeights") or {}


def _versions(self: Any) -> list[str]:
    """What it invokes."""
    return [self.function_version, *self.weights()]


def _update(original: Callable[..., None], alias: Any, *given: Any) -> None:
    original(alias, *given)
    renew(alias)


def _guarded(original: Callable[..., Any], response: Any) -> Any:
    parts = response.path.split("/")
    alias = response.backend.get_alias(name=unquote(parts[-1]), function_name=unquote(parts[-3]))
    check_revision(alias, json.loads(response.body).get("RevisionId"), "Alias")
    return original(response)


def _list_aliases(self: Any) -> tuple[int, dict[str, Any], str]:
    wanted = self._get_param("FunctionVersion")
    found = self.backend.list_aliases(unquote(self.path.split("/")[-2]))
    shown = [alias.to_json() for alias in found if wanted in (None, *alias.versions())]
    return 200, {}, json.dumps({"Aliases": shown})


def _checked(original: Callable[..., Any], storage: Any, name: str, function_name: str, *given: Any) -> Any:
    """`given`: version, description, routing; None where an update leaves it."""
    version, description, routing = given
    alias = storage.list_aliases(function_name) if version is None or routing is None else []
    held = next((one for one in alias if one.name == name), None)
    after = version if version is not None or held is None else held.function_version
    weights = (held.weights() if held else {}) if routing is None else routing.get("AdditionalVersionWeights") or {}
    _check(storage, function_name, str(after), weights)
    # an empty map clears the weights, and is not shown
    kept = routing if routing is None or weights else {}
    return original(storage, name, function_name, version, description, kept)


def _check(storage: Any, function_name: str, version: str, weights: dict[str, Any]) -> None:
    if not VERSION.fullmatch(version):
        raise ValidationException(
            version, "functionVersion", f"Member must satisfy regular expression pattern: ({VERSION.pattern})"
        )
    if len(weights) > 1:
        raise InvalidParameterValueException("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for other, weight in weights.items():
        if not 0.0 <= weight <= 1.0:
            raise ValidationException(str(weight), "weight", "Member must have value between 0.0 and 1.0")
        if LATEST in (version, other):
            raise InvalidParameterValueException(
                f"{LATEST} is not supported for an alias pointing to more than 1 version"
            )
        if other == version:
            raise InvalidParameterValueException(
                f"Invalid function version {other}. Function version {other} is already included in routing configuration."
            )
        storage.get_function_by_name_or_arn_with_qualifier(function_name, other)
