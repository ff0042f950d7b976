# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run component documents for real, on this machine, below a directory: S3 is the emulator's, bash is bash."""

from __future__ import annotations

import os
import subprocess
import typing as t
from dataclasses import dataclass
from pathlib import Path

import yaml

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled import bundles
from support.modules import CONNECTION, Outcome, run_module
from support.pushes import client

# Stand-ins for what needs root or systemd: they note how they were called.
STAND_IN = '#!/bin/sh\n{{ printf "%s" "{name}"; printf " [%s]" "$@"; echo; }} >> "{notes}"\n{rest}'
RUNS_COMMAND = 'exec /bin/sh -c "$2"\n'  # su -c COMMAND -- USER


@dataclass
class BuildHost:
    """A directory that stands for a host."""

    root: Path
    bucket: str

    @classmethod
    def made(cls, root: Path, bucket: str, patch: t.Any) -> BuildHost:
        """With a bucket of its own, and bundles unpacked below the directory."""
        region = {"LocationConstraint": CONNECTION["region"]}
        client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=region)
        patch.setattr(bundles, "HOMES", str(root / "opt" / "slipway"))
        for folder in ("opt", "bin"):
            (root / folder).mkdir()
        host = cls(root, bucket)
        for name in ("setfacl", "systemctl", "install", "semanage", "restorecon", "journalctl"):
            host.stand_in(name)
        host.stand_in("su", RUNS_COMMAND)
        return host

    def stand_in(self, name: str, rest: str = "") -> None:
        path = self.root / "bin" / name
        path.write_text(STAND_IN.format(name=name, notes=self.root / "notes", rest=rest))
        path.chmod(0o755)

    @property
    def notes(self) -> list[str]:
        """How the stand-ins were called."""
        path = self.root / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def ensure(self, module: str, params: dict[str, t.Any], check_mode: bool = False) -> Outcome:
        """Run a module with the bucket of the host."""
        return run_module(module, {"bucket": self.bucket, **params}, check_mode=check_mode)

    def run(self, document: str, *phases: str) -> tuple[str, str]:
        """Run phases of a document. The step that failed, empty when none did, and what it wrote."""
        said = ""
        for phase in yaml.safe_load(document)["phases"]:
            for step in phase["steps"] if phase["name"] in phases else []:
                done = getattr(self, f"_{step['action']}")(step["inputs"])
                said += done.stdout if done else ""
                if done and done.returncode:
                    return step["name"], said
        return "", said

    def _S3Download(self, inputs: list[dict[str, str]]) -> None:
        for entry in inputs:
            bucket, _slash, key = entry["source"].removeprefix("s3://").partition("/")
            client("s3").download_file(bucket, key, entry["destination"])

    def _CreateFile(self, inputs: list[dict[str, str]]) -> None:
        for entry in inputs:
            Path(entry["path"]).write_text(entry["content"])

    def _ExecuteBash(self, inputs: dict[str, list[str]]) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", "NOTES": str(self.root / "notes")}
        return subprocess.run(
            ["bash", "-c", "\n".join(inputs["commands"])],
            env=environment,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
