# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Following a parsed script: which commands run, with which words. What they do is in `commands`."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase

from . import commands, shell_text
from .running import Status
from .shell_text import LITERAL_DOLLAR, UNKNOWN, Block, Body, Case, If, Pipeline, Simple
from .state import State

VARIABLE = re.compile(
    r"\$\{(?P<braced>\w+)(?P<default>:?-[^}]{0,1000})?\}|\$(?P<plain>[A-Za-z_]\w*)|\$(?P<special>[?@*#!$0-9-])|\$\{[^}]{0,1000}\}"
)
ASSIGNMENT = re.compile(r"(?P<name>[A-Za-z_]\w*)\+?=(?P<value>.*)", re.DOTALL)
DECLARING = ("export", "readonly", "local", "declare", "typeset")
DEEPEST = 20  # calls within calls
MOST_COMMANDS = 10_000  # of a script and of what it calls: functions can call each other ever more often
LONGEST_WORD = 100_000  # letters: a variable can be made of itself twice, again and again


def run(machine: State, script: str, variables: dict[str, str] | None = None) -> str | None:
    """Run a shell script on a machine; why it failed, or None."""
    machine.note_traces(script)
    return Interpreter(machine, variables).run(script)


class _Exit(Exception):
    """The script ends here."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status


class Interpreter:
    """One run of one script, and of what it calls."""

    def __init__(
        self,
        machine: State,
        variables: dict[str, str] | None = None,
        depth: int = 0,
        numbers: Iterator[int] | None = None,
    ) -> None:
        self.machine = machine
        self.variables = {"EUID": "0", "UID": "0", "HOME": "/root", "USER": "root", **(variables or {})}
        self.functions: dict[str, Block] = {}
        self.stops_on_error = False
        self.may_be_over = False  # an `exit` was passed that was in doubt
        self.doubts = 0  # blocks that may run or not: their `exit` is not followed
        self.depth = depth
        self.numbers = numbers or itertools.count()  # of the commands
        self.status = Status.OK
        self.problem = ""

    def run(self, script: str) -> str | None:
        """Why the script failed, or None."""
        first = script.split("\n", 1)[0]
        self.stops_on_error = bool(re.match(r"#!.*sh\s+-\w*e", first))
        try:
            self._block(_readable(script))
        except _Exit as end:
            self.status = end.status
        return (self.problem or "exit status 1") if self.status is Status.FAILED else None

    def fail(self, why: str) -> Status:
        """Note why a command failed."""
        self.problem = why
        return Status.FAILED

    def told(self, problem: str | None) -> Status:
        """How a command ended that says what went wrong, or nothing."""
        return self.fail(problem) if problem else Status.OK

    def _block(self, block: Block, tested: bool = False) -> Status:
        status = Status.OK
        for index, pipeline in enumerate(block.pipelines):
            if not _reached(pipeline.after, status):
                continue
            doubtful = pipeline.after == "||" and status is Status.MAYBE
            following = block.pipelines[index + 1].after if index + 1 < len(block.pipelines) else ";"
            with self._doubt(doubtful):
                status = self._pipeline(pipeline, tested or following != ";")
            self.status = status
            if status is Status.FAILED and self.stops_on_error and not tested and following == ";":
                raise _Exit(status)
        return status

    @contextmanager
    def _doubt(self, doubtful: bool) -> Iterator[None]:
        self.doubts += doubtful
        try:
            yield
        finally:
            self.doubts -= doubtful

    def _pipeline(self, pipeline: Pipeline, tested: bool) -> Status:
        status = Status.OK
        for command in pipeline.commands:
            status = self._command(command, tested or pipeline.negated)
        if pipeline.negated:
            return {Status.OK: Status.FAILED, Status.FAILED: Status.OK}.get(status, status)
        return status

    def _command(self, command: shell_text.Command, tested: bool) -> Status:
        if isinstance(command, If):
            return self._if(command, tested)
        if isinstance(command, Case):
            return self._case(command, tested)
        if isinstance(command, Body):
            return self._body(command, tested)
        return self._simple(command)

    def _if(self, command: If, tested: bool) -> Status:
        for condition, body in command.branches:
            before = self.problem
            status = self._block(condition, tested=True)
            if status is not Status.FAILED:
                with self._doubt(status is Status.MAYBE):
                    return self._block(body, tested)
            self.problem = before  # a condition that does not hold is none
        return self._block(command.otherwise, tested)

    def _case(self, command: Case, tested: bool) -> Status:
        word = self.expanded(command.word)
        for patterns, body in command.branches:
            if UNKNOWN in word or any(fnmatchcase(word, self.expanded(pattern)) for pattern in patterns):
                with self._doubt(UNKNOWN in word):
                    return self._block(body, tested)
        return Status.OK

    def _body(self, command: Body, tested: bool) -> Status:
        if command.function:
            self.functions[command.function] = command.block
            return Status.OK
        if command.condition is not None:
            self._block(command.condition, tested=True)
            with self._doubt(True):
                self._block(command.block, tested=True)
            return Status.OK
        return self._block(command.block, tested)

    def _simple(self, command: Simple) -> Status:
        words = [self.expanded(word) for word in command.words]
        while words and ASSIGNMENT.fullmatch(words[0]):
            self._assign(words.pop(0))
        if not words:
            return Status.OK
        if words[0] in DECLARING:
            for word in words[1:]:
                self._assign(word)
            return Status.OK
        return self.call([*words[0].split(), *words[1:]])

    def call(self, words: list[str]) -> Status:
        """One command with its words."""
        if not words or self.depth > DEEPEST or next(self.numbers) > MOST_COMMANDS:
            return Status.OK
        if words[0] in ("exit", "return"):
            return self._exit(words)
        if words[0] == "set":
            self._options(words[1:])
            return Status.OK
        if words[0] in self.functions:
            self.depth += 1
            status = self._block(self.functions[words[0]])
            self.depth -= 1
            return status
        return commands.run(self, words)

    def nested(self, script: str) -> Status:
        """A script that this one starts."""
        inner = Interpreter(self.machine, self.variables, self.depth + 1, self.numbers)
        why = inner.run(script) if self.depth < DEEPEST else None
        return self.fail(why) if why else Status.OK

    def _exit(self, words: list[str]) -> Status:
        code = words[1] if len(words) > 1 else "0"
        status = Status.OK if code in ("0", UNKNOWN, "194") else Status.FAILED
        if self.doubts or words[0] == "return":
            self.may_be_over = self.may_be_over or (words[0] == "exit" and bool(self.doubts))
            return Status.OK if self.doubts else status
        if self.may_be_over:
            raise _Exit(Status.OK)
        if status is Status.FAILED and not self.problem:
            self.problem = f"exit status {code}"
        raise _Exit(status)

    def _options(self, words: list[str]) -> None:
        for word in words:
            if word[:1] in "+-" and "e" in word[1:]:
                self.stops_on_error = word[0] == "-"
            elif word == "errexit":
                self.stops_on_error = True

    def _assign(self, word: str) -> None:
        match = ASSIGNMENT.fullmatch(word)
        if match:
            self.variables[match["name"]] = match["value"]

    def expanded(self, word: str) -> str:
        """A word with its variables replaced."""
        return VARIABLE.sub(self._value, word).replace(LITERAL_DOLLAR, "$")[:LONGEST_WORD]

    def _value(self, match: re.Match[str]) -> str:
        name = match["braced"] or match["plain"]
        if name:
            value = self.variables.get(name, "")
            default = match["default"] or ""
            return value or self.expanded(default.lstrip(":")[1:])
        if match["special"] == "?":
            return {Status.OK: "0", Status.FAILED: "1"}.get(self.status, UNKNOWN)
        return "" if match["special"] else UNKNOWN


def _reached(after: str, status: Status) -> bool:
    if after == "&&":
        return status is not Status.FAILED
    return after != "||" or status is not Status.OK


@functools.lru_cache(maxsize=128)
def _readable(script: str) -> Block:
    """The whole script, or the lines of it that can be read; a fleet runs the same one on every host."""
    try:
        return shell_text.parse(script)
    except shell_text.Unreadable:
        block = Block()
        for line in script.replace("\\\n", " ").split("\n"):
            try:
                block.pipelines += shell_text.parse(line).pipelines
            except shell_text.Unreadable:
                continue
        return block
