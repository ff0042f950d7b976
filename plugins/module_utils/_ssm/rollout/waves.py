# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In which order nodes get a package: some first, then the rest. Pure. Private to this collection."""

from __future__ import annotations

import itertools
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command.wishes import share
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short

FORM = re.compile(r"([0-9]{1,6}|[1-9]?[0-9]%|100%)\Z")


class Waves(t.NamedTuple):
    canary: list[str]
    rest: list[str]


def split(due: t.Sequence[tuple[str, str | None]], canary: str) -> Waves:
    """The nodes, each with the file it gets, parted. Canaries are of all files in turn, so that each is tried early."""
    count = max(1, share(canary, len(due))) if some_first(canary) else 0
    by_file: dict[str | None, list[str]] = {}
    for node, file in due:
        by_file.setdefault(file, []).append(node)
    in_turn = [one for row in itertools.zip_longest(*by_file.values()) for one in row if one is not None]
    first = set(in_turn[:count])
    nodes = [node for node, _file in due]
    return Waves([one for one in nodes if one in first], [one for one in nodes if one not in first])


def some_first(canary: str) -> bool:
    """Whether any node is to be tried first."""
    if not FORM.match(canary):
        raise Refused(
            f"canary is {shown_short(canary)}. Set it to a number or a percentage of the nodes, such as 1 or 10%"
        )
    return canary.strip("%0") != ""
