# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sources of packages, and the module that publishes them, against the in-process emulator."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass
from pathlib import Path

import boto3

from .modules import CONNECTION, Outcome, run_module

KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}
SCRIPTS = {"install.sh": "echo installed\n", "uninstall.sh": "echo removed\n"}
POWERSHELL = {"install.ps1": "echo installed\n", "uninstall.ps1": "echo removed\n"}
TARGETS = {"amazon/2023/x86_64": SCRIPTS, "ubuntu/_any/_any": SCRIPTS, "windows/_any/_any": POWERSHELL}


def client(service: str, region: str = CONNECTION["region"]) -> t.Any:
    return boto3.client(service, region_name=region, **KEYS)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def sources(root: Path, targets: dict[str, dict[str, str]] | None = None) -> Path:
    """A folder for each target."""
    for target, files in (targets or TARGETS).items():
        write(root / target, files)
    return root


@dataclass
class Shelf:
    """One package and the bucket that its files come from."""

    name: str
    bucket: str
    src: Path

    def run(self, version: str | None = "1.0.0", check_mode: bool = False, **options: t.Any) -> Outcome:
        built = {"version": version, "src": str(self.src), "bucket": self.bucket} if version else {}
        given = {name: value for name, value in {"name": self.name, **built, **options}.items() if value is not None}
        return run_module("ssm_distributor_package", given, check_mode=check_mode)

    def done(self, version: str | None = "1.0.0", **options: t.Any) -> Outcome:
        outcome = self.run(version, **options)
        assert not outcome.failed, outcome.msg
        return outcome

    def versions(self, region: str = CONNECTION["region"]) -> list[str]:
        """Names, the newest first."""
        found = client("ssm", region).list_document_versions(Name=self.name)["DocumentVersions"]
        return [one["VersionName"] for one in found]

    def default(self, region: str = CONNECTION["region"]) -> str:
        return str(client("ssm", region).describe_document(Name=self.name)["Document"]["VersionName"])

    def pin(self, version: str = "") -> str:
        """An association that installs the package."""
        parameters = {"action": ["Install"], "name": [self.name], **({"version": [version]} if version else {})}
        made = client("ssm").create_association(
            Name="AWS-ConfigureAWSPackage",
            AssociationName=f"install-{self.name}",
            Parameters=parameters,
            Targets=[{"Key": "tag:role", "Values": ["web"]}],
            ScheduleExpression="cron(0 2 * * ? *)",
            ApplyOnlyAtCronInterval=True,
        )
        return str(made["AssociationDescription"]["AssociationId"])
