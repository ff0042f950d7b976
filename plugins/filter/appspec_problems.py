# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.appspec_problems`; its documentation is in appspec_problems.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t
from os import path

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.module_utils._bundle.beginnings import reader
from ansible_collections.slipway.aws.plugins.module_utils._bundle.errors import BundleError
from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, walk
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec import problems as appspec
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.sections import SYSTEMS
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors


def appspec_problems(
    text: t.Any, files: t.Any = None, os: t.Any = None, warnings: bool = False, src: t.Any = None
) -> list[dict[str, t.Any]]:
    """The problems of a server AppSpec as maps; see the documentation of the filter."""
    if not isinstance(text, (str, bytes)):
        raise AnsibleFilterError(f"appspec_problems takes the text of an AppSpec, not {_kind(text)}.")
    if os is not None and os not in SYSTEMS:
        raise AnsibleFilterError(f"appspec_problems takes os={' or os='.join(SYSTEMS)}, not {os!r}.")
    tree = _tree(src)
    paths = tree.names if tree and files is None else _paths(files)
    found = appspec.appspec_problems(text, files=paths, os=os, read=reader(tree) if tree else None)
    return [problem._asdict() for problem in (found if warnings else errors(found))]


def _tree(src: t.Any) -> Tree | None:
    if src is None:
        return None
    if not isinstance(src, str):
        raise AnsibleFilterError(f"appspec_problems takes src as the path of a directory, not {_kind(src)}.")
    try:
        return walk(path.expanduser(src))
    except BundleError as e:
        raise AnsibleFilterError(f"appspec_problems cannot take {src} as a bundle: {e}") from e


def _paths(files: t.Any) -> list[str] | None:
    if files is None:
        return None
    if isinstance(files, (str, bytes, c.Mapping)) or not isinstance(files, c.Iterable):
        raise AnsibleFilterError(f"appspec_problems takes files as a list of paths, not {_kind(files)}.")
    return [str(file) for file in files]


def _kind(value: t.Any) -> str:
    if isinstance(value, c.Mapping):
        return "a map"
    return "a list" if isinstance(value, c.Sequence) and not isinstance(value, (str, bytes)) else f"{value!r}"


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"appspec_problems": appspec_problems}
