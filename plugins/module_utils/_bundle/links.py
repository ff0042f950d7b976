# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the symlinks of a bundle lead. Pure: by their texts, because a host has the bundle and nothing around it.

A link whose text goes above the root and comes back, like `../src/x`, is inside on this machine and outside on a host.
"""

from __future__ import annotations

import typing as t

MOST = 40  # links that a kernel follows for one path


def leads_to(links: t.Mapping[bytes, bytes], path: bytes) -> bytes | None:
    """The path that `path` stands for when links (path -> target) are followed; None when it leaves the tree or never ends."""
    left, followed = path.split(b"/")[::-1], 0
    done: list[bytes] = []
    while left:
        part = left.pop()
        if part == b".." and not done:
            return None
        if part == b"..":
            done.pop()
        elif part not in (b"", b"."):
            done.append(part)
            target = links.get(b"/".join(done))
            if target is not None:
                followed += 1
                if target.startswith(b"/") or followed > MOST:
                    return None
                done.pop()
                left += target.split(b"/")[::-1]
    return b"/".join(done)
