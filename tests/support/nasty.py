# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Texts that cost too much where a reader is careless, in any size, and a way to count what a reader does with them."""

from __future__ import annotations

import cProfile
from collections.abc import Callable
from typing import Any

APPSPEC = "version: 0.0\nos: linux\n"
HOOK = APPSPEC + "hooks:\n  AfterInstall:\n    - location: a.sh\n"
PERMISSION = APPSPEC + "permissions:\n  - object: /a\n"
COMPONENT = "name: web\nschemaVersion: 1.0\n"
STEPS = COMPONENT + "phases:\n  - name: build\n    steps:\n"
STEP = STEPS + "      - name: install\n        action: ExecuteBash\n"


def each(line: str, count: int) -> str:
    """The line, numbered."""
    return "".join(line.replace("#", str(number)) for number in range(count))


def aliases(first: str, next_one: str, count: int) -> str:
    return f"a0: &a0 {first}\n" + "".join(
        f"a{number}: &a{number} {next_one.replace('*', f'*a{number - 1}')}\n" for number in range(1, count)
    )


def commands(text: str) -> str:
    return f'{STEP}        inputs: {{commands: ["{text}"]}}\n'


# From about `size` letters each. What a number of letters stands for, as with aliases, is small on purpose.
SHAPES: dict[str, Callable[[int], str]] = {
    "digits": lambda size: "version: " + "9" * size,
    "digits of a time limit": lambda size: HOOK + "      timeout: " + "9" * size,
    "digits of a time limit in quotes": lambda size: HOOK + '      timeout: "' + "9" * size + '"',
    "digits of a tagged number": lambda size: 'version: !!float "' + "9" * size + '"',
    "digits as a key": lambda size: APPSPEC + "9" * size + ": 1",
    "hexadecimal digits": lambda size: "version: 0x" + "f" * size,
    "octal digits": lambda size: PERMISSION + "    mode: 0" + "7" * size,
    "binary digits": lambda size: "version: 0b" + "1" * size,
    "digits by sixty": lambda size: "version: 1" + ":10" * (size // 3),
    "digits with underlines": lambda size: "version: 1" + "_1" * (size // 2),
    "a long fraction": lambda size: "version: 0." + "9" * size,
    "a large exponent": lambda size: "version: 1.5e+" + "9" * size,
    "digits of a component's step": lambda size: STEP + "        timeoutSeconds: " + "9" * size,
    "digits of a loop": lambda size: STEP + "        loop: {for: {start: 1, end: " + "9" * size + ", updateBy: 1}}",
    "digits of an index": lambda size: (
        commands("a")
        + each("      - name: use\n        action: ExecuteBash\n        inputs: {commands: [", 1)
        + '"{{ build.install.inputs['
        + "9" * size
        + '].commands }}"]}'
    ),
    "figures of a sensitivity": lambda size: (
        PERMISSION + f"    context: {{type: t, range: s{'9' * size}-s{'9' * size}}}"
    ),
    "categories": lambda size: PERMISSION + '    context: {type: t, range: "s0:' + "c0.c1023," * (size // 9) + '"}',
    "opening braces": lambda size: commands("{{" * (size // 2)),
    "opening braces with names": lambda size: commands("{{ a " * (size // 5)),
    "closing braces": lambda size: commands("}}" * (size // 2)),
    "references": lambda size: commands("{{ a }} " * (size // 8)),
    "references in lines": lambda size: (
        f"{STEP}        inputs:\n          commands:\n            - |\n" + "              {{ a }}\n" * (size // 22)
    ),
    "a chain": lambda size: commands("{{ " + "a." * (size // 2) + " }}"),
    "references to steps": lambda size: (
        STEPS
        + each(
            '      - name: step#\n        action: ExecuteBash\n        inputs: {commands: ["{{ build.step#.outputs.stdout }}"]}\n',
            size // 100,
        )
    ),
    "references to later steps": lambda size: (
        STEPS
        + each(
            '      - name: step#\n        action: ExecuteBash\n        inputs: {commands: ["{{ build.last.outputs.stdout }}"]}\n',
            size // 100,
        )
    ),
    "steps of one name": lambda size: STEPS + "      - name: a\n        action: Reboot\n" * (size // 40),
    "parameters": lambda size: (
        COMPONENT + "parameters:\n" + each("  - par#: {type: string}\n", size // 25) + "phases: []"
    ),
    "phases": lambda size: COMPONENT + "phases:\n" + each("  - name: build#\n    steps: []\n", size // 30),
    "conditions in conditions": lambda size: STEP + "        if: " + "{and: [" * (size // 9) + "]}" * (size // 9),
    "an unknown action": lambda size: STEPS + "      - name: a\n        action: " + "Execute" * (size // 7),
    "lists in lists": lambda size: "[" * (size // 2) + "]" * (size // 2),
    "lists without end": lambda size: "[" * size,
    "maps in maps": lambda size: "{a: " * (size // 5) + "}" * (size // 5),
    "dashes": lambda size: "- " * (size // 2),
    "question marks": lambda size: "? " * (size // 2),
    "ever deeper": lambda size: "\n".join(" " * depth + "a:" for depth in range(int((2 * size) ** 0.5))),
    "an alias bomb": lambda size: APPSPEC + aliases("[x]", "[*, *]", min(60, size // 20)),
    "an alias bomb of merges": lambda size: APPSPEC + aliases("{x: 1}", "{<<: [*, *]}", min(60, size // 20)),
    "an alias bomb of inputs": lambda size: (
        commands("a")
        + "constants:\n  - all: {type: string, value: x}\n"
        + each("      - name: aa#\n        action: ExecuteBash\n        inputs: {commands: &c# [*c#, *c#]}\n", 1)
    ),
    "an alias of itself": lambda size: APPSPEC + "a: &a [*a" + ", *a" * (size // 4) + "]",
    "a long key": lambda size: APPSPEC + "a" * size + ": 1",
    "a long key over many": lambda size: APPSPEC + '? "' + "a" * (size // 2) + '"\n:\n' + each("  b#: 1\n", size // 20),
    "a long key of a component": lambda size: commands("a") + "        " + "b" * size + ": 1",
    "many keys": lambda size: APPSPEC + each("k#: 1\n", size // 8),
    "one key often": lambda size: APPSPEC + "k: 1\n" * (size // 5),
    "files": lambda size: APPSPEC + "files:\n" + each("  - source: a#\n    destination: /x\n", size // 35),
    "permissions": lambda size: APPSPEC + "permissions:\n" + each("  - object: /a#\n    mode: 644\n", size // 30),
    "hooks": lambda size: APPSPEC + "hooks:\n  AfterInstall:\n" + "    - {location: a, timeout: 300}\n" * (size // 34),
    "events": lambda size: APPSPEC + "hooks:\n" + each("  E#:\n    - location: a\n", size // 24),
    "entries of an access list": lambda size: PERMISSION + "    acls:\n" + "      - u:a:rwx\n" * (size // 16),
    "parts of an access entry": lambda size: PERMISSION + '    acls: ["' + "u:" * (size // 2) + '"]',
    "an ordered map": lambda size: APPSPEC + "a: !!omap [" + "{b: c}," * (size // 7) + "]",
    "a long tag": lambda size: APPSPEC + "a: !ruby/" + "b:" * (size // 2) + " c",
    "blanks in a date": lambda size: APPSPEC + "a: 2026-01-01" + " " * size + "x",
    "a symbol": lambda size: APPSPEC + 'a: :"' + "x" * size,
    "a quote without end": lambda size: APPSPEC + 'a: "' + "x\n" * (size // 2),
    "colons": lambda size: APPSPEC + "a" + ":" * size,
    "tabs": lambda size: APPSPEC + "a:" + "\t" * size + "x",
    "carriage returns": lambda size: APPSPEC + "\r" * size,
    "comments": lambda size: APPSPEC + "# a\n" * (size // 4),
    "byte order marks": lambda size: "\ufeff" * size,
    "a control character at the end": lambda size: APPSPEC + "a: " + "x" * size + "\x01",
    "surrogates": lambda size: APPSPEC + "a: " + "\udcff" * size,
}


def calls(function: Callable[..., Any], *args: Any) -> int:
    """How many calls a call makes, those of what it calls included: a measure that does not depend on the machine."""
    profile = cProfile.Profile(subcalls=False)
    profile.runcall(function, *args)
    return sum(entry.callcount for entry in profile.getstats())


def grows_with_its_size(function: Callable[[str], Any], shape: Callable[[int], str], size: int = 2_000) -> bool:
    """Whether twice the text makes about twice the calls."""
    function(shape(size + 200))  # what is made once is made now
    once, twice = (calls(function, shape(n)) for n in (size, 2 * size))
    return twice <= 2.5 * once + 500


def large(function: Callable[[str], Any], shape: Callable[[int], str], size: int = 2_000) -> str:
    """As long a text as can be read in 20,000 calls, 100,000 letters at most.

    Where few calls read many letters, a pattern does the work: one that takes the square of that does not end.
    """
    return shape(min(100_000, size * (1 + 20_000 // calls(function, shape(size)))))
