# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every call of ssm_association with every fault: right, or one clear sentence; nothing runs twice; the next run converges."""

from __future__ import annotations

import typing as t

import pytest
from support import compute
from support.every_fault import FAULTS, NEVER_AGAIN, PASSES, is_a_sentence
from support.imagebuilder import done
from support.modules import run_module

from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
MODULE = "ssm_association"
WRITES = {"CreateAssociation", "UpdateAssociation", "StartAssociationsOnce"}  # each of them starts a run


def asked(name: str, **more: t.Any) -> dict[str, t.Any]:
    return {
        "name": name,
        "document_name": "AWS-RunShellScript",
        "parameters": {"commands": "true"},
        "targets": [{"key": "tag:Role", "values": ["web"]}],
        **more,
    }


def named(fault: str) -> str:
    return fault.replace(" ", "-")


def found(name: str) -> list[str]:
    ssm = compute.client("ssm")
    listed = ssm.list_associations(AssociationFilterList=[{"key": "AssociationName", "value": name}])["Associations"]
    return [one["AssociationId"] for one in listed]


def runs(name: str) -> int:
    ssm = compute.client("ssm")
    told = [ssm.describe_association_executions(AssociationId=one)["AssociationExecutions"] for one in found(name)]
    return sum(map(len, told))


def passes(operation: str, fault: str) -> bool:
    return fault in PASSES and not (operation in WRITES and fault in NEVER_AGAIN)


def struck(operation: str, fault: str, options: dict[str, t.Any]) -> t.Any:
    faults.add({**FAULTS[fault], "operation": operation})
    outcome = run_module(MODULE, options)
    faults.remove()
    assert outcome.failed is not passes(operation, fault), f"{fault}: {outcome.msg}"
    if outcome.failed:
        is_a_sentence(outcome.msg, "Failed to ")
    return outcome


@pytest.mark.parametrize("operation", ["ListAssociations", "CreateAssociation", "DescribeAssociationExecutions"])
def test_creating(operation: str) -> None:
    compute.run(compute.image(), tags={"Role": "web"})
    compute.boot()
    for fault in FAULTS:
        struck(operation, fault, asked(named(fault)))
        assert len(found(named(fault))) <= 1, fault
        done(MODULE, asked(named(fault)))
        assert (len(found(named(fault))), runs(named(fault))) == (1, 1), fault


CHANGES: list[tuple[str, dict[str, t.Any]]] = [
    ("DescribeAssociation", {"max_errors": "1"}),
    ("UpdateAssociation", {"max_errors": "1"}),
    ("StartAssociationsOnce", {"run_now": True}),
    ("AddTagsToResource", {"tags": {"Team": "shop"}}),
    ("ListTagsForResource", {"tags": {"Team": "shop"}}),
]


@pytest.mark.parametrize(("operation", "change"), CHANGES, ids=[operation for operation, _change in CHANGES])
def test_changing(operation: str, change: dict[str, t.Any]) -> None:
    compute.run(compute.image(), tags={"Role": "web"})
    compute.boot()
    for fault in FAULTS:
        done(MODULE, asked(named(fault)))
        first = struck(operation, fault, asked(named(fault), **change))
        again = done(MODULE, asked(named(fault), **change))
        once = 1 + ("tags" not in change)  # the run of the creation, and one of the change
        if "run_now" in change:
            once += not first.failed  # asked for a second time
        assert runs(named(fault)) == once, fault
        assert again.changed is (first.failed or "run_now" in change), fault


def test_deleting() -> None:
    for fault in FAULTS:
        done(MODULE, asked(named(fault)))
        first = struck("DeleteAssociation", fault, {"name": named(fault), "state": "absent"})
        assert done(MODULE, {"name": named(fault), "state": "absent"}).changed is first.failed
        assert found(named(fault)) == []
