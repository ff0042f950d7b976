# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the bundle of a revision is looked for."""

from __future__ import annotations

import typing as t
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.action import ActionBase

from ansible_collections.slipway.aws.plugins.action.codedeploy_revision import ActionModule
from ansible_collections.slipway.aws.plugins.plugin_utils._execution import local_path

PLACES = ("role/files", "role", "project/files", "project", "cwd")  # in the order in which they are asked
Look = t.Callable[..., dict[str, t.Any]]


class Action(ActionModule):
    """The plugin with everything of Ansible's that it does not use left out; it answers with the options it passes on."""

    def __init__(self, task: SimpleNamespace, local: bool, loader: DataLoader) -> None:
        self._task, self._loader = task, loader
        self._connection = SimpleNamespace(transport="local" if local else "ssh", _shell=SimpleNamespace(tmpdir=None))

    def _execute_module(self, **more: t.Any) -> dict[str, t.Any]:
        return {"asked": more["module_args"], "wrap_async": more["wrap_async"]}

    def _remove_tmp_path(self, *_args: t.Any, **_more: t.Any) -> None:
        return None


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """A role, a playbook's directory and a working directory; PWD names yet another one, as under ansible-runner."""
    found = {name: tmp_path / name for name in ("role", "project", "cwd", "pwd")}
    for place in found.values():
        place.mkdir()
    monkeypatch.chdir(found["cwd"])
    monkeypatch.setenv("PWD", str(found["pwd"]))
    return found


@pytest.fixture
def look(places: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> Look:
    """Run the plugin; its answer."""
    monkeypatch.setattr(ActionBase, "run", lambda *_args, **_more: {})

    def run(
        src: str | None, local: bool = True, search: tuple[str, ...] = ("role",), **task: t.Any
    ) -> dict[str, t.Any]:
        loader = DataLoader()
        loader.set_basedir(str(places["project"]))
        stack = [str(places.get(name, name)) for name in search]
        args = {"application_name": "shop", "bucket": "b", **({"src": src} if src is not None else {})}
        named = {"args": args, "async_val": 0, "delegate_to": None, "get_search_path": lambda: stack, **task}
        return Action(SimpleNamespace(**named), local, loader).run(task_vars={"inventory_hostname": "build1"})

    return run


@pytest.mark.parametrize("name", ["app", "my app", "Größe 大", "folder/app"])
@pytest.mark.parametrize("there", PLACES)
def test_the_first_place_that_has_it_wins(places: dict[str, Path], look: Look, name: str, there: str) -> None:
    root = places["cwd"].parent
    for place in PLACES[PLACES.index(there) :]:
        (root / place / name).mkdir(parents=True, exist_ok=True)
    assert look(name)["asked"]["src"] == str(root / there / name)


def test_the_environment_s_working_directory_is_not_asked(places: dict[str, Path], look: Look) -> None:
    (places["pwd"] / "app").mkdir()
    failed = look("app")
    assert failed["failed"]
    assert "Failed to push a revision of the application shop: there is no app in any of" in failed["msg"]
    assert all(str(places[name]) in failed["msg"] for name in ("role", "project", "cwd"))
    assert str(places["pwd"]) not in failed["msg"]


@pytest.mark.parametrize("ours", ["roles/app_deployment", "roles/app_deployment/tasks", "playbooks"])
def test_our_own_roles_and_playbooks_are_never_meant(places: dict[str, Path], look: Look, ours: str) -> None:
    (places["cwd"] / "tasks").mkdir()
    assert look("tasks", search=(f"{local_path.COLLECTION}/{ours}",))["asked"]["src"] == str(places["cwd"] / "tasks")


@pytest.mark.parametrize("src", ["/srv/app", "~/app", "$HOME/app"])
def test_an_absolute_path_is_taken_as_it_is(look: Look, src: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/shop")
    assert look(src)["asked"]["src"] == src.replace("~", "/home/shop").replace("$HOME", "/home/shop")


@pytest.mark.parametrize("src", ["/srv/app", "~/app", "$HOME/app"])
def test_on_another_host_it_is_that_host_s_path(look: Look, src: str) -> None:
    assert look(src, local=False)["asked"]["src"] == src


@pytest.mark.parametrize(("delegate_to", "host"), [("builder", "builder"), (None, "build1")])
def test_a_relative_path_of_another_host_is_refused(look: Look, delegate_to: str | None, host: str) -> None:
    failed = look("app", local=False, delegate_to=delegate_to)
    assert failed["failed"]
    assert f"src=app is relative, and the task runs on {host}" in failed["msg"]
    assert f"Give the absolute path that the directory has on {host}" in failed["msg"]


def test_without_src_and_in_the_background_the_module_runs_as_ever(look: Look) -> None:
    answer = look(None, async_val=30)
    assert answer == {"asked": {"application_name": "shop", "bucket": "b"}, "wrap_async": 30}
