# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The calls for on-premises instances. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
)

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.calls import SERVICE, names
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, retried, taken
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape, given

BATCH = 25  # names in one BatchGetOnPremisesInstances
IDENTITY = ("iamUserArn", "iamSessionArn")


def find_instance(aws: Connection, params: Shape) -> Shape | None:
    """The instance as AWS tells it, with its tags as a map; None when there is none.

    AWS keeps the record of one that was deregistered, with the time of that.
    """
    try:
        live = aws.client(SERVICE).get_on_premises_instance(instanceName=params["name"])["instanceInfo"]
    except is_boto3_error_code("InstanceNotRegisteredException"):
        return None
    return None if live.get("deregisterTime") else _with_tag_map(live)


def register_instance(aws: Connection, wanted: Shape) -> None:
    """Register it, and tag it by a call of its own, also when the answer to the first call was lost."""
    identity = {member: wanted[member] for member in ("instanceName", *IDENTITY) if wanted.get(member)}
    try:
        aws.client(SERVICE).register_on_premises_instance(**identity)
    except AWS_FAILURES as problem:
        if not (taken(problem) and retried(problem) and _is_registered(aws, identity)):
            raise
    if wanted.get("tags"):
        _call(aws, "add_tags_to_on_premises_instances", wanted, wanted["tags"])


def _is_registered(aws: Connection, identity: Shape) -> bool:
    found = find_instance(aws, {"name": identity["instanceName"]}) or {}
    return all(found.get(member) == value for member, value in identity.items())


def deregister_instance(aws: Connection, live: Shape) -> None:
    """Declares no "is not registered"; the IAM user, its keys and the host are left as they are."""
    aws.client(SERVICE).deregister_on_premises_instance(instanceName=live["instanceName"])


def retag(aws: Connection, live: Shape, put: Shape, drop: list[str]) -> None:
    """A tag is removed by key and value. One whose value changes is removed first, since AWS does not say that it replaces it."""
    gone = {key: value for key, value in live["tags"].items() if key in drop or key in put}
    if gone:
        _call(aws, "remove_tags_from_on_premises_instances", live, gone)
    if put:
        _call(aws, "add_tags_to_on_premises_instances", live, put)


def _call(aws: Connection, operation: str, instance: Shape, tags: Shape) -> None:
    asked = {"instanceNames": [instance["instanceName"]], "tags": ansible_dict_to_boto3_tag_list(tags)}
    getattr(aws.client(SERVICE), operation)(**asked)


def list_instances(aws: Connection, status: str | None, filters: list[Shape] | None) -> list[str]:
    """Names by status and by tags; a filter that is met is enough."""
    asked = given({"registrationStatus": status, "tagFilters": filters or None})
    return names(aws, "list_on_premises_instances", "instanceNames", **asked)


def read_instances(aws: Connection, wanted: list[str]) -> list[Shape]:
    """Instances by name, registered or not any more, 25 a call; unknown ones left out."""
    found: list[Shape] = []
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        found += aws.client(SERVICE).batch_get_on_premises_instances(instanceNames=part)["instanceInfos"]
    return [_with_tag_map(live) for live in found]


def _with_tag_map(live: Shape) -> Shape:
    return {**live, "tags": boto3_tag_list_to_ansible_dict(live.get("tags") or [])}
