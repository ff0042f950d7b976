# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make demo`: run a story step by step, with a real application, against an emulator of AWS.

Every step says what it expects and checks it. The exit code is 0 when all steps ended as expected.
A file in build/demo contains the results.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from pathlib import Path

import processes
from emulators import NotReady, emulator
from stories import STORIES
from stories.telling import Story, Wishes, console, plain, tell

SPEED = 60.0
NAME = re.compile(r"(?:[a-z][a-z0-9-]{1,24}[a-z0-9])?")


def keep(address: str) -> None:
    console.rule("The emulator keeps running")
    console.print(f"It listens on {address}. In another terminal:\n\n  export AWS_ENDPOINT_URL={address}")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        console.print(f"  export {name}={os.environ[name]}")
    console.print(
        "  aws deploy list-deployments\n  curl $AWS_ENDPOINT_URL/slipway-emulator/hosts\n\nCtrl-C stops the emulator."
    )


def main() -> int:
    options = _parser().parse_args()
    processes.interrupt_on_signals()
    story = STORIES.get(options.story)
    problem = _problem(options, story)
    if problem or not story:
        console.print(problem, style="red")
        return 2
    wishes = Wishes(
        options.app.resolve(),
        _regions(options),
        options.fleet or story.fleet,
        options.name,
        options.config,
        options.hook,
    )
    os.environ["AWS_DEFAULT_REGION"] = wishes.regions[0]
    try:
        with emulator(speed=SPEED) as running:
            told = tell(story(running.address, wishes))
            if options.keep:
                keep(running.address)
                _until_interrupted()
            return 0 if told else 1
    except NotReady:
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted; nothing is left running.")
        return 130


def _problem(options: argparse.Namespace, story: type[Story] | None) -> str:
    """What is wrong with the options, or nothing."""
    app = options.app.resolve()
    if not story:
        return f"STORY must be one of: {', '.join(STORIES)}. It is {plain(options.story)}."
    if story.refuses(options.config):
        return plain(story.refuses(options.config))
    if not NAME.fullmatch(options.name) or options.hook not in story.hooks:
        return f"NAME must consist of small letters, digits and hyphens, and HOOK be one of: {', '.join(story.hooks)}."
    if not app.is_dir() or not _regions(options):
        return f"APP must be a directory (it is {plain(app)}), and REGIONS at least one Region."
    if options.fleet is not None and options.fleet < story.smallest:
        return f"FLEET must be at least {story.smallest} (it is {options.fleet})."
    if not (app / "appspec.yml").is_file():
        return f"{plain(app)} does not contain appspec.yml, the file that tells CodeDeploy what to do. Add it."
    return ""


def _regions(options: argparse.Namespace) -> list[str]:
    return [region.strip() for region in options.regions.split(",") if region.strip()]


def _until_interrupted() -> None:
    signal.pause()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("app", type=Path, help="directory of the application, which contains appspec.yml")
    parser.add_argument("--story", default="main", help=f"what to run: {', '.join(STORIES)}")
    parser.add_argument("--fleet", type=int, help="number of hosts; without it, as many as the story has")
    parser.add_argument(
        "--regions",
        default="eu-central-1,us-east-1",
        help="Regions; the first one is home, the others get copies of the image",
    )
    parser.add_argument("--name", default="", help="name of the service or function, for ecs and lambda")
    parser.add_argument("--config", default="", help="deployment configuration, for ecs and lambda")
    parser.add_argument(
        "--hook", default="BeforeAllowTraffic", help="lifecycle event of the hook that fails, for ecs and lambda"
    )
    parser.add_argument("--keep", action="store_true", help="leave the emulator running")
    return parser


if __name__ == "__main__":
    sys.exit(main())
