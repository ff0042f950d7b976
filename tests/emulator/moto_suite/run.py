# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Run moto's own tests of a service against the emulator as a server whose clock stands.

`python tests/emulator/moto_suite/run.py [service ...]`: every service that has a `deselected-SERVICE.yml` here, or those
named. The tests come from moto's source distribution on PyPI, of the version that is installed, and are kept in
`build/moto_suite`. The exit code is pytest's.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
WORK = ROOT / "build" / "moto_suite"
# What moto's tests import beyond what the emulator itself needs.
NEEDS = ("freezegun",)
SAFELY: Any = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}  # there from Python 3.11.4 on


def suite() -> Path:
    """Folder of moto's sources, fetched where it is not there."""
    folder = WORK / f"moto-{version('moto')}"
    if not folder.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        wanted = f"moto=={version('moto')}"
        _pip("download", "--no-deps", "--no-binary", "moto", "--dest", str(WORK), wanted)
        with tarfile.open(WORK / f"{folder.name}.tar.gz") as archive:
            archive.extractall(WORK, **SAFELY)  # noqa: S202  # as pip vouches for it
    return folder


def libraries() -> Path:
    """Folder of the libraries that only moto's tests need."""
    folder = WORK / "lib"
    if not folder.exists():
        _pip("install", "--no-deps", "--target", str(folder), *NEEDS)
    return folder


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


@contextmanager
def server() -> Iterator[str]:
    """The emulator on a free port; gives its address."""
    command = [sys.executable, "-m", "slipway_emulator", "--port", "0", "--speed", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "emulator")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline() if process.stdout else ""
            yield json.loads(line)["url"]
        finally:
            process.terminate()


def deselected(service: str) -> dict[str, str]:
    """Tests that are left out, with the reason."""
    return yaml.safe_load((HERE / f"deselected-{service}.yml").read_text(encoding="utf-8"))


def main(services: list[str]) -> int:
    known = sorted(path.stem.removeprefix("deselected-") for path in HERE.glob("deselected-*.yml"))
    chosen = services or known
    folder, extra = suite(), libraries()
    left_out = [test for service in chosen for test in deselected(service)]
    with server() as url:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(extra), str(HERE)]),
            "LEFT_OUT": json.dumps(left_out),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "TEST_SERVER_MODE": "true",
            "TEST_SERVER_MODE_ENDPOINT": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        command = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "--rootdir", str(folder)]
        # pytest's own --deselect would take every test along whose name begins with one of these
        command += ["-p", "leave_out"]
        command += [f"tests/test_{service}" for service in chosen]
        return subprocess.run(command, cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
