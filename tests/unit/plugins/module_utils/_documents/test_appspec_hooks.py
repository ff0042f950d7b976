# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from ansible_collections.slipway.aws.plugins.module_utils._documents.appspec.hooks import scripts

APPSPEC = """
version: 0.0
os: linux
hooks:
  BeforeInstall:
    - location: scripts/one.sh
      timeout: 60
    - location: " scripts/two.sh "
  ValidateService: []
  AfterInstall:
    - runas: root
"""


def test_scripts_are_told_by_event_in_their_order() -> None:
    assert scripts(APPSPEC) == {"BeforeInstall": ["scripts/one.sh", "scripts/two.sh"]}


@pytest.mark.parametrize(
    "text", ["", "version: 0.0\n", "hooks: none\n", "hooks: [a]\n", "a: [", "- 1\n", "hooks:\n  A: x\n  B: [1]\n"]
)
def test_of_what_the_agent_cannot_read_nothing_is_told(text: str) -> None:
    assert scripts(text) == {}
