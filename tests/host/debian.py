# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A booted Debian: systemd as PID 1 in namespaces, reached over ssh on a loopback port, gone when the `with` block ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rootfs import Missing

BOOT = Path(__file__).resolve().with_name("boot.sh")
NAMESPACES = ("--mount", "--pid", "--cgroup", "--uts", "--ipc", "--fork", "--kill-child")
PATIENCE = 60  # seconds until it must have booted
SSHD = """\
Port {port}
ListenAddress 127.0.0.1
PermitRootLogin prohibit-password
PasswordAuthentication no
UsePAM no
"""


@dataclass(frozen=True)
class Host:
    """A way to run commands on it as root."""

    port: int
    key: Path

    @property
    def ssh_options(self) -> list[str]:
        return [
            "-i", str(self.key), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-F", "none",
        ]  # fmt: skip

    def run(self, command: str, stdin: str = "") -> str:
        """What the command printed, both streams; an empty text when it printed nothing, whatever its status."""
        return self.status(command, stdin)[1]

    def status(self, command: str, stdin: str = "") -> tuple[int, str]:
        """The status of the command (255: ssh's own) and what it printed."""
        done = subprocess.run(
            ["ssh", *self.ssh_options, "-o", "BatchMode=yes", "-p", str(self.port), "root@127.0.0.1", command],
            input=stdin, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=60,
        )  # fmt: skip
        return done.returncode, done.stdout.strip()

    def inventory(self) -> str:
        # The inventory is split into words once, and these again; a backslash lives through the first.
        options = " ".join(option.replace(" ", "\\ ") for option in self.ssh_options)
        return (
            f"debian ansible_host=127.0.0.1 ansible_port={self.port} ansible_user=root"
            f" ansible_ssh_common_args='{options}' ansible_python_interpreter=/usr/bin/python3\n"
        )


def check_machine() -> None:
    """Raise Missing for what a booted host needs and this machine lacks."""
    if os.geteuid() != 0:
        raise Missing("Booting a Debian host needs root, and this user is not root.")
    for program, package in {"unshare": "util-linux", "ssh": "openssh-client", "ssh-keygen": "openssh-client"}.items():
        if not shutil.which(program):
            raise Missing(f"{program} is missing: install {package}.")
    tried = subprocess.run(
        ["unshare", *NAMESPACES, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        raise Missing(
            f"Root may not make namespaces and mounts here, as in a container without privileges: {tried.stderr.strip()}"
        )


@contextlib.contextmanager
def booted(root: Path, folder: Path) -> Iterator[Host]:
    """A host on a fresh copy of `root`; `folder` takes its log and keys."""
    host = Host(_free_port(), folder / "key")
    work = _seed(folder, host)
    log = folder / "boot.log"
    with log.open("wb") as output:
        program = subprocess.Popen(
            ["unshare", *NAMESPACES, "sh", str(BOOT), str(root), str(work)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            _wait_until_running(host, program, log)
            yield host
        finally:
            _kill(program)


def _seed(folder: Path, host: Host) -> Path:
    work = folder / "host"
    seed = folder / "host.seed"
    shutil.rmtree(seed, ignore_errors=True)
    for path in (work, seed):
        path.mkdir(parents=True, exist_ok=True)
    host.key.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(host.key)], check=True)
    shutil.copy(host.key.with_suffix(".pub"), seed / "authorized_keys")
    (seed / "sshd.conf").write_text(SSHD.format(port=host.port))
    return work


def _wait_until_running(host: Host, program: subprocess.Popen[bytes], log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        if program.poll() is not None:
            break
        if host.status("systemctl is-system-running")[1] in ("running", "degraded"):
            return
        time.sleep(0.2)
    told = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
    raise Missing(f"The Debian host did not boot within {PATIENCE} s:\n{told}")


def _kill(program: subprocess.Popen[bytes]) -> None:
    """systemd as PID 1 ignores a polite request; killing it ends everything in its namespaces, mounts included."""
    for child in _children(program.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    program.kill()
    program.wait()


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
