# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of published resources in the options of a module: by the project that publishes them, then by name."""

from __future__ import annotations

import collections.abc as c
import pathlib
import typing as t

import yaml

FIXTURES = pathlib.Path(__file__).parents[1] / "unit" / "fixtures"
Options = dict[str, t.Any]


def published(file: str, special: Options) -> c.Iterator[tuple[str, Options, Options]]:
    """The project, the options and the special members of each, which are no options, with what they are if not given."""
    for source, sets in yaml.load((FIXTURES / file).read_text(), yaml.CSafeLoader).items():
        for name, said in sets.items():
            apart = {key: said.pop(key, empty) for key, empty in special.items()}
            yield source, {"name": name, **{key: value for key, value in said.items() if value is not None}}, apart
