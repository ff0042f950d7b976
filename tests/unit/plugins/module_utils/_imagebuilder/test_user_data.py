# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What counts as Base64, and what as text."""

from __future__ import annotations

import base64
import textwrap

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.user_data import encoded

LONG = base64.b64encode(b"#!/bin/sh\n" * 20).decode()


def of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "#!/bin/sh\n",
        "#cloud-config\npackages: [git]\n",
        "<powershell>\nGet-Date\n</powershell>",
        "Content-Type: multipart/mixed",
        "echo one",
        "echo\nhalt",
        "abc",
        "Zürich==",
        "ab=c",
    ],
)
def test_text_is_encoded(text: str) -> None:
    assert encoded(text) == of(text)
    assert encoded(encoded(text)) == of(text)


@pytest.mark.parametrize("width", [64, 76])
def test_base64_stays_in_one_line(width: int) -> None:
    assert encoded(LONG) == LONG
    assert encoded(f"  {LONG}\n") == LONG
    assert encoded(textwrap.fill(LONG, width) + "\n") == LONG


def test_lines_of_text_are_not_taken_for_wrapped_base64() -> None:
    lines = f"{'a' * 64}\n{'b' * 60}\n{'c' * 64}"
    assert encoded(lines) == of(lines)
