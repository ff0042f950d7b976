# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The zips and the manifest of a package, and what is refused before anything is uploaded."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import typing as t
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.distributor import POWERSHELL, SCRIPTS, sources, write

from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._documents.package.problems import package_manifest_problems
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import build as building
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.build import Package, build
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.layout import Member, problems

AMAZON = "amazon/2023/x86_64"
OPTIONS: dict[str, t.Any] = {
    "name": "agent", "version": "1.0", "publisher": None, "packages": None, "in_place_update": False,
    "inventory_manifest": True, "exclude": [".git"],
}  # fmt: skip


def built(src: Path | None, **options: t.Any) -> Package:
    return build({**OPTIONS, "src": str(src) if src else None, **options})


def zips(package: Package) -> dict[str, bytes]:
    return {name: b"".join(file.chunks()) for name, file in package.files.items()}


def opened(package: Package) -> zipfile.ZipFile:
    (content,) = zips(package).values()
    return zipfile.ZipFile(io.BytesIO(content))


def archive(path: Path, files: dict[str, str], **options: t.Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", **options) as made:
        for name, text in files.items():
            made.writestr(name, text)
    return path


def refusal(src: Path | None, **options: t.Any) -> str:
    with pytest.raises(BundleError) as refused:
        built(src, **options)
    return str(refused.value)


def test_equal_content_makes_equal_bytes(tmp_path: Path) -> None:
    """Whoever checks it out, where, when, and with which umask."""
    first = sources(tmp_path / "first")
    write(first, {f"{AMAZON}/bin/agent": "binary"})
    (first / AMAZON / "bin/agent").chmod(0o755)
    second = tmp_path / "elsewhere" / "second"
    shutil.copytree(first, second)
    for path in second.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(stat.S_IMODE(path.stat().st_mode) & 0o700)
    assert zips(built(first)) == zips(built(second))
    (second / AMAZON / "bin/agent").chmod(0o600)
    assert zips(built(first)) != zips(built(second))


def test_the_manifest_has_no_problems_and_the_sums_of_the_zips(tmp_path: Path) -> None:
    package = built(sources(tmp_path), publisher="Example").measured()
    text = json.dumps(package.manifest())
    assert package_manifest_problems(text, list(package.files)) == []
    assert package.warnings == ()
    assert set(package.manifest()["packages"]) == {"amazon", "ubuntu", "windows"}


def test_a_file_is_named_by_its_target_and_its_content(tmp_path: Path) -> None:
    src = sources(tmp_path, {"redhat/9.*/_any": SCRIPTS})
    (name,) = built(src).files
    assert name.startswith("redhat-9.x-any-") and name.endswith(".zip")
    write(src, {"redhat/9.*/_any/install.sh": "other"})
    assert name not in built(src).files
    assert name not in built(src, version="2.0").files  # the inventory manifest has the version
    plain = built(src, inventory_manifest=False)
    assert list(plain.files) == list(built(src, version="2.0", inventory_manifest=False).files)


def test_targets_with_one_source_share_a_zip(tmp_path: Path) -> None:
    src = str(write(tmp_path, SCRIPTS))
    targets = [
        {"platform": p, "platform_version": "_any", "architecture": "arm64", "src": src} for p in ("amazon", "suse")
    ]
    package = built(None, packages=targets)
    assert len(package.files) == 1
    assert json.loads(opened(package).read("manifest.json")) == {
        "name": "agent", "version": "1.0", "platform": "_any", "architecture": "arm64",
    }  # fmt: skip


def test_a_manifest_of_its_own(tmp_path: Path) -> None:
    own = json.dumps({"name": "gent", "version": "1.0", "appname": "Mine"})
    src = sources(tmp_path, {AMAZON: {**SCRIPTS, "manifest.json": own}})
    assert opened(built(src)).read("manifest.json").decode() == own
    assert (
        "manifest.json"
        not in opened(built(sources(tmp_path / "b", {AMAZON: SCRIPTS}), inventory_manifest=False)).namelist()
    )


@pytest.mark.parametrize("options", [{}, {"compression": zipfile.ZIP_DEFLATED}], ids=["stored", "deflated"])
def test_a_zip_gets_an_inventory_manifest_and_keeps_its_members(tmp_path: Path, options: dict[str, t.Any]) -> None:
    files = {**SCRIPTS, **{f"lib/{number}.txt": "text " * number for number in range(300)}}
    archive(tmp_path / f"{AMAZON}.zip", files, **options)
    with opened(built(tmp_path)) as made:
        assert made.testzip() is None
        assert made.namelist() == [*files, "manifest.json"]
        assert made.read("lib/299.txt") == b"text " * 299
    assert zips(built(tmp_path)) == zips(built(tmp_path))
    (content,) = zips(built(tmp_path, inventory_manifest=False)).values()
    assert content == (tmp_path / f"{AMAZON}.zip").read_bytes()


def test_a_zip_with_a_comment_and_one_with_wide_records_are_extended(tmp_path: Path) -> None:
    path = archive(tmp_path / f"{AMAZON}.zip", SCRIPTS)
    with zipfile.ZipFile(path, "a") as made:
        made.comment = b"by hand"
        with made.open("big", "w", force_zip64=True) as member:
            member.write(b"x")
    with opened(built(tmp_path)) as extended:
        assert extended.testzip() is None
        assert extended.read("big") == b"x"
        assert len(extended.namelist()) == 4


WRONG: dict[str, tuple[dict[str, str], dict[str, t.Any], str]] = {  # files of the amazon target, options, what is said
    "no install": ({"uninstall.sh": "", "x": ""}, {}, "it has no install.sh at its root. Add install.sh."),
    "no uninstall": ({"install.sh": "", "x": ""}, {}, "it has no uninstall.sh at its root."),
    "the other system": (POWERSHELL, {}, "it has no install.sh at its root, only install.ps1."),
    "another spelling": ({"Install.sh": "", "uninstall.sh": ""}, {}, "no install.sh at its root, only Install.sh."),
    "a folder around it": (
        {f"agent/{name}": text for name, text in SCRIPTS.items()}, {},
        "all files are in the directory agent, but the scripts must be at the root.",
    ),
    "two scripts": ({**SCRIPTS, "install.ps1": ""}, {}, "it has both install.sh and install.ps1"),
    "two that validate": ({**SCRIPTS, "validate.ps1": "", "validate.sh": ""}, {}, "both validate.sh and validate.ps1"),
    "no update": (SCRIPTS, {"in_place_update": True}, "it has no update.sh at its root. It is needed because in_place_update"),
    "Windows line ends": ({**SCRIPTS, "install.sh": "a\r\nb\r\n"}, {}, "install.sh has Windows line ends (CRLF)"),
    "in a library": ({**SCRIPTS, "lib/x.sh": "a\r\n"}, {}, "lib/x.sh has Windows line ends (CRLF)"),
    "the manifest of the package": (
        {**SCRIPTS, "manifest.json": '{"schemaVersion": "2.0", "packages": {}}'}, {},
        "manifest.json is the manifest of the package, which does not belong into a zip",
    ),
    "a name that steers terminals": ({**SCRIPTS, "a\u202e.sh": "\r\n"}, {}, "a\\u202e.sh has Windows line ends"),
    "another name": ({**SCRIPTS, "manifest.json": '{"name": "x", "version": "1.0"}'}, {}, "has the name x, not agent"),
    "another version": ({**SCRIPTS, "manifest.json": '{"name": "agent"}'}, {}, "has the version (none), not 1.0"),
    "no map": ({**SCRIPTS, "manifest.json": "[" * 9999}, {}, "manifest.json is not a JSON map"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["folder", "zip"])
@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    files, options, said = WRONG[name]
    if kind == "folder":
        sources(tmp_path, {AMAZON: files})
    else:
        archive(tmp_path / f"{AMAZON}.zip", files)
    text = refusal(tmp_path, **options)
    assert said in text
    assert str(tmp_path / AMAZON) in text


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    sources(tmp_path, {"amazon/2023/_any": {"x": ""}, "debian/12/_any": {"y": ""}})
    assert len(refusal(tmp_path).splitlines()) == 4


def test_symlinks_are_refused(tmp_path: Path) -> None:
    sources(tmp_path, {AMAZON: SCRIPTS})
    (tmp_path / AMAZON / "link").symlink_to("install.sh")
    assert "link is a symlink, which SSM Agent unpacks as a text file" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("amzn/2023/x86_64", 'No host reports the platform "amzn", so its files are never installed. Write amazon.'),
        ("amazon/2023/aarch64", 'No host reports the architecture "aarch64"'),
        ("windows/2019/_any", 'No host of windows reports the version "2019"'),
    ],
)
def test_targets_that_no_host_has_are_refused(tmp_path: Path, target: str, said: str) -> None:
    files = POWERSHELL if "windows" in target else SCRIPTS
    assert said in refusal(sources(tmp_path, {target: files}))


def test_what_hides_a_wider_target_is_warned_of(tmp_path: Path) -> None:
    package = built(sources(tmp_path, {"amazon/2023/arm64": SCRIPTS, "amazon/_any/_any": SCRIPTS}))
    assert "whose architecture is not arm64 get no file" in package.warnings[0]


def test_folders_that_are_no_targets(tmp_path: Path) -> None:
    assert "there is nothing to publish" in refusal(tmp_path)
    gone = [{"platform": "amazon", "platform_version": "_any", "architecture": "_any", "src": "/no/such/place"}]
    assert refusal(None, packages=gone) == "/no/such/place: it is neither a directory nor a zip. Correct src."
    assert "[{platform: _any, src: " in refusal(write(tmp_path / "a", SCRIPTS))
    many = {f"amazon/{number}.0/_any": {**SCRIPTS, "x": str(number)} for number in range(21)}
    assert "21 different zips, but AWS accepts 20 at most" in refusal(sources(tmp_path / "b", many))
    both = sources(tmp_path / "c", {AMAZON: SCRIPTS})
    archive(both / f"{AMAZON}.zip", SCRIPTS)
    assert "amazon 2023 x86_64 has two sources" in refusal(both)
    (tmp_path / "d/amazon/2023").mkdir(parents=True)
    (tmp_path / "d/amazon/2023/_any.zip").write_bytes(b"PK\3\4 no zip")
    assert "cannot be read as a zip" in refusal(tmp_path / "d")


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "LARGEST", 100)
    package = built(sources(tmp_path, {AMAZON: SCRIPTS}))
    with pytest.raises(BundleError, match="but a file of a package has 1 GB at most"):
        package.measured()


def test_a_source_that_changes_meanwhile_is_not_sent(tmp_path: Path) -> None:
    path = archive(tmp_path / f"{AMAZON}.zip", SCRIPTS)
    (file,) = built(tmp_path).measured().files.values()
    archive(path, {**SCRIPTS, "install.sh": "echo changed!!\n"})
    with pytest.raises(BundleError, match="changed while it was read"):
        list(file.as_measured())


names = st.lists(
    st.sampled_from(["install.sh", "uninstall.sh", "install.ps1", "lib/", "lib/x.sh", "manifest.json", "é", ""])
)
contents = st.binary(max_size=20) | st.sampled_from(
    [b"{}", b'{"name": [], "version": {}}', b'{"name": "agent", "version": 1.0}']
)


@settings(max_examples=50)
@given(names, contents)
def test_no_content_of_a_zip_raises(found: list[str], content: bytes) -> None:
    for platforms in (("amazon",), ("windows", "_any"), ()):
        told = problems(found, lambda _name: content, Member("agent", "1.0", platforms, True))
        assert bool(told) or {"install", "uninstall"} <= {name.partition(".")[0] for name in found}
