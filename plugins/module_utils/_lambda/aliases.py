# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Aliases of Lambda functions, and which versions they send traffic to. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape

SERVICE = "lambda"
MISSING = "ResourceNotFoundException"


def read_alias(aws: Connection, function: str, alias: str) -> Shape | None:
    """The alias; None when it, or its function, does not exist."""
    try:
        found: Shape = aws.client(SERVICE).get_alias(FunctionName=function, Name=alias)
    except is_boto3_error_code(MISSING):
        return None
    return found


def read_version(aws: Connection, function: str, version: str | None = None) -> Shape | None:
    """The settings of a version, or of a function; None when there is none."""
    asked = {"FunctionName": function, **({"Qualifier": version} if version else {})}
    try:
        found: Shape = aws.client(SERVICE).get_function_configuration(**asked)
    except is_boto3_error_code(MISSING):
        return None
    return found


def shares(alias: Shape) -> dict[str, float]:
    """Percent of the traffic by version, the version that the alias names first."""
    others = {
        version: round(100 * weight, 2)
        for version, weight in ((alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}).items()
        if weight
    }
    return {alias["FunctionVersion"]: round(100 - sum(others.values()), 2), **others}


def send_all(aws: Connection, function: str, alias: Shape) -> None:
    """Send all traffic to the version that the alias names: it keeps no other one. Not if somebody changed it meanwhile."""
    asked = {"FunctionName": function, "Name": alias["Name"], "RoutingConfig": {"AdditionalVersionWeights": {}}}
    guard = {"RevisionId": alias["RevisionId"]} if alias.get("RevisionId") else {}
    try:
        aws.client(SERVICE).update_alias(**asked, **guard)
    except is_boto3_error_code("PreconditionFailedException") as problem:
        now = read_alias(aws, function, alias["Name"])  # a repeated request finds what the first one changed
        if not now or now["FunctionVersion"] != alias["FunctionVersion"] or len(shares(now)) > 1:
            text = f"somebody changed the alias {alias['Name']} of {function} while the task ran"
            raise Refused(f"{text}. Run the task again.") from problem
