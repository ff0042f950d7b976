# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a file or directory of the controller is that a user names by a relative path.

It is looked for as `ansible.builtin.copy` looks for its `src`, and then in the working directory of ansible-playbook: a user
of our playbooks has none of their own. The environment's PWD is not asked, since ansible-runner leaves that of its own start
in it. What lies in our own roles and playbooks is never meant: a bundle may be called `tasks`.
"""

from __future__ import annotations

import os
import typing as t

from ansible.errors import AnsibleFileNotFound

COLLECTION = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
OURS = tuple(os.path.join(COLLECTION, folder, "") for folder in ("roles", "playbooks"))


class NotFound(Exception):
    """The path leads to nothing; the text says what was tried, and what to give."""


def find_local(loader: t.Any, search_path: t.Sequence[str], path: str) -> str:
    """The absolute path; an absolute one is returned as it is, there or not."""
    path = os.path.expanduser(os.path.expandvars(path))
    if os.path.isabs(path):
        return path
    places = [place for place in search_path if not _is_ours(place)]
    try:
        found = loader.path_dwim_relative_stack(places, "files", path)
    except AnsibleFileNotFound:
        found = ""
    if found and not _is_ours(found):
        return str(found)
    here = os.path.join(os.getcwd(), path)
    if os.path.exists(here):
        return here
    tried = ", ".join(dict.fromkeys([*places, loader.get_basedir(), os.getcwd()]))
    raise NotFound(f"there is no {path} in any of {tried}. Put it into one of them, or give its absolute path.")


def _is_ours(path: str) -> bool:
    return os.path.join(os.path.realpath(path), "").startswith(OURS)
