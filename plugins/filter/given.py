# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.given`; its documentation is in given.yml."""

from __future__ import annotations

import collections.abc as c
import json
import re
import typing as t

from ansible.errors import AnsibleFilterError

KINDS: dict[str, type] = {"list": list, "dict": dict}
NAMES = {"list": "a list", "dict": "a dictionary"}


def given(value: t.Any, otherwise: t.Any = None, kind: str = "str") -> t.Any:
    """The value, or what holds where none was given; see the documentation of the filter."""
    if kind != "str" and kind not in KINDS:
        raise AnsibleFilterError(f"given takes kind=str, kind={' or kind='.join(KINDS)}, not {kind!r}.")
    if value is None or (isinstance(value, str) and not value.strip()):
        return otherwise
    return _parsed(value, kind) if isinstance(value, str) and kind in KINDS else value


def _parsed(text: str, kind: str) -> t.Any:
    """JSON where it looks like it; items of a list may also stand in one line each or be parted by commas."""
    if text.strip()[0] in "[{":
        return _from_json(text, kind)
    if kind == "list":
        return [item.strip() for item in re.split(r"[,\n]", text) if item.strip()]
    raise AnsibleFilterError(f"{text!r} is not {NAMES[kind]}. Give {NAMES[kind]}, or JSON text of one.")


def _from_json(text: str, kind: str) -> t.Any:
    try:
        parsed = json.loads(text)
    except ValueError as problem:
        raise AnsibleFilterError(f"{text!r} is not valid JSON: {problem}.") from problem
    if not isinstance(parsed, KINDS[kind]):
        raise AnsibleFilterError(f"{text!r} is not {NAMES[kind]}. Give {NAMES[kind]}, or JSON text of one.")
    return parsed


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"given": given}
