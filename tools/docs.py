# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lint the documentation of the collection that is the current folder.

antsibull-docs works in a folder that is named by chance and stands in the pages it renders, where a name that ends with an
underscore is a reference to nothing: one run in 37 failed.
"""

from __future__ import annotations

import string
import sys
import tempfile

from antsibull_docs.cli.antsibull_docs import run

if __name__ == "__main__":
    tempfile._RandomNameSequence.characters = string.ascii_lowercase + string.digits  # type: ignore[attr-defined]
    checks = ["--plugin-docs", "--validate-collection-refs=all", "--check-extra-docs-refs"]
    sys.exit(run(["antsibull-docs", "lint-collection-docs", *checks, "."]))
