# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the sources of a package are looked for."""

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.action.ssm_distributor_package import ActionModule


class Action(ActionModule):
    """The plugin with everything of Ansible's that it does not use left out; it answers with the options it passes on."""

    def __init__(self, args: dict[str, t.Any], place: Path) -> None:
        named = {"args": args, "async_val": 0, "delegate_to": None, "get_search_path": lambda: [str(place)]}
        self._task, self._loader = SimpleNamespace(**named), DataLoader()
        self._connection = SimpleNamespace(transport="local", _shell=SimpleNamespace(tmpdir=None))

    def _execute_module(self, **more: t.Any) -> dict[str, t.Any]:
        return {"asked": more["module_args"]}

    def _remove_tmp_path(self, *_args: t.Any, **_more: t.Any) -> None:
        return None


@pytest.fixture
def look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> t.Callable[..., dict[str, t.Any]]:
    """Run the plugin in a role with a folder `agent`; its answer."""
    monkeypatch.setattr(ActionBase, "run", lambda *_args, **_more: {})
    (tmp_path / "agent").mkdir()

    def run(**args: t.Any) -> dict[str, t.Any]:
        return Action({"name": "agent", **args}, tmp_path).run(task_vars={})

    return run


def test_each_source_is_found(look: t.Callable[..., dict[str, t.Any]], tmp_path: Path) -> None:
    found = str(tmp_path / "agent")
    assert look(src="agent")["asked"]["src"] == found
    given = [{"platform": "amazon", "src": "agent"}, {"platform": "suse", "src": "/x"}, "nonsense"]
    assert look(packages=given)["asked"]["packages"] == [
        {"platform": "amazon", "src": found}, {"platform": "suse", "src": "/x"}, "nonsense",
    ]  # fmt: skip
    assert given[0] == {"platform": "amazon", "src": "agent"}, "the options of the task stay as they are"


def test_a_source_that_is_nowhere_is_named(look: t.Callable[..., dict[str, t.Any]]) -> None:
    failed = look(packages=[{"platform": "amazon", "src": "elsewhere"}])
    assert "Failed to publish the package agent: there is no elsewhere in any of" in failed["msg"]
