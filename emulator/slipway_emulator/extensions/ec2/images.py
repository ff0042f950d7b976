# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Images: which are public in every region, and contents that survive CreateImage and CopyImage."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from moto.ec2 import utils as ec2_utils
from moto.ec2.models import EC2Backend
from moto.ec2.models.amis import Ami
from moto.moto_api._internal import mock_random as random

from ...contents import Contents, images
from ...hosts import registry
from .._patching import wrap
from . import public_images

_PLATFORMS = (
    (re.compile(r"^(?:amazon-eks-node-)?al(20\d\d)-"), "Amazon Linux", "{}"),
    (re.compile(r"^amzn2-"), "Amazon Linux", "2"),
    (re.compile(r"^amzn-.*?(20\d\d\.\d\d)"), "Amazon Linux AMI", "{}"),
    (re.compile(r"ubuntu[-/].*?(\d\d\.\d\d)"), "Ubuntu", "{}"),
    (re.compile(r"^debian-(\d+)"), "Debian GNU/Linux", "{}"),
    (re.compile(r"^RHEL-(\d+\.\d+)"), "Red Hat Enterprise Linux", "{}"),
    (re.compile(r"^suse-sles-(\d+)"), "SLES", "{}"),
    (re.compile(r"^Windows_Server-(20\d\d)"), "Microsoft Windows Server {}", "{}"),
)


class PublicImage(NamedTuple):
    """An image AWS or a distribution publishes in every region, and the public SSM parameter that names it."""

    parameter: str
    name: str
    owner: str
    architecture: str
    platform: str = "Linux/UNIX"

    def image_id(self, region: str) -> str:
        return f"ami-{hashlib.sha256(f'{region}/{self.name}'.encode()).hexdigest()[:17]}"


def _amazon(architecture: str) -> PublicImage:
    return PublicImage(
        f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}",
        f"al2023-ami-2023.12.20260930.0-kernel-6.1-{architecture}",
        "137112412989",
        architecture,
    )


def _ubuntu(version: str, name: str, arch: str, architecture: str) -> PublicImage:
    return PublicImage(
        f"/aws/service/canonical/ubuntu/server/{version}/stable/current/{arch}/hvm/ebs-gp3/ami-id",
        f"ubuntu/images/hvm-ssd-gp3/ubuntu-{name}-{version}-{arch}-server-20260915",
        "099720109477",
        architecture,
    )


def _debian(version: str, arch: str, architecture: str) -> PublicImage:
    return PublicImage(
        f"/aws/service/debian/release/{version}/latest/{arch}",
        f"debian-{version}-{arch}-20260914-2234",
        "136693071363",
        architecture,
    )


def _windows(system: str, end: str = "") -> PublicImage:
    return PublicImage(
        f"/aws/service/ami-windows-latest/Windows_Server-{system}{end}",
        f"Windows_Server-{system}-2026.09.09",
        "801119661308",
        "x86_64",
        "windows",
    )


def _kubernetes(version: str, architecture: str) -> PublicImage:
    return PublicImage(
        f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{architecture}/standard/recommended/image_id",
        f"amazon-eks-node-al2023-{architecture}-standard-{version}-v20260915",
        "602401143452",
        architecture,
    )


# moto knows Amazon Linux in the regions of the aws partition only, and none of the others.
AMAZON_LINUX = (_amazon("x86_64"), _amazon("arm64"))
OTHERS = (
    *(_ubuntu("22.04", "jammy", *arch) for arch in (("amd64", "x86_64"), ("arm64", "arm64"))),
    *(_ubuntu("24.04", "noble", *arch) for arch in (("amd64", "x86_64"), ("arm64", "arm64"))),
    *(_debian("12", *arch) for arch in (("amd64", "x86_64"), ("arm64", "arm64"))),
    *(_debian("13", *arch) for arch in (("amd64", "x86_64"), ("arm64", "arm64"))),
    *(_windows(f"{year}-English-{size}-Base") for year in (2016, 2019, 2022, 2025) for size in ("Core", "Full")),
    *(_windows(f"{year}-English-Full-ECS_Optimized", "/image_id") for year in (2022, 2025)),
    *(_kubernetes(f"1.{minor}", machine) for minor in range(33, 37) for machine in ("x86_64", "arm64")),
)


def extend() -> None:
    """Put the corrections onto moto's image backend."""
    public_images.extend(_load_amis, lambda ami: contents_by_name(str(ami.name or "")))
    # Each of the 1,300 public images gets two of them, so most of the time of a new region went into moto's own way.
    ec2_utils.random_resource_id = _random_resource_id
    wrap(EC2Backend, "create_image", _create_image)
    wrap(EC2Backend, "copy_image", _copy_image)
    wrap(EC2Backend, "register_image", _register_image)


def _random_resource_id(size: int = 8) -> str:
    """So many random hexadecimal digits, of moto's own source, which can be seeded."""
    return f"{random.getrandbits(4 * size):0{size}x}"


@functools.cache  # the names of 1,300 public images, in every new region
def contents_by_name(name: str) -> Contents | None:
    """What a public image of this name contains; None for a name that tells nothing."""
    for pattern, platform, version in _PLATFORMS:
        match = pattern.search(name)
        if match:
            number = match.group(1) if match.groups() else ""
            return Contents(platform_name=platform.format(number), platform_version=version.format(number))
    return None


def _load_amis(original: Callable[..., None], self: Any) -> None:
    original(self)
    known = {ami.name for ami in self.amis.values()}
    missing = () if any(str(name).startswith("al2023-") for name in known) else AMAZON_LINUX
    for image in (*missing, *OTHERS):
        _publish(self, image)


def _publish(backend: Any, image: PublicImage) -> None:
    image_id = image.image_id(backend.region_name)
    backend.amis[image_id] = Ami(
        backend,
        image_id,
        name=image.name,
        owner_id=image.owner,
        owner_alias="amazon",
        public=True,
        virtualization_type="hvm",
        architecture=image.architecture,
        platform=image.platform,
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name="/dev/xvda",
        image_location=f"{image.owner}/{image.name}",
    )


def _record(ami: Any) -> None:
    contents = contents_by_name(str(ami.name or ""))
    if contents is not None:
        images.record(ami.id, contents)


def _create_image(original: Callable[..., Any], self: Any, instance_id: str, *args: Any, **kwargs: Any) -> Any:
    ami = original(self, instance_id, *args, **kwargs)
    host = registry.get(instance_id)
    if host is not None:
        images.record(ami.id, host.contents)
    return ami


def _copy_image(original: Callable[..., Any], self: Any, source_image_id: str, *args: Any, **kwargs: Any) -> Any:
    ami = original(self, source_image_id, *args, **kwargs)
    images.record(ami.id, images.of(source_image_id))
    return ami


def _register_image(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    ami = original(self, *args, **kwargs)
    _record(ami)
    return ami
