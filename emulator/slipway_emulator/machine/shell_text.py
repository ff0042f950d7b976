# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Reading shell scripts: text into commands with their conditions. Nothing is executed; `machine` says what a command means.

A subset that scripts of installers and user data use: lists, pipes, `if`, `case`, loops (taken once), functions,
quotes, comments, continuation lines, here-documents (passed over).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

UNKNOWN = "\x01"  # stands in a word for what only a real machine could tell
LITERAL_DOLLAR = "\x02"  # a dollar sign that quotes keep from being expanded

OPERATORS = ("&&", "||", ";;", "<<-", "<<<", "<<", ">>", ">&", "&>", "<&", ";", "|", "&", "(", ")", "<", ">", "\n")
REDIRECTS = ("<<<", ">>", ">&", "&>", "<&", "<", ">")
DEEPEST = 100  # blocks in blocks
ENDS = ("then", "else", "elif", "fi", "do", "done", "esac", "}", ")", ";;")


class Unreadable(ValueError):
    """The script is no shell script of the kind understood here."""


@dataclass
class Simple:
    """One command: words not yet expanded."""

    words: list[str]


@dataclass
class If:
    """Conditions with their bodies, and the body for none of them."""

    branches: list[tuple[Block, Block]]
    otherwise: Block


@dataclass
class Case:
    """A word and what to do for the first pattern that fits."""

    word: str
    branches: list[tuple[list[str], Block]]


@dataclass
class Body:
    """A group, subshell, loop or function."""

    block: Block
    condition: Block | None = None
    function: str | None = None


Command = Simple | If | Case | Body


@dataclass
class Pipeline:
    """Commands joined by pipes; `after` is how it hangs on the one before: ; or && or ||."""

    after: str
    negated: bool
    commands: list[Command]


@dataclass
class Block:
    """Pipelines one after the other."""

    pipelines: list[Pipeline] = field(default_factory=list)


def parse(script: str) -> Block:
    """The script as a tree; Unreadable when it is none."""
    parser = _Parser(tokens(script))
    block = parser.block()
    if parser.tokens:
        raise Unreadable(f"syntax error near unexpected token '{parser.tokens[0]}'")
    return block


def tokens(script: str) -> list[str]:
    """Words (with their quotes taken off) and operators."""
    return _Lexer(script).read()


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\\\n", " ")
        self.at = 0
        self.found: list[str] = []
        self.waiting: list[str] = []  # delimiters of here-documents that begin after this line
        self.in_test = False  # between [[ and ]], where && and < are words

    def read(self) -> list[str]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t":
                self.at += 1
            elif char == "#":
                self._skip_line()
            elif not self._operator():
                self._word()
        return self.found

    def _skip_line(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _operator(self) -> bool:
        operator = next((each for each in OPERATORS if self.text.startswith(each, self.at)), None)
        if operator is None:
            return False
        if operator in (*REDIRECTS, "<<", "<<-"):
            self._drop_descriptor()
        self.at += len(operator)
        if self.in_test and operator != "\n":
            self.found.append(Word(operator))
        elif operator in ("<<", "<<-"):
            self._here_document()
        else:
            self.found.append(operator)
        if operator == "\n":
            self._skip_documents()
        return True

    def _drop_descriptor(self) -> None:
        """The number in 2>&1 is no word of the command."""
        if (
            self.found
            and isinstance(self.found[-1], Word)
            and self.found[-1].isdigit()
            and self.text[self.at - 1].isdigit()
        ):
            self.found.pop()

    def _here_document(self) -> None:
        match = re.compile(r"[ \t]*([\"']?)(\w+)\1").match(self.text, self.at)
        if match is None:
            raise Unreadable("a here-document without a delimiter")
        self.at = match.end()
        self.waiting.append(match.group(2))

    def _skip_documents(self) -> None:
        for delimiter in self.waiting:
            while self.at < len(self.text):
                start, end = self.at, self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end + 1
                if self.text[start : self.at].strip() == delimiter:
                    break
        self.waiting = []

    def _word(self) -> None:
        word = ""
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t" or any(self.text.startswith(each, self.at) for each in OPERATORS):
                break
            word += self._piece(char)
        self.found.append(Word(word))
        self.in_test = word == "[[" or (self.in_test and word != "]]")

    def _piece(self, char: str) -> str:
        if char == "'":
            return self._single()
        if char == '"':
            return self._double()
        if char == "\\":
            self.at += 2
            return self.text[self.at - 1 : self.at].replace("$", LITERAL_DOLLAR)
        if char == "`" or self.text.startswith("$(", self.at):
            return self._substitution()
        if self.text.startswith("${", self.at):
            return self._braces()
        self.at += 1
        return char

    def _single(self) -> str:
        quoted = self._until("'", 1)
        return quoted[1:-1].replace("$", LITERAL_DOLLAR)

    def _double(self) -> str:
        self.at += 1
        word = ""
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            word += self._piece(char) if char in "\\`$" else char
            self.at += 0 if char in "\\`$" else 1
        if self.at >= len(self.text):
            raise Unreadable("unexpected EOF while looking for matching `\"'")
        self.at += 1
        return word

    def _until(self, end: str, skip: int = 0) -> str:
        close = self.text.find(end, self.at + max(skip, 1))
        if close < 0:
            raise Unreadable(f"unexpected EOF while looking for matching `{end}'")
        taken = self.text[self.at : close + 1]
        self.at = close + 1
        return taken

    def _braces(self) -> str:
        start, depth = self.at, 0
        while self.at < len(self.text):
            depth += {"{": 1, "}": -1}.get(self.text[self.at], 0)
            self.at += 1
            if depth == 0 and self.text[self.at - 1] == "}":
                return self.text[start : self.at].replace('"', "")
        raise Unreadable("unexpected EOF while looking for matching `}'")

    def _substitution(self) -> str:
        """What a command prints is not known here."""
        if self.text[self.at] == "`":
            self._until("`")
            return UNKNOWN
        depth = 0
        while self.at < len(self.text):
            depth += {"(": 1, ")": -1}.get(self.text[self.at], 0)
            self.at += 1
            if depth == 0 and self.text[self.at - 1] == ")":
                return UNKNOWN
        raise Unreadable("unexpected EOF while looking for matching `)'")


class Word(str):
    """A word, to be told from an operator spelt the same."""

    __slots__ = ()


class _Parser:
    def __init__(self, found: list[str]) -> None:
        self.tokens = deque(found)
        self.depth = 0

    def block(self) -> Block:
        """Commands up to what ends them; blocks hold blocks."""
        self.depth += 1
        if self.depth > DEEPEST:
            raise Unreadable("it is nested too deeply")
        block = self._commands()
        self.depth -= 1
        return block

    def _commands(self) -> Block:
        block = Block()
        after = ";"
        while self.tokens and not self._at(*ENDS):
            token = self.tokens[0]
            if not isinstance(token, Word) and token in (";", "\n", "&", "&&", "||"):
                after = self._after(after, self.tokens.popleft())
                continue
            block.pipelines.append(self._pipeline(after))
            after = ";"
        return block

    def _after(self, before: str, token: str) -> str:
        """A line may end after && and ||."""
        return before if token == "\n" and before in ("&&", "||") else token if token in ("&&", "||") else ";"

    def _at(self, *names: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in names

    def _pipeline(self, after: str) -> Pipeline:
        negated = self._at("!") and bool(self.tokens.popleft())
        commands = [self._command()]
        while self._at("|") and not isinstance(self.tokens[0], Word):
            self.tokens.popleft()
            while self._at("\n"):
                self.tokens.popleft()
            commands.append(self._command())
        return Pipeline(after, negated, commands)

    def _command(self) -> Command:
        makers: dict[str, Callable[[], Command]] = {
            "if": self._if,
            "case": self._case,
            "while": self._loop,
            "until": self._loop,
            "for": self._for,
            "{": self._group,
            "(": self._group,
            "function": self._function,
        }
        made = makers[self.tokens[0]]() if self._at(*makers) else self._simple()
        if not isinstance(made, Simple):
            self._redirects()
        return made

    def _expect(self, name: str) -> None:
        if not self._at(name):
            raise Unreadable(f"syntax error: '{name}' is missing")
        self.tokens.popleft()

    def _if(self) -> If:
        branches = []
        while self._at("if", "elif"):
            self.tokens.popleft()
            condition = self.block()
            self._expect("then")
            branches.append((condition, self.block()))
        otherwise = Block()
        if self._at("else"):
            self.tokens.popleft()
            otherwise = self.block()
        self._expect("fi")
        return If(branches, otherwise)

    def _case(self) -> Case:
        self.tokens.popleft()
        case = Case(self.tokens.popleft() if self.tokens else "", [])
        self._skip_lines()
        self._expect("in")
        self._skip_lines()
        while self.tokens and not self._at("esac"):
            patterns: list[str] = []
            while self.tokens and not self._at(")"):
                token = self.tokens.popleft()
                patterns += [token] if isinstance(token, Word) else []
            self._expect(")")
            case.branches.append((patterns, self.block()))
            if self._at(";;"):
                self.tokens.popleft()
            self._skip_lines()
        self._expect("esac")
        return case

    def _skip_lines(self) -> None:
        while self._at("\n", ";"):
            self.tokens.popleft()

    def _loop(self) -> Body:
        self.tokens.popleft()
        condition = self.block()
        self._expect("do")
        body = Body(self.block(), condition)
        self._expect("done")
        return body

    def _for(self) -> Body:
        while self.tokens and not self._at("do"):
            self.tokens.popleft()
        self._expect("do")
        body = Body(self.block())
        self._expect("done")
        return body

    def _group(self) -> Body:
        end = "}" if self.tokens.popleft() == "{" else ")"
        body = Body(self.block())
        self._expect(end)
        return body

    def _function(self) -> Body:
        self.tokens.popleft()
        return self._named(self.tokens.popleft() if self.tokens else "")

    def _named(self, name: str) -> Body:
        while self._at("(", ")", "\n"):
            self.tokens.popleft()
        if not self._at("{"):
            raise Unreadable(f"syntax error: the function '{name}' has no body")
        body = self._group()
        body.function = name
        return body

    def _simple(self) -> Command:
        words: list[str] = []
        while self.tokens and (isinstance(self.tokens[0], Word) or self.tokens[0] in REDIRECTS):
            if isinstance(self.tokens[0], Word):
                words.append(self.tokens.popleft())
            else:
                self._redirects()
        if len(words) == 1 and self._at("(") and not isinstance(self.tokens[0], Word):
            return self._named(words[0])
        if not words and self.tokens and not isinstance(self.tokens[0], Word) and self.tokens[0] in ("(", ")", "|"):
            raise Unreadable(f"syntax error near unexpected token '{self.tokens[0]}'")
        return Simple(words)

    def _redirects(self) -> None:
        while self.tokens and not isinstance(self.tokens[0], Word) and self.tokens[0] in REDIRECTS:
            self.tokens.popleft()
            if self.tokens and isinstance(self.tokens[0], Word):
                self.tokens.popleft()
            elif self._at("("):  # a process substitution
                self._group()
