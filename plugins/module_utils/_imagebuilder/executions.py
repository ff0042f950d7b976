# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lifecycle executions, by which AWS changes an image together with its AMIs. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, to_result
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import Look, limits, watch
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.lifecycles import resources
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import api, spoken

TIMEOUT = 3600  # seconds


def exclusions(params: Shape) -> Shape:
    """The rules of a task in the shape of the API; empty when there are none."""
    rules = spoken(api(params["exclusion_rules"] or {}))
    return {"exclusionRules": rules} if rules else {}


def in_progress(aws: Connection, image: Shape) -> t.Optional[str]:
    """The execution that changes the image at present."""
    execution = image.get("lifecycleExecutionId")
    return execution if execution and not look(aws, execution).done else None


def look(aws: Connection, execution: str) -> Look:
    """How far an execution is."""
    found = aws.client(SERVICE).get_lifecycle_execution(lifecycleExecutionId=execution)["lifecycleExecution"]
    state = str((found.get("state") or {}).get("status"))
    return Look(state, done=state in ("SUCCESS", "FAILED", "CANCELLED"))


def awaited(aws: Connection, params: Shape, execution: str) -> t.Tuple[str, str]:
    """Id and state of an execution that is over."""
    seen = watch(lambda: look(aws, execution), within(params))
    if not seen.done:
        raise Refused(
            f"the lifecycle execution {execution} is still {seen.text}. It continues in AWS. Run the task again to wait for "
            "it, or increase wait_timeout"
        )
    return execution, seen.text


def within(params: Shape) -> t.Any:
    """The limits of a task that is not followed live."""
    return limits({**params, "follow": None}, TIMEOUT)


def refuse_failed(aws: Connection, image: Shape, ended: t.Tuple[str, str]) -> None:
    """Raise Refused for an execution that did not end well."""
    execution, state = ended
    if state == "SUCCESS":
        return
    told = resources(aws, {"lifecycleExecutionId": execution})
    parts = [part for each in told for part in each.get("resources", [])]
    reasons = [
        f"{part.get('resourceId')} in Region {part.get('region')}, account {part.get('accountId')}: {str(part['state'].get('reason')).rstrip('.')}."
        for part in parts
        if part.get("state", {}).get("status") == "FAILED"
    ]
    raise Refused(
        f"the lifecycle execution {execution} of {tail(image['arn'])} ended {state}. {' '.join(reasons)} Fix the cause and run the "
        "task again",
        resources=to_result(told),
    )
