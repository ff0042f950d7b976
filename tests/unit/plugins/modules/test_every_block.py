# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every block of options of every noun, from each of its variants to each other and back.

Afterwards the noun is as one that was made so at once, and a second run finds nothing to do.
"""

from __future__ import annotations

import importlib
import itertools
import json
import typing as t
from pathlib import Path

import pytest
from support import association_blocks, blocks, imagebuilder_blocks
from support.blocks import FIXED, Block, Row
from support.deployment_groups import ecs_services, scaling_group
from support.imagebuilder import APPROVED, HELLO, client, done, ingredients
from support.modules import run_module
from support.told import tells

from ansible_collections.slipway.aws.plugins.module_utils._core.resource import Resource

ROWS = [*blocks.ROWS, *imagebuilder_blocks.ROWS, *association_blocks.ROWS]
MODULES = Path(__file__).parents[4] / "plugins" / "modules"
PACKAGE = "ansible_collections.slipway.aws.plugins.modules"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
SIZED_WORKFLOW = APPROVED.replace("steps:", "parameters:\n  - {name: size, type: string, default: '2'}\nsteps:")
SIZED = f"parameters:\n  - Size: {{type: string, default: '2'}}\n{HELLO}"


@pytest.fixture
def surroundings(row: Row, world: None) -> None:
    """What the nouns of a row refer to."""
    if row.module.startswith("imagebuilder"):
        ingredients()
        done("imagebuilder_component", {"name": "sized", "platform": "Linux", "data": SIZED})
        done("imagebuilder_workflow", {"name": "sized", "type": "TEST", "data": SIZED_WORKFLOW})
    if not row.module.startswith("codedeploy"):
        return
    client("iam").create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    for name, platform in (("web", "Server"), ("ecs", "ECS")):
        done("codedeploy_application", {"name": name, "compute_platform": platform})
    ecs_services()
    if row.base.get("auto_scaling_groups"):
        scaling_group("one")


def laid(before: Block, then: Block, levels: int) -> Block:
    """What is to be there: what a task leaves out stays for so many levels of maps; an empty one clears."""
    if not levels or not then or not isinstance(before, dict):
        return then
    return {**before, **{key: laid(before.get(key), value, levels - 1) for key, value in then.items()}}


def noun_of(module: str) -> str:
    found = vars(importlib.import_module(f"{PACKAGE}.{module}")).values()
    return next(value.name for value in found if isinstance(value, Resource))


def shown(outcome: t.Any, row: Row) -> t.Any:
    """The block as AWS has it; the empty and the missing one are the same."""
    return outcome[noun_of(row.module)].get(row.option) or None


def asked(row: Row, name: str, block: Block) -> dict[str, t.Any]:
    return {**row.base, "name": name, row.option: block}


def rows(table: list[Row]) -> list[t.Any]:
    return [pytest.param(row, id=f"{row.module}-{row.option}-{n}") for n, row in enumerate(table)]


def made_at_once(row: Row, block: Block) -> t.Any:
    """The block of a noun that was made with it and then removed."""
    made = done(row.module, asked(row, "made-at-once", block))
    done(row.module, {**row.base, "name": "made-at-once", "state": "absent"})
    return shown(made, row)


def walk(variants: list[Block]) -> t.Iterator[Block]:
    """From each to each other and back."""
    for number, first in enumerate(variants):
        yield first
        for second in variants[number + 1 :]:
            yield from (second, first)


@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize("row", rows(ROWS))
def test_from_each_variant_to_each_other_and_back(row: Row) -> None:
    way, states = list(walk(row.variants)), []
    for block in way:
        states.append(laid(states[-1], block, row.kept) if states else block)
    wanted = {json.dumps(state): made_at_once(row, state) for state in states}
    done(row.module, asked(row, "walking", way[0]))
    for block, state in zip(way, states, strict=True):
        made, again = (run_module(row.module, asked(row, "walking", block)) for _time in range(2))
        assert [made.msg, again.msg] == ["", ""], block
        assert not again.changed and again.writes == [], again["diff"]
        assert shown(again, row) == wanted[json.dumps(state)]
        assert tells(shown(again, row), state), (state, shown(again, row))


@pytest.mark.usefixtures("surroundings")
@pytest.mark.parametrize("row", rows(FIXED))
def test_a_variant_of_what_cannot_change_is_refused(row: Row) -> None:
    for number, (first, second) in enumerate(itertools.permutations(row.variants, 2)):
        name = f"walk-{number}"
        done(row.module, asked(row, name, first))
        assert not done(row.module, asked(row, name, first)).changed
        refused = run_module(row.module, asked(row, name, second), check_mode=True)
        assert refused.failed and f"AWS cannot change {row.option}" in refused.msg
        assert refused.writes == []


def paths(spec: dict[str, t.Any], at: str = "") -> t.Iterator[str]:
    """Every option in a block, at any depth."""
    for name, option in spec.items():
        yield at + name
        yield from paths(option.get("options") or {}, f"{at}{name}.")


def said(block: Block, at: str) -> t.Iterator[str]:
    for item in block if isinstance(block, list) else [block]:
        for name, value in item.items() if isinstance(item, dict) else ():
            yield at + name
            yield from said(value, f"{at}{name}.")


def test_every_option_of_every_block_is_walked() -> None:
    wanted, walked = set(), set()
    for path in sorted(MODULES.glob("*.py")):
        module = importlib.import_module(f"{PACKAGE}.{path.stem}")
        if not any(isinstance(value, Resource) for value in vars(module).values()):
            continue
        for name, option in module.ARGUMENT_SPEC.items():
            wanted |= {f"{path.stem}:{name}.{inner}" for inner in paths(option.get("options") or {})}
    for row in [*ROWS, *FIXED]:
        for variant in row.variants:
            walked |= {f"{row.module}:{inner}" for inner in said({row.option: variant}, "")}
    assert wanted - walked == set()
