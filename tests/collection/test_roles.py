# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role is described and tested, and its tasks and those of the playbooks are named as Ansible's users name theirs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.collection.package import ROOT, load, roles, tasks

ROLES = (
    "app_deployment",
    "autoscaling_fleet",
    "codedeploy_agent",
    "codedeploy_setup",
    "distributor_package",
    "ecs_deployment",
    "golden_image",
    "image_promotion",
    "image_release",
    "image_retirement",
    "lambda_deployment",
)
PRIVATE = {"outcome"}  # used by the other roles and the playbooks, and run by their scenarios
VERBS = {
    "Add", "Apply", "Bake", "Build", "Check", "Configure", "Copy", "Create", "Deploy", "Ensure", "Fail", "Find", "Include",
    "Install", "Launch", "List", "Prepare", "Promote", "Publish", "Push", "Read", "Remove", "Render", "Replace", "Restart", "Retire", "Set", "Show", "Start",
    "Stop", "Validate", "Verify", "Wait", "Warn", "Write",
}  # fmt: skip
WITH_TASKS = (
    "roles/*/tasks/**/*.yml",
    "roles/*/handlers/*.yml",
    "playbooks/**/*.yml",
    "extensions/molecule/**/*.yml",
    "examples/*.yml",
)
TASK_FILES = sorted(
    path.relative_to(ROOT) for pattern in WITH_TASKS for path in ROOT.glob(pattern) if isinstance(load(path), list)
)
each_role = pytest.mark.parametrize("role", roles(), ids=lambda role: role.name)


def options(role: Path) -> dict[str, dict[str, Any]]:
    entry_points = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    return dict(entry_points["main"]["options"])


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults" / "main.yml"
    return dict(load(path) or {}) if path.is_file() else {}


def test_every_role_that_is_announced_is_there() -> None:
    assert {role.name for role in roles()} >= {*ROLES, *PRIVATE}
    assert {path.name for path in (ROOT / "roles").iterdir() if path.is_dir()} == {role.name for role in roles()}


@each_role
def test_defaults_are_those_of_the_argument_specification(role: Path) -> None:
    specified = {name: option["default"] for name, option in options(role).items() if "default" in option}
    literal = {name: value for name, value in defaults(role).items() if not is_template(value)}
    assert {name: value for name, value in specified.items() if name in literal} == literal
    assert set(specified) <= set(defaults(role))


@each_role
def test_every_default_is_an_option(role: Path) -> None:
    assert set(defaults(role)) - set(options(role)) == set()


@each_role
def test_options_carry_the_name_of_the_role(role: Path) -> None:
    assert [name for name in options(role) if not name.startswith(f"{role.name}_")] == []


@each_role
def test_entry_points_are_described(role: Path) -> None:
    for entry_point in load(role / "meta" / "argument_specs.yml")["argument_specs"].values():
        assert entry_point["short_description"]
        assert entry_point["description"]
        assert all(option.get("description") for option in entry_point.get("options", {}).values())


@each_role
def test_has_a_readme_and_a_scenario(role: Path) -> None:
    assert (role / "README.md").stat().st_size > 0
    assert (ROOT / "extensions" / "molecule" / role.name / "molecule.yml").is_file() is (role.name not in PRIVATE)


def begins_with_a_verb(name: str) -> bool:
    return re.split("[ ,]", name)[0] in VERBS


@pytest.mark.parametrize("path", TASK_FILES, ids=str)
def test_task_names_begin_with_a_usual_verb(path: Path) -> None:
    names = [task.get("name", "") for task in tasks(load(path))]
    assert [name for name in names if not begins_with_a_verb(name)] == []


@pytest.mark.parametrize("name", ["Have the bucket", "Prove that every host has a live agent", "The bucket", ""])
def test_a_task_name_without_one_is_noticed(name: str) -> None:
    assert not begins_with_a_verb(name)


def test_the_verbs_are_those_in_use() -> None:
    names = [task.get("name", "") for path in TASK_FILES for task in tasks(load(path))]
    assert {re.split("[ ,]", name)[0] for name in names} == VERBS


def is_template(value: object) -> bool:
    """A default that another variable gives, `slipway_region` for one, cannot be compared as text."""
    return isinstance(value, str) and "{{" in value
