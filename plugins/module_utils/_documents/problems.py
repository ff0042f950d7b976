# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a validator has to say about one place of a document."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line

ERROR = "error"
WARNING = "warning"
LONGEST = 500  # characters of a part; a document may hold a key of a megabyte, and name it in every problem


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
    """In reading order, as they can be shown; what belongs to no line comes first."""
    return [_shown(problem) for problem in sorted(problems, key=lambda problem: problem.line or 0)]


def _shown(problem: Problem) -> Problem:
    return problem._replace(path=_part(problem.path), what=_part(problem.what), remedy=_part(problem.remedy))


def _part(text: str) -> str:
    return shown_line(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def sentence(problem: Problem, name: str = "") -> str:
    """A problem as one line of text, `name` being the file it was found in."""
    places = [name, f"line {problem.line}" if problem.line else "", problem.path]
    return f"{', '.join(place for place in places if place)}: {problem.what} {problem.remedy}".lstrip(": ").strip()
