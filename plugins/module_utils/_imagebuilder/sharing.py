# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The act of sharing a component, recipe or image by its resource policy. Knows nothing of Ansible. Private to this collection.

RAM makes a resource share of a policy. The others do not see what is shared until the share has been promoted.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.amazon.aws.plugins.module_utils.policy import compare_policies

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import AWS_FAILURES, Refused, retried, warn
from ansible_collections.slipway.aws.plugins.module_utils._core.paging import items
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import look_until
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn, tail
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.inputs import NotThere, there
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import SERVICE
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import camel

KINDS = {
    "component_arn": "component",
    "image_arn": "image",
    "image_recipe_arn": "image-recipe",
    "container_recipe_arn": "container-recipe",
}
FROM_POLICY = "CREATED_FROM_POLICY"


def share(aws: Connection, params: Shape, check_mode: bool) -> Shape:
    """Have the policy on the resource and its share promoted. Returns what the task registers."""
    option = next(name for name in KINDS if params[name])
    wanted = _policy(params["policy"])
    try:
        arn = str(there(aws, KINDS[option], full_arn(aws, KINDS[option], params[option]))["arn"])
    except NotThere:
        if check_mode:
            return _told(None, {}, wanted, [])
        raise
    noun = KINDS[option].replace("-", "_")
    live = _live(aws, noun, option, arn)
    differs = compare_policies(live, wanted)
    if live and differs and not params["force"]:
        raise Refused(
            f"{tail(arn)} has another policy already. Add its statements to policy, or set force to replace it",
            policy=live,
        )
    if differs and not check_mode:
        getattr(aws.client(SERVICE), f"put_{noun}_policy")(**{camel(option): arn, "policy": json.dumps(wanted)})
    return _told(
        arn, live, wanted if differs else live, _promoted(aws, arn, differs, check_mode) if params["promote"] else []
    )


def _policy(text: str) -> Shape:
    policy = json.loads(text)
    if not isinstance(policy, dict) or not policy.get("Statement"):
        raise Refused(
            "policy has no Statement. AWS has no call that removes a policy; delete its resource share in RAM"
        )
    return policy


def _live(aws: Connection, noun: str, option: str, arn: str) -> Shape:
    answer = getattr(aws.client(SERVICE), f"get_{noun}_policy")(**{camel(option): arn})
    return dict(json.loads(answer.get("policy") or "{}"))


def _promoted(aws: Connection, arn: str, written: bool, check_mode: bool) -> t.List[str]:
    """The shares of the policy that were promoted, or would be. A share appears some seconds after its policy."""
    if check_mode and written:
        return []
    found = look_until(lambda: _shares(aws, arn)) if written else _shares(aws, arn)
    waiting = _waiting(found)
    if written and not found:
        warn(f"RAM has no resource share of the policy of {tail(arn)} yet. Run the task again to promote it.")
    for share_arn in [] if check_mode else waiting:
        _promote(aws, arn, share_arn)
    return waiting


def _promote(aws: Connection, arn: str, share_arn: str) -> None:
    """Asked again after a lost answer AWS refuses, because the share is promoted already."""
    try:
        aws.client("ram").promote_resource_share_created_from_policy(resourceShareArn=share_arn)
    except AWS_FAILURES as problem:
        if not retried(problem) or share_arn in _waiting(_shares(aws, arn)):
            raise


def _waiting(shares: t.List[Shape]) -> t.List[str]:
    return [one["resourceShareArn"] for one in shares if one.get("featureSet") == FROM_POLICY]


def _shares(aws: Connection, arn: str) -> t.List[Shape]:
    """The resource shares of a resource."""
    asked: Shape = {"associationType": "RESOURCE", "resourceArn": arn}
    key = "resourceShareAssociations"
    named = {one["resourceShareArn"] for one in items(aws, "ram", "get_resource_share_associations", key, **asked)}
    if not named:
        return []
    shares = items(
        aws, "ram", "get_resource_shares", "resourceShares", resourceOwner="SELF", resourceShareArns=sorted(named)
    )
    return [one for one in shares if one["resourceShareArn"] in named and one.get("status") != "DELETED"]


def _told(arn: t.Optional[str], before: Shape, after: Shape, promoted: t.List[str]) -> Shape:
    return {
        "changed": before != after or bool(promoted),
        "resource_arn": arn,
        "policy": after,
        "promoted": promoted,
        "diff": {"before": {"policy": before}, "after": {"policy": after}},
    }
