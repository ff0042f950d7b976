# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.region`; its documentation is in region.yml."""

from __future__ import annotations

import collections.abc as c
import os
import typing as t

NAMES = ("AWS_REGION", "AWS_DEFAULT_REGION")  # in the order in which modules look


def region(value: t.Any = None) -> str:
    """The Region, or the one that the environment names; see the documentation of the filter."""
    named = (os.environ.get(name, "") for name in NAMES)
    return str(value or next(filter(None, named), ""))


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"region": region}
