# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ansible content as a component: a repository with its playbook or roles, run on the build instance itself. Private."""

from __future__ import annotations

import json
import os
import re
import shlex
import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._bundle.tree import Tree, add_file, walk
from ansible_collections.slipway.aws.plugins.module_utils._core.errors import Refused
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder.bundled.bundles import (
    OURS,
    SHELL,
    Content,
    Step,
    home_of,
    put_script,
    refuse_ours,
)

PLAYBOOK = f"{OURS}.yml"  # the one that is made from `roles`; in the root, where it finds their variables
VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+(?:(?:a|b|rc)[0-9]+)?")
GROUP = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
ROLE = re.compile(r"[A-Za-z0-9_.-]+")
SECRET = re.compile(r"passw|passphrase|secret|token|api_?key|private_?key|credential", re.IGNORECASE)


def ansible_content(params: Shape) -> Content:
    """The repository, and the steps that run it, and run it again."""
    tree = walk(params["src"], params["exclude"], params["symlinks"], params["ignore_file"])
    refuse_ours(tree)
    playbook = _playbook(params, tree)
    put_script(tree, "inventory.yml", json.dumps(_inventory(params)))
    put_script(tree, "extra_vars.json", json.dumps(params["extra_vars"] or {}, sort_keys=True))
    put_script(tree, "prepare", _prepare_script(params, tree))
    put_script(tree, "run", _run_script(params, playbook))
    home = home_of(params["name"])
    build = [Step("InstallAnsible", f"bash {home}/{OURS}/prepare\n"), Step("RunPlaybook", f"bash {home}/{OURS}/run\n")]
    validate = [Step("RunPlaybookAgain", _again(home))] if params["idempotent"] else []
    cleaning = Step("RemoveAnsible", f"rm -rf {home}\n")
    phases = {"build": build, "validate": [*validate, cleaning]}
    return Content(tree, phases, {"playbook": playbook}, list(_told_secrets(params)))


def _playbook(params: Shape, tree: Tree) -> str:
    """The path of the playbook in the bundle."""
    if params["roles"] is None:
        playbook = os.path.normpath(params["playbook"])
        if tree.find(playbook.encode()) is None:
            raise Refused(f"playbook {params['playbook']} is not in src. Give its path from the root of src")
        return playbook
    for role in params["roles"]:
        if not ROLE.fullmatch(role):
            raise Refused(f"roles holds {role!r}, which is not the name of a role")
        if role.count(".") < 2 and not _has_folder(tree, os.path.normpath(f"{params['roles_path']}/{role}")):
            where = f"{params['roles_path']}/{role}"
            raise Refused(f"roles holds {role}, but src has no directory {where}. Correct roles or roles_path")
    play = {"name": params["name"], "hosts": "all", "roles": params["roles"]}
    add_file(tree, PLAYBOOK.encode(), json.dumps([play]).encode())
    return PLAYBOOK


def _has_folder(tree: Tree, path: str) -> bool:
    return any(entry.path == path.encode() or entry.path.startswith(f"{path}/".encode()) for entry in tree.entries)


def _inventory(params: Shape) -> Shape:
    """The build instance, in the groups whose plays and variables it is to get."""
    for group in params["groups"]:
        if not GROUP.fullmatch(group):
            raise Refused(f"groups holds {group!r}, which is not the name of a group")
    host = {"localhost": {"ansible_connection": "local"}}
    groups: Shape = {group: {"hosts": {"localhost": {}}} for group in params["groups"]}
    return {"all": {"hosts": host, **({"children": groups} if groups else {})}}


def _prepare_script(params: Shape, tree: Tree) -> str:
    """ansible-core in an environment of its own: from the wheels of the bundle, without network, or from PyPI."""
    if not VERSION.fullmatch(params["ansible_core_version"]):
        raise Refused(f"ansible_core_version {params['ansible_core_version']} is not a version of three numbers")
    source = ""
    if params["wheels"] is not None:
        wheels = os.path.normpath(params["wheels"])
        if not _has_folder(tree, wheels):
            raise Refused(f"wheels {params['wheels']} is not a directory in src. Give its path from the root of src")
        source = f" --no-index --find-links {shlex.quote('./' + wheels)}"
    return f"""\
{SHELL}cd {home_of(params["name"])}
export HOME=/root PIP_DISABLE_PIP_VERSION_CHECK=1
{shlex.quote(params["python"])} -m venv {OURS}/venv
{OURS}/venv/bin/python -m pip install --quiet{source} ansible-core=={params["ansible_core_version"]}
"""


def _run_script(params: Shape, playbook: str) -> str:
    """Ansible looks for roles beside the playbook: those of the repository are in its root, too."""
    home = home_of(params["name"])
    settings = {
        "ANSIBLE_COLLECTIONS_PATH": os.path.join(home, os.path.normpath(params["collections_path"])),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_ROLES_PATH": os.path.join(home, os.path.normpath(params["roles_path"])),
    }
    exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in settings.items())
    return f"""\
{SHELL}cd {home}
export HOME=/root LC_ALL=C.UTF-8
{exports}{OURS}/venv/bin/ansible-playbook -i {OURS}/inventory.yml -e @{OURS}/extra_vars.json {shlex.quote("./" + playbook)} </dev/null
"""


def _again(home: str) -> str:
    """By what the recap counts: Ansible has no exit code for it."""
    return f"""\
set -eu
bash {home}/{OURS}/run > {home}/{OURS}/second_run.txt || {{ cat {home}/{OURS}/second_run.txt; exit 1; }}
cat {home}/{OURS}/second_run.txt
if grep -E 'changed=[1-9][0-9]* +unreachable=' {home}/{OURS}/second_run.txt; then
  echo 'The second run changed something: the playbook is not idempotent.' >&2
  exit 1
fi
"""


def _told_secrets(params: Shape) -> t.Iterator[str]:
    names = sorted(str(name) for name in params["extra_vars"] or {} if SECRET.search(str(name)))
    if names:
        yield (
            f"extra_vars holds {', '.join(names)}, which may be secret. The bundle in S3 holds the values as they are: "
            "let the playbook read secrets on the build instance instead, for example from AWS Secrets Manager."
        )
