# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a scenario works with: the program against an emulator of its own, its clock, and what was checked."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import program
import urllib3
from prompt import Command

ROOT = Path(__file__).resolve().parents[2]
ERROR = re.compile(r"An error occurred \(([\w.]+)\) when calling the (\w+) operation(?: \([^)]*\))?: (.*)", re.DOTALL)
# Seconds of real time: a command that has not ended then waits for what never comes.
LIMIT = 180


class Broken(Exception):
    """A command that everything after it rests on failed."""


@dataclass(frozen=True)
class Refusal:
    """AWS's answer to a wrong input: the code, the operation, the text after them."""

    code: str
    operation: str
    text: str


@dataclass
class Terminal:
    """One user at one prompt. `checks` has a title, whether it held, and what was seen instead."""

    url: str
    environment: dict[str, str]
    folder: Path
    checks: list[tuple[str, bool, str]] = field(default_factory=list)

    def check(self, title: str, held: object, seen: object = "") -> None:
        self.checks.append((title, bool(held), str(seen)))

    def same(self, title: str, seen: object, wanted: object) -> None:
        self.check(title, seen == wanted, f"{seen!r}, not {wanted!r}")

    def start(self, *words: str) -> Command:
        """A command that goes on while others are given."""
        return Command(words, self.environment, self.folder)

    def finish(self, started: Command) -> tuple[int, str, str]:
        """Exit status, output, errors. Whatever is said on errors is a sentence of AWS or of the program."""
        try:
            status, said, errors = started.ended(LIMIT)
        except TimeoutError as late:
            raise Broken(f"{started} did not end within {LIMIT} s") from late
        if re.search(r"Traceback|<!doctype|<html", errors + said, re.IGNORECASE):
            self.check(f"{started} ends without a trace or a page", False, errors)
        return status, said, errors

    def text(self, *words: str) -> str:
        """Output of a command that must succeed."""
        started = self.start(*words)
        status, said, errors = self.finish(started)
        if status:
            raise Broken(f"{started}: status {status}: {errors.strip()}")
        return said

    def json(self, *words: str) -> Any:
        """Its parsed output; None where it has none."""
        said = self.text(*words, "--output", "json")
        return json.loads(said) if said.strip() else None

    def refused(self, *words: str) -> Refusal:
        """What a command is refused with; it must fail as AWS's errors make the program fail."""
        started = self.start(*words)
        status, said, errors = self.finish(started)
        found = ERROR.search(errors)
        if not found or not 254 <= status <= 255:
            raise Broken(f"{started} is not refused by AWS: status {status}: {(said + errors).strip()}")
        return Refusal(found[1], found[2], found[3].strip())

    def refuses(self, title: str, code: str, text: str, *words: str) -> None:
        """Check code and a part of the text."""
        refusal = self.refused(*words)
        self.check(title, refusal.code == code and text in refusal.text, refusal)

    def advance(self, seconds: float) -> None:
        """Let time pass for AWS."""
        self.control("clock", {"advance": seconds})

    def control(self, name: str, wish: dict[str, Any] | None = None) -> Any:
        url = f"{self.url}/slipway-emulator/{name}"
        return urllib3.request("GET", url).json() if wish is None else urllib3.request("POST", url, json=wish).json()

    def file(self, name: str, content: str | dict[str, Any] | list[Any]) -> str:
        """Write a file; how the command line refers to it."""
        text = content if isinstance(content, str) else json.dumps(content)
        (self.folder / name).write_text(text, encoding="utf-8")
        return f"file://{name}"


@contextmanager
def terminal(name: str, region: str, python: str) -> Iterator[Terminal]:
    """A prompt, and an emulator of the Python of the checkout whose clock stands, for as long as the block lasts."""
    folder = program.WORK / name
    folder.mkdir(parents=True, exist_ok=True)
    command = [python, "-m", "slipway_emulator", "--port", "0", "--speed", "0"]
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT / "emulator")}
    with subprocess.Popen(command, env=surroundings, stdout=subprocess.PIPE, text=True) as server:
        try:
            line = server.stdout.readline() if server.stdout else ""
            url = json.loads(line)["url"]
            yield Terminal(url, program.environment(url, region), folder)
        finally:
            server.terminate()
