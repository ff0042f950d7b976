# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every option of a module that a role wraps is set by the role's variables, or left out for a reason that is written down."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collection.package import ROOT, load, parse, roles, tasks

LEFT_OUT = load("tests/collection/options_left_out.yml")
EVERY = "*"


def wraps() -> list[tuple[str, str]]:
    """A role and a module that it changes something with."""
    return sorted({(role.name, module) for role in roles() for module, _options in uses(role)})


def uses(role: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The modules of a role's tasks with their options, but for those that only look something up."""
    for path in sorted((role / "tasks").rglob("*.yml")):
        for task in tasks(load(path)):
            for name, options in task.items():
                if name.startswith(("slipway.aws.", "amazon.aws.")) and not name.endswith("_info"):
                    yield name, options or {}


def documented(module: str) -> dict[str, dict[str, Any]]:
    """The options that a module's documentation has, its fragments included."""
    namespace, collection, name = module.split(".")
    found = importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.modules.{name}")
    documentation = parse(found.DOCUMENTATION)
    options = dict(documentation.get("options") or {})
    for fragment in documentation.get("extends_documentation_fragment") or []:
        options.update(fragment_options(fragment))
    return options


def fragment_options(name: str) -> dict[str, Any]:
    namespace, collection, file, *part = name.split(".")
    found = importlib.import_module(f"ansible_collections.{namespace}.{collection}.plugins.doc_fragments.{file}")
    text = getattr(found.ModuleDocFragment(), (part or ["DOCUMENTATION"])[0].upper())
    return dict(parse(text).get("options") or {})


def reached(role: str, module: str) -> set[str]:
    """The options that a task of the role sets to something that is not written into it."""
    given = [options for name, options in uses(ROOT / "roles" / role) if name == module]
    return {option for options in given for option, value in options.items() if "{{" in str(value)}


def reasons(role: str, module: str) -> dict[str, str]:
    of_role = LEFT_OUT.get(role, {})
    return {**LEFT_OUT["all"], **of_role.get(EVERY, {}), **of_role.get(module, {})}


def missing(role: str, module: str) -> list[str]:
    """Options that are neither set nor left out."""
    set_by_role, left_out = reached(role, module), reasons(role, module)
    options = documented(module)
    return [
        name
        for name, option in options.items()
        if EVERY not in left_out and not {name, *option.get("aliases", [])} & (set_by_role | left_out.keys())
    ]


@pytest.mark.parametrize(("role", "module"), wraps())
def test_every_option_is_reachable_or_left_out_for_a_reason(role: str, module: str) -> None:
    assert missing(role, module) == []


@pytest.mark.parametrize(("role", "module"), wraps())
def test_what_is_left_out_exists_and_is_not_set(role: str, module: str) -> None:
    left_out = LEFT_OUT.get(role, {}).get(module, {}).keys() - {EVERY}
    assert left_out - documented(module).keys() == set()
    assert (
        left_out & (reached(role, module) - {"default_version", "source_version", "template_id", "metrics_collection"})
        == set()
    )


def test_reasons_are_of_modules_that_are_used() -> None:
    named = {
        (role, module) for role, modules in LEFT_OUT.items() if role not in ("all", "reasons") for module in modules
    }
    assert {each for each in named if each[1] != EVERY} - set(wraps()) == set()


def test_a_missing_option_is_noticed() -> None:
    """The test itself: without its reasons, an option that no role sets is missing."""
    assert "ecs_services" in documented("slipway.aws.codedeploy_deployment_group")
    assert "when_active" in reached("app_deployment", "slipway.aws.codedeploy_deployment")
    assert "deployment_mode" not in reached("app_deployment", "slipway.aws.codedeploy_deployment")
