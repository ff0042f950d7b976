# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import errno
import os
import random
import socket
import typing as t
from pathlib import Path

import pytest
from support.folders import CONTENT, build

from ansible_collections.slipway.aws.plugins.module_utils._bundle import tree as tree_module
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import (
    BLOCK,
    Tree,
    fingerprint,
    read_again,
    read_member,
    walk,
)


def content_again(tree: Tree) -> bytes:
    with tree.folders() as folders:
        return b"".join(read_again(folders, tree.entries[0]))


def print_of(root: Path, exclude: t.Sequence[str] = ()) -> str:
    return fingerprint(walk(str(root), exclude))


def test_members_are_sorted_by_the_bytes_of_the_path(tmp_path: Path) -> None:
    root = build(tmp_path / "src", {**CONTENT, "é": b"", "Z": b""})
    assert walk(str(root)).names == ["Z", "a.b/x", "a/y", "appspec.yml", "bin/start", "é"]


def test_only_directories_that_are_empty_on_disk_are_members(tmp_path: Path) -> None:
    root = build(tmp_path / "src", {"cache/x.pyc": b"", "a": b""})
    (root / "log" / "old").mkdir(parents=True)
    found = walk(str(root), ["*.pyc"])
    assert [(entry.path, entry.kind) for entry in found.entries] == [(b"a", "file"), (b"log/old", "directory")]


def test_the_fingerprint_is_that_of_the_content_alone(tmp_path: Path) -> None:
    one = build(tmp_path / "one", CONTENT)
    two = build(tmp_path / "elsewhere" / "two", dict(reversed(CONTENT.items())))
    os.utime(two / "bin/start", (1, 1))
    assert print_of(one) == print_of(two)
    assert len(print_of(one)) == 64


def test_the_fingerprint_does_not_depend_on_the_order_of_the_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build(tmp_path / "src", {f"{i % 7}/{i}": b"%d" % i for i in range(50)})
    before = print_of(root)
    listing = os.scandir

    class Shuffled:
        def __init__(self, path: bytes) -> None:
            with listing(path) as found:
                self.members = list(found)

        def __enter__(self) -> list[os.DirEntry[bytes]]:
            return random.Random(3).sample(self.members, len(self.members))

        def __exit__(self, *_error: object) -> None:
            return None

    monkeypatch.setattr(tree_module.os, "scandir", Shuffled)
    assert print_of(root) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "bin/start").chmod(0o755),
        lambda root: (root / "bin/start").chmod(0o600),
        lambda root: (root / "a/y").write_bytes(b"Y"),
        lambda root: (root / "a/y").rename(root / "a/z"),
        lambda root: (root / "new").mkdir(),
        lambda root: (root / "new").write_bytes(b""),
        lambda root: (root / "new").symlink_to("a"),
        lambda root: (root / "a.b/x").unlink(),
    ],
    ids=["executable", "mode", "content", "name", "directory", "file", "symlink", "removed"],
)
def test_what_is_installed_changes_the_fingerprint(tmp_path: Path, change: t.Callable[[Path], object]) -> None:
    root = build(tmp_path / "src", CONTENT)
    before = print_of(root)
    change(root)
    assert print_of(root) != before


def test_a_set_user_id_bit_is_not_carried(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    before = print_of(root)
    (root / "bin/start").chmod(0o4644)
    assert print_of(root) == before


def test_neighboring_members_do_not_run_together(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for root, links in ((one, {"a": "b", "c": "e"}), (two, {"a": "bc", "d": "e"})):
        root.mkdir()
        for name, target in links.items():
            (root / name).symlink_to(target)
    assert print_of(one) != print_of(two)


def test_special_files_are_refused_by_name(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    os.mkfifo(root / "run.fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(root / "s.sock"))
        with pytest.raises(BundleError) as e:
            walk(str(root))
    assert "run.fifo is a named pipe" in str(e.value)
    assert "s.sock is a socket" in str(e.value)
    assert walk(str(root), ["*.fifo", "*.sock"]).names == sorted(CONTENT)


def outside(tmp_path: Path) -> Path:
    return build(tmp_path / "outside", {"start": b"secret", "deep/er/x": b"secret", "y": b"secret"})


def swap(folder: Path, target: Path) -> None:
    folder.rename(folder.with_name("aside"))
    folder.symlink_to(target)


@pytest.mark.parametrize("folder", ["bin", "a", "deep/er", "deep", ""])
def test_a_folder_swapped_for_a_symlink_after_the_walk_brings_nothing_from_outside(tmp_path: Path, folder: str) -> None:
    root = build(tmp_path / "src", {**CONTENT, "deep/er/x": b"mine"})
    before, tree = print_of(root), walk(str(root))
    swap(root / folder, outside(tmp_path) / ("deep/er" if folder == "deep/er" else "."))
    if folder:
        with pytest.raises(BundleError, match=f"{folder}.* changed while it was read"):
            fingerprint(tree)
    else:  # the root itself is held open, so what was walked is what is read
        assert fingerprint(tree) == before


def test_a_folder_swapped_for_a_symlink_during_the_walk_is_not_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = build(tmp_path / "src", CONTENT)
    other, real = outside(tmp_path), os.open

    def swapping(path: bytes, flags: int, **at: t.Any) -> int:
        if path == b"bin":
            swap(root / "bin", other)
        return real(path, flags, **at)

    monkeypatch.setattr(tree_module.os, "open", swapping)
    with pytest.raises(BundleError, match="bin changed while it was read"):
        walk(str(root))


def test_a_file_swapped_for_a_symlink_brings_nothing_from_outside(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    tree = walk(str(root))
    (root / "a/y").unlink()
    (root / "a/y").symlink_to(outside(tmp_path) / "y")
    with pytest.raises(BundleError, match="a/y changed while it was read"):
        fingerprint(tree)


def test_a_folder_is_opened_once_for_all_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more system call a file and folder would cost more than reading small files does."""
    root = build(tmp_path / "src", {f"{a}/{b}/{c}": b"" for a in "xy" for b in "12" for c in "abcdef"})
    tree, opened, real = walk(str(root)), [], os.open
    monkeypatch.setattr(
        tree_module.os, "open", lambda path, *rest, **at: opened.append(path) or real(path, *rest, **at)
    )
    fingerprint(tree)
    assert len(opened) == 24 + 6


def test_no_handle_is_left_open(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    before = len(os.listdir("/proc/self/fd"))
    tree = walk(str(root))
    fingerprint(tree)
    assert content_again(tree) == b""
    del tree
    assert len(os.listdir("/proc/self/fd")) == before


def test_symlinks_inside_the_tree_are_kept_as_symlinks(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "current").symlink_to("bin")
    (root / "bin/up").symlink_to("../a/y")
    (root / "later").symlink_to("not/there/yet")
    found = {entry.path: entry.target for entry in walk(str(root)).entries if entry.kind == "link"}
    assert found == {b"current": b"bin", b"bin/up": b"../a/y", b"later": b"not/there/yet"}


@pytest.mark.parametrize(
    ("name", "said"),
    [(b"caf\xe9", "caf\\xe9 has a name that is not UTF-8"), (b"x\n#etc#passwd", "has a control character in its name")],
)
def test_names_no_host_can_install_are_refused(tmp_path: Path, name: bytes, said: str) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / os.fsdecode(name)).write_bytes(b"")
    with pytest.raises(BundleError) as e:
        walk(str(root))
    assert said in str(e.value)
    assert str(e.value).isprintable()


@pytest.fixture
def ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything; then what others meet is put in its way."""
    if os.geteuid() != 0:
        return
    really = os.open

    def checked(path: bytes, flags: int, **at: t.Any) -> int:
        if not os.stat(path, **at).st_mode & 0o444:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        return really(path, flags, **at)

    monkeypatch.setattr(tree_module.os, "open", checked)


def test_unreadable_files_are_refused_by_name(tmp_path: Path, ordinary_user: None) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "a/y").chmod(0)
    (root / "bin/start").chmod(0)
    with pytest.raises(BundleError) as e:
        print_of(root)
    assert "a/y cannot be read: Permission denied. Make it readable or add it to exclude." in str(e.value)
    assert "bin/start cannot be read" in str(e.value)


def test_an_unreadable_directory_is_refused_by_name(tmp_path: Path, ordinary_user: None) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "bin").chmod(0o300)
    with pytest.raises(BundleError, match="bin cannot be listed: Permission denied"):
        walk(str(root))
    (root / "bin").chmod(0o755)


def test_a_source_that_is_not_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.zip").write_bytes(b"")
    with pytest.raises(BundleError, match="app.zip is not a directory. Give the directory that holds appspec.yml"):
        walk(str(tmp_path / "app.zip"))


def test_a_thousand_problems_make_a_short_message(tmp_path: Path) -> None:
    root = tmp_path / "src"
    root.mkdir()
    for i in range(20):
        os.mkfifo(root / f"{i:02}")
    with pytest.raises(BundleError) as e:
        walk(str(root))
    assert len(str(e.value).splitlines()) == 20 and "more." not in str(e.value)
    os.mkfifo(root / "20")
    with pytest.raises(BundleError) as e:
        walk(str(root))
    assert str(e.value).endswith("... and 1 more.") and len(str(e.value).splitlines()) == 21


@pytest.mark.parametrize("size", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK])
def test_every_size_is_read_exactly_and_small_files_by_one_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    root = build(tmp_path / "src", {"x": b"0123456789abcdef" * (size // 16) + b"z" * (size % 16)})
    calls = []
    read = os.read
    monkeypatch.setattr(tree_module.os, "read", lambda fd, n: calls.append(n) or read(fd, n))
    tree = walk(str(root))
    fingerprint(tree)
    assert max(calls) <= BLOCK
    assert sum(calls) <= size + 2
    assert len(calls) == size // BLOCK + 1
    assert content_again(tree) == (root / "x").read_bytes()


@pytest.mark.parametrize("damage", [b"longer than before", b"short"])
def test_a_file_that_grows_or_shrinks_while_it_is_read_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    root = build(tmp_path / "src", {"log": b"0123456789"})
    read = os.read

    def meddle(fd: int, n: int) -> bytes:
        (root / "log").write_bytes(damage)
        return read(fd, n)

    monkeypatch.setattr(tree_module.os, "read", meddle)
    with pytest.raises(BundleError, match="log changed while it was read. Push again when nothing writes below src"):
        print_of(root)


def test_a_file_rewritten_in_place_while_it_is_read_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build(tmp_path / "src", {"log": b"0123456789"})
    read = os.read

    def meddle(fd: int, n: int) -> bytes:
        data = read(fd, n)
        os.utime(root / "log", (5, 5))
        return data

    monkeypatch.setattr(tree_module.os, "read", meddle)
    with pytest.raises(BundleError, match="log changed while it was read"):
        print_of(root)


@pytest.mark.parametrize("content", [b"other text", b"shorter", b"longer than it was"])
def test_a_file_that_is_not_what_was_fingerprinted_is_noticed(tmp_path: Path, content: bytes) -> None:
    root = build(tmp_path / "src", {"x": b"first text"})
    tree = walk(str(root))
    fingerprint(tree)
    times = os.stat(root / "x")
    (root / "x").write_bytes(content)
    os.utime(root / "x", ns=(times.st_atime_ns, times.st_mtime_ns))
    with pytest.raises(BundleError, match="x changed while it was read"):
        content_again(tree)


def test_a_file_replaced_by_a_pipe_does_not_hang(tmp_path: Path) -> None:
    root = build(tmp_path / "src", {"x": b"first text"})
    tree = walk(str(root))
    (root / "x").unlink()
    os.mkfifo(root / "x")
    with pytest.raises(BundleError, match="x changed while it was read"):
        fingerprint(tree)


def test_one_member_can_be_read_first_and_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / "link.yml").symlink_to("appspec.yml")
    expected = print_of(root)
    tree = walk(str(root))
    opened = []
    real = os.open
    monkeypatch.setattr(
        tree_module.os, "open", lambda path, flags, **at: opened.append((path, flags)) or real(path, flags, **at)
    )
    assert read_member(tree, b"appspec.yml") == b"version: 0.0\n"
    assert fingerprint(tree) == expected
    files = [path for path, flags in opened if not flags & os.O_DIRECTORY]
    assert len(files) == len(set(files)) == tree.files == 4
    assert read_member(tree, b"link.yml") == b"version: 0.0\n"


def test_an_excluded_directory_is_not_even_listed(tmp_path: Path) -> None:
    root = build(tmp_path / "src", CONTENT)
    (root / ".git").mkdir()
    os.mkfifo(root / ".git/fifo")
    assert walk(str(root), [".git"]).names == sorted(CONTENT)
