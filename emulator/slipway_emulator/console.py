# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a script run on a host would print, and what it does to the agent: derived by reading it, never by running it.

Understood are the agent's service commands, its version file, tests for its folder, `echo`, variables, `if`, `&&`, `||`
and pipes into `grep`. Every other command succeeds without output. What gets installed, removed, started and stopped is the
business of `machine`, which reads the same script.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from .console_commands import COMMANDS, Outcome, Session
from .console_files import FILES, write
from .hosts import Host
from .machine import Machine
from .machine.powershell import PowerShell

_HERE_DOCUMENT = re.compile(r"(?<!<)<<-?[ \t]*['\"]?(\w+)['\"]?")
_REDIRECT = re.compile(r"(?P<stream>[12&]?)>{1,2}\s*(?P<target>&\d|\S+)")
_ASSIGN = re.compile(r"^(?P<name>[A-Za-z_]\w*)=(?P<value>.*)\Z", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]{0,1000}))?\}|(\w+)|(\?))")
_SUBSTITUTION = re.compile(r"\$\(((?:[^()]|\([^()]*\))*)\)")
_SLEEP = re.compile(r"^\s*(?:sleep|Start-Sleep(?:\s+-Seconds)?)\s+([0-9]{1,6})\s*$", re.MULTILINE | re.IGNORECASE)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\$\([^)]{0,1000}\)")
_PIECES = re.compile(r"\"[^\"]*\"|'[^']*'|[^'\"]+|.", re.DOTALL)
LONGEST = 20_000  # letters: a variable can be made of itself twice, again and again
_COMMANDS = COMMANDS | FILES
_PREFIXES = ("sudo", "exec", "command", "-E", "-n")


@dataclass
class _Reading:
    """The state of one reading."""

    session: Session
    variables: dict[str, str] = field(default_factory=dict)
    stdout: list[str] = field(default_factory=list)
    stderr: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)  # of the open ifs: taken, waiting or over


def run(
    host: Host, script: str, variables: dict[str, str] | None = None, files: Mapping[str, str] | None = None
) -> Outcome:
    """Let `script` act on `host` and tell what it printed; `files` are those beside it that it may start."""
    had, running = host.contents.agent_version, host.agent_running
    before = Session.on(host, files)

    def work(machine: Machine) -> str | None:
        machine.files.update({f"{folder}{name}": text for name, text in (files or {}).items() for folder in ("", "./")})
        return machine.run_script(script, variables)

    problem = host.act(work)
    outcome_running, newly = host.agent_running, had is None and host.contents.agent_version is not None
    host.agent_running = newly or running  # as it is when the first lines ask; the package starts the service
    reading = _Reading(before, dict(variables or {}))
    for statement in _statements(script):
        _read(reading, statement)
        if reading.session.ended:
            break
    host.agent_running = outcome_running
    if reading.session.texts != host.contents.texts:
        host.change(replace(host.contents, texts=reading.session.texts))
    return _outcome(reading, problem)


def sleeps(script: str) -> float:
    """Seconds for which a script sleeps on lines of their own."""
    return float(sum(int(found) for found in _SLEEP.findall(script)))


def _outcome(reading: _Reading, problem: str | None) -> Outcome:
    """Scripts are read twice, for what they do and for what they print; a failure either way is one."""
    code, errors = reading.session.code, "".join(reading.stderr)
    if problem and not code:
        code, errors = 1, f"{errors}{problem}\n"
    return Outcome("".join(reading.stdout), errors, code)


def run_powershell(host: Host, script: str, variables: dict[str, str] | None = None) -> Outcome:
    """The same for a PowerShell script, which is read once."""
    before = host.agent
    readers: list[PowerShell] = []

    def work(machine: Machine) -> str | None:
        forced = before if before != machine.agent_state() else None  # by a fault, or while the host has no credentials
        readers.append(PowerShell(machine, lambda: forced or machine.agent_state(), variables))
        return readers[0].run(script)

    host.act(work)
    [reader] = readers
    return Outcome("".join(reader.printed), "".join(f"{text}\n" for text in reader.errors), reader.code)


def _statements(script: str) -> list[str]:
    """Lines, and what semicolons part, outside of quotes and parentheses; comments and here-documents left out."""
    return [
        part.strip()
        for line in _without_documents(script.replace("\\\n", " ").splitlines())
        if not line.lstrip().startswith("#")
        for part in _split(line, (";",))[::2]
        if part.strip()
    ]


def _without_documents(lines: list[str]) -> Iterator[str]:
    """The lines but those of here-documents."""
    last = {line.strip(): number for number, line in enumerate(lines)}
    delimiter = None  # of the here-document that is passed over
    for number, line in enumerate(lines):
        here = _HERE_DOCUMENT.search(line)
        if delimiter is not None:
            delimiter = None if line.strip() == delimiter else delimiter
        elif here and last.get(here[1], 0) > number:
            delimiter = here[1]
            yield line[: here.start()]
        else:
            yield line


def _split(text: str, separators: tuple[str, ...]) -> list[str]:
    """Parts and separators in turn; what is quoted or in parentheses is never parted."""
    parts, start, at, quote, depth = [], 0, 0, "", 0
    while at < len(text):
        letter = text[at]
        separator = None if quote or depth else next((s for s in separators if text.startswith(s, at)), None)
        if separator:
            parts += [text[start:at], separator]
            start = at + len(separator)
        elif letter in "'\"":
            quote = "" if letter == quote else quote or letter
        elif letter in "()" and not quote:
            depth += 1 if letter == "(" else -1
        at += len(separator or letter)
    return [*parts, text[start:]]


def _read(reading: _Reading, statement: str) -> None:
    word, _mark, rest = statement.partition(" ")
    keyword = _KEYWORDS.get(word)
    session = reading.session
    if keyword:
        keyword(reading, rest.strip())
    elif all(condition == "taken" for condition in reading.conditions):
        _and_or(reading, statement)
        session.ended = session.ended or (session.strict and session.code != 0 and "||" not in statement)


def _if(reading: _Reading, rest: str) -> None:
    if any(condition != "taken" for condition in reading.conditions):
        reading.conditions.append("over")
        return
    _and_or(reading, rest)
    reading.conditions.append("taken" if reading.session.code == 0 else "waiting")
    reading.session.code = 0


def _elif(reading: _Reading, rest: str) -> None:
    state = reading.conditions.pop() if reading.conditions else "over"
    if state == "waiting":
        _if(reading, rest)
    else:
        reading.conditions.append("over")


def _else(reading: _Reading, rest: str) -> None:
    if reading.conditions:
        reading.conditions[-1] = "taken" if reading.conditions[-1] == "waiting" else "over"
    _then(reading, rest)


def _then(reading: _Reading, rest: str) -> None:
    if rest and rest.partition(" ")[0] not in ("then", "else"):
        _read(reading, rest)


def _fi(reading: _Reading, _rest: str) -> None:
    if reading.conditions:
        reading.conditions.pop()


_KEYWORDS: dict[str, Callable[[_Reading, str], None]] = {
    "if": _if,
    "elif": _elif,
    "else": _else,
    "then": _then,
    "fi": _fi,
}


def _and_or(reading: _Reading, statement: str) -> None:
    parts = _split(statement, ("&&", "||"))
    _pipeline(reading, parts[0])
    for joint, part in zip(parts[1::2], parts[2::2]):
        if not reading.session.ended and (reading.session.code == 0) == (joint == "&&"):
            _pipeline(reading, part)


def _pipeline(reading: _Reading, text: str) -> None:
    stages = _split(text, ("|",))[::2]
    outcome = _redirected(reading, stages[0])
    for stage in stages[1:]:
        outcome = _filtered(outcome, stage)
    reading.stdout.append(outcome.stdout)
    reading.stderr.append(outcome.stderr)
    reading.session.code = outcome.code


def _filtered(outcome: Outcome, stage: str) -> Outcome:
    """Only grep changes what passes; other filters are taken to let it through."""
    words = _words(stage)
    if not words or words[0] not in ("grep", "egrep"):
        return outcome
    flags = "".join(w[1:] for w in words[1:] if w.startswith("-"))
    pattern = next((w for w in words[1:] if not w.startswith("-")), "")
    flat = str.lower if "i" in flags else str
    lines = [x for x in outcome.stdout.splitlines(True) if (flat(pattern) in flat(x)) != ("v" in flags)]
    return Outcome("" if "q" in flags else "".join(lines), outcome.stderr, 0 if lines else 1)


def _redirected(reading: _Reading, text: str) -> Outcome:
    """What is quoted is no redirection, but may be where one goes to."""
    found = list(_REDIRECT.finditer(_QUOTED.sub(lambda quoted: "_" * len(quoted[0]), text)))
    streams = {match["stream"] or "1" for match in found}
    command = text
    for match in reversed(found):
        command = command[: match.start()] + command[match.end() :]
    outcome = _command(reading, command)
    for match in found:
        if match["stream"] in ("", "1") and not match["target"].startswith("&"):
            target = _expanded(reading, text[match.start("target") : match.end("target")])[0].strip("'\"")
            write(reading.session, target, outcome.stdout, append=">>" in match[0])
    if streams & {"&", "1"}:
        outcome = replace(outcome, stdout="")
    if streams & {"&", "2"}:
        outcome = replace(outcome, stderr="")
    return outcome


def _command(reading: _Reading, text: str) -> Outcome:
    text = text.strip()
    outcome = _simple(reading, text.removeprefix("! ").strip())
    return replace(outcome, code=int(outcome.code == 0)) if text.startswith("! ") else outcome


def _simple(reading: _Reading, text: str) -> Outcome:
    assigned = _ASSIGN.match(text)
    if assigned and not re.search(r"\s\S", _QUOTED.sub("", assigned["value"])):
        value, code = _expanded(reading, assigned["value"])
        reading.variables[assigned["name"]] = value.strip("'\"")
        return Outcome(code=code)
    words = _words(_expanded(reading, text)[0])
    while words and words[0] in _PREFIXES:
        words = words[1:]
    known = _COMMANDS.get(words[0].rpartition("/")[2]) if words else None
    return known(reading.session, words[1:]) if known else Outcome()


def _expanded(reading: _Reading, text: str) -> tuple[str, int]:
    """Variables and command substitutions filled in; the code of the last substitution."""
    codes = [0]

    def substitute(match: re.Match[str]) -> str:
        inner = _Reading(reading.session.inner(), dict(reading.variables))
        for statement in _statements(match[1]):
            _read(inner, statement)
        codes.append(inner.session.code)
        return "".join(inner.stdout).rstrip("\n")

    def variable(match: re.Match[str]) -> str:
        if match[4]:
            return str(reading.session.code)
        return reading.variables.get(match[1] or match[3]) or match[2] or ""

    pieces = _PIECES.findall(_SUBSTITUTION.sub(substitute, text))
    filled = "".join(p if p.startswith("'") else _VARIABLE.sub(variable, p) for p in pieces)
    return filled[:LONGEST], codes[-1]


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()
