# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Lambda functions as CodeDeploy sees them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.utils import get_backend

from . import invocations

ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):function:(?P<name>[\w-]+)(:(?P<qualifier>[\w$-]+))?"
)
NAME = re.compile(r"(?P<name>[\w-]{1,64})(:(?P<qualifier>[\w$-]+))?")


@dataclass(frozen=True)
class Alias:
    """An alias whose traffic is shifted."""

    held: Any

    @property
    def arn(self) -> str:
        return str(self.held.arn)

    @property
    def function_version(self) -> str:
        return str(self.held.function_version)

    @property
    def weights(self) -> dict[str, float]:
        return dict(self.held.weights())

    def route(self, version: str, weights: dict[str, float]) -> None:
        """Point at a version, with shares for others."""
        self.held.update(None, version, {"AdditionalVersionWeights": weights} if weights else {})


@dataclass(frozen=True)
class Function:
    name: str
    versions: frozenset[str]  # published ones
    aliases: dict[str, Alias]


@dataclass(frozen=True)
class Call:
    """One invocation; `raised`: the function ended with an error."""

    function: Any
    raised: bool

    @property
    def function_name(self) -> str:
        return str(self.function.function_name)

    def log(self, text: str) -> None:
        invocations.log(self.function, text)


def find(account_id: str, region: str, name_or_arn: str) -> Function | None:
    """The function of the account and region; None where there is none of that name."""
    found = _find(account_id, region, name_or_arn)
    if found is None:
        return None
    backend = get_backend(account_id, region)
    versions = (str(one.version) for one in backend.list_versions_by_function(found.function_name))
    aliases = {one.name: Alias(one) for one in backend.list_aliases(found.function_name)}
    return Function(found.function_name, frozenset(versions) - {"$LATEST"}, aliases)


def call(account_id: str, region: str, name_or_arn: str, payload: str) -> Call | None:
    """Invoke a function; None where that is not possible."""
    found = _find(account_id, region, name_or_arn)
    if found is None:
        return None
    headers: dict[str, Any] = {}
    invocations.log(
        found, payload
    )  # as a function does that prints its event, so that somebody can report in its place
    invocations.run(found, payload, headers)
    return Call(found, "x-amz-function-error" in headers)


def _find(account_id: str, region: str, name_or_arn: str) -> Any:
    parts = ARN.fullmatch(name_or_arn) or NAME.fullmatch(name_or_arn)
    if parts is None:
        return None
    if "region" in parts.re.groupindex and (parts["region"], parts["account"]) != (region, account_id):
        return None
    try:
        return get_backend(account_id, region).get_function(parts["name"], parts["qualifier"])
    except UnknownFunctionException:
        return None
