# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every Resource of every module against the botocore model: members, enums, required and fixed names, results."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import botocore.session
import pytest
import yaml

from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource
from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import option_name

MODULES = Path(__file__).parents[4] / "plugins" / "modules"
PACKAGE = "ansible_collections.slipway.aws.plugins.modules"
# Members that no option covers, each with the reason.
NOT_OPTIONS = {
    ("imagebuilder", "clientToken"): "made by botocore, so that a retried call is not carried out twice",
    ("imagebuilder", "dryRun"): "is a write by its rights; check mode only reads",
    ("ssm", "InstanceId"): "is for documents as they were in the beginning; targets do the same",
}
# Members that a shape calls otherwise than the model.
SAID_AS = {("ssm", "Tags"): "tags", ("ssm", "Name"): "DocumentName"}
READS = {"ssm": "Describe"}  # what begins the name of the operation that reads a noun, where it is not Get
CREATES = {
    "on_premises_instance": "Register"
}  # what begins the name of the one that creates it, where it is not Create
OF_OTHER_CALLS = {"on_premises_instance": {"tags"}}  # what a call of its own sets
TOLD_BESIDE = {
    "association": {"execution", "run_now"},  # the run that was waited for, or is foretold
    "deployment_group": {"fleet"},  # which Auto Scaling groups took the place of those that were named
}


def resources() -> list[pytest.param]:
    found = []
    for path in sorted(MODULES.glob("*.py")):
        module = importlib.import_module(f"{PACKAGE}.{path.stem}")
        values = [value for value in vars(module).values() if isinstance(value, Resource)]
        found += [pytest.param(module, value, id=path.stem) for value in values]
    return found


def camel(noun: str) -> str:
    return "".join(part.capitalize() for part in noun.split("_"))


def create_input(resource: Resource) -> botocore.model.StructureShape:
    model = botocore.session.get_session().get_service_model(resource.service)
    return model.operation_model(f"{CREATES.get(resource.name, 'Create')}{camel(resource.name)}").input_shape


def create_members(resource: Resource) -> set[str]:
    members = {SAID_AS.get((resource.service, name), name) for name in create_input(resource).members}
    return members | OF_OTHER_CALLS.get(resource.name, set())


def wish(module: object, resource: Resource) -> dict:
    return resource.want(dict.fromkeys(module.ARGUMENT_SPEC))


@pytest.mark.parametrize(("module", "resource"), resources())
def test_every_member_of_the_create_call_can_be_asked_for(module: object, resource: Resource) -> None:
    left_out = {name for service, name in NOT_OPTIONS if service == resource.service}
    members = create_members(resource)
    assert members - set(wish(module, resource)) == left_out & members


@pytest.mark.parametrize(("module", "resource"), resources())
def test_what_is_asked_for_exists_in_the_model(module: object, resource: Resource) -> None:
    members = create_members(resource)
    assert set(wish(module, resource)) <= members
    assert {path.split(".")[0] for path in resource.fixed} <= members


def values(member: botocore.model.Shape) -> list[str]:
    """What the model lists as values: an enum, or a pattern that is nothing but alternatives."""
    pattern = member.metadata.get("pattern", "")
    alternatives = pattern.split("|") if re.fullmatch(r"\w+(\|\w+)+", pattern) else []
    return list(getattr(member, "enum", None) or alternatives)


def options(spec: dict, shape: botocore.model.Shape, path: str = "") -> list[tuple[str, list, list]]:
    """(path, choices, enum) of every option that has a member in the model."""
    by_name = {option_name(name): member for name, member in shape.members.items()}
    rows = []
    for name, option in spec.items():
        member = by_name.get(name)
        if member is None:
            continue
        while member.type_name == "list":
            member = member.member
        rows.append((path + name, option.get("choices") or [], values(member)))
        if member.type_name == "structure" and option.get("options"):
            rows += options(option["options"], member, f"{path}{name}.")
    return rows


@pytest.mark.parametrize(("module", "resource"), resources())
def test_choices_are_the_values_the_model_lists(module: object, resource: Resource) -> None:
    for path, choices, enum in options(module.ARGUMENT_SPEC, create_input(resource)):
        assert sorted(choices) == sorted(enum), path


@pytest.mark.parametrize(("module", "resource"), resources())
def test_every_suboption_covers_the_members_of_its_structure(module: object, resource: Resource) -> None:
    def missing(spec: dict, shape: botocore.model.Shape, path: str) -> set[str]:
        lost = set()
        for name, member in shape.members.items():
            option = spec.get(option_name(name))
            while member.type_name == "list" and member.member.type_name in ("structure",):
                member = member.member
            if option is None and path:
                lost.add(path + name)
            elif option is not None and member.type_name == "structure" and option.get("options"):
                lost |= missing(option["options"], member, f"{path}{name}.")
        return lost

    assert missing(module.ARGUMENT_SPEC, create_input(resource), "") == set()


@pytest.mark.parametrize(("module", "resource"), resources())
def test_documented_results_are_members_of_the_live_shape(module: object, resource: Resource) -> None:
    model = botocore.session.get_session().get_service_model(resource.service)
    read = f"{READS.get(resource.service, 'Get')}{camel(resource.name)}"
    output = model.operation_model(read).output_shape
    structures = [member for member in output.members.values() if member.type_name == "structure"]
    shape = next(
        (s for s in structures if set(create_input(resource).required_members) & set(s.members)), structures[0]
    )
    # Which version was made of a version that counts up is told in the words of the option, too.
    live = {option_name(name) for name in (*shape.members, *create_members(resource))}
    documented = yaml.safe_load(module.RETURN)[resource.name]["contains"]
    assert set(documented) - TOLD_BESIDE.get(resource.name, set()) <= live


def test_there_are_resources_to_test() -> None:
    assert len(resources()) >= 3
    assert all(re.fullmatch(r"[a-z0-9_]+", param.values[1].name) for param in resources())
