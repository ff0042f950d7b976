# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection from the copy that is the current folder, and let Galaxy's importer judge it, log and all."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from toolenv import BUILD

SIZE_LIMIT = 20 * 1024 * 1024  # Galaxy refuses more
# The importer ends with status 0 after much of what it complains about.
COMPLAINT = re.compile(r"^(?:WARNING|ERROR|CRITICAL)\b|\bError\b|\[WARNING\]|\[ERROR\]|Traceback|\b[1-9]\d* failure")
SETTINGS = {
    "CHECK_REQUIRED_TAGS": "True",
    "RUN_ANSIBLE_TEST": "False",  # the step sanity does, on the whole repository
    "RUN_ANSIBLE_LINT": "False",  # the step ansible-lint does, with rules that the importer leaves out
    "RUN_FLAKE8": "False",
}


def main() -> int:
    artifact = build(BUILD / "collection")
    print(f"{artifact.name}: {artifact.stat().st_size} bytes")
    if artifact.stat().st_size > SIZE_LIMIT:
        print("Galaxy does not accept a tarball of this size. Exclude files with build_ignore in galaxy.yml.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {f"GALAXY_IMPORTER_{name}": value for name, value in SETTINGS.items()}
        command = [sys.executable, "-m", "galaxy_importer.main", str(artifact)]
        finished = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    print(finished.stdout)
    complaints = [line for line in finished.stdout.splitlines() if COMPLAINT.search(line)]
    for line in complaints:
        print(f"The importer complains: {line}")
    return finished.returncode or int(bool(complaints))


def build(folder: Path) -> Path:
    """The tarball, alone in the folder, for whoever wants to install it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.tar.gz"):
        old.unlink()
    subprocess.run(["ansible-galaxy", "collection", "build", "--output-path", str(folder)], check=True)
    return next(folder.glob("slipway-aws-*.tar.gz"))


if __name__ == "__main__":
    sys.exit(main())
