# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as a playbook's author meets it."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.slipway.aws.plugins.filter.package_manifest_problems import FilterModule

package_manifest_problems = FilterModule().filters()["package_manifest_problems"]
GOOD = {
    "schemaVersion": "2.0",
    "version": "1.0.0",
    "packages": {"amazon": {"_any": {"_any": {"file": "agent.zip"}}}},
    "files": {"agent.zip": {"checksums": {"sha256": "0f" * 32}}},
}
BROKEN = json.dumps({**GOOD, "packages": {"amzn": {"9": {"_any": {"file": "agent.zip"}}}}, "notes": ""}, indent=1)


def test_it_lists_what_can_never_be_installed() -> None:
    assert package_manifest_problems(BROKEN) == [
        {
            "line": 5,
            "path": "packages.amzn",
            "what": 'No host reports the platform "amzn", so its files are never installed.',
            "remedy": "Write amazon.",
            "level": "error",
        }
    ]


def test_warnings_are_listed_when_asked_for() -> None:
    found = package_manifest_problems(BROKEN, warnings=True)
    assert [(problem["path"], problem["level"]) for problem in found] == [
        ("packages.amzn", "error"),
        ("notes", "warning"),
    ]


def test_a_good_manifest_has_none() -> None:
    assert package_manifest_problems(json.dumps(GOOD), warnings=True) == []


def test_the_files_are_considered() -> None:
    found = package_manifest_problems(json.dumps(GOOD), files=["agent.zip", "other.zip"])
    assert [problem["what"] for problem in found] == ["The attachment other.zip is not in files."]


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (GOOD, {}, "package_manifest_problems takes the text of a manifest, not a map. Give the text itself"),
        ([1], {}, "package_manifest_problems takes the text of a manifest, not a list."),
        (3, {}, "package_manifest_problems takes the text of a manifest, not 3."),
        ("", {"files": "a.zip"}, "package_manifest_problems takes files as a list of names, not 'a.zip'."),
    ],
)
def test_wrong_use_is_said(text: t.Any, options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError) as refused:
        package_manifest_problems(text, **options)
    assert said in str(refused.value)
