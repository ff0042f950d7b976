# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter `slipway.aws.package_manifest_problems`; its documentation is in package_manifest_problems.yml."""

from __future__ import annotations

import collections.abc as c
import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.module_utils._documents.package import problems as package
from ansible_collections.slipway.aws.plugins.module_utils._documents.problems import errors


def package_manifest_problems(text: t.Any, files: t.Any = None, warnings: bool = False) -> list[dict[str, t.Any]]:
    """The problems of the manifest of a Distributor package as maps; see the documentation of the filter."""
    if not isinstance(text, (str, bytes)):
        raise AnsibleFilterError(f"package_manifest_problems takes the text of a manifest, not {_kind(text)}.")
    if files is not None and (isinstance(files, (str, bytes, c.Mapping)) or not isinstance(files, c.Iterable)):
        raise AnsibleFilterError(f"package_manifest_problems takes files as a list of names, not {_kind(files)}.")
    found = package.package_manifest_problems(text, None if files is None else [str(file) for file in files])
    return [problem._asdict() for problem in (found if warnings else errors(found))]


def _kind(value: t.Any) -> str:
    if isinstance(value, c.Mapping):
        return "a map. Give the text itself, for example from the file lookup"
    return "a list" if isinstance(value, c.Sequence) and not isinstance(value, (str, bytes)) else f"{value!r}"


class FilterModule:
    """Ansible's entry point."""

    def filters(self) -> dict[str, c.Callable[..., t.Any]]:
        return {"package_manifest_problems": package_manifest_problems}
