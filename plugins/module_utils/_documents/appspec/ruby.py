# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host agent's Ruby makes of YAML: Psych's reading of plain words, and the Ruby methods the agent calls on them.

The agent (1.8.x) reads an AppSpec with `YAML.load`, which since Psych 4 (Ruby 3.1, so Amazon Linux 2023 and Debian 12)
takes neither aliases nor any class but strings, symbols, numbers, booleans, nil, arrays and hashes.
"""

from __future__ import annotations

import collections.abc as c
import dataclasses
import math
import re
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._documents import yaml_tree as tree
from ansible_collections.slipway.aws.plugins.module_utils._text import shown_short, whole_number


class Refused(Exception):
    """Psych raises on this node. The text says why, in words for the user."""


class Symbol(str):
    """A Ruby symbol: `:name` in plain YAML."""

    __slots__ = ()


@dataclasses.dataclass
class Entry:
    """One key of a hash with the line of the key."""

    key: t.Any
    line: int
    item: Item


class Table:
    """A Ruby hash. Of a key given twice the last one counts; `repeated` lists those."""

    def __init__(self) -> None:
        self._entries: dict[tuple[type, str], Entry] = {}
        self.repeated: list[Entry] = []

    def put(self, entry: Entry, merged: bool = False) -> None:
        key = entry.key
        identity = (type(key), str(id(key) if isinstance(key, (list, Table)) else key))
        if identity in self._entries and not merged:
            self.repeated.append(entry)
        self._entries[identity] = entry

    def get(self, key: str) -> Entry | None:
        return self._entries.get((str, key))

    def item(self, key: str) -> Item | None:
        entry = self.get(key)
        return entry.item if entry else None

    def entries(self) -> list[Entry]:
        return list(self._entries.values())


@dataclasses.dataclass
class Item:
    """A value, and the node it was read from. `value`: None, bool, int, float, str, Symbol, list of Items, or Table."""

    line: int
    value: t.Any
    node: tree.Node | None = None


Refuse = t.Callable[[int, str, str], None]


def load(node: tree.Node, refuse: Refuse, path: str = "") -> Item:
    """A tree as Ruby values. What Psych raises on is reported to `refuse(line, path, why)` and read as nil."""
    try:
        return Item(node.line, _value(node, refuse, path), node)
    except Refused as err:
        refuse(node.line, path, str(err))
        return Item(node.line, None, node)


def _value(node: tree.Node, refuse: Refuse, path: str) -> t.Any:
    if isinstance(node, tree.Alias):
        raise Refused(f"uses the alias *{node.anchor}, which the agent refuses under Ruby 3.1 and newer")
    if isinstance(node, tree.Scalar):
        return _scalar(node)
    if isinstance(node, tree.Sequence):
        return _array(node, refuse, path)
    return _hash(node, refuse, path)


def _array(node: tree.Sequence, refuse: Refuse, path: str) -> t.Any:
    if node.tag in ("!omap", "tag:yaml.org,2002:omap"):
        return _omap(node, refuse, path)
    if node.tag and re.match(r"!(?:seq|ruby/array):.", node.tag):
        raise _class_refused(node.tag)
    return [load(child, refuse, f"{path}[{number}]") for number, child in enumerate(node.items)]


def _omap(node: tree.Sequence, refuse: Refuse, path: str) -> Table:
    table = Table()
    for child in node.items:
        if not isinstance(child, tree.Mapping) or not child.pairs:
            raise Refused("is marked !!omap and holds something that is not a key with a value")
        key = load(child.pairs[0][0], refuse, path)
        table.put(Entry(key.value, key.line, load(child.pairs[-1][1], refuse, below(path, key.value))))
    return table


_HASH_TAGS_REFUSED = re.compile(
    r"!ruby/(?:struct|array|range|exception|marshalable|hash-with-ivars:.|hash:.|object(?!:Hash\Z))|!map:.|!(?:set|omap)\Z|tag:yaml\.org,2002:(?:set|omap)\Z"
)


def _hash(node: tree.Mapping, refuse: Refuse, path: str) -> Table:
    if node.tag and _HASH_TAGS_REFUSED.match(node.tag):
        raise _class_refused(node.tag)
    table = Table()
    for key_node, value_node in node.pairs:
        key = load(key_node, refuse, path)
        item = load(value_node, refuse, below(path, key.value))
        merged = _merged(key, key_node, item, value_node)
        if merged is None:
            table.put(Entry(key.value, key_node.line, item))
        for entry in merged or []:
            table.put(entry, merged=True)
    return table


def _merged(key: Item, key_node: tree.Node, item: Item, value_node: tree.Node) -> list[Entry] | None:
    """What `<<` brings in, or None when the key is an ordinary one (also when what stands there cannot be merged)."""
    if not isinstance(key.value, str) or key.value != "<<" or getattr(key_node, "tag", None) == "tag:yaml.org,2002:str":
        return None
    if isinstance(value_node, tree.Alias):
        return []
    if isinstance(value_node, tree.Mapping) and isinstance(item.value, Table):
        return item.value.entries()
    if isinstance(value_node, tree.Sequence) and all(isinstance(child.value, Table) for child in item.value):
        return [entry for child in reversed(item.value) for entry in child.value.entries()]
    return None


def below(path: str, key: t.Any) -> str:
    """The path of a key, as messages name it."""
    return f"{path}.{name(key)}".lstrip(".")


def name(key: t.Any) -> str:
    """A key as messages name it."""
    return shown_short(to_s(key)) or "(empty)"


def _class_refused(name: str) -> Refused:
    return Refused(f"has the tag {name}; the agent does not create such Ruby objects")


def _scalar(node: tree.Scalar) -> t.Any:
    if node.quoted:
        return node.value
    if node.plain:
        return plain(node.value)
    return _tagged(node.tag or "", node.value)


_STRING_TAG = re.compile(r"^!(?:str|ruby/string)(?::(.*))?\Z")
_SCALAR_TAGS_REFUSED = re.compile(r"^!ruby/(?:object:|class\Z|module\Z|regexp\Z|range\Z|encoding\Z)")


def _tagged(tag: str, value: str) -> t.Any:
    string = _STRING_TAG.match(tag)
    if tag in ("!binary", "tag:yaml.org,2002:binary", "tag:yaml.org,2002:str") or (string and not string.group(1)):
        return value
    if string or (_SCALAR_TAGS_REFUSED.match(tag) and not tag.startswith("!ruby/object:Hash")):
        raise _class_refused(tag)
    if tag in ("tag:yaml.org,2002:float", "!float"):
        return _float(plain(value))
    if re.match(r"^!ruby/sym(bol)?:?", tag):
        return Symbol(value)
    return plain(value)


def _float(value: t.Any) -> float:
    """Ruby's Float(): raises for what is no number."""
    try:
        if value is None or isinstance(value, (bool, Symbol)):
            raise ValueError
        return float(value)
    except ValueError:
        raise Refused("is marked as a number but is not one") from None


# The patterns are Psych's own (scalar_scanner.rb), in the order it tries them.
_WORD = re.compile(r"[^0-9.:-]?[^\W\d_]|[^0-9.:-]?[_\s!@#$%^&*(){}<>|/\\~;=]")
_TIME = re.compile(
    r"-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?", re.ASCII
)
_DATE = re.compile(r"\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)", re.ASCII)
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}")
_SEXAGESIMAL_FLOAT = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9]){1,2}\.[0-9_]*")
_FLOAT = re.compile(r"[-+]?([0-9][0-9_,]*)?\.[0-9]*([eE][-+][0-9]+)?")
_INTEGER = re.compile(r"[-+]?(?:0b[0-1_,]+|0[0-7_,]+|0|[1-9](?:[0-9]|,[0-9]|_[0-9])*|0x[0-9a-fA-F_,]+)")
_WORDS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False, "null": None, "~": None}
_SPECIAL = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}


def plain(text: str) -> t.Any:
    """The Ruby value of an unquoted word."""
    if text == "":
        return None
    if "\n" in text or _WORD.match(text):
        return _WORDS.get(text.lower(), text) if len(text) <= 5 else text
    if _TIME.fullmatch(text) or _DATE.fullmatch(text):
        raise Refused(f"holds the date {text}; the agent refuses dates")
    if text.lower() in _SPECIAL:
        return _SPECIAL[text.lower()]
    if text.startswith(":") and len(text) > 1:
        return _symbol(text)
    return _number(text)


def _symbol(text: str) -> Symbol:
    quoted = re.match(r":([\"'])(.*)\1", text)
    return Symbol(quoted.group(2).removeprefix(":") if quoted else text[1:])


def _number(text: str) -> t.Any:
    if _SEXAGESIMAL.fullmatch(text):
        return _base_60(text, _to_i)
    if _SEXAGESIMAL_FLOAT.fullmatch(text):
        return _base_60(text, lambda part: float(part.replace("_", "").rstrip(".") or 0))
    if _FLOAT.fullmatch(text):
        return text if re.fullmatch(r"[-+]?\.", text) else _decimal(text)
    if _INTEGER.fullmatch(text):
        return _integer(text)
    return text


def _base_60(text: str, number: c.Callable[[str], t.Any]) -> t.Any:
    return sum(number(part) * 60 ** abs(place - 2) for place, part in enumerate(text.split(":")))


def _decimal(text: str) -> float:
    try:
        return float(re.sub(r"[,_]|\.([Ee]|\Z)", lambda found: found.group(1) or "", text))
    except ValueError:
        raise Refused(f"holds {text}, which Ruby treats as a number and cannot read") from None


def _integer(text: str) -> int:
    digits = re.sub(r"[,_]", "", text)
    base = {"0b": 2, "0x": 16}.get(digits.lstrip("+-")[:2], 8 if re.match(r"[-+]?0.", digits) else 10)
    try:
        return int(digits, base)
    except ValueError:
        raise Refused(f"holds {text}, which Ruby treats as a number and cannot read") from None


def _to_i(text: str) -> int:
    """String#to_i: the leading digits, else 0."""
    found = re.match(r"[\t\n\v\f\r ]*([-+]?\d+(?:_\d+)*)", text, re.ASCII)
    return whole_number(found.group(1).replace("_", "")) if found else 0


def to_i(value: t.Any) -> int | None:
    """`to_i`, or None where Ruby raises."""
    if isinstance(value, (bool, Symbol, list, Table)):
        return None
    if isinstance(value, str):
        return _to_i(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return int(value or 0)


def to_s(value: t.Any) -> str:
    """`to_s`; of an array or hash only that it is not empty and no number is exact."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, Table)):
        return "[...]"
    return str(value)


def strip(value: t.Any) -> str:
    return to_s(value).strip("\0\t\n\v\f\r ")


def index(value: t.Any, key: str) -> t.Any:
    """`value[key]`. A string answers with the key when it contains it. Raises Refused where Ruby raises."""
    if isinstance(value, Table):
        item = value.item(key)
        return item.value if item else None
    if isinstance(value, str):
        return key if key in value else None
    raise Refused(f"is {describe(value)}, not a map")


def given(item: Item | None) -> bool:
    """Ruby's truth: everything but nil and false."""
    return item is not None and item.value is not None and item.value is not False


def describe(value: t.Any) -> str:
    """A value in words for a message."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return f"the boolean {to_s(value)}"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, Table):
        return "a map"
    return f'the {"symbol" if isinstance(value, Symbol) else "text"} "{shown_short(value)}"'
