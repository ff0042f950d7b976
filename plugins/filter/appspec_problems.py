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
from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.traffic import (
    ECS,
    LAMBDA,
    is_traffic,
    traffic_problems,
)
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import Problem, errors

SERVER = "Server"


def appspec_problems(
    text: t.Any,
    files: t.Any = None,
    os: t.Any = None,
    warnings: bool = False,
    src: t.Any = None,
    compute_platform: t.Any = None,
) -> list[dict[str, t.Any]]:
    """The problems of an AppSpec as maps; see the documentation of the filter."""
    if not isinstance(text, (str, bytes)):
        raise AnsibleFilterError(f"appspec_problems takes the text of an AppSpec, not {_kind(text)}.")
    _check("os", os, SYSTEMS)
    _check("compute_platform", compute_platform, (SERVER, ECS, LAMBDA))
    of_servers = [name for name, value in {"files": files, "os": os, "src": src}.items() if value is not None]
    if of_servers and compute_platform in (ECS, LAMBDA):
        raise AnsibleFilterError(f"appspec_problems takes {of_servers[0]} only with compute_platform={SERVER}.")
    if compute_platform in (ECS, LAMBDA) or (compute_platform is None and not of_servers and is_traffic(text)):
        found = traffic_problems(text, compute_platform)
    else:
        found = _server(text, files, os, src)
    return [problem._asdict() for problem in (found if warnings else errors(found))]


def _server(text: str | bytes, files: t.Any, os: str | None, src: t.Any) -> list[Problem]:
    tree = _tree(src)
    paths = tree.names if tree and files is None else _paths(files)
    return appspec.appspec_problems(text, files=paths, os=os, read=reader(tree) if tree else None)


def _check(name: str, value: t.Any, choices: tuple[str, ...]) -> None:
    if value is not None and value not in choices:
        listed = f" or {name}=".join(choices)
        raise AnsibleFilterError(f"appspec_problems takes {name}={listed}, not {value!r}.")


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
