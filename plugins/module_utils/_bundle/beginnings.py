# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the files of a tree begin, for whoever judges them by that. Private to this collection."""

from __future__ import annotations

import collections.abc as c

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.links import leads_to
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, read_member

BEGINNING = 256  # bytes: what Linux looks at of a script


def reader(tree: Tree) -> c.Callable[[str], bytes]:
    """Reads the beginnings of files of this tree, each file once: their digests are kept for the fingerprint."""

    def read(path: str) -> bytes:
        try:
            return read_member(tree, leads_to(tree.links, path.encode()) or b"")[:BEGINNING]
        except BundleError:  # what cannot be read is told by the fingerprint; what is larger is a program, not a script
            return b""

    return read
