# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a result tells what the options said: a member that a module drops wherever it meets it is no difference to itself."""

from __future__ import annotations

import re
import typing as t

EMPTY: tuple[t.Any, ...] = (None, "", [], {}, False)


def tells(found: t.Any, said: t.Any) -> bool:
    """Whether every value that the options said is there; what is empty or off may be left out."""
    if isinstance(said, dict):
        wanted = {name: value for name, value in said.items() if value not in EMPTY and name not in forgotten(said)}
        return all(isinstance(found, dict) and tells(found.get(name), value) for name, value in wanted.items())
    if isinstance(said, list):
        return all(any(tells(one, value) for one in found or []) for value in said)
    named = str(found).startswith("arn:") and all(part in str(found) for part in re.split("[:/]", str(said)))
    return named or str(found) == str(said)


def forgotten(said: dict[str, t.Any]) -> set[str]:
    """Members that AWS or the module answers otherwise: a device that is left out, what is hidden, what a switched-off block says."""
    return {"no_device", "user_data_override", *(said if said.get("enabled") is False else ())}
