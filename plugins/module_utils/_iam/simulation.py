# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the policies of a role allow, by IAM's own simulation. Only reads. Private to this collection."""

from __future__ import annotations

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection

EXPLICIT, IMPLICIT = "explicitDeny", "implicitDeny"


def simulate(aws: Connection, role: str, wanted: list[tuple[str, str]], **context: str) -> dict[tuple[str, str], str]:
    """Decisions by action and resource; those that hang on something the simulation was not given left out.

    `role`: its ARN. `context`: values of condition keys of IAM, as `PassedToService`.
    """
    asked = {"ActionNames": sorted({one[0] for one in wanted}), "ResourceArns": sorted({one[1] for one in wanted})}
    entries = [
        {"ContextKeyName": f"iam:{name}", "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in context.items()
    ]
    given = {"ContextEntries": entries} if entries else {}
    answer = aws.client("iam").simulate_principal_policy(PolicySourceArn=role, **asked, **given)
    return {
        (one["EvalActionName"], one["EvalResourceName"]): one["EvalDecision"]
        for one in answer["EvaluationResults"]
        if not one.get("MissingContextValues")
    }
