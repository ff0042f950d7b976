# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies of the checkout: what belongs to the project, without what .gitignore names, and with or without a .git folder."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import toolenv


def copy_below(parent: Path) -> Path:
    """A fresh copy at parent/ansible_collections/slipway/aws, as ansible-test and the linters of collections want it."""
    destination = parent / "ansible_collections" / "slipway" / "aws"
    shutil.rmtree(parent, ignore_errors=True)
    for path in files(toolenv.ROOT):
        target = destination / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(toolenv.ROOT / path, target, follow_symlinks=False)
    _make_repository(destination)
    return destination


def _make_repository(folder: Path) -> None:
    """Linters ask the nearest git repository for files. In a clone that is the checkout, which ignores build/."""
    if shutil.which("git"):
        for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
            subprocess.run(command, cwd=folder, check=True)


def files(root: Path) -> Iterator[Path]:
    """Every file of the project, relative to its root. git is not asked: a checkout need not have it, or trust this user."""
    ignored = [".git", *_patterns(root / ".gitignore")]
    for folder, folders, names in os.walk(root):
        here = Path(folder).relative_to(root)
        folders[:] = sorted(name for name in folders if not _is_ignored(here / name, ignored))
        yield from (here / name for name in sorted(names) if not _is_ignored(here / name, ignored))


def _patterns(gitignore: Path) -> list[str]:
    lines = (line.strip() for line in gitignore.read_text().splitlines())
    return [line.rstrip("/") for line in lines if line and not line.startswith("#")]


def _is_ignored(path: Path, patterns: list[str]) -> bool:
    """The part of git's rules that our .gitignore uses: names anywhere, and paths from the root."""
    return any(
        str(path) == pattern[1:] if pattern.startswith("/") else fnmatch.fnmatch(path.name, pattern)
        for pattern in patterns
    )
