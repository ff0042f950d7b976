# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a bundle could not be made or stored, in words for the user."""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

SHOWN = 20  # a tree with a thousand bad paths must not make a thousand-line message


class BundleError(Refused):
    """The bundle cannot be made or stored. The text names every path concerned and the remedy."""


def refuse(problems: t.Sequence[str]) -> None:
    """Raise one error for all problems found, in the order given; return when there are none."""
    if not problems:
        return
    lines = list(problems[:SHOWN])
    if len(problems) > SHOWN:
        lines.append(f"... and {len(problems) - SHOWN} more.")
    raise BundleError("\n".join(lines))


def shown(path: bytes) -> str:
    """A path as it can be printed, whatever bytes it holds."""
    return shown_line(path.decode("utf-8", "backslashreplace"))
