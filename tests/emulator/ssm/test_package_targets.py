# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Which file of a manifest a node takes."""

from __future__ import annotations

from typing import Any

import pytest

from slipway_emulator.extensions.ssm.package_targets import NoTarget, Platform, file_for


def chosen(packages: dict[str, Any], version: str = "2023", architecture: str = "x86_64", name: str = "amazon") -> str:
    return file_for(packages, Platform(name, version, "rhel", architecture, "yum"))


def on(**versions: str) -> dict[str, Any]:
    """A manifest of one platform with a file for each version."""
    return {"amazon": {key: {"_any": {"file": file}} for key, file in versions.items()}}


@pytest.mark.parametrize(
    ("versions", "version", "file"),
    [
        ({"2023": "exact", "_any": "any"}, "2023", "exact"),
        ({"2023": "exact", "_any": "any"}, "2", "any"),
        ({"2.*": "two", "_any": "any"}, "2", "two"),
        ({"2.*": "two", "_any": "any"}, "2.0", "two"),
        ({"2.*": "two", "_any": "any"}, "20", "any"),
        ({"8.*": "eight", "8.9.*": "nine"}, "8.9", "nine"),
        ({"8.*": "eight", "8.9.*": "nine"}, "8.10", "eight"),
        ({"*": "star", "_any": "any"}, "7", "any"),
        ({"*": "star"}, "7", "star"),
    ],
)
def test_the_version(versions: dict[str, str], version: str, file: str) -> None:
    assert chosen(on(**versions), version) == file


@pytest.mark.parametrize(
    ("packages", "architecture"),
    [
        ({"amazon": {"2023": {"arm64": {"file": "a"}}, "_any": {"_any": {"file": "b"}}}}, "x86_64"),
        ({"amazon": {"2": {"_any": {"file": "a"}}}, "_any": {"_any": {"_any": {"file": "b"}}}}, "x86_64"),
        ({"amazon": {"_any": {"amd64": {"file": "a"}}}}, "x86_64"),
        ({"amazon": {"_any": {"aarch64": {"file": "a"}}}}, "arm64"),
        ({"amazon": {}}, "x86_64"),
        ({"ubuntu": {"_any": {"_any": {"file": "a"}}}}, "x86_64"),
    ],
)
def test_there_is_no_way_back_from_a_key_that_fits(packages: dict[str, Any], architecture: str) -> None:
    with pytest.raises(NoTarget, match=f"platform: amazon, version 2023, architecture {architecture}"):
        chosen(packages, architecture=architecture)


def test_any_stands_for_a_platform_and_an_architecture() -> None:
    packages = {"_any": {"_any": {"arm64": {"file": "arm"}, "_any": {"file": "any"}}}}
    assert chosen(packages, architecture="arm64", name="rocky") == "arm"
    assert chosen(packages, architecture="x86_64", name="rocky") == "any"
