# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bring .venv up to date, then run the command given, in the tools' environment. Needs nothing but Python."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import IO

import toolenv

REQUIREMENTS = toolenv.ROOT / "tools" / "requirements.txt"
# amazon.aws has no package of its own on PyPI: this one carries it among a hundred others, of which we take one more. Tests and examples
# make services of ECS and target groups with community.aws, which nothing that is released needs.
CARRIER = toolenv.ROOT / "tools" / "carrier.txt"
CARRIED = ("ansible_collections/amazon/aws/", "ansible_collections/community/aws/")
# A package whose bytes are not those that were reviewed is not installed, whoever serves it.
HASHED = "--require-hashes"
STAMP = toolenv.VENV / "slipway-stamp"
LOG = toolenv.BUILD / "setup.log"


class SetupFailed(Exception):
    """What went wrong and what to do, in plain sentences."""


def main(command: list[str]) -> int:
    try:
        with open(__file__, "rb") as lock:
            _bring_up_to_date(lock)
            if command:
                _become(command, lock)
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _bring_up_to_date(lock: IO[bytes]) -> None:
    """Under a shared lock that lasts as long as the command: no other make rebuilds what this one is using."""
    fcntl.flock(lock, fcntl.LOCK_SH)
    if _is_up_to_date():
        return
    fcntl.flock(lock, fcntl.LOCK_UN)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(
            "Another make command is using .venv, which must be updated. Waiting until that command ends.", flush=True
        )
        fcntl.flock(lock, fcntl.LOCK_EX)
    if not _is_up_to_date():
        _set_up()
    fcntl.flock(lock, fcntl.LOCK_SH)


def _become(command: list[str], lock: IO[bytes]) -> None:
    os.set_inheritable(lock.fileno(), True)
    environment = toolenv.environment()
    Path(environment["HOME"]).mkdir(parents=True, exist_ok=True)
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise SetupFailed(f"The program {command[0]} is neither in .venv/bin nor on the PATH.")
    os.execve(program, command, environment)


def _is_up_to_date() -> bool:
    return STAMP.is_file() and STAMP.read_text() == _fingerprint()


def _fingerprint() -> str:
    """Of all that .venv is made from: its place too, because scripts and links in it name it."""
    inputs = [path.read_bytes() for path in (Path(__file__), REQUIREMENTS, CARRIER)]
    inputs += [text.encode() for text in (os.path.realpath(sys.executable), sys.version, str(toolenv.ROOT))]
    return hashlib.sha256(b"\0".join(inputs)).hexdigest()


def _set_up() -> None:
    uv = os.environ.get("SLIPWAY_UV", "")
    installer = "uv" if uv else "pip"
    version = sys.version.split()[0]
    print(
        f"Setting up .venv with Python {version} ({sys.executable}) and {installer}. The first time takes a minute or two.",
        flush=True,
    )
    started = time.monotonic()
    try:
        shutil.rmtree(toolenv.VENV, ignore_errors=True)
        toolenv.BUILD.mkdir(exist_ok=True)
        LOG.write_text("")
        _install_packages(uv)
        _take_collections()
        _link_the_tree()
        STAMP.write_text(_fingerprint())
    except OSError as problem:
        raise SetupFailed(f"Cannot write below {toolenv.ROOT}: {problem.strerror} ({problem.filename}).") from problem
    print(f"Set up in {time.monotonic() - started:.0f} s.", flush=True)


def _install_packages(uv: str) -> None:
    if uv and _with_uv(uv):
        return
    _run([sys.executable, "-m", "venv", "--clear", str(toolenv.VENV)], _NO_VENV)
    # Most modules of most packages are never imported; compiling them all was half of the time.
    switches = ["--disable-pip-version-check", "--no-compile"]
    _run([str(_python()), "-m", "pip", "install", *switches, HASHED, "-r", str(REQUIREMENTS)], _NO_PACKAGES)


def _with_uv(uv: str) -> bool:
    """uv does not read pip's configuration, so where it cannot reach its index pip may still reach a mirror."""
    try:
        _run([uv, "venv", "--python", sys.executable, str(toolenv.VENV)], "")
        _run([uv, "pip", "install", "--python", str(_python()), HASHED, "-r", str(REQUIREMENTS)], "")
    except SetupFailed:
        print("uv failed (see build/setup.log). Trying pip.", flush=True)
        return False
    return True


_NO_VENV = (
    "This Python cannot create a virtual environment. Install its venv module (Debian, Ubuntu: apt-get install python3-venv), "
    "or name another Python: make PYTHON=/path/to/python3"
)
_NO_PACKAGES = (
    "The development packages could not be installed. If this machine cannot reach pypi.org, set a proxy (HTTPS_PROXY) or a "
    "mirror (pip config set global.index-url ADDRESS) and try again."
)


def _run(command: list[str], advice: str) -> None:
    with LOG.open("a") as log:
        log.write(f"$ {' '.join(command)}\n")
        log.flush()
        finished = subprocess.run(command, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
    if finished.returncode:
        said = [line for line in LOG.read_text(errors="replace").splitlines() if not line.startswith("Ignoring ")]
        last_lines = "\n".join(f"  {line}" for line in said[-5:])
        raise SetupFailed(f"{last_lines}\n{advice} Complete log: {LOG}")


def _take_collections() -> None:
    """Into site-packages, where every tool finds it with no variable set, the galaxy-importer included."""
    with tempfile.TemporaryDirectory(dir=toolenv.VENV) as folder:
        # The carrier asks for Python 3.12; amazon.aws itself is content with the ansible-core of Python 3.11.
        anywhere = ["--no-deps", "--only-binary=:all:", "--python-version", "3.12"]
        switches = ["-q", *anywhere, HASHED, "-r", str(CARRIER), "--dest", folder]
        _run([str(_python()), "-m", "pip", "download", *switches], _NO_PACKAGES)
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            names = [name for name in wheel.namelist() if name.startswith(CARRIED)]
            wheel.extractall(_site_packages(), names)


def _link_the_tree() -> None:
    """ansible_collections/slipway/aws is the checkout, for Ansible and, with the emulator, for Python."""
    collections = toolenv.VENV / "collections"
    link = collections / "ansible_collections" / "slipway" / "aws"
    link.parent.mkdir(parents=True)
    link.symlink_to(toolenv.ROOT, target_is_directory=True)
    paths = [str(collections), str(toolenv.ROOT / "emulator")]
    (_site_packages() / "slipway.pth").write_text("".join(f"{path}\n" for path in paths))


def _python() -> Path:
    return toolenv.VENV / "bin" / "python"


def _site_packages() -> Path:
    return next((toolenv.VENV / "lib").glob("python3.*/site-packages"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
