# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make build`: the tarball of the collection, from the files that git tracks and no others."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from toolenv import BUILD, ROOT


def main() -> int:
    tracked = tracked_files(ROOT)
    if tracked is None:
        print(
            f"{ROOT} is not a git checkout, or git is not installed, so the files of the collection cannot be listed."
            " Clone the repository and run make build there.",
            file=sys.stderr,
        )
        return 1
    artifact = build(ROOT, tracked, BUILD / "collection")
    print(artifact)
    return 0


def tracked_files(root: Path) -> list[Path] | None:
    """Relative paths of what git tracks and what is there; None where git cannot tell."""
    if not shutil.which("git") or not (root / ".git").exists():
        return None
    # A checkout that belongs to somebody else is read all the same: nothing of it is run.
    command = ["git", "-c", f"safe.directory={root}", "ls-files", "-z"]
    asked = subprocess.run(command, cwd=root, capture_output=True, check=False)
    if asked.returncode:
        return None
    paths = [Path(name.decode()) for name in asked.stdout.split(b"\0") if name]
    return [path for path in paths if (root / path).is_symlink() or (root / path).exists()]


def build(root: Path, paths: list[Path], folder: Path) -> Path:
    """The tarball, alone in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.tar.gz"):
        old.unlink()
    with tempfile.TemporaryDirectory() as copy:
        for path in paths:
            (copy / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / path, copy / path, follow_symlinks=False)
        command = ["ansible-galaxy", "collection", "build", "--output-path", str(folder)]
        subprocess.run(command, cwd=copy, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob("slipway-aws-*.tar.gz"))


if __name__ == "__main__":
    sys.exit(main())
