# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lines that fit a screen: paragraphs, tables, lists that are cut. Pure.

Like all text for the screen it lives with the action plugins: what is shown is made where the screen is, from results as
modules return them, and no module carries it to a host.
"""

from __future__ import annotations

import textwrap
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import shown, shown_line

INDENT = "  "
NARROWEST = 6  # characters that a column keeps when its texts are cut
LEAST_BESIDE = 30  # characters that must be left in a line for a text to stand beside the columns

Row = t.Sequence[str]


def paragraph(text: str, width: int, indent: str = INDENT, label: str = "") -> list[str]:
    """The text in lines of at most `width`; `label` stands before the first one, the others are indented alike.

    A word that is longer, such as an address, is left whole.
    """
    start = indent + label
    return textwrap.wrap(
        shown_line(text),
        width,
        initial_indent=start,
        subsequent_indent=" " * len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )


def quoted(text: str, most: int, width: int, indent: str) -> list[str]:
    """The last lines of a log, marked as such and cut to the width: they can be long, and are not ours."""
    start = f"{indent}| "
    room = width - len(start)
    lines = [line.expandtabs(4).rstrip() for line in shown(text).splitlines() if line.strip()]
    return [start + ellipsis(line, room) for line in lines[-most:]]


def ellipsis(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(0, most - 2)]}.."


def more(count: int, most: int) -> list[str]:
    """`+4 more`, where there are more than were shown."""
    return [f"{INDENT}+{count - most} more"] if count > most else []


def table(
    heads: Row, rows: t.Sequence[Row], width: int, elastic: t.Collection[str] = (), indent: str = INDENT
) -> list[str]:
    """Rows in aligned columns under their heads; the last one is free text, beside the others or on lines of its own.

    Columns without any text are left out, those named in `elastic` are cut when the others need the room.
    """
    cells = [[shown_line(cell) for cell in row] for row in rows]
    kept = [i for i in range(len(heads) - 1) if any(row[i] for row in cells)]
    sizes = _sizes([[row[i] for i in kept] for row in [list(heads), *cells]])
    room = width - len(indent)
    _shrink(sizes, [n for n, i in enumerate(kept) if heads[i] in elastic], room)
    beside = room - _width(sizes) - 2 >= LEAST_BESIDE
    start = len(indent) + _width(sizes) + 2 if beside else 2 * len(indent)
    top = _line([heads[i] for i in kept], sizes, indent) + (
        f"  {heads[-1]}" if beside and any(r[-1] for r in cells) else ""
    )
    lines = [top.rstrip()]
    for row in cells:
        told = paragraph(row[-1], width, " " * start)
        line = _line([row[i] for i in kept], sizes, indent)
        lines += [f"{line}  {told[0].strip()}", *told[1:]] if beside and told else [line.rstrip(), *told]
    return lines


def _sizes(rows: t.Sequence[Row]) -> list[int]:
    return [max(len(cell) for cell in column) for column in zip(*rows)]


def _width(sizes: list[int]) -> int:
    return sum(sizes) + 2 * max(0, len(sizes) - 1)


def _shrink(sizes: list[int], elastic: list[int], room: int) -> None:
    """Take from the widest of the elastic columns until all fit, or nothing more can be taken."""
    while _width(sizes) > room and any(sizes[n] > NARROWEST for n in elastic):
        widest = max(elastic, key=lambda n: sizes[n])
        sizes[widest] -= 1


def _line(cells: Row, sizes: list[int], indent: str) -> str:
    return indent + "  ".join(ellipsis(cell, size).ljust(size) for cell, size in zip(cells, sizes))
