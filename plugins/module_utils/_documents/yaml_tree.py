# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A YAML document as a tree that remembers the line of every node, with nothing resolved.

What a plain word means (a number, a date, true) differs between the readers of YAML: the validators decide it.
"""

from __future__ import annotations

import collections.abc as c
import dataclasses
import re
import typing as t

try:
    import yaml
except ImportError:  # a module's host may lack PyYAML; its module says so with missing_required_lib
    HAS_YAML = False
else:
    HAS_YAML = True

# Deeper nesting has no use in any document read here, and would exhaust the stack of whoever walks the tree.
MAX_DEPTH = 100
MAX_BYTES = 1024 * 1024
# Python refuses to read or write numbers of more than 4,300 digits, and what needs one is no document read here.
MAX_NUMBER = 1000  # characters
_NUMBER = re.compile(r"[-+.]?[0-9][0-9A-Fa-fXxOo_,.:+-]*")
# Psych tells libyaml the encoding, so that a byte order mark is no longer looked for and stays part of the text. PyYAML
# cannot tell it: a mark put in front is used up instead, with the same outcome.
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclasses.dataclass
class Scalar:
    """A word. `plain`: its meaning is to be resolved; `quoted`: it is text; neither: `tag` decides.

    `literal`: a block of text whose first line is the one after `line`.
    """

    line: int
    value: str
    tag: str | None
    plain: bool
    quoted: bool
    literal: bool


@dataclasses.dataclass
class Sequence:
    line: int
    tag: str | None
    items: list[Node]


@dataclasses.dataclass
class Mapping:
    line: int
    tag: str | None
    pairs: list[tuple[Node, Node]]


@dataclasses.dataclass
class Alias:
    """`target`: what the anchor stands on, None when no anchor of that name came before."""

    line: int
    anchor: str
    target: Node | None


Node = t.Union[Scalar, Sequence, Mapping, Alias]


@dataclasses.dataclass
class Document:
    """`root` is None when the stream holds no document; `next_line` is where another, or something unreadable, follows."""

    root: Node | None
    next_line: int | None


class YamlError(Exception):
    """The text is not YAML. `line` counts from 1; the text says what the parser found, `remedy` how to mend it."""

    def __init__(self, line: int | None, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.line = line
        self.remedy = (
            remedy or "Indent with spaces, put a space after each colon and dash, and quote special characters."
        )


def to_bytes(text: str | bytes) -> bytes:
    """The bytes of the file, also after a decoding that kept undecodable bytes as lone surrogates."""
    if isinstance(text, bytes):
        return text
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def read(text: str | bytes) -> Document:
    """The first document of a stream.

    Raises YamlError when it cannot be read to its end.
    """
    if not HAS_YAML:
        raise YamlError(None, "PyYAML is missing", "Install PyYAML for the Python that runs the module.")
    raw = to_bytes(text)
    if len(raw) > MAX_BYTES:
        raise YamlError(raw.count(b"\n", 0, MAX_BYTES) + 1, f"it is longer than {MAX_BYTES} bytes", "Shorten it.")
    try:
        events = _events(raw)
        root = _first_document(events)
        return Document(root, None if root is None else _next_document(events))
    except yaml.MarkedYAMLError as err:
        raise YamlError(_line(_mark(err)), _message(err)) from err
    except (yaml.YAMLError, UnicodeError) as err:
        raise _undecodable(raw, err) from err


def _events(raw: bytes) -> c.Iterator[t.Any]:
    # libyaml is the parser inside Ruby's Psych too: where both are the same, so is what they refuse.
    loader = getattr(yaml, "CBaseLoader", None)
    if loader is not None:
        return yaml.parse(BYTE_ORDER_MARK + raw, Loader=loader)
    # The parser in Python does not count a byte order mark as a column, as libyaml does; a blank in its place counts.
    text = raw.decode("utf-8")
    return yaml.parse(" " + text[1:] if text.startswith("\ufeff") else text, Loader=_loader_in_python())


def _loader_in_python() -> t.Any:
    class Loader(yaml.BaseLoader):
        def scan_to_next_token(self) -> None:
            # As libyaml, and unlike its parent: a tab is a blank wherever it does not indent.
            super().scan_to_next_token()
            while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
                self.forward()
                super().scan_to_next_token()

    return Loader


def _next_document(events: c.Iterator[t.Any]) -> int | None:
    try:
        return next((_line(event.start_mark) for event in events if isinstance(event, yaml.DocumentStartEvent)), None)
    except yaml.MarkedYAMLError as err:
        return _line(err.problem_mark)
    except (yaml.YAMLError, UnicodeError):
        return None


def _first_document(events: c.Iterator[t.Any]) -> Node | None:
    builder = _Builder()
    for event in events:
        if isinstance(event, yaml.DocumentEndEvent):
            return builder.root
        builder.take(event)
    return None


class _Builder:
    """Puts the parser's events together, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Sequence | Mapping] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}

    def take(self, event: t.Any) -> None:
        if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            self._open.pop()
            self._keys.pop()
            return
        node = _node(event)
        if node is None:
            return
        if isinstance(node, Alias):
            node.target = self._anchors.get(node.anchor)
        elif event.anchor:
            self._anchors[event.anchor] = node
        self._place(node)
        if isinstance(node, (Sequence, Mapping)):
            self._enter(node)

    def _enter(self, node: Sequence | Mapping) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise YamlError(node.line, f"it is nested more than {MAX_DEPTH} levels deep")
        self._open.append(node)
        self._keys.append(None)

    def _place(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            parent.pairs.append((key, node))
            self._keys[-1] = None


def _node(event: t.Any) -> Node | None:
    line = event.start_mark.line + 1
    if isinstance(event, yaml.AliasEvent):
        return Alias(line, str(event.anchor), None)
    if isinstance(event, yaml.SequenceStartEvent):
        return Sequence(line, event.tag, [])
    if isinstance(event, yaml.MappingStartEvent):
        return Mapping(line, event.tag, [])
    if isinstance(event, yaml.ScalarEvent):
        plain, quoted = event.implicit
        if not quoted and len(event.value) > MAX_NUMBER and _NUMBER.fullmatch(event.value):
            raise YamlError(line, f"it holds a number of more than {MAX_NUMBER} characters", "Write a smaller number.")
        return Scalar(line, event.value, event.tag, plain, quoted, event.style == "|")
    return None


def _line(mark: t.Any) -> int | None:
    return None if mark is None else int(mark.line) + 1


# Where these begin is where they went wrong; the parser notices it only lines later.
_BEGUN = ("while scanning a simple key", "while scanning a quoted scalar", "while parsing a flow")


def _mark(err: t.Any) -> t.Any:
    begun = err.context_mark is not None and str(err.context).startswith(_BEGUN)
    return err.context_mark if begun else err.problem_mark


def _message(err: t.Any) -> str:
    message = str(err.problem or "it cannot be read")
    if not err.context:
        return message
    here, began, noticed = _line(_mark(err)), _line(err.context_mark), _line(err.problem_mark)
    starts = f" that starts on line {began}" if began not in (here, None) else ""
    seen = f" (noticed on line {noticed})" if noticed != here else ""
    return f"{message} {err.context}{starts}{seen}"


_SAVE = "Save the file as UTF-8 text."


def _undecodable(raw: bytes, err: Exception) -> YamlError:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as bad:
        return YamlError(
            raw.count(b"\n", 0, bad.start) + 1, f"it is not UTF-8 text (byte 0x{raw[bad.start]:02x})", _SAVE
        )
    for number, line in enumerate(text.split("\n"), start=1):
        for char in line:
            if _forbidden(char):
                return YamlError(number, f"it holds the control character U+{ord(char):04X}", _SAVE)
    return YamlError(None, f"it cannot be read ({getattr(err, 'reason', err)})")


def _forbidden(char: str) -> bool:
    code = ord(char)
    return (code < 0x20 and char not in "\t\r") or 0x7F <= code <= 0x9F and code != 0x85 or code in (0xFFFE, 0xFFFF)
