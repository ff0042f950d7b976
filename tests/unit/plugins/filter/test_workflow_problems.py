# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The filter as a playbook's author meets it."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleFilterError
from support.imagebuilder import APPROVED

from ansible_collections.slipway.aws.plugins.filter.workflow_problems import FilterModule

workflow_problems = FilterModule().filters()["workflow_problems"]
BROKEN = APPROVED.replace("WaitForAction", "WaitForApproval")


def test_it_lists_what_is_refused() -> None:
    assert workflow_problems(APPROVED, warnings=True) == []
    assert workflow_problems(BROKEN) == [
        {
            "line": 9,
            "path": "steps[1].action",
            "what": "WaitForApproval is not an action.",
            "remedy": "Did you mean WaitForAction?",
            "level": "error",
        }
    ]


def test_warnings_are_listed_when_asked_for() -> None:
    assert workflow_problems(APPROVED, type="DISTRIBUTION") == []
    assert {problem["level"] for problem in workflow_problems(APPROVED, "DISTRIBUTION", warnings=True)} == {"warning"}


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ({"steps": []}, {}, "workflow_problems takes the text of a workflow document, not a map. Give the text itself"),
        (
            APPROVED,
            {"type": "test"},
            "workflow_problems takes type=BUILD or type=TEST or type=DISTRIBUTION, not 'test'.",
        ),
    ],
)
def test_what_it_does_not_take(text: t.Any, options: dict[str, t.Any], said: str) -> None:
    with pytest.raises(AnsibleFilterError) as caught:
        workflow_problems(text, **options)
    assert str(caught.value).startswith(said)
