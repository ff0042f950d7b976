# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Components, images and workflows that Amazon provides in every Region, two versions each."""

from __future__ import annotations

import hashlib
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami

from slipway_emulator.contents import Contents, images

from . import arns
from .store import Item, Store

MADE = "2026-04-14T00:00:00.000Z"
IMAGE_VERSIONS = ("2026.4.14", "2026.10.6")
COMPONENT_VERSIONS = {
    "aws-codedeploy-agent-linux": ("1.1.0", "1.1.1"),
    "aws-codedeploy-agent-windows": ("1.1.0", "1.1.1"),
}
OTHER_VERSIONS = ("1.0.0", "1.0.1")
AMAZON_ACCOUNT = "137112412989"  # the owner of the AMIs
OWNERS_OF_AMIS = {"Ubuntu": "099720109477", "Windows": "801119661308"}

# name -> (phase, what a step of it does); the name ends in the platform
COMPONENTS = {
    "amazon-cloudwatch-agent-linux": ("build", "dnf install -y amazon-cloudwatch-agent"),
    "amazon-cloudwatch-agent-windows": ("build", "Write-Host install"),
    "aws-cli-version-2-linux": ("build", "./aws/install"),
    "aws-cli-version-2-windows": ("build", "Write-Host install"),
    "aws-codedeploy-agent-linux": ("build", "./install auto -v releases/codedeploy-agent-1.8.1.noarch.rpm"),
    "aws-codedeploy-agent-windows": ("build", "Write-Host install"),
    "hello-world-linux": ("build", "echo 'Hello World!'"),
    "hello-world-windows": ("build", "Write-Host 'Hello World!'"),
    "python-3-linux": ("build", "dnf install -y python3"),
    "python-3-windows": ("build", "Write-Host install"),
    "reboot-linux": ("build", "exit 194"),
    "reboot-windows": ("build", "exit 3010"),
    "simple-boot-test-linux": ("test", "uptime"),
    "stig-build-linux": ("build", "echo STIG"),
    "stig-build-windows": ("build", "Write-Host STIG"),
    "update-linux": ("build", "dnf update -y"),
    "update-windows": ("build", "Write-Host update"),
}

# name without architecture -> (name and version of the system, architectures)
BOTH = ("x86", "arm64")
IMAGES = {
    "amazon-linux-2": (("Amazon Linux", "2"), BOTH),
    "amazon-linux-2023": (("Amazon Linux", "2023"), BOTH),
    "ubuntu-server-22-lts": (("Ubuntu", "22.04"), BOTH),
    "ubuntu-server-24-lts": (("Ubuntu", "24.04"), BOTH),
    "red-hat-enterprise-linux-10": (("Red Hat Enterprise Linux", "10"), BOTH),
    "suse-linux-enterprise-server-15": (("SUSE Linux Enterprise Server", "15"), BOTH),
    "macos-sonoma": (("macOS", "14"), BOTH),
    "macos-sequoia": (("macOS", "15"), BOTH),
    **{
        f"windows-server-{year}-english-{size}-base": (("Microsoft Windows Server", year), ("x86",))
        for year in ("2016", "2019", "2022", "2025")
        for size in ("core", "full")
    },
}

# (type, name) -> steps as (name, action)
WORKFLOWS: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("build", "build-image"): (
        ("LaunchBuildInstance", "LaunchInstance"),
        ("ApplyBuildComponents", "ExecuteComponents"),
        ("InventoryCollection", "CollectImageMetadata"),
        ("RunSanitizeScript", "SanitizeInstance"),
        ("CreateOutputAMI", "CreateImage"),
        ("TerminateBuildInstance", "TerminateInstance"),
    ),
    ("test", "test-image"): (
        ("LaunchTestInstance", "LaunchInstance"),
        ("ApplyTestComponents", "ExecuteComponents"),
        ("CollectImageScanFindings", "CollectImageScanFindings"),
        ("TerminateTestInstance", "TerminateInstance"),
    ),
    ("distribution", "distribute-image"): (
        ("DistributeOutputAMI", "DistributeImage"),
        ("ApplyImageConfigurations", "ApplyImageConfigurations"),
    ),
    ("build", "build-container"): (
        ("LaunchBuildInstance", "LaunchInstance"),
        ("BootstrapBuildInstance", "BootstrapInstanceForContainer"),
        ("ApplyBuildComponents", "ExecuteComponents"),
        ("TerminateBuildInstance", "TerminateInstance"),
    ),
    ("test", "test-container"): (
        ("LaunchTestInstance", "LaunchInstance"),
        ("BootstrapTestInstance", "BootstrapInstanceForContainer"),
        ("ApplyTestComponents", "ExecuteComponents"),
        ("CollectImageScanFindings", "CollectImageScanFindings"),
        ("TerminateTestInstance", "TerminateInstance"),
    ),
    ("distribution", "distribute-container"): (("DistributeContainer", "DistributeImage"),),
}

# actions that are taken only when the image is built with something -> the variable that tells
WHEN = {
    "CollectImageMetadata": "collectImageMetadata",
    "CollectImageScanFindings": "collectImageScanFindings",
}


def plant(store: Store) -> None:
    """Put everything into a new Region."""
    for name, (phase, command) in COMPONENTS.items():
        for version in COMPONENT_VERSIONS.get(name, OTHER_VERSIONS):
            _add(store, "component", name, version, _component(name, phase, command))
    for base, (system, machines) in IMAGES.items():
        for machine in machines:
            for version in IMAGE_VERSIONS:
                _add(store, "image", f"{base}-{machine}", version, {**_image(system), "version": f"{version}/1"})
    for (kind, name), steps in WORKFLOWS.items():
        for version in OTHER_VERSIONS:
            _add(store, f"workflow/{kind}", name, version, _workflow(kind, name, steps))


def _add(store: Store, kind: str, name: str, version: str, members: Item) -> None:
    arn = arns.make(store.region_name, "aws", kind, name, version, 1)
    common = {"arn": str(arn), "name": name, "version": version, "owner": "Amazon", "dateCreated": MADE}
    store.resources[str(arn)] = {**common, **members, "tags": {}}


def _component(name: str, phase: str, command: str) -> Item:
    windows = name.endswith("-windows")
    action = "ExecutePowerShell" if windows else "ExecuteBash"
    parameters: list[Item] = []
    declared = ""
    if name == "aws-codedeploy-agent-windows":
        parameters = [{"name": "SetAgentDisabled", "type": "String", "defaultValue": ["no"]}]
        declared = "parameters:\n  - SetAgentDisabled:\n      type: string\n      default: 'no'\n"
    data = (
        f"name: {name}\nschemaVersion: 1.0\n{declared}phases:\n  - name: {phase}\n    steps:\n"
        f'      - name: Run\n        action: {action}\n        inputs:\n          commands:\n            - "{command}"\n'
    )
    return {
        "description": f"Amazon managed component {name}",
        "platform": "Windows" if windows else "Linux",
        "type": "TEST" if phase == "test" else "BUILD",
        "state": {"status": "ACTIVE"},
        "parameters": parameters,
        "data": data,
        "encrypted": True,
        "publisher": "Amazon",
    }


def _image(system: tuple[str, str]) -> Item:
    name, version = system
    platform = "Windows" if "Windows" in name else "macOS" if name == "macOS" else "Linux"
    return {
        "type": "AMI",
        "platform": platform,
        "osVersion": f"{name} {version}",
        "state": {"status": "AVAILABLE"},
        "imageSource": "AMAZON_MANAGED",
        "enhancedImageMetadataEnabled": True,
    }


def _workflow(kind: str, name: str, steps: tuple[tuple[str, str], ...]) -> Item:
    lines = [f"name: {name}", "schemaVersion: 1.0", "steps:"]
    for step, action in steps:
        lines += [f"  - name: {step}", f"    action: {action}"]
        if action in WHEN:
            lines += ["    if:", "      booleanEquals: true", f"      value: $.imagebuilder.{WHEN[action]}"]
    return {
        "description": f"Amazon managed workflow {name}",
        "type": kind.upper(),
        "data": "\n".join(lines) + "\n",
        "parameters": [],
    }


def base_ami(store: Store, image: Item) -> str:
    """The AMI of a managed image in this Region, made when somebody first asks for it."""
    digest = hashlib.sha256(f"{store.region_name} {image['arn']}".encode()).hexdigest()
    ami_id = f"ami-{digest[:17]}"
    backend = ec2_backends[store.account_id][store.region_name]
    if ami_id not in backend.amis:
        backend.amis[ami_id] = Ami(backend, ami_id, **_ami_members(store, image))
        name, version = _system(image)
        images.record(ami_id, Contents(platform_name=name, platform_version=version))
    return ami_id


def _ami_members(store: Store, image: Item) -> dict[str, Any]:
    name, _number = _system(image)
    version = image["version"].partition("/")[0]
    windows = image["platform"] == "Windows"
    return {
        "name": f"{image['name']}-{version}",
        "description": f"{image['osVersion']} of {version}",
        "owner_id": OWNERS_OF_AMIS.get("Windows" if windows else name, AMAZON_ACCOUNT),
        "owner_alias": "amazon",
        "public": True,
        "virtualization_type": "hvm",
        "hypervisor": "xen",
        "architecture": "arm64" if image["name"].endswith("arm64") else "x86_64",
        "platform": "windows" if windows else None,
        "root_device_type": "ebs",
        "root_device_name": "/dev/sda1" if windows or name == "Ubuntu" else "/dev/xvda",
        "region_name": f"{store.region_name}a",
    }


def _system(image: Item) -> tuple[str, str]:
    name, _mark, version = image["osVersion"].rpartition(" ")
    return name, version
