# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Component documents of one phase, and what the validator finds in them."""

from __future__ import annotations

import textwrap

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)

HEAD = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n"


def steps(text: str) -> str:
    """A document of one build phase, whose steps begin on line 5."""
    return HEAD + textwrap.indent(textwrap.dedent(text).lstrip("\n"), "      ")


def found(text: str, platform: str | None = None) -> list[tuple[int | None, str, str]]:
    return [(item.line, item.path, item.what) for item in component_document_problems(text, platform)]
