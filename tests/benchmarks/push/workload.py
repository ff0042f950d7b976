# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Directories to push, the same on every machine: text from a Zipf word list, the rest random bytes."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass
from pathlib import Path

APPSPEC = "version: 0.0\nos: linux\nfiles:\n  - source: /\n    destination: /srv/bench\n"
WORDS = 20_000
POOL = 16 * 1024 * 1024


@dataclass(frozen=True)
class Workload:
    """So many files of this mean size, a share of which cannot be compressed."""

    name: str
    what: str
    files: int
    mean: int
    noise: float
    spread: bool = True  # exponential sizes; else all alike


WORKLOADS = {
    "a": Workload("a", "50 files, 5 MB", 50, 100_000, 0.2),
    "b": Workload("b", "20,000 files, 193 MiB", 20_000, 10_000, 0.1),
    "c": Workload("c", "16 files of 64 MiB", 16, 64 * 1024 * 1024, 0.5, spread=False),
}


def generate(workload: Workload, folder: Path) -> Path:
    """Write the workload below `folder`, and a zip of it beside, unless they are there, and return its root."""
    root = folder / workload.name
    if not (root / "appspec.yml").exists():
        _write(workload, root)
    if not Path(f"{root}.zip").exists():
        shutil.make_archive(str(root), "zip", root)
    return root


def _write(workload: Workload, root: Path) -> None:
    dice = random.Random(workload.name)
    pool = _text(dice)
    for number in range(workload.files):
        path = root / f"{number % 200:03}" / f"{number:05}"
        path.parent.mkdir(parents=True, exist_ok=True)
        size = int(dice.expovariate(1 / workload.mean)) if workload.spread else workload.mean
        path.write_bytes(_content(dice, pool, size, noisy=number % 10 < workload.noise * 10))
    (root / "appspec.yml").write_text(APPSPEC)  # last: it marks the workload as whole


def _text(dice: random.Random) -> bytes:
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(dice.choices(letters, k=dice.randint(2, 10))) for _turn in range(WORDS)]
    chosen = dice.choices(words, [1 / rank for rank in range(1, WORDS + 1)], k=POOL // 5)
    return " ".join(chosen).encode()[:POOL]


def _content(dice: random.Random, pool: bytes, size: int, noisy: bool) -> bytes:
    if noisy:
        return dice.randbytes(size)
    start = dice.randrange(len(pool) // 2)
    return (pool[start:] * (size // (len(pool) - start) + 1))[:size]
