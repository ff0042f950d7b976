# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Symlinks that are followed or refused, and the file that says what to leave out."""

from __future__ import annotations

import io
import shutil
import typing as t
import zipfile
from pathlib import Path

import pytest
from support.folders import CONTENT, build

from ansible_collections.slipway.aws.plugins.module_utils._bundle import tree as tree_module
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import FAIL, FOLLOW, fingerprint, walk
from ansible_collections.slipway.aws.plugins.module_utils._bundle.zip_archive import zip_chunks


@pytest.fixture
def root(tmp_path: Path) -> Path:
    src = tmp_path / "src"
    for name in ("src/app/main.py", "shared/lib/a.py", "shared/lib/deep/b.py", "shared/one.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (src / "lib").symlink_to("../shared/lib")
    (src / "one.txt").symlink_to(tmp_path / "shared/one.txt")
    return src


def zipped(src: Path, **options: t.Any) -> dict[str, str]:
    tree = walk(str(src), **options)
    fingerprint(tree)
    with zipfile.ZipFile(io.BytesIO(b"".join(zip_chunks(tree)))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_links_are_followed_to_what_lies_outside(root: Path) -> None:
    assert zipped(root, symlinks=FOLLOW) == {
        "app/main.py": "src/app/main.py",
        "lib/a.py": "shared/lib/a.py",
        "lib/deep/b.py": "shared/lib/deep/b.py",
        "one.txt": "shared/one.txt",
    }


def test_what_is_followed_counts_as_if_it_lay_there(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(root, copy)  # which follows links
    assert fingerprint(walk(str(root), symlinks=FOLLOW)) == fingerprint(walk(str(copy)))


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("nothing", "x is a symlink to nothing, which does not exist"),
        (".", "x is a symlink to a directory that it is in"),
        ("app/..", "x is a symlink to a directory that it is in"),
        ("/dev/null", "x is a device"),
    ],
)
def test_links_that_cannot_be_followed_are_refused(root: Path, target: str, said: str) -> None:
    (root / "x").symlink_to(target)
    with pytest.raises(BundleError, match=said):
        walk(str(root), symlinks=FOLLOW)


def test_directories_that_link_to_each_other_end(root: Path) -> None:
    for one, other in (("p", "q"), ("q", "p")):
        (root / one).mkdir()
        (root / one / "again").symlink_to(f"../{other}")
    with pytest.raises(BundleError, match="is a symlink to a directory that it is in"):
        walk(str(root), symlinks=FOLLOW)


def test_links_that_stand_for_very_many_paths_are_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree_module, "MOST_FOLLOWED", 50)
    for depth in range(8):
        (root / f"d{depth}").mkdir()
        for name in "ab":
            (root / f"d{depth}" / name).symlink_to(f"../d{depth + 1}")
    (root / "d8").mkdir()
    with pytest.raises(BundleError, match="more than 50 symlinks are followed"):
        walk(str(root), symlinks=FOLLOW)


def test_a_link_is_refused_where_none_is_wanted(root: Path) -> None:
    with pytest.raises(BundleError, match="(?s)lib is a symlink.*set symlinks to keep or follow.*one.txt is a symlink"):
        walk(str(root), symlinks=FAIL)
    assert len(walk(str(root), ["lib", "one.txt"], FAIL).entries) == 1


@pytest.mark.parametrize(("name", "given"), [(".slipwayignore", None), ("not.txt", "not.txt")])
def test_an_ignore_file_leaves_out_what_it_names_and_itself(root: Path, name: str, given: str | None) -> None:
    (root / name).write_text("lib/\nlib\none.*\n")
    assert list(zipped(root, ignore_file=given)) == ["app/main.py"]
    assert name in zipped(root, symlinks=FOLLOW, ignore_file="")


def test_an_ignore_file_that_cannot_be_read_is_refused(root: Path) -> None:
    with pytest.raises(BundleError, match="the ignore file none.txt cannot be read: No such file"):
        walk(str(root), ignore_file="none.txt")
    (root / ".slipwayignore").write_bytes(b"\xff")
    with pytest.raises(BundleError, match=r"the ignore file \.slipwayignore is not a text in UTF-8"):
        walk(str(root), ignore_file=None)
    (root / ".slipwayignore").unlink()
    (root / ".slipwayignore").symlink_to("/etc/passwd")
    with pytest.raises(BundleError, match="cannot be read"):
        walk(str(root), ignore_file=None)


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("out", "../other"),
        ("bin/out", "../../src2/x"),
        ("absolute", "/etc/passwd"),
        ("through", "back/../../other"),
    ],
)
def test_a_symlink_leaving_the_tree_is_refused_with_its_target(tmp_path: Path, link: str, target: str) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "back").symlink_to("bin")
    (root / link).symlink_to(target)
    with pytest.raises(BundleError) as e:
        walk(str(root))
    assert f"{link} is a symlink that leaves the directory or forms a loop, to {target}" in str(e.value)


def test_a_symlink_whose_text_stays_inside_but_which_leads_out_is_refused(tmp_path: Path) -> None:
    root = build(tmp_path / "src", {"deep/er/x": b""})
    (root / "deep/er/top").symlink_to("../..")
    (root / "deep/er/trick").symlink_to("top/../etc")
    with pytest.raises(BundleError, match="deep/er/trick is a symlink that leaves the directory"):
        walk(str(root))


@pytest.mark.parametrize("target", ["../src/a/y", "../../src/a/y", "a/../../src/a", "back/../../src/a"])
def test_a_symlink_that_leaves_the_tree_and_comes_back_is_refused(tmp_path: Path, target: str) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "back").symlink_to("bin")
    (root / "x").symlink_to(target)
    with pytest.raises(BundleError, match="x is a symlink that leaves the directory"):
        walk(str(root))


@pytest.mark.parametrize("links", [{"x": "x"}, {"x": "bin/y", "bin/y": "../x"}, {"x": "x/x"}])
def test_a_symlink_in_a_circle_is_refused(tmp_path: Path, links: dict[str, str]) -> None:
    root = build(tmp_path / "src", CONTENT)
    for name, target in links.items():
        (root / name).symlink_to(target)
    with pytest.raises(BundleError, match="x is a symlink that leaves the directory or forms a loop"):
        walk(str(root))
