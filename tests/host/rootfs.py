# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""A root filesystem of Debian, made once by debootstrap and kept below build/."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SUITE = "bookworm"
# What a cloud image of Debian has and the test needs. With ruby and gdebi in place the role's script needs no mirror.
PACKAGES = [
    "systemd",
    "systemd-sysv",
    "dbus",
    "python3",
    "python3-apt",
    "openssh-server",
    "wget",
    "ca-certificates",
    "ruby",
    "gdebi-core",
]
# There is no hardware, no network and no terminal of its own to look after.
MASKED = (
    "systemd-udevd.service", "systemd-udev-trigger.service", "systemd-logind.service", "systemd-networkd.service",
    "systemd-resolved.service", "systemd-timesyncd.service", "getty.target", "console-getty.service",
    "apt-daily.timer", "apt-daily-upgrade.timer", "systemd-remount-fs.service", "systemd-sysctl.service",
)  # fmt: skip


def say(text: str) -> None:
    """One line for whoever waits for it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Missing(Exception):
    """Something this machine lacks; the text says what and how to mend it."""


@dataclass(frozen=True)
class Mirror:
    """A place of Debian's packages, as apt knows it."""

    address: str
    keyring: str | None


def prepared(folder: Path) -> Path:
    """The root filesystem below `folder`, made anew when what goes into it changed."""
    digest = hashlib.sha256(repr((SUITE, PACKAGES, MASKED)).encode()).hexdigest()[:12]
    root = folder / f"{SUITE}-{digest}"
    if not root.is_dir():
        for old in folder.glob(f"{SUITE}-*"):
            shutil.rmtree(old)
        say(f"Making a root filesystem of Debian {SUITE}, once; it takes some minutes.")
        # debootstrap does not stand a blank in a path, so it works where there is none.
        with tempfile.TemporaryDirectory(prefix="slipway-host-") as elsewhere:
            partial = Path(elsewhere) / SUITE
            _debootstrap(partial, folder)
            _adapt(partial)
            shutil.move(partial, root)
    return root


def _debootstrap(root: Path, folder: Path) -> None:
    program, environment = _program(folder)
    mirror = mirror_of(SUITE, Path("/etc/apt"))
    keyring = [f"--keyring={mirror.keyring}"] if mirror.keyring else []
    command = [
        program,
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        *keyring,
        SUITE,
        str(root),
        mirror.address,
    ]
    log = folder / "debootstrap.log"
    with log.open("wb") as output:
        # In a mount namespace of its own, whatever it mounts goes with it, however it ends.
        done = subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", *command],
            env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    if done.returncode:
        raise Missing(f"debootstrap failed:\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-15:])


def _program(folder: Path) -> tuple[str, dict[str, str]]:
    """debootstrap of this machine, or unpacked from its package: nothing is installed on the machine."""
    environment = {**os.environ, **_proxy()}
    environment["PATH"] = f"{environment.get('PATH', '')}:/usr/sbin:/sbin"
    found = shutil.which("debootstrap", path=environment["PATH"])
    if found:
        return found, environment
    unpacked = folder / "debootstrap"
    if not (unpacked / "usr/sbin/debootstrap").is_file():
        _unpack_debootstrap(unpacked)
    return str(unpacked / "usr/sbin/debootstrap"), {
        **environment,
        "DEBOOTSTRAP_DIR": str(unpacked / "usr/share/debootstrap"),
    }


def _unpack_debootstrap(folder: Path) -> None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        raise Missing("debootstrap is not installed, and without apt-get it cannot be fetched: install debootstrap.")
    folder.mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "-o", "APT::Sandbox::User=root", "debootstrap"]
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
        subprocess.run(["apt-get", "update"], capture_output=True, check=False)
        if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode:
            raise Missing("debootstrap is not installed, and apt-get could not download it: install debootstrap.")
    package = next(folder.glob("debootstrap_*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder)], check=True)


def _proxy() -> dict[str, str]:
    """The proxy apt is configured for; debootstrap downloads with wget, which looks in the environment."""
    if not shutil.which("apt-config"):
        return {}
    told = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=False).stdout
    match = re.search(r'^Acquire::http::Proxy "(https?://[^"]+)"', told, re.MULTILINE | re.IGNORECASE)
    return {"http_proxy": match.group(1), "https_proxy": match.group(1)} if match else {}


def mirror_of(suite: str, apt: Path) -> Mirror:
    """The first source of the suite's main part in apt's lists of either form."""
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    for path in lists:
        if path.suffix in (".list", ".sources") and path.is_file():
            found = _in_stanzas(path, suite) if path.suffix == ".sources" else _in_lines(path, suite)
            if found:
                return found
    raise Missing(f"No source of Debian {suite} is in {apt}/sources.list or sources.list.d: add the mirror you use.")


def _in_stanzas(path: Path, suite: str) -> Mirror | None:
    for stanza in re.split(r"\n\s*\n", path.read_text()):
        lines = [line for line in stanza.splitlines() if line.strip() and not line.startswith("#")]
        fields = {
            name.strip().lower(): value.split() for name, _colon, value in (line.partition(":") for line in lines)
        }
        if suite in fields.get("suites", []) and "main" in fields.get("components", []) and fields.get("uris"):
            return Mirror(fields["uris"][0], next(iter(fields.get("signed-by", [])), None))
    return None


def _in_lines(path: Path, suite: str) -> Mirror | None:
    for line in path.read_text().splitlines():
        match = re.match(rf"deb\s+(?:\[(?P<options>[^]]*)\]\s+)?(?P<address>\S+)\s+{suite}\s+(?:\S+\s+)*main\b", line)
        if match:
            signed = re.search(r"signed-by=(\S+)", match["options"] or "", re.IGNORECASE)
            return Mirror(match["address"], signed.group(1) if signed else None)
    return None


def _adapt(root: Path) -> None:
    for unit in MASKED:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    (root / "root/.ssh").mkdir(mode=0o700, exist_ok=True)
    (root / "etc/machine-id").write_text("")
    (root / "etc/fstab").write_text("")
    default = root / "etc/systemd/system/default.target"
    default.unlink(missing_ok=True)
    default.symlink_to("/lib/systemd/system/multi-user.target")
