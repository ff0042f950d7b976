# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The names of what Amazon provides in every Region: components, images and workflows, with their versions."""

from __future__ import annotations

IMAGE_VERSIONS = ("2023.12.15", "2024.9.27", "2025.5.8", "2026.4.14", "2026.10.6")
WORKFLOW_VERSIONS = ("1.0.0", "1.0.1")
COMPONENT_VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4")
OTHER_COMPONENT_VERSIONS = {
    "aws-codedeploy-agent-linux": ("1.1.0", "1.1.1"),
    "aws-codedeploy-agent-windows": ("1.1.0", "1.1.1"),
}

# What a step of them does, where it matters.
COMMANDS = {
    "amazon-cloudwatch-agent-linux": "dnf install -y amazon-cloudwatch-agent",
    "aws-cli-version-2-linux": "./aws/install",
    "aws-codedeploy-agent-linux": "./install auto -v releases/codedeploy-agent-1.8.1.noarch.rpm",
    "hello-world-linux": "echo 'Hello World!'",
    "hello-world-windows": "Write-Host 'Hello World!'",
    "python-3-linux": "dnf install -y python3",
    "reboot-linux": "exit 194",
    "reboot-windows": "exit 3010",
    "update-linux": "dnf update -y",
}
# name -> (parameter, default) of those that have some
STIG = (("Level", "High"), ("InstallPackages", "Yes"))
PARAMETERS = {
    "aws-codedeploy-agent-windows": (("SetAgentDisabled", "no"),),
    "stig-build-linux": (*STIG, ("SetDoDConsentBanner", "No")),
    "stig-build-windows": STIG,
}
ON_BOTH = """
    amazon-cloudwatch-agent aws-cli-version-2 aws-codedeploy-agent dcv-server dotnet-runtime-lts dotnet-sdk-lts
    ebs-volume-usage-test eni-attachment-test go go-stable hello-world inspector-test powershell-lts python-3 reboot
    reboot-test scap-compliance-checker simple-boot-test stig-build stig-build-high stig-build-low stig-build-medium update
"""
LINUX = """
    amazon-corretto-8-apt-generic amazon-corretto-8-jdk amazon-corretto-8-jre amazon-corretto-8-rpm-generic
    amazon-corretto-11 amazon-corretto-11-apt-generic amazon-corretto-11-headless amazon-corretto-11-rpm-generic
    amazon-corretto-17-headless amazon-corretto-17-jdk amazon-corretto-17-jre
    amazon-corretto-21-headless amazon-corretto-21-jdk amazon-corretto-21-jre
    apache-tomcat-8-linux apache-tomcat-9-linux apt-repository-test-linux chrony-time-configuration-test docker-ce-centos docker-ce-linux
    docker-ce-ubuntu install-package-from-repository mariadb-linux mate-de-linux mono-linux php-8_2-linux
    powershell-snap powershell-yum san-sift-linux update-linux-kernel-5 update-linux-kernel-mainline
    update-linux-kernel-ml validate-single-ssh-public-key-test-linux validate-ssh-host-key-generation-linux
    validate-ssh-public-key-linux yum-repository-test-linux
"""
WINDOWS = """
    amazon-corretto-8-windows amazon-corretto-11-windows amazon-corretto-17-windows amazon-corretto-21-windows
    amazon-kinesis-agent-windows anaconda-windows aws-vss-components-windows chocolatey distributor-package-windows
    dotnet-desktop-runtime-lts-windows dotnet-hosting-bundle-lts-windows ec2-network-route-test-windows
    ec2launch-v2-windows ecs-optimized-ami-windows eks-optimized-ami-windows powershell-windows putty
    windows-activation-test windows-is-ready-with-password-generation-test windows-server-iis
"""


def _suffixed(base: str, platform: str) -> str:
    """`stig-build-linux-high` of `stig-build-high`."""
    stem, _mark, level = base.rpartition("-")
    return f"{stem}-{platform}-{level}" if stem == "stig-build" else f"{base}-{platform}"


# name -> platform
COMPONENTS = {
    **{_suffixed(base, system.lower()): system for base in ON_BOTH.split() for system in ("Linux", "Windows")},
    **dict.fromkeys(LINUX.split(), "Linux"),
    **dict.fromkeys(WINDOWS.split(), "Windows"),
}

BOTH = ("-x86", "-arm64")
# name without architecture -> (name and version of the system, how the names end)
IMAGES = {
    "amazon-linux-2": ("Amazon Linux 2", BOTH),
    "amazon-linux-2023": ("Amazon Linux 2023", BOTH),
    "ubuntu-server-20-lts": ("Ubuntu 20.04", BOTH),
    "ubuntu-server-22-lts": ("Ubuntu 22.04", BOTH),
    "ubuntu-server-24-lts": ("Ubuntu 24.04", BOTH),
    "red-hat-enterprise-linux-8": ("Red Hat Enterprise Linux 8", BOTH),
    "red-hat-enterprise-linux-9": ("Red Hat Enterprise Linux 9", BOTH),
    "red-hat-enterprise-linux-10": ("Red Hat Enterprise Linux 10", BOTH),
    "suse-linux-enterprise-server-15": ("SUSE Linux Enterprise Server 15", BOTH),
    "macos-sonoma": ("macOS 14", BOTH),
    "macos-sequoia": ("macOS 15", BOTH),
    **{
        f"windows-server-{year}-english-{size}-base": (f"Microsoft Windows Server {year}", ("-x86",))
        for year in ("2016", "2019", "2022", "2025")
        for size in ("core", "full")
    },
}
CONTAINER_IMAGES = {
    "amazon-linux-x86-2": "Amazon Linux 2",
    "amazon-linux-x86-latest": "Amazon Linux 2",
    "amazon-linux-2023-x86-2023": "Amazon Linux 2023",
    "amazon-linux-2023-x86-latest": "Amazon Linux 2023",
    "windows-server-2019-x86-core-ltsc2019-amd64": "Microsoft Windows Server 2019",
    "windows-server-2022-x86-core-ltsc2022-amd64": "Microsoft Windows Server 2022",
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
