# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Commands that unpack, copy and remove files, as far as they came with bundles."""

from __future__ import annotations

import gzip
import hashlib
import io
import posixpath
import tarfile
import zlib
from dataclasses import replace

from .running import Shell, Status
from .shell_text import UNKNOWN
from .software import has_account, has_group, may_log_in
from .state import Download

LONGEST = 64 * 1024  # letters that are kept of a file
MOST = 5000  # files that are kept of an archive
WITH_VALUE = ("-m", "-o", "-g", "-t", "-S")  # options of cp and install


def place(shell: Shell, path: str) -> str:
    """A path as the script means it."""
    return posixpath.normpath(posixpath.join(shell.variables.get("PWD", "/"), path))


def change_directory(shell: Shell, words: list[str]) -> Status:
    """cd."""
    if words[1:]:
        shell.variables["PWD"] = place(shell, words[-1])
    return Status.OK


def _places(words: list[str]) -> list[str]:
    """The words that are no options."""
    taken = {at + 1 for at, word in enumerate(words) if word in WITH_VALUE}
    return [word for at, word in enumerate(words[1:], 1) if at not in taken and not word.startswith("-")]


def copy(shell: Shell, words: list[str]) -> Status:
    """cp and install: files whose beginning is known, or all that are below a directory."""
    *sources, target = [""] if len(_places(words)) < 2 else _places(words)
    for source in sources:
        path, to = place(shell, source), place(shell, target)
        text = shell.machine.text(path)
        if text is not None:
            folder = target.endswith("/") or len(sources) > 1
            shell.machine.put_files({posixpath.join(to, posixpath.basename(path)) if folder else to: text})
            continue
        below = f"{path.rstrip('/')}/"
        inside = {at[len(below) :]: what for at, what in shell.machine.contents.files.items() if at.startswith(below)}
        if inside:
            shell.machine.put_files({posixpath.join(to, at): what for at, what in inside.items()})
    return Status.OK


def remove(shell: Shell, words: list[str]) -> Status:
    """rm."""
    for path in _places(words):
        shell.machine.remove_files(place(shell, path))
    return Status.OK


def gunzip(shell: Shell, words: list[str]) -> Status:
    """gunzip FILE.gz."""
    for name in _places(words):
        path = place(shell, name)
        packed = shell.machine.objects.get(path)
        if packed is None:
            continue
        try:
            plain = gzip.decompress(packed.content)
        except (OSError, EOFError, zlib.error):
            return shell.fail(f"gzip: {name}: not in gzip format")
        del shell.machine.objects[path]
        shell.machine.objects[path.removesuffix(".gz")] = replace(packed, content=plain)
    return Status.OK


def check_sums(shell: Shell, words: list[str]) -> Status:
    """sha256sum -c FILE."""
    named = _places(words)
    text = shell.machine.text(place(shell, named[0])) if named else None
    if text is None or not {"-c", "--check"} & set(words):
        return Status.MAYBE
    for line in text.splitlines():
        digest, _blank, path = line.partition("  ")
        found = shell.machine.objects.get(place(shell, path))
        if found is not None and hashlib.sha256(found.content).hexdigest() != digest:
            return shell.fail(f"{path}: FAILED")
    return Status.OK


def untar(shell: Shell, words: list[str]) -> Status:
    """tar -xf ARCHIVE [-C DIRECTORY]."""
    options = "".join(word.lstrip("-") for word in words[1:2])
    named = [word for word in words[2:] if not word.startswith("-")]
    archive = shell.machine.objects.get(place(shell, named[0])) if "x" in options and named else None
    if archive is None:
        return Status.OK
    folder = place(shell, words[words.index("-C") + 1]) if "-C" in words[:-1] else place(shell, ".")
    try:
        files = _members(archive.content)
    except (tarfile.TarError, EOFError, OSError, zlib.error, UnicodeError):
        return shell.fail("tar: This does not look like a tar archive")
    shell.machine.put_files({posixpath.join(folder, name): text for name, text in files.items()})
    bundles = {**shell.machine.contents.bundles, folder: archive.source}
    shell.machine.contents = replace(shell.machine.contents, bundles=bundles)
    return Status.OK


def _members(content: bytes) -> dict[str, str]:
    """How the files in it begin; of a link, what it leads to."""
    found: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            name = posixpath.normpath(entry.name)
            if entry.isdir() or name.startswith(("/", "..")) or len(found) >= MOST:
                continue
            member = archive.extractfile(entry) if entry.isfile() else None
            found[name] = member.read(LONGEST).decode("utf-8", "replace") if member else ""
            if entry.issym():
                found[name] = found.get(posixpath.normpath(posixpath.join(posixpath.dirname(name), entry.linkname)), "")
    return found


def change_user(shell: Shell, words: list[str]) -> Status:
    """su [-] [-c COMMAND] [USER]."""
    command = words[words.index("-c") + 1] if "-c" in words[:-1] else ""
    names = [word for word in words[1:] if not word.startswith("-") and word != command]
    user, contents = names[0] if names else "root", shell.machine.contents
    if UNKNOWN not in user and not may_log_in(contents, user):
        known = has_account(contents, user)
        return shell.fail("This account is currently not available." if known else f"su: user {user} does not exist")
    return shell.nested(command) if command else Status.OK


def change_owner(shell: Shell, words: list[str]) -> Status:
    """chown USER[:GROUP], chgrp GROUP."""
    named = (_places(words) or [""])[0]
    user, _colon, group = named.partition(":") if words[0] == "chown" else ("", "", named)
    for kind, name, known in (("user", user, has_account), ("group", group, has_group)):
        if name and not name.isdigit() and UNKNOWN not in name and not known(shell.machine.contents, name):
            return shell.fail(f"{words[0]}: invalid {kind}: \u2018{named}\u2019")
    return Status.OK


def kept(source: str, content: bytes) -> tuple[Download, str]:
    """An object that was downloaded, and how it begins."""
    return Download(content, source), content[:LONGEST].decode("utf-8", "replace")
