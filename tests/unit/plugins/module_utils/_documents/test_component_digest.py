# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Component documents are compared by what they say."""

from __future__ import annotations

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.digest import (
    canonical,
    document_digest,
    same_document,
)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("a: 1\nb: [x, y]\n", '{"b": ["x", "y"], "a": 1} # comment', True),
        ("a: |\n  x\n  y\n", 'a: "x\\ny\\n"', True),
        ("a: x\r\n", "a: x\n\n", True),
        ("a: 1\n", 'a: "1"\n', False),
        ("a: [x, y]\n", "a: [y, x]\n", False),
        ("a: true\n", "a: 1\n", False),
        ("a: 2024-01-01\n", "a: '2024-01-01'\n", True),
        ("a: .nan\n", "a: .nan\n", True),
        ("a: [\n", "a: [\n", True),
        ("a: [\n", "a: [ \n", False),
        ("a: 1\n---\nb: 1\n", "a: 1\n---\nb: 2\n", False),
        ("", " \n", False),
    ],
)
def test_documents_are_compared_by_what_they_say(first: str, second: str, same: bool) -> None:
    assert same_document(first, second) is same
    assert (document_digest(first) == document_digest(second)) is same


def test_bytes_and_text_are_the_same_document() -> None:
    assert canonical("a: é\n") == canonical("a: é\n".encode())
