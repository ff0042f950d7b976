# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_workflow and its _info against the emulator: versions, documents, removal."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import APPROVED, client, done, ingredients
from support.modules import four_steps, run_module

MODULE = "imagebuilder_workflow"
BASE: dict[str, t.Any] = {
    "name": "Approved Test",
    "type": "TEST",
    "description": "Waits for an approval",
    "data": APPROVED,
    "tags": {"Team": "shop"},
}
CHANGED = {**BASE, "data": APPROVED.replace("Continue", "Abort"), "change_description": "stricter"}
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012:workflow/test/approved-test"
NAMED = {"name": "approved-test", "type": "TEST"}

pytestmark = pytest.mark.usefixtures("world")


def test_changed_content_gives_exactly_one_new_build() -> None:
    told, made, told_again, again = four_steps(MODULE, BASE)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert made["workflow"]["arn"] == f"{ROOT}/1.0.0/1" and made["workflow"]["tags"] == {"Team": "shop"}
    assert [call.operation for call in again.calls if call.service == "imagebuilder"] == ["GetWorkflow"]
    told, made, told_again, again = four_steps(MODULE, CHANGED)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert [call.operation for call in made.writes] == ["CreateWorkflow"]
    told, gone, told_again, again = four_steps(MODULE, {**NAMED, "state": "absent"})
    assert [each.changed for each in (told, gone, told_again, again)] == [True, True, False, False]
    assert told["diff"] == gone["diff"] and gone["removed"] == [f"{ROOT}/1.0.0/2", f"{ROOT}/1.0.0/1"]


def test_documents_count_by_what_they_say_and_descriptions_not_at_all() -> None:
    done(MODULE, BASE)
    assert not done(MODULE, {**BASE, "data": f"# the same\n{APPROVED}", "description": "other"}).changed
    retagged = done(MODULE, {**BASE, "tags": {"Stage": "prod"}})
    assert retagged.changed and retagged["workflow"]["tags"] == {"Stage": "prod"}
    assert [call.operation for call in retagged.writes] == ["UntagResource", "TagResource"]


def test_the_same_name_with_another_type_is_another_workflow() -> None:
    done(MODULE, BASE)
    build = APPROVED.replace("name: approved", "name: build")
    other = done(MODULE, {**BASE, "type": "BUILD", "data": build})
    assert other.changed and other["workflow"]["arn"].endswith("workflow/build/approved-test/1.0.0/1")
    assert done(MODULE, {**NAMED, "state": "absent"})["removed"] == [f"{ROOT}/1.0.0/1"]


def test_a_document_of_s3() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="documents", Key="approved.yml", Body=APPROVED.encode())
    stored = {**{key: BASE[key] for key in ("name", "type", "tags")}, "uri": "s3://documents/approved.yml"}
    assert done(MODULE, stored).changed and not done(MODULE, stored).changed
    assert not done(MODULE, BASE).changed


def test_a_document_that_does_not_hold_is_refused_with_its_lines() -> None:
    outcome = run_module(MODULE, {**BASE, "data": APPROVED.replace("WaitForAction", "Wait")}, check_mode=True)
    assert (
        outcome.failed
        and "the workflow document is not valid. data, line 9, steps[1].action: Wait is not" in outcome.msg
    )
    assert len(outcome["problems"]) == 1


def test_a_new_one_needs_a_document() -> None:
    outcome = run_module(MODULE, NAMED, check_mode=True)
    assert outcome.failed and "a new workflow requires data or uri" in outcome.msg


def test_what_a_pipeline_uses_is_kept() -> None:
    ingredients()
    done(MODULE, BASE)
    pipeline = {"name": "web", "image_recipe": "web", "infrastructure_configuration": "web", "execution_role": "r"}
    done("imagebuilder_image_pipeline", {**pipeline, "workflows": [{"workflow": "test/approved-test"}]})
    kept = done(MODULE, {**NAMED, "state": "absent"})
    assert not kept.changed and kept["kept"] == [{"arn": f"{ROOT}/1.0.0/1", "reason": "used by image pipeline web"}]
    done(MODULE, CHANGED)
    assert done(MODULE, {**NAMED, "state": "absent"})["removed"] == [f"{ROOT}/1.0.0/1"]
    refused = run_module(MODULE, {**NAMED, "semantic_version": "1.0.0/2", "state": "absent"})
    assert refused.failed and "used by image pipeline web" in refused.msg


def test_workflows_are_read() -> None:
    done(MODULE, BASE)
    info = f"{MODULE}_info"
    (one,) = done(info, {"name": "test/approved-test"})["workflows"]
    assert one["data"] == APPROVED and one["arn"] == f"{ROOT}/1.0.0/1"
    assert done(info, {"name": one["arn"]})["workflows"] == [one]
    assert done(info, {"name": "build/approved-test"})["workflows"] == []
    assert [each["name"] for each in done(info, {"filters": {"type": "TEST"}})["workflows"]] == ["Approved Test"]
    amazon = done(info, {"owner": "Amazon", "by_name": True, "filters": {"type": ["BUILD"]}})["workflows"]
    assert {each["name"] for each in amazon} == {"build-image", "build-container"}
