# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One emulator that serves over HTTP for all playbook tests. Those of one file tell one story and share its account."""

from __future__ import annotations

import shutil
import tempfile
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.plays import BUILD, CHEAPER, ROOT, Emulator, Player, Server, Stage

SPEED = 300  # emulated seconds in a second: a build of an image is over in five


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """The address of the emulator; a stop that is not clean is an error."""
    started = Server()
    yield started.address
    assert started.stop() == 0


@pytest.fixture(scope="module")
def account(server: str) -> Emulator:
    """An AWS that is empty when the file's first test begins."""
    found = Emulator(server)
    found.reset(SPEED)
    return found


@pytest.fixture(scope="session")
def stage(server: str) -> Iterator[Stage]:
    """Where plays run; a stop that is not clean is an error."""
    started = Stage(Player(Emulator(server), BUILD).environment(**CHEAPER))
    yield started
    assert started.stop() == 0


@pytest.fixture(scope="module")
def play(account: Emulator, stage: Stage) -> Iterator[Player]:
    """Run a playbook in that account."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        yield Player(account, Path(folder), stage)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> t.Callable[[str], str]:
    """Make a version of the example application; the answer is its folder, the same for every version."""
    folder = tmp_path_factory.mktemp("storefront") / "storefront"
    shutil.copytree(ROOT / "examples" / "storefront", folder)

    def make(version: str) -> str:
        (folder / "VERSION").write_text(f"{version}\n")
        return str(folder)

    return make
