# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.slipway.aws.plugins.action import show_failure
from ansible_collections.slipway.aws.plugins.plugin_utils._screen import display

DEPLOYMENT = {"deployment_id": "d-1", "status": "Stopped", "deployment_overview": {"failed": 0, "succeeded": 2}}
STOPPED = {"msg": "Failed to deploy to app/prod: much.", "deployment": DEPLOYMENT, "failed_targets": [], "rollback": {}}
LOOKED = {"msg": "The preflight of app/prod failed: much.", "preflight": {"verdict": "not_ready"}, "hosts": []}
PROBLEM = {"cause": "alarm_on", "message": "the alarm cpu is on", "remedy": "Wait.", "blocks": True}
PLANNED = {"msg": "Failed to deploy to app/prod: much.", "plan": {"hosts": [], "waves": [], "problems": [PROBLEM]}}
NODE = {"instance_id": "i-1", "name": "web-1", "reason": "it failed with exit code 1", "output_tail": "", "hint": None}
FLEET = {
    "msg": "Failed to install the package agent 1.0: much.",
    "failed_nodes": [NODE],
    "nodes": [NODE, {}, {}],
}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    said: list[str] = []
    monkeypatch.setattr(display, "display", SimpleNamespace(columns=79, display=said.append))
    monkeypatch.setattr(show_failure.ActionBase, "run", lambda *_args, **_more: {})
    return said


def run(result: t.Any, **more: t.Any) -> dict[str, t.Any]:
    action = show_failure.ActionModule.__new__(show_failure.ActionModule)
    action._task = SimpleNamespace(args={"result": result, **more}, no_log=False, run_once=False)
    return dict(action.run(task_vars={"inventory_hostname": "web"}))


@pytest.mark.parametrize(
    ("result", "msg", "line"),
    [
        (
            FLEET,
            "Failed to install the package agent 1.0 on 1 of 3 nodes.",
            "  i-1 (web-1): it failed with exit code 1",
        ),
        (STOPPED, "Failed to deploy to app/prod: d-1 was stopped.", "  Not rolled back."),
        (LOOKED, "The preflight of app/prod failed: not ready. Hosts: none.", "[web] The preflight"),
        (
            PLANNED,
            "Failed to deploy to app/prod: 1 problem prevents it.",
            "  PROBLEM  the alarm cpu is on. Wait.",
        ),
    ],
)
def test_the_report_is_shown_and_the_task_fails_with_one_sentence(
    shown: list[str], result: dict[str, t.Any], msg: str, line: str
) -> None:
    with pytest.raises(display.AlreadyShown) as raised:
        run(result)
    assert raised.value.message == msg and raised.value.result == {"changed": False}
    assert line in "".join(shown)


def test_what_has_no_report_is_its_message_and_printed_by_ansible_alone(shown: list[str]) -> None:
    with pytest.raises(display.AlreadyShown) as raised:
        run({"msg": "denied"})
    assert raised.value.message == "denied" and shown == []


@pytest.mark.parametrize(("result", "line"), [(STOPPED, "d-1 was stopped."), ({"msg": "denied"}, "[web] denied")])
def test_on_wish_it_is_shown_and_the_play_goes_on(shown: list[str], result: dict[str, t.Any], line: str) -> None:
    assert not run(result, fail="no").get("failed")
    assert line in shown[0]


@pytest.mark.parametrize("result", [None, "text", []])
def test_what_is_no_result_is_refused(shown: list[str], result: t.Any) -> None:
    with pytest.raises(AnsibleActionFail, match="result is not a registered result"):
        run(result)
