# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of a manifest a host gets, by the rules of SSM Agent."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.slipway.aws.plugins.module_utils._documents.package.matching import file_for, files_for
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.platforms import platform_of
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.problems import package_manifest_problems


def manifest(*targets: str) -> dict[str, t.Any]:
    """A file for each of `platform/version/architecture`, named like it."""
    packages: dict[str, t.Any] = {}
    for target in targets:
        platform, version, architecture = target.split("/")
        packages.setdefault(platform, {}).setdefault(version, {})[architecture] = {"file": target}
    return {"schemaVersion": "2.0", "version": "1", "packages": packages, "files": {}}


def file_of(found: t.Any, platform: str, version: str, architecture: str) -> str | None:
    return file_for(files_for(found, platform, version), architecture)


@pytest.mark.parametrize(
    ("targets", "host", "file"),
    [
        (["amazon/2023/x86_64"], "amazon/2023/x86_64", "amazon/2023/x86_64"),
        (["amazon/2023/x86_64"], "amazon/2023/arm64", None),
        (["amazon/2023/x86_64"], "amazon/2/x86_64", None),
        (["amazon/2023/x86_64"], "ubuntu/24.04/x86_64", None),
        (["amazon/2023/_any"], "amazon/2023/arm64", "amazon/2023/_any"),
        (["amazon/2023/_any", "amazon/2023/arm64"], "amazon/2023/arm64", "amazon/2023/arm64"),
        (["_any/_any/_any"], "fedora/41/arm64", "_any/_any/_any"),
        (["amazon/2.*/_any"], "amazon/2/x86_64", "amazon/2.*/_any"),
        (["amazon/2.*/_any"], "amazon/2.0/x86_64", "amazon/2.*/_any"),
        (["amazon/2.*/_any"], "amazon/2023/x86_64", None),
        (["redhat/9.*/_any", "redhat/9.4.*/_any"], "redhat/9.4.1/x86_64", "redhat/9.4.*/_any"),
        (["redhat/9.*/_any", "redhat/9.4/_any"], "redhat/9.4/x86_64", "redhat/9.4/_any"),
        (["redhat/9.*/_any", "redhat/_any/_any"], "redhat/8.9/x86_64", "redhat/_any/_any"),
        (["redhat/*/_any", "redhat/_any/_any"], "redhat/8.9/x86_64", "redhat/_any/_any"),
        (["redhat/*/_any"], "redhat/8.9/x86_64", "redhat/*/_any"),
        # There is no way back from an entry that was taken.
        (["amazon/2023/arm64", "amazon/_any/_any"], "amazon/2023/x86_64", None),
        (["amazon/2/_any", "_any/_any/_any"], "amazon/2023/x86_64", None),
        (["redhat/9.*/arm64", "redhat/_any/_any"], "redhat/9.4/x86_64", None),
    ],
)
def test_the_file_of_a_host(targets: list[str], host: str, file: str | None) -> None:
    assert file_of(manifest(*targets), *host.split("/")) == file


@pytest.mark.parametrize("targets", [["amazon/2023/arm64", "amazon/_any/_any"], ["amazon/2/_any", "_any/_any/_any"]])
def test_the_validator_warns_of_what_leaves_hosts_without_a_file(targets: list[str]) -> None:
    text = json.dumps({**manifest(*targets), "files": {name: {"checksums": {"sha256": "0" * 64}} for name in targets}})
    assert any("get no file" in problem.what for problem in package_manifest_problems(text))
    assert file_of(json.loads(text), "amazon", "2023", "x86_64") is None


KEYS = st.sampled_from(["amazon", "2023", "_any", "file", "x"])
JSON = st.recursive(
    st.none() | st.booleans() | KEYS, lambda inner: st.dictionaries(KEYS, inner, max_size=2), max_leaves=4
)


@given(JSON)
def test_whatever_the_manifest_is_there_is_an_answer(found: t.Any) -> None:
    assert file_of(found, "amazon", "2023", "x86_64") is None
    below = file_of({"packages": {"amazon": {"_any": found}}}, "amazon", "2023", "x86_64")
    assert below is None or isinstance(below, str)


@pytest.mark.parametrize(
    ("kind", "name", "key"),
    [
        ("Linux", "Amazon Linux", "amazon"),
        ("Linux", "Amazon Linux AMI", "amazon"),
        ("Linux", "Red Hat Enterprise Linux Server", "redhat"),
        ("Linux", "SLES", "suse"),
        ("Linux", "openSUSE Leap", "opensuseleap"),
        ("Linux", "openSUSE Tumbleweed", "opensuse"),
        ("Linux", "Debian GNU/Linux", "debian"),
        ("Linux", "CentOS Stream", "centos"),
        ("Linux", "Oracle Linux Server", "oracle"),
        ("Windows", "Microsoft Windows Server 2022 Datacenter", "windows"),
        ("MacOS", "macOS", "mac_os_x"),
        ("Linux", "Something Else", None),
    ],
)
def test_systems_that_are_listed_have_the_names_of_the_agent(kind: str, name: str, key: str | None) -> None:
    assert platform_of(kind, name) == key
