# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Following a PowerShell script by reading it: a small part of the language, and only commands about the CodeDeploy agent.

Understood are assignments, strings with variables, `if`, `try`, comparisons, `exit`, and the commands of
`powershell_commands`. What is not understood is not executed: an unknown command does nothing, and of an `if` whose
condition cannot be told neither branch runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from . import powershell_commands as commands
from .powershell_text import block_after, enclosed, parted, statements, words_of
from .state import State

UNKNOWN = commands.UNKNOWN
DEEPEST = 20  # blocks and expressions in each other
LONGEST_SCRIPT = 24_000  # letters; user data has 16 KiB at most
LONGEST = 20_000  # letters: a variable can be made of itself twice, again and again
_ASSIGN = re.compile(r"\$(?P<name>[A-Za-z_]\w*)\s*=(?!=)\s*(?P<value>.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?P<name>(?:env:)?[A-Za-z_]\w*)(?P<members>(?:\.\w+)*)\Z")
_IN_TEXT = re.compile(r"`(?P<escaped>.)|\$\((?P<part>(?:[^()]|\([^()]*\))*)\)|\$\{?(?P<name>(?:env:)?[A-Za-z_]\w*)\}?")
_CONSTANTS = {"$true": True, "$false": False, "$null": None}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "-eq": lambda a, b: _folded(a) == _folded(b),
    "-ne": lambda a, b: _folded(a) != _folded(b),
}


class _Exit(Exception):
    """The script ends here."""


class PowerShell:
    """One run of one script on a machine. `agent` tells the state of the agent's service, which faults may change."""

    def __init__(
        self, machine: State, agent: Callable[[], str] | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self.machine = machine
        self.agent = agent or machine.agent_state
        given = {f"env:{name.lower()}": value for name, value in (environment or {}).items()}
        self.variables: dict[str, Any] = {**commands.ENVIRONMENT, **given}
        self.printed: list[str] = []
        self.errors: list[str] = []
        self.code = 0
        self.depth = 0

    def run(self, script: str) -> str | None:
        """Why the script failed, or None."""
        with suppress(_Exit):
            self.block(script if len(script) <= LONGEST_SCRIPT else "")
        if self.code and not self.errors:
            return f"exit status {self.code}"
        return self.errors[0] if self.errors else None

    def block(self, script: str) -> None:
        with self._deeper() as readable:
            for statement in statements(script) if readable else []:
                self._statement(statement)

    @contextmanager
    def _deeper(self) -> Iterator[bool]:
        """Whether there is room for one more block or expression within another."""
        self.depth += 1
        yield self.depth <= DEEPEST
        self.depth -= 1

    def error(self, text: str, quiet: bool = False) -> Any:
        """An error that does not end the script, unless it asked for that."""
        if not quiet:
            self.errors.append(text)
            if _folded(self.variables.get("erroractionpreference")) == "stop":
                self.exit(1)
        return None

    def exit(self, code: int) -> None:
        self.code = code
        raise _Exit

    def _statement(self, statement: str) -> None:
        word = statement.split("(")[0].split("{")[0].split()[:1]
        keyword = word[0].lower() if word else ""
        assigned = _ASSIGN.match(statement)
        if keyword == "if":
            self._if(statement)
        elif keyword == "try":
            self.block(block_after(statement)[0])
        elif keyword == "exit":
            code = self.value(statement.strip()[4:] or "0")
            self.exit(code if isinstance(code, int) else 0)
        elif assigned:
            self.variables[assigned["name"].lower()] = self.value(assigned["value"])
        elif keyword not in commands.NOT_FOLLOWED:
            self._print(self.value(statement))

    def _if(self, statement: str) -> None:
        """The first branch whose condition holds; none from where a condition cannot be told."""
        rest = statement
        while rest.lower().startswith(("if", "elseif")):
            condition, rest = enclosed(rest, "(", ")")
            body, rest = block_after(rest)
            holds = self.value(condition)
            if holds is UNKNOWN:
                return
            if holds:
                self.block(body)
                return
        if rest.lower().startswith("else"):
            self.block(block_after(rest)[0])

    def _print(self, value: Any) -> None:
        if value is not None and value is not UNKNOWN and not isinstance(value, dict):
            self.printed.append(f"{value}\n")

    def value(self, text: str) -> Any:
        """What an expression or a command gives; UNKNOWN where that is not understood."""
        with self._deeper() as readable:
            return self._value(text.strip()) if readable else UNKNOWN

    def _value(self, text: str) -> Any:
        for joint in ("-or", "-and"):
            parts = parted(text, joint)
            if len(parts) > 1:
                values = [self.value(part) for part in parts]
                return UNKNOWN if UNKNOWN in values else (any if joint == "-or" else all)(values)
        for name, compare in _COMPARISONS.items():
            sides = parted(text, name)
            if len(sides) == 2:
                values = [self.value(side) for side in sides]
                return UNKNOWN if UNKNOWN in values else compare(*values)
        return self._single(text)

    def _single(self, text: str) -> Any:
        negated = re.match(r"(?:-not\b|!)\s*(.*)", text, re.DOTALL | re.IGNORECASE)
        if negated:
            inner = self.value(negated[1])
            return inner if inner is UNKNOWN else not inner
        if text.startswith(("(", "$(")):
            inside, rest = enclosed(text, "(", ")")
            return _member(self.value(inside), rest) if not rest or rest.startswith(".") else UNKNOWN
        if re.fullmatch(r"'[^']*'", text):
            return text[1:-1]
        if re.fullmatch(r'"(?:[^"`]|`.)*"', text, re.DOTALL):
            return self.filled(text[1:-1])
        if re.fullmatch(r"-?[0-9]{1,18}", text):
            return int(text)
        return self._named(text)

    def _named(self, text: str) -> Any:
        if text.lower() in _CONSTANTS:
            return _CONSTANTS[text.lower()]
        variable = _VARIABLE.match(text)
        if variable:
            return _member(self.variables.get(variable["name"].lower()), variable["members"])
        return UNKNOWN if text.startswith("$") else self._pipeline(text)

    def _pipeline(self, text: str) -> Any:
        """A command; into `Out-Null` it gives nothing, and what another command makes of it is not followed."""
        stages = parted(text, "|")
        if len(stages) > 1 and [stage.lower() for stage in stages[1:]] != ["out-null"]:
            return UNKNOWN
        given = commands.call(self, [self._word(word) for word in words_of(stages[0])])
        return None if len(stages) > 1 else given

    def _word(self, word: str) -> Any:
        """A word of a command: a name as it stands, or what a variable, a string or parentheses give."""
        return self.value(word) if word[:1] in "$('\"" else word

    def filled(self, text: str) -> str:
        """A string with its variables put in."""

        def put(match: re.Match[str]) -> str:
            if match["escaped"]:
                return _ESCAPES.get(match["escaped"], match["escaped"])
            value = self.value(match["part"]) if match["part"] else self.variables.get(match["name"].lower())
            return "" if value is None or value is UNKNOWN or isinstance(value, dict) else str(value)

        return _IN_TEXT.sub(put, text)[:LONGEST]


def _member(value: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        if value is None or value is UNKNOWN:
            return value
        value = value.get(name.lower(), UNKNOWN) if isinstance(value, dict) else UNKNOWN
    return value


def _folded(value: Any) -> Any:
    """PowerShell compares without regard to case, and a number with the text of one."""
    return str(value).lower() if isinstance(value, str | int) and not isinstance(value, bool) else value
