# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""codedeploy base URL and path."""

from __future__ import annotations

from .responses import CodeDeployResponse

url_bases = [
    r"https?://codedeploy\.(.+)\.amazonaws\.com",
]

url_paths = {
    "{0}/$": CodeDeployResponse.dispatch,
}
