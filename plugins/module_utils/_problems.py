# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a validator has to say about one place of a document."""

from __future__ import annotations

import collections.abc as c
import typing as t

ERROR = "error"
WARNING = "warning"


class Problem(t.NamedTuple):
    """One finding. `line` counts from 1 and is None when the document as a whole is meant."""

    line: int | None
    path: str
    what: str
    remedy: str
    level: str = ERROR


def errors(problems: c.Iterable[Problem]) -> list[Problem]:
    """Only what the service or its host agent would refuse."""
    return [problem for problem in problems if problem.level == ERROR]


def warnings(problems: c.Iterable[Problem]) -> list[Problem]:
    """Only what is accepted and is likely to surprise."""
    return [problem for problem in problems if problem.level == WARNING]


def by_line(problems: c.Iterable[Problem]) -> list[Problem]:
    """In reading order; what belongs to no line comes first."""
    return sorted(problems, key=lambda problem: problem.line or 0)


def sentence(problem: Problem, name: str = "") -> str:
    """A problem as one line of text, `name` being the file it was found in."""
    places = [name, f"line {problem.line}" if problem.line else "", problem.path]
    return f"{', '.join(place for place in places if place)}: {problem.what} {problem.remedy}".lstrip(": ").strip()
