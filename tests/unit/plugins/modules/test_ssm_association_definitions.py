# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Associations as they are published: each reads back unchanged, and survives a change and its undoing."""

from __future__ import annotations

import typing as t

import botocore.session
import pytest
from support import compute
from support.associations import DEFINITIONS, runs, writes
from support.imagebuilder import done

from ansible_collections.slipway.aws.plugins.module_utils._ssm.associations.calls import MEMBERS

pytestmark = pytest.mark.usefixtures("world")
MODULE = "ssm_association"
CLEARED: dict[str, t.Any] = {
    "schedule_expression": "",
    "schedule_offset": 0,
    "duration": 0,
    "apply_only_at_cron_interval": False,
    "target_maps": [],
    "target_locations": [],
    "calendar_names": [],
    "output_location": {},
    "alarm_configuration": {},
    "parameters": {},
    "compliance_severity": "UNSPECIFIED",
    "sync_compliance": "AUTO",
    "document_version": "$DEFAULT",
    "association_dispatch_assume_role": "",
    "automation_target_parameter_name": "",
    "max_concurrency": "50",
    "max_errors": "10%",
}


def test_no_member_is_dropped_by_an_update() -> None:
    model = botocore.session.get_session().get_service_model("ssm")
    members = set(model.operation_model("UpdateAssociation").input_shape.members)
    sent = {"Name" if member == "DocumentName" else member for member in MEMBERS}
    assert sent == members - {"AssociationId", "AssociationVersion"}


def undone(definition: dict[str, t.Any], change: dict[str, t.Any]) -> dict[str, t.Any]:
    """The options that lead back: what only the change said is cleared."""
    return {**{option: CLEARED[option] for option in change if option not in definition}, **definition}


@pytest.mark.parametrize("what", DEFINITIONS)
def test_a_definition_reads_back_unchanged_and_survives_a_change_and_its_undoing(what: str) -> None:
    definition, change = DEFINITIONS[what]
    compute.client("s3").create_bucket(
        Bucket="ssm-output", CreateBucketConfiguration={"LocationConstraint": compute.REGION}
    )
    about = {"name": "defined", "wait": False}
    assert done(MODULE, {**about, **definition}, check_mode=True).writes == []
    made = done(MODULE, {**about, **definition})
    assert made.changed and writes(made) == ["CreateAssociation"]
    begun = runs()
    for params in ({**definition}, {"document_name": definition["document_name"]}):
        again = done(MODULE, {**about, **params})
        assert not again.changed and again.writes == [], again["diff"]
    assert runs() == begun, "a no-op never starts a run"
    changed, back = {**definition, **change}, undone(definition, change)
    for params in (changed, back):
        foretold = done(MODULE, {**about, **params}, check_mode=True)
        assert foretold.writes == []
        step = done(MODULE, {**about, **params})
        assert step.changed and writes(step) == ["UpdateAssociation"]
        assert foretold["diff"] == step["diff"]
        assert not done(MODULE, {**about, **params}).changed
    kept = {option: step["association"].get(option) or None for option in definition}
    assert kept == {option: made["association"].get(option) or None for option in definition}


def test_there_are_as_many_definitions_as_were_asked_for() -> None:
    assert len(DEFINITIONS) >= 27
