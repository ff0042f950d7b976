# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A document of a few kinds of blocks, as Markdown and as one HTML page. Pure.

Whatever is not one of our own words is a `Data`, from wherever it comes. Both forms show it as code, in which nothing has a
meaning: Markdown by a fence that it does not contain, HTML by escapes. The page loads nothing and runs nothing.
"""

from __future__ import annotations

import html
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._text import shown, shown_line


class Data(str):
    """Text of a host, of AWS or of a user."""


class Heading(t.NamedTuple):
    text: str


class Paragraph(t.NamedTuple):
    parts: t.Sequence[str]  # words of ours, and Data


class Table(t.NamedTuple):
    heads: t.Sequence[str]
    rows: t.Sequence[t.Sequence[str]]


class Log(t.NamedTuple):
    """Lines that a host wrote."""

    text: str


class Bar(t.NamedTuple):
    """A span of time in percent of the whole, with its tone (`good`, `bad`, `other`) and what it is."""

    start: float
    width: float
    tone: str
    text: str


class Timeline(t.NamedTuple):
    """Bars by the name of their row. Only a page shows it."""

    rows: t.Sequence[tuple[str, t.Sequence[Bar]]]


Block = t.Union[Heading, Paragraph, Table, Log, Timeline]

STYLE = """
:root { color-scheme: light dark; --good: #2e7d32; --bad: #c62828; --other: #757575; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; } td code { overflow-wrap: break-word; }
pre { background: #8881; border-left: 3px solid var(--line); overflow-x: auto; padding: .5rem .75rem; white-space: pre-wrap; }
.row { align-items: center; display: flex; gap: .75rem; } .row > code { flex: 0 0 16rem; }
.bars { background: #8881; flex: 1; height: 1.1rem; margin: .15rem 0; position: relative; }
.bars span { height: 100%; min-width: 2px; position: absolute; }
.good { background: var(--good); } .bad { background: var(--bad); } .other { background: var(--other); }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
TONES = ("good", "bad", "other")


def to_markdown(title: t.Sequence[str], blocks: t.Iterable[Block]) -> str:
    parts = [f"# {_inline(title)}", *(_MARKDOWN[type(block)](block) for block in blocks)]
    return "\n\n".join(filter(None, parts)) + "\n"


def to_html(title: t.Sequence[str], blocks: t.Iterable[Block]) -> str:
    body = "\n".join(_HTML[type(block)](block) for block in blocks)
    head = (
        '<meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_escaped(''.join(title))}</title><style>{STYLE}</style>"
    )
    heading = f"<h1>{_code(title)}</h1>"
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>{head}</head>\n<body>\n{heading}\n{body}\n</body>\n</html>\n'


def _escaped(text: str) -> str:
    return html.escape(shown_line(text), quote=True)


def _code(parts: t.Sequence[str]) -> str:
    return "".join(f"<code>{_escaped(one)}</code>" if isinstance(one, Data) else _escaped(one) for one in parts)


def _table(block: Table) -> str:
    heads = "".join(f"<th>{_escaped(head)}</th>" for head in block.heads)
    top = f"<thead><tr>{heads}</tr></thead>" if any(block.heads) else ""
    rows = "".join(f"<tr>{''.join(f'<td>{_code([cell])}</td>' for cell in row)}</tr>\n" for row in block.rows)
    return f"<table>{top}<tbody>\n{rows}</tbody></table>"


def _timeline(block: Timeline) -> str:
    return "\n".join(
        f'<div class="row">{_code([Data(name)])}<div class="bars">{"".join(map(_bar, bars))}</div></div>'
        for name, bars in block.rows
    )


def _bar(stretch: Bar) -> str:
    tone = stretch.tone if stretch.tone in TONES else "other"
    place = f"left:{float(stretch.start):.2f}%;width:{float(stretch.width):.2f}%"
    return f'<span class="{tone}" style="{place}" title="{_escaped(stretch.text)}"></span>'


def _inline(parts: t.Sequence[str], in_table: bool = False) -> str:
    text = "".join(_span(one) if isinstance(one, Data) else one for one in parts)
    return text.replace("|", "\\|") if in_table else text


def _span(text: str) -> str:
    """A code span: its fence is longer than any in it, and a blank keeps it from touching one."""
    line = re.sub(r"\s", " ", shown_line(text)).strip()
    if not line:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall(r"`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _fenced(block: Log) -> str:
    text = shown(block.text).rstrip("\n")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall(r"`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def _piped(block: Table) -> str:
    rows = [block.heads, ["---"] * len(block.heads), *block.rows]
    return "\n".join(f"| {' | '.join(_inline([cell], True) for cell in row)} |" for row in rows)


_MARKDOWN: dict[type, t.Callable[[t.Any], str]] = {
    Heading: lambda block: f"## {block.text}",
    Paragraph: lambda block: _inline(block.parts),
    Table: _piped,
    Log: _fenced,
    Timeline: lambda block: "",
}
_HTML: dict[type, t.Callable[[t.Any], str]] = {
    Heading: lambda block: f"<h2>{_escaped(block.text)}</h2>",
    Paragraph: lambda block: f"<p>{_code(block.parts)}</p>",
    Table: _table,
    Log: lambda block: f"<pre>{html.escape(shown(block.text), quote=True)}</pre>",
    Timeline: _timeline,
}
