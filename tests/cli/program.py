# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The `aws` program itself, in an environment of its own below `build/`: it pins other versions than the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

WORK = Path(__file__).resolve().parents[2] / "build" / "aws-cli"
VERSION = "1.46.3"


def interpreter() -> Path:
    """The Python that has it; installed where it is not there yet."""
    python = "{}.{}".format(*sys.version_info[:2])
    folder = WORK / f"awscli-{VERSION}-python{python}"
    if not (folder / "installed").exists():
        shutil.rmtree(folder, ignore_errors=True)
        WORK.mkdir(parents=True, exist_ok=True)
        _install(folder)
        (folder / "installed").touch()
    return folder / "bin" / "python"


def _install(folder: Path) -> None:
    wanted = f"awscli=={VERSION}"
    uv = shutil.which("uv")
    python = str(folder / "bin" / "python")
    made = uv and _succeeds(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
    # uv does not read pip's configuration: where it cannot reach its index, pip may still reach a mirror.
    if made and uv and _succeeds(uv, "pip", "install", "--quiet", "--python", python, wanted):
        return
    venv.create(folder, clear=True, with_pip=True)
    subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", wanted], check=True)


def _succeeds(*command: str) -> bool:
    return subprocess.run(command, check=False).returncode == 0


def environment(url: str, region: str) -> dict[str, str]:
    """Nothing of the user's own: neither keys nor profiles nor a pager, and a home below `build/`."""
    home = WORK / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AWS_DEFAULT_REGION": region,
        "AWS_PAGER": "",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
