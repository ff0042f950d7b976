# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every role is described, tested, and does what its description says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.collection.package import ROOT, load, roles

ROLES = ("app_deployment", "autoscaling_fleet", "codedeploy_agent", "codedeploy_setup", "golden_image")
each_role = pytest.mark.parametrize("role", roles(), ids=lambda role: role.name)


def options(role: Path) -> dict[str, dict[str, Any]]:
    entry_points = load(role / "meta" / "argument_specs.yml")["argument_specs"]
    return dict(entry_points["main"]["options"])


def defaults(role: Path) -> dict[str, Any]:
    path = role / "defaults" / "main.yml"
    return dict(load(path) or {}) if path.is_file() else {}


def test_every_role_that_is_announced_is_there() -> None:
    assert {role.name for role in roles()} >= set(ROLES)
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
    assert (ROOT / "extensions" / "molecule" / role.name / "molecule.yml").is_file()


def is_template(value: object) -> bool:
    """A default that another variable gives, `slipway_region` for one, cannot be compared as text."""
    return isinstance(value, str) and "{{" in value
