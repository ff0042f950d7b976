# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What tasks ask for, in the shapes of the API. Pure. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import EMPTY, USER_KEYED, Shape, Whole

# Blocks that are one value each, with what AWS takes for a member that is left out.
PLACEMENT: Shape = {"availabilityZone": None, "tenancy": "default", "hostId": None, "hostResourceGroupArn": None}
SCANNING: Shape = {
    "imageScanningEnabled": False,
    "imageScanningTypes": ["TEST_INSTANCE_CVE"],
    "scanResultCondition": {"maximumSeverityLabel": None, "fixAvailable": True},
    "ecrConfiguration": {"repositoryName": "image-builder-image-scanning-repository", "containerTags": None},
}
RUNS_BY_DEFAULT = {"imageTestsEnabled": True, "timeoutMinutes": 720}  # imageTestsConfiguration that AWS fills in


def camel(option: str) -> str:
    """The API member of an option."""
    first, *rest = option.split("_")
    return first + "".join(part[:1].upper() + part[1:] for part in rest)


def api(value: t.Any) -> t.Any:
    """Options as API shapes: camelCase keys, but for the user's own in maps such as tags, whose values become text."""
    if isinstance(value, list):
        return type(value)(api(item) for item in value)
    if not isinstance(value, dict):
        return value
    members = {camel(key): item for key, item in value.items() if item is not None}
    return {key: text_map(item) if key in USER_KEYED else api(item) for key, item in members.items()}


def asked(params: Shape, *options: str) -> Shape:
    """The members these options ask for; what was not given is None."""
    return {
        camel(option): None if params[option] is None else api({option: params[option]})[camel(option)]
        for option in options
    }


def whole(items: t.Optional[t.List[t.Any]]) -> t.Optional[t.List[t.Any]]:
    """A list that is replaced whole, its items without what they leave empty."""
    return None if items is None else Whole(spoken(item) for item in items)


def spoken(value: t.Any, key: str = "") -> t.Any:
    """The value without empty members at any depth: the service refuses them, and an omitted one is cleared.

    The empty `noDevice` of a block device means something: leave out the device the parent image has.
    """
    if isinstance(value, dict) and key not in USER_KEYED:
        inner = {name: spoken(item, name) for name, item in value.items()}
        return {name: item for name, item in inner.items() if item not in EMPTY or name == "noDevice"}
    return [spoken(item) for item in value] if isinstance(value, list) else value


def text_map(values: t.Mapping[str, t.Any]) -> t.Dict[str, str]:
    """Numbers and booleans in YAML are text in a tag."""
    return {str(key): str(value) for key, value in values.items()}
