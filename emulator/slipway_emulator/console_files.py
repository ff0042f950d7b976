# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""The commands that write and remove files, as far as a later command may ask for them."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from .console_commands import Outcome, Session

LONGEST = 4096  # letters that are kept of a file
MOST = 100  # files that are kept of a host
WITH_VALUE = ("-m", "-o", "-g", "-t")  # options of install


def write(session: Session, path: str, text: str, append: bool = False) -> None:
    """A command writes to a file; the devices are none."""
    if (
        path.startswith("/dev/")
        or not path.startswith("/")
        or (len(session.texts) >= MOST and path not in session.texts)
    ):
        return
    before = session.texts.get(path) or "" if append else ""
    session.texts[path] = (before + text)[:LONGEST]


def _places(words: list[str]) -> list[str]:
    """The words that are no options."""
    taken = {at + 1 for at, word in enumerate(words) if word in WITH_VALUE}
    return [word for at, word in enumerate(words) if at not in taken and not word.startswith("-")]


def _copy(session: Session, words: list[str]) -> Outcome:
    *sources, target = _places(words) or [""]
    for source in sources:
        folder = target.endswith("/") or len(sources) > 1
        write(
            session,
            posixpath.join(target, posixpath.basename(source)) if folder else target,
            session.text(source) or "",
        )
    return Outcome()


def _move(session: Session, words: list[str]) -> Outcome:
    _copy(session, words)
    return _remove(session, _places(words)[:-1])


def _remove(session: Session, words: list[str]) -> Outcome:
    for path in (place.rstrip("/") for place in _places(words) if place.startswith("/")):
        for known in [one for one in session.texts if one.startswith(f"{path}/")]:
            session.texts[known] = None
        if len(session.texts) < MOST:
            session.texts[path] = None
    return Outcome()


def _touch(session: Session, words: list[str]) -> Outcome:
    for path in _places(words):
        write(session, path.rstrip("/"), "", append=True)
    return Outcome()


FILES: dict[str, Callable[[Session, list[str]], Outcome]] = {
    "cp": _copy,
    "install": _copy,
    "mv": _move,
    "rm": _remove,
    "touch": _touch,
    "mkdir": _touch,
}
