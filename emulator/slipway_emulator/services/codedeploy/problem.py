# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Why a deployment fails, where another service or a file is to blame."""

from __future__ import annotations


class Problem(Exception):
    """An error code of `errorInformation` and its sentence."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code, self.text = code, text
