# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""RAM: shares that were made of resource policies become shares that others see."""

from __future__ import annotations

import json
from typing import Any

from moto.ram import urls
from moto.ram.exceptions import OperationNotPermittedException, UnknownResourceException
from moto.ram.responses import ResourceAccessManagerResponse

from ._patching import put

FROM_POLICY, STANDARD = "CREATED_FROM_POLICY", "STANDARD"


def extend() -> None:
    """Put the operation onto moto's responses, and its path to those that moto knows."""
    urls.url_paths["{0}/promoteresourcesharecreatedfrompolicy$"] = ResourceAccessManagerResponse.dispatch
    put(ResourceAccessManagerResponse, promote_resource_share_created_from_policy)


def promote_resource_share_created_from_policy(self: Any) -> str:
    """PromoteResourceShareCreatedFromPolicy: at once, where AWS is PROMOTING_TO_STANDARD for a moment."""
    arn = self._get_param("resourceShareArn")
    share = next((one for one in self.ram_backend.resource_shares if one.arn == arn and one.status == "ACTIVE"), None)
    if share is None:
        raise UnknownResourceException(f"ResourceShare {arn} could not be found.")
    if share.feature_set != FROM_POLICY:
        raise OperationNotPermittedException
    share.feature_set = STANDARD
    return json.dumps({"returnValue": True})
