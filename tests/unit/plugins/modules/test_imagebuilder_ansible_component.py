# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_ansible_component: what it writes, and its component run for real with the Ansible of this environment."""

from __future__ import annotations

import itertools
import sys
import typing as t
from pathlib import Path

import pytest
import yaml
from support.component_runs import BuildHost
from support.imagebuilder import client

from ansible_collections.slipway.aws.plugins.module_utils._documents.component.problems import (
    component_document_problems,
)
from slipway_emulator.clock import clock
from slipway_emulator.world import world as emulated_world

MODULE = "imagebuilder_ansible_component"
CORE = "2.17.14"
TASKS = """\
- name: Write a file
  ansible.builtin.copy:
    dest: "{{ motd_path }}"
    content: "{{ greeting }} from {{ group_names | sort | join(',') }}\\n"
    mode: "0644"
"""
DEFAULTS = "greeting: hello\n"
PLAY = [{"name": "Greet", "hosts": "web", "gather_facts": False, "roles": ["motd"]}]
# In place of `python -m venv`: an environment whose ansible-playbook is the one of the tests, and whose pip notes its arguments.
PYTHON = """\
mkdir -p "$3/bin"
ln -s "{bin}/ansible-playbook" "$3/bin/ansible-playbook"
printf '#!/bin/sh\\necho "pip $*" >> "{notes}"\\n' > "$3/bin/python"
chmod +x "$3/bin/python"
"""


@pytest.fixture(scope="module")
def numbers() -> t.Iterator[t.Iterator[int]]:
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("time.sleep", clock.advance)
        yield itertools.count(1)


@pytest.fixture
def host(numbers: t.Iterator[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BuildHost:
    root = tmp_path / "host"
    root.mkdir()
    made = BuildHost.made(root, f"content{next(numbers)}", monkeypatch)
    made.stand_in("python3", PYTHON.format(bin=Path(sys.executable).parent, notes=root / "notes"))
    return made


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A repository with a role and a playbook."""
    root = tmp_path / "site"
    for path, text in (
        ("roles/motd/tasks/main.yml", TASKS),
        ("roles/motd/defaults/main.yml", DEFAULTS),
        ("group_vars/web.yml", "greeting: good day\n"),
        ("plays/web.yml", yaml.safe_dump(PLAY)),
        ("web.yml", yaml.safe_dump(PLAY)),
        ("wheels dir/ansible_core.whl", ""),
        ("ansible.cfg", "[defaults]\ngathering = explicit\n"),
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def params(host: BuildHost, src: Path, **options: t.Any) -> dict[str, t.Any]:
    given = {"name": host.bucket, "src": str(src), "ansible_core_version": CORE, "idempotent": True, **options}
    return {"extra_vars": {"motd_path": str(host.root / "motd's")}, **given}


def test_content_decides_whether_something_is_written(host: BuildHost, src: Path) -> None:
    given = params(host, src, playbook="web.yml")
    steps = [host.ensure(MODULE, given, check_mode=check) for check in (True, False, True, False)]
    assert [each.changed for each in steps] == [True, True, False, False]
    told, done = steps[:2]
    assert told.writes == [] and told["diff"] == done["diff"] and done["playbook"] == "web.yml"
    assert [call.operation for call in done.writes] == ["PutObject", "CreateComponent"]
    assert component_document_problems(done["component"]["data"], "Linux") == []
    other = host.ensure(MODULE, {**given, "extra_vars": {"motd_path": "/etc/motd"}})
    assert [call.operation for call in other.writes] == ["PutObject", "CreateComponent"]
    gone = host.ensure(MODULE, {"name": host.bucket, "state": "absent"})
    assert len(gone["removed"]) == 2


def test_a_playbook_runs_where_its_repository_is(host: BuildHost, src: Path) -> None:
    """ansible-playbook is a stand-in here."""
    host.stand_in("python3", PYTHON.format(bin=host.root / "bin", notes=host.root / "notes"))
    host.stand_in(
        "ansible-playbook", 'echo "$PWD $ANSIBLE_ROLES_PATH $ANSIBLE_COLLECTIONS_PATH"; cat .slipway/inventory.yml\n'
    )
    given = params(host, src, playbook="./plays/web.yml", groups=["web", "shop"], roles_path="my roles")
    step, output = host.run(host.ensure(MODULE, given)["component"]["data"], "build")
    home = host.root / "opt/slipway" / host.bucket
    where, inventory = output.strip().splitlines()[-2:]
    assert (step, where) == ("", f"{home} {home}/my roles {home}/collections")
    hosts = yaml.safe_load(inventory)["all"]["children"]
    assert hosts == {name: {"hosts": {"localhost": {}}} for name in ("web", "shop")}
    assert host.notes == [
        "python3 [-m] [venv] [.slipway/venv]",
        f"pip -m pip install --quiet ansible-core=={CORE}",
        "ansible-playbook [-i] [.slipway/inventory.yml] [-e] [@.slipway/extra_vars.json] [./plays/web.yml]",
    ]


def test_roles_with_wheels_that_are_not_idempotent(host: BuildHost, src: Path) -> None:
    (src / "roles/motd/tasks/main.yml").write_text(TASKS + "- name: Always\n  ansible.builtin.command: 'true'\n")
    given = params(host, src, roles=["motd"], groups=["web"], wheels="wheels dir")
    done = host.ensure(MODULE, given)
    step, output = host.run(done["component"]["data"], "build", "validate")
    assert step == "RunPlaybookAgain" and "The second run changed something" in output
    assert (host.root / "motd's").read_text() == "good day from web\n"
    assert host.notes[-1] == f"pip -m pip install --quiet --no-index --find-links ./wheels dir ansible-core=={CORE}"
    assert done["playbook"] == ".slipway.yml"
    once = host.ensure(MODULE, {**given, "idempotent": False})
    assert "RunPlaybookAgain" not in once["component"]["data"]
    assert host.run(once["component"]["data"], "validate")[0] == ""
    assert not (host.root / "opt/slipway" / host.bucket).exists()


def test_a_playbook_that_fails_fails_its_step(host: BuildHost, src: Path) -> None:
    host.stand_in("python3", PYTHON.format(bin=host.root / "bin", notes=host.root / "notes"))
    host.stand_in("ansible-playbook", "exit 2\n")
    done = host.ensure(MODULE, params(host, src, playbook="web.yml"))
    assert host.run(done["component"]["data"], "build")[0] == "RunPlaybook"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"playbook": "gone.yml"}, "playbook gone.yml is not in src"),
        ({"roles": ["gone"]}, "src has no directory roles/gone"),
        ({"roles": ["a b"]}, "is not the name of a role"),
        ({"playbook": "web.yml", "groups": ["$(id)"]}, "is not the name of a group"),
        ({"playbook": "web.yml", "wheels": "gone"}, "wheels gone is not a directory in src"),
        ({"playbook": "web.yml", "ansible_core_version": ">=2"}, "ansible_core_version >=2 is not a version"),
        ({}, "any of the following are missing: playbook, roles"),
    ],
)
def test_what_cannot_run_is_refused(host: BuildHost, src: Path, options: dict[str, t.Any], said: str) -> None:
    done = host.ensure(MODULE, params(host, src, **options))
    assert done.failed and said in done.msg and done.writes == []


def test_secrets_are_warned_of_and_never_in_the_document(host: BuildHost, src: Path) -> None:
    secret = {"db_password": "hunter2", "motd_path": "/etc/motd"}
    done = host.ensure(MODULE, params(host, src, playbook="web.yml", extra_vars=secret))
    assert "extra_vars holds db_password, which may be secret." in done["warnings"][0]
    document = client().get_component(componentBuildVersionArn=done["component"]["arn"])["component"]["data"]
    assert "hunter2" not in document + str(done.result)
