# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for task definitions. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_message

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, may_have_happened
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ecs.content import same, settable
from ansible_collections.slipway.aws.plugins.module_utils._ecs.services import SERVICE

MISSING = "Unable to describe task definition"  # the code is ClientException, as for whatever is wrong


def find_task_definition(aws: Connection, name: str, tags: bool = False) -> Shape | None:
    """A task definition by ARN, `family:revision` or family, which means its newest active revision; None when there is none.

    With `tags`, its tags as a map beside the rest.
    """
    include = {"include": ["TAGS"]} if tags else {}
    try:
        answer = aws.client(SERVICE).describe_task_definition(taskDefinition=name, **include)
    except is_boto3_error_message(MISSING):
        return None
    found: Shape = answer["taskDefinition"]
    return {**found, "tags": {one["key"]: one["value"] for one in answer.get("tags") or []}} if tags else found


def find_newest(aws: Connection, family: str, tags: bool = False) -> Shape | None:
    """The newest active revision of a family."""
    found = find_task_definition(aws, family, tags)
    return found if found and is_active(found) else None


def is_active(definition: Shape) -> bool:
    """A revision that is not can still run where it does, but nothing new can be started from it."""
    return definition.get("status") == "ACTIVE"


def register_task_definition(aws: Connection, wanted: Shape, newest: Shape | None) -> Shape:
    """A new revision. `newest`: what was the newest before.

    There is no client token: after an answer that was lost the newest revision tells whether it was registered.
    """
    asked = settable(wanted)
    tags = [{"key": key, "value": str(value)} for key, value in (wanted.get("tags") or {}).items()]
    try:
        answer = aws.client(SERVICE, once=True).register_task_definition(**asked, **({"tags": tags} if tags else {}))
    except AWS_FAILURES as problem:
        found = find_newest(aws, wanted["family"]) if may_have_happened(problem) else None
        if found is None or not same(found, wanted) or found["revision"] == (newest or {}).get("revision"):
            raise
        return found
    return dict(answer["taskDefinition"])


def tag_task_definition(aws: Connection, arn: str, tags: dict[str, str]) -> None:
    listed = [{"key": key, "value": value} for key, value in tags.items()]
    aws.client(SERVICE).tag_resource(resourceArn=arn, tags=listed)
