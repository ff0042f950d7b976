# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""imagebuilder base URL and path."""

from __future__ import annotations

from .responses import ImageBuilderResponse

url_bases = [r"https?://imagebuilder\.(.+)\.amazonaws\.com"]

url_paths = {
    "{0}/(?P<operation>[^/]+)$": ImageBuilderResponse.dispatch,
    "{0}/tags/(?P<resource_arn>.+)$": ImageBuilderResponse.dispatch,
}
