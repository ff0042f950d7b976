# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.local_path`; its documentation is in local_path.yml."""

from __future__ import annotations

import collections.abc as c
import os
import typing as t

from ansible.errors import AnsibleFilterError
from ansible.parsing.dataloader import DataLoader

from ansible_collections.slipway.aws.plugins.plugin_utils._execution.local_path import NotFound, find_local


def local_path(path: t.Any, places: t.Sequence[str] = (), new: bool = False) -> str:
    """The absolute path of a file or directory of the controller; see the documentation of the filter."""
    if new:
        return os.path.join(os.getcwd(), os.path.expanduser(os.path.expandvars(str(path))))
    loader = DataLoader()
    loader.set_basedir(os.getcwd())
    try:
        return find_local(loader, list(places), str(path))
    except NotFound as problem:
        raise AnsibleFilterError(f"Failed to find a file: {problem}") from problem


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"local_path": local_path}
