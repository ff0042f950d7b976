# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the `_info` modules read. Knows nothing of Ansible. Private to this collection."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.arns import full_arn
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.nouns import read
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.removal import listed
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.shapes import camel

OWNERS = ["Self", "Shared", "Amazon", "ThirdParty", "AWSMarketplace"]
INFO_OPTIONS: dict[str, t.Any] = {"name": {"type": "str"}, "filters": {"type": "dict"}}
LISTS = {  # kind -> the member of the list operation's answer
    "component": "componentVersionList",
    "container-recipe": "containerRecipeSummaryList",
    "distribution-configuration": "distributionConfigurationSummaryList",
    "image": "imageVersionList",
    "image-pipeline": "imagePipelineList",
    "image-recipe": "imageRecipeSummaryList",
    "infrastructure-configuration": "infrastructureConfigurationSummaryList",
    "lifecycle-policy": "lifecyclePolicySummaryList",
    "workflow": "workflowVersionList",
}


def found(aws: Connection, kind: str, params: Shape) -> list[Shape]:
    """The one resource of a name or ARN, whole; or what the list operation says of all that pass the filters."""
    if params["name"]:
        one = read(aws, kind, full_arn(aws, kind, params["name"]))
        return [one] if one else []
    noun = f"{kind.replace('-', '_')}s".replace("policys", "policies")
    return listed(aws, f"list_{noun}", LISTS[kind], **query(params))


def query(params: Shape) -> Shape:
    """The members of a list operation: filters by the service's names for them, written in either case."""
    asked = {
        camel(name): params[name] for name in ("owner", "by_name", "include_deprecated") if params.get(name) is not None
    }
    return {**asked, **({"filters": filters(params["filters"])} if params.get("filters") else {})}


def filters(wanted: t.Mapping[str, t.Any]) -> list[Shape]:
    """`{"platform": "Linux"}` as the service takes it; one value or a list of them."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in wanted.items()}
    return [{"name": camel(name), "values": [str(value) for value in values]} for name, values in lists.items()]
