# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fingerprint of a bundle's content, kept at the end of the description of its revision. Pure. Private.

Who may write to the bucket can store anything under any key, with any metadata; who may register revisions deploys
anyway. So CodeDeploy's register, which also pins ETag and version, is what tells that an object is this content.
"""

from __future__ import annotations

import re

DESCRIPTION = 256  # characters CodeDeploy takes
_MARK = re.compile(r"(?:\A|\s)slipway-content:([0-9a-f]{64})\Z")
ROOM = DESCRIPTION - len(" slipway-content:") - 64  # what is left of it for the user of a bundle of ours


def marked(description: str | None, fingerprint: str) -> str:
    """The description to register content of this fingerprint with."""
    return f"{description or ''} slipway-content:{fingerprint}".lstrip()


def fingerprint_in(description: str | None) -> str:
    """The fingerprint a revision was registered with; an empty text where it was registered by something else."""
    found = _MARK.search(description or "")
    return found.group(1) if found else ""


def without_mark(description: str) -> str:
    """The description as the user gave it."""
    return _MARK.sub("", description)
