# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The packages that AWS publishes: which versions there are, for which platforms, and what they install."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...machine import Machine

LINUX = ("amazon", "redhat", "centos", "ubuntu", "debian", "suse", "oracle")
WINDOWS = ("windows",)
ARCHITECTURES = ("x86_64", "arm64")
PREFIX = "arn:aws:ssm:::package/"
Effect = Callable[[Machine, str, str], str | None]


@dataclass(frozen=True)
class AmazonPackage:
    """A package of AWS's; it comes from a service of its own, not as a document with attachments."""

    name: str
    versions: tuple[str, ...]  # the newest last
    platforms: tuple[str, ...]
    effect: Effect

    @property
    def arn(self) -> str:
        return PREFIX + self.name

    def manifest(self, version: str) -> dict[str, Any]:
        file = f"{self.name}.zip"
        targets: dict[str, Any] = {
            platform: {
                "_any": {one: {"file": file} for one in ARCHITECTURES if platform != "windows" or one != "arm64"}
            }
            for platform in self.platforms
        }
        return {"schemaVersion": "2.0", "version": version, "packages": targets, "files": {file: {"checksums": {}}}}


def _codedeploy_agent(machine: Machine, action: str, version: str) -> str | None:
    if action != "install":
        machine.remove_agent()
        return None
    if machine.debian:
        machine.add_packages(["ruby"])
    return machine.run_installer(version)


def _application(linux: str, windows: str) -> Effect:
    """A package that only brings a program."""

    def effect(machine: Machine, action: str, version: str) -> str | None:
        name = windows if machine.windows else linux
        machine.remove_packages([name])
        if action == "install":
            packages = {**machine.contents.packages, name: version}
            machine.contents = replace(machine.contents, packages=packages)
        return None

    return effect


def _windows(name: str, shown: str, *versions: str) -> AmazonPackage:
    return AmazonPackage(name, versions, WINDOWS, _application("", shown))


PACKAGES = {
    package.name: package
    for package in (
        AmazonPackage(
            "AWSCodeDeployAgent",
            ("1.6.0", "1.7.0", "1.7.1", "1.8.0", "1.8.1"),
            ("amazon", "redhat", "centos", "ubuntu", "debian", "windows"),
            _codedeploy_agent,
        ),
        AmazonPackage(
            "AmazonCloudWatchAgent",
            ("1.300057.2", "1.300064.0"),
            (*LINUX, *WINDOWS),
            _application("amazon-cloudwatch-agent", "Amazon CloudWatch Agent"),
        ),
        AmazonPackage("AmazonEFSUtils", ("2.3.1",), LINUX, _application("amazon-efs-utils", "")),
        AmazonPackage(
            "AWS-OTel-Collector",
            ("0.45.0",),
            (*LINUX, *WINDOWS),
            _application("aws-otel-collector", "AWS OTel Collector"),
        ),
        _windows("AWSPVDriver", "AWS PV Drivers", "8.5.0"),
        _windows("AwsEnaNetworkDriver", "Amazon ENA Network Driver", "2.9.0"),
        _windows("AWSNVMe", "AWS NVMe Driver", "1.6.0"),
        _windows("AwsVssComponents", "AwsVssComponents", "2.5.1"),
        _windows("AWSEC2Launch-Agent", "Amazon EC2Launch", "2.2.63"),
        _windows("AWSKinesisTap", "Amazon Kinesis Agent for Microsoft Windows", "1.1.216"),
        _windows("AWSSupport-EC2Rescue", "EC2Rescue", "1.1.11"),
    )
}
