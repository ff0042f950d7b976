# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
import threading
import typing as t
from types import SimpleNamespace

import pytest

from ansible_collections.slipway.aws.plugins.plugin_utils._execution import eligible, module_entry


def action(environment: dict[str, t.Any] | None = None, **more: t.Any) -> t.Any:
    """As much of an action plugin as is asked about."""
    given = {"connection": "ansible.builtin.local", "become": None, "async_val": 0, "delegate_to": None, **more}
    return SimpleNamespace(
        _task=SimpleNamespace(async_val=given["async_val"], delegate_to=given["delegate_to"]),
        _connection=SimpleNamespace(ansible_name=given["connection"], become=given["become"]),
        _templar=SimpleNamespace(template=lambda value: value),
        _play_context=SimpleNamespace(executable=given.get("executable", "/bin/sh")),
        _compute_environment_string=lambda found: found.update(environment or {}),
    )


OWN = {"ansible_python_interpreter": sys.executable}


def reason(variables: dict[str, t.Any] | None = None, **more: t.Any) -> str:
    return eligible.against(action(**more), {**OWN, **(variables or {})})


def test_a_local_task_of_ansible_s_own_python_applies() -> None:
    assert reason() == ""
    assert reason(environment={"AWS_REGION": "eu-west-1", "HTTPS_PROXY": "x", "AWS_PROFILE": "p"}) == ""
    assert reason(executable="/usr/bin/bash") == ""
    assert reason({"slipway_direct_execution": "yes"}) == ""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"connection": "ansible.builtin.ssh"}, "the connection is ansible.builtin.ssh"),
        ({"become": object()}, "the task uses become"),
        ({"async_val": 5}, "the task uses async"),
        ({"executable": "/opt/wrapper"}, "the shell is /opt/wrapper"),
        ({"environment": {"PYTHONPATH": "x"}}, "the environment of the task sets PYTHONPATH"),
        ({"environment": {"TZ": "x", "LC_ALL": "y", "A": "z"}}, "the environment of the task sets LC_ALL, TZ"),
        ({"environment": {"LD_PRELOAD": "x"}}, "the environment of the task sets LD_PRELOAD"),
        ({"environment": {"not a name": "x"}}, "the environment of the task sets not a name"),
        ({"variables": {"slipway_direct_execution": False}}, "slipway_direct_execution is false"),
        ({"variables": {"slipway_direct_execution": "no"}}, "slipway_direct_execution is false"),
    ],
)
def test_what_speaks_against_it_is_named(more: dict[str, t.Any], said: str) -> None:
    assert reason(**more) == said


@pytest.mark.parametrize("other", ["/usr/bin/python3", "auto", f"{sys.executable} -E"])
def test_another_interpreter_speaks_against_it(other: str) -> None:
    said = reason({"ansible_python_interpreter": other})
    assert said == f"ansible_python_interpreter is {other}, and that of Ansible is {sys.executable}"


def test_the_interpreter_is_that_of_the_host_it_is_delegated_to() -> None:
    here, there = {"ansible_delegated_vars": {"there": OWN}}, {"ansible_delegated_vars": {"there": {}}}
    assert reason({"ansible_python_interpreter": "/other", **here}, delegate_to="there") == ""
    assert "interpreter" in reason(there, delegate_to="there")


def test_a_thread_speaks_against_it() -> None:
    """It may hold a lock that nobody would release in a fork."""
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert reason() == "another plugin runs a thread"
    finally:
        over.set()
        thread.join()


def test_the_environment_of_ansible_speaks_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_ANSIBLE_ANSIBALLZ_COVERAGE_CONFIG", "{}")
    assert reason() == "_ANSIBLE_ANSIBALLZ_* is set"
    monkeypatch.setenv("SLIPWAY_DIRECT_EXECUTION", "off")
    assert reason() == "slipway_direct_execution is false"
    assert reason({"slipway_direct_execution": True}) == "_ANSIBLE_ANSIBALLZ_* is set"


def test_kept_files_speak_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eligible.C, "DEFAULT_KEEP_REMOTE_FILES", True)
    assert reason() == "remote files are kept"


def test_it_is_off_on_macos_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(eligible.SETTING["direct_execution"], "default", False)
    assert reason() == "that is the default on macOS"
    assert reason({"slipway_direct_execution": True}) == ""


def of_another_time(**_asked: object) -> None:
    """A name that is called otherwise than it was."""


def test_an_ansible_core_that_is_not_known_speaks_against_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module_entry.UNKNOWN == ""

    def other(*, json_params: bytes, payload: str) -> None:
        del json_params, payload

    monkeypatch.setattr(module_entry._loader, "run_module", other)
    found = module_entry._differing()
    assert "profile" in found or "payload" in found
    monkeypatch.setattr(module_entry, "UNKNOWN", found)
    assert reason().startswith("this version of ansible-core is not known")


@pytest.mark.parametrize("name", sorted(module_entry.OVERRIDDEN))
def test_every_method_that_is_overridden_is_looked_at(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(module_entry.ActionBase, name, of_another_time)
    assert module_entry._differing() == name
    monkeypatch.delattr(module_entry.ActionBase, name)
    assert name in module_entry._differing()


def test_it_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(eligible, "display", SimpleNamespace(verbosity=1, v=shown.append))
    for said in ("the first reason", "another one", "the first reason", ""):
        eligible.tell(said)
    assert [line.rpartition("because ")[2] for line in shown] == ["the first reason.", "another one."]
