# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Addresses that moto does not know, so that what is not built is answered as such."""

from __future__ import annotations

from moto.awslambda.responses import LambdaResponse
from moto.awslambda.urls import url_paths

FUNCTION = r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)"
NOT_BUILT = ("provisioned-concurrency/?", "versions/provisioned-concurrency")


def extend() -> None:
    for path in NOT_BUILT[:1]:
        url_paths[rf"{FUNCTION}/{path}$"] = LambdaResponse.dispatch
