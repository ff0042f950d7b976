# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Components, images and workflows that Amazon provides in every Region, as resources."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami

from slipway_emulator.contents import Contents, images

from . import arns, managed
from .store import Item, Store

MADE = "2026-04-14T00:00:00.000Z"
AMAZON_ACCOUNT = "137112412989"  # the owner of the AMIs
OWNERS_OF_AMIS = {"Ubuntu": "099720109477", "Windows": "801119661308"}


def plant(store: Store) -> None:
    """Put everything into a new Region."""
    store.resources.update((arn, {**item, "tags": {}}) for arn, item in _planted(store.region_name).items())


@functools.cache
def _planted(region: str) -> dict[str, Item]:
    """What every account sees in a Region. The service changes nothing of it."""
    made = [*_components(), *_images(), *_workflows()]
    arn = functools.partial(arns.make, region, "aws")
    items = [(str(arn(kind, name, version, 1)), name, version, members) for kind, name, version, members in made]
    common = {"owner": "Amazon", "dateCreated": MADE}
    return {
        arn: {"arn": arn, "name": name, "version": version, **common, **members}
        for arn, name, version, members in items
    }


Planted = Iterator[tuple[str, str, str, Item]]  # kind, name, version, members


def _components() -> Planted:
    for name, platform in managed.COMPONENTS.items():
        item = _component(name, platform)
        for version in managed.OTHER_COMPONENT_VERSIONS.get(name, managed.COMPONENT_VERSIONS):
            yield "component", name, version, item


def _images() -> Planted:
    names = {base + end: (system, "AMI") for base, (system, ends) in managed.IMAGES.items() for end in ends}
    names |= {name: (system, "DOCKER") for name, system in managed.CONTAINER_IMAGES.items()}
    for name, (system, kind) in names.items():
        for version in managed.IMAGE_VERSIONS:
            yield "image", name, version, {**_image(system, kind), "version": f"{version}/1"}


def _workflows() -> Planted:
    for (kind, name), steps in managed.WORKFLOWS.items():
        for version in managed.WORKFLOW_VERSIONS:
            yield f"workflow/{kind}", name, version, _workflow(kind, name, steps)


def _component(name: str, platform: str) -> Item:
    windows = platform == "Windows"
    action = "ExecutePowerShell" if windows else "ExecuteBash"
    phase = "test" if {"test", "validate"} & {*name.split("-")} else "build"
    command = managed.COMMANDS.get(name, f"Write-Host {name}" if windows else f"echo {name}")
    declared = managed.PARAMETERS.get(name, ())
    lines = [f"name: {name}", "schemaVersion: 1.0", "parameters:" if declared else "constants: []"]
    for parameter, value in declared:
        lines += [f"  - {parameter}:", "      type: string", f"      default: '{value}'"]
    lines += ["phases:", f"  - name: {phase}", "    steps:", "      - name: Run", f"        action: {action}"]
    lines += ["        inputs:", "          commands:", f'            - "{command}"']
    return {
        "description": f"Amazon managed component {name}",
        "platform": platform,
        "type": "TEST" if phase == "test" else "BUILD",
        "state": {"status": "ACTIVE"},
        "parameters": [{"name": parameter, "type": "String", "defaultValue": [value]} for parameter, value in declared],
        "data": "\n".join(lines) + "\n",
        "encrypted": True,
        "publisher": "Amazon",
    }


def _image(system: str, kind: str) -> Item:
    return {
        "type": kind,
        "platform": "Windows" if "Windows" in system else "macOS" if "macOS" in system else "Linux",
        "osVersion": system,
        "state": {"status": "AVAILABLE"},
        "imageSource": "AMAZON_MANAGED",
        "enhancedImageMetadataEnabled": True,
    }


def _workflow(kind: str, name: str, steps: tuple[tuple[str, str], ...]) -> Item:
    lines = [f"name: {name}", "schemaVersion: 1.0", "steps:"]
    for step, action in steps:
        lines += [f"  - name: {step}", f"    action: {action}"]
        if action in managed.WHEN:
            lines += ["    if:", "      booleanEquals: true", f"      value: $.imagebuilder.{managed.WHEN[action]}"]
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
