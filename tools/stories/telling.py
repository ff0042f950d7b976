# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What all stories of the demonstration share: steps that are told, run and checked, and figures for a JSON file."""

from __future__ import annotations

import json
import re
import shutil
import typing as t
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import boto3
from rich.console import Console
from rich.markup import escape

from ansible_collections.slipway.aws.plugins.module_utils._text import shown_line
from stage import RESULTS, Stage

console = Console(highlight=False)


class Unexpected(Exception):
    """A step did not end as expected."""


def plain(text: t.Any) -> str:
    """What others named, for the screen: neither the terminal nor rich may take it for an instruction."""
    return escape(shown_line(str(text)))


def expect(true: t.Any, expected: str) -> None:
    if not true:
        raise Unexpected(expected)
    console.print(f"  [green]as expected:[/] {plain(expected)}")


@dataclass(frozen=True)
class Step:
    """What a step is called, what it says before it begins, and the function that runs and checks it."""

    title: str
    told: str
    run: Callable[[], None]


@dataclass(frozen=True)
class Wishes:
    """What the user chose."""

    app: Path
    regions: list[str]
    fleet: int
    named: str = ""  # the service or function, if the user names one
    config: str = ""  # deployment configuration, if the user names one
    hook: str = "BeforeAllowTraffic"  # lifecycle event of the hook that fails

    @property
    def name(self) -> str:
        """The application's, as every service takes it; a bucket is named after it, account and Region in 63 characters."""
        ascii_only = unicodedata.normalize("NFKD", self.app.name.lower()).encode("ascii", "ignore").decode()
        name = re.sub("[^a-z0-9]+", "-", ascii_only)[:26].strip("-")
        return name if len(name) >= 3 else f"app-{name}".strip("-")


class Story:
    """Steps against one emulator. `figures` is written to `file` at the end, also if a step fails."""

    file: t.ClassVar[str]
    fleet: t.ClassVar[int]  # hosts, if the user does not say how many
    smallest: t.ClassVar[int] = 1
    hooks: t.ClassVar[tuple[str, ...]] = ("BeforeAllowTraffic", "AfterAllowTraffic")

    def __init__(self, address: str, wishes: Wishes) -> None:
        self.address, self.wishes = address, wishes
        self.region = wishes.regions[0]
        self.folder = RESULTS / Path(self.file).stem
        self.figures: dict[str, t.Any] = {}

    @classmethod
    def refuses(cls, config: str) -> str:
        """Why a deployment configuration does not fit this story, or nothing."""
        return f"This story has no deployment configuration to choose, but CONFIG is {config}." if config else ""

    def steps(self) -> Iterator[Step]:
        """The steps in order; what one says may depend on how those before it ended."""
        raise NotImplementedError

    def stage(self, variables: dict[str, t.Any]) -> Stage:
        """Where the plays of this story run, with these variables."""
        return Stage(self.address, variables, self.folder)

    def client(self, service: str, region: str = "") -> t.Any:
        make: t.Any = boto3.client  # its type knows services by their literal names only
        return make(service, region_name=region or self.region, endpoint_url=self.address)


def tell(story: Story) -> bool:
    """Run all steps; whether each ended as expected. The figures are kept either way."""
    file = RESULTS / story.file
    file.unlink(missing_ok=True)
    shutil.rmtree(story.folder, ignore_errors=True)
    story.folder.mkdir(parents=True)
    try:
        for step in story.steps():
            console.rule(f"[bold]{plain(step.title)}")
            console.print(plain(step.told) + "\n")
            step.run()
        console.rule("[bold green]All steps ended as expected")
    except Unexpected as otherwise:
        console.print(f"  [red]not as expected:[/] {plain(otherwise)}")
        return False
    finally:
        file.write_text(json.dumps(story.figures, indent=2, default=str) + "\n", encoding="utf-8")
        console.print(f"The results are in build/demo/{story.file}")
    return True
