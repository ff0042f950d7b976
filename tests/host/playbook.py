# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Running the collection's playbooks on the host, and what they told."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from debian import Host
from installer import Bucket, checksum

import processes
import toolenv

SETTINGS = {"ANSIBLE_PIPELINING": "1", "ANSIBLE_NOCOLOR": "1", "NO_COLOR": "1"}


@dataclass(frozen=True)
class Told:
    """The end of one run."""

    status: int
    text: str

    @property
    def changed(self) -> int:
        match = re.search(r"changed=(\d+)", self.text)
        assert match, self.text
        return int(match.group(1))


class Playbooks:
    """The playbook under test, the host it runs on, and the bucket that the installer comes from.

    `sockets` is a folder for ssh's, whose paths must not be longer than 100 characters.
    """

    def __init__(self, checkout: Path, folder: Path, sockets: Path, host: Host, bucket: Bucket) -> None:
        self.checkout = checkout
        self.folder = folder
        self.sockets = str(sockets)
        self.host = host
        self.bucket = bucket
        self.last = ""
        self.inventory = folder / "inventory.ini"
        self.inventory.write_text(host.inventory())

    def forget(self) -> None:
        """What earlier checks asked of the bucket and printed."""
        self.bucket.asked.clear()
        self.last = ""

    def told(self) -> str:
        return self.last

    def install(self, *flags: str, **options: object) -> Told:
        """`slipway.aws.install_agent` with options of the role, named without its prefix."""
        variables = self._options(options)
        return self._run("slipway.aws.install_agent", *flags, "-i", str(self.inventory), "-e", json.dumps(variables))

    def user_data(self, **options: object) -> str:
        """The script that an instance would get."""
        destination = self.folder / "user_data.sh"
        variables = {**self._options(options), "destination": str(destination)}
        told = self._run(str(Path(__file__).with_name("render.yml")), "-e", json.dumps(variables))
        assert told.status == 0, told.text
        return destination.read_text()

    def _options(self, options: dict[str, object]) -> dict[str, object]:
        mirror = {"installer_url": self.bucket.address, "installer_checksum": checksum(str(options.get("track", "1")))}
        return {f"codedeploy_agent_{name}": value for name, value in {**mirror, **options}.items()}

    def _run(self, playbook: str, *arguments: str) -> Told:
        program = subprocess.Popen(
            ["ansible-playbook", playbook, *arguments],
            cwd=self.checkout, env=toolenv.environment() | SETTINGS | {"ANSIBLE_SSH_CONTROL_PATH_DIR": self.sockets},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            self.last = program.communicate()[0].decode(errors="replace")
        finally:
            if program.poll() is None:
                processes.end(program)  # Ansible's workers would go on without it
        return Told(program.returncode, self.last)
