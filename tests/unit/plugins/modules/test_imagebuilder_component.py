# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_component against the emulator: versions, documents, removal."""

from __future__ import annotations

import typing as t

import pytest
from support.imagebuilder import HELLO, PARENT, client, done
from support.modules import four_steps, run_module

MODULE = "imagebuilder_component"
BASE: dict[str, t.Any] = {
    "name": "Web Server",
    "platform": "Linux",
    "description": "Says hello",
    "supported_os_versions": ["Amazon Linux 2023", "Ubuntu"],
    "data": HELLO,
    "tags": {"Team": "shop"},
}
CHANGED = {**BASE, "data": HELLO.replace("echo hello", "echo goodbye"), "change_description": "politer"}
REFORMATTED = "# the same\nphases: [{name: build, steps: [{action: ExecuteBash, name: Hello, inputs: {commands: [echo hello]}}]}]\nschemaVersion: 1.0\n"
ROOT = "arn:aws:imagebuilder:eu-west-1:123456789012:component/web-server"

pytestmark = pytest.mark.usefixtures("world")


def builds() -> list[str]:
    return [
        each["arn"]
        for each in client().list_component_build_versions(componentVersionArn=f"{ROOT}/1.0.0")["componentSummaryList"]
    ]


def test_changed_content_gives_exactly_one_new_build() -> None:
    told, made, told_again, again = four_steps(MODULE, BASE)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert made["component"]["arn"] == f"{ROOT}/1.0.0/1" and made["component"]["tags"] == {"Team": "shop"}
    assert [call.operation for call in again.calls if call.service == "imagebuilder"] == ["GetComponent"]
    told, made, told_again, again = four_steps(MODULE, CHANGED)
    assert [each.changed for each in (told, made, told_again, again)] == [True, True, False, False]
    assert told.writes == [] and told["diff"] == made["diff"]
    assert [call.operation for call in made.writes] == ["CreateComponent"]
    assert builds() == [f"{ROOT}/1.0.0/1", f"{ROOT}/1.0.0/2"]
    told, gone, told_again, again = four_steps(MODULE, {"name": "web-server", "state": "absent"})
    assert [each.changed for each in (told, gone, told_again, again)] == [True, True, False, False]
    assert told["diff"] == gone["diff"] and gone["removed"] == [f"{ROOT}/1.0.0/2", f"{ROOT}/1.0.0/1"]


def test_a_document_written_otherwise_is_the_same() -> None:
    done(MODULE, BASE)
    assert not done(MODULE, {**BASE, "data": REFORMATTED}).changed
    assert not done(MODULE, {**BASE, "supported_os_versions": ["Ubuntu", "Amazon Linux 2023"]}).changed


def test_descriptions_alone_make_no_version() -> None:
    done(MODULE, BASE)
    other = done(MODULE, {**BASE, "description": "other", "change_description": "other"})
    assert not other.changed and other["component"]["description"] == "Says hello"


def test_tags_change_in_place_and_ours_is_neither_shown_nor_purged() -> None:
    done(MODULE, BASE)
    retagged = done(MODULE, {**BASE, "tags": {"Stage": "prod"}})
    assert retagged.changed and retagged["component"]["tags"] == {"Stage": "prod"}
    assert [call.operation for call in retagged.writes] == ["UntagResource", "TagResource"]
    kept = client().get_component(componentBuildVersionArn=f"{ROOT}/1.0.0/1")["component"]["tags"]
    assert set(kept) == {"Stage", "slipway:content-digest"}


def test_new_content_and_new_tags_leave_the_old_build_alone() -> None:
    done(MODULE, BASE)
    both = done(MODULE, {**CHANGED, "tags": {"Stage": "prod"}})
    assert [call.operation for call in both.writes] == ["CreateComponent"]
    assert both["component"]["tags"] == {"Stage": "prod"}
    old = client().get_component(componentBuildVersionArn=f"{ROOT}/1.0.0/1")["component"]["tags"]
    assert old["Team"] == "shop"


def test_a_new_semantic_version_beside_the_old_one() -> None:
    done(MODULE, BASE)
    made = done(MODULE, {**BASE, "semantic_version": "1.1.0"})
    assert made.changed and made["component"]["arn"] == f"{ROOT}/1.1.0/1"
    assert not done(MODULE, BASE).changed  # without a version, the newest
    assert done(MODULE, {**CHANGED, "semantic_version": "1.0.0"})["component"]["arn"] == f"{ROOT}/1.0.0/2"


def test_the_platform_cannot_be_changed() -> None:
    done(MODULE, BASE)
    outcome = run_module(MODULE, {**BASE, "platform": "macOS"}, check_mode=True)
    assert outcome.failed and "platform (is 'Linux', asked for 'macOS')" in outcome.msg


def test_a_document_in_s3() -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="documents", Key="web/hello.yml", Body=HELLO.encode())
    params = {"name": "web", "platform": "Linux", "uri": "s3://documents/web/hello.yml"}
    assert done(MODULE, params).changed
    again = done(MODULE, params)
    assert not again.changed and [call.operation for call in again.calls if call.service != "sts"] == [
        "GetComponent",
        "GetObject",
    ]
    s3.put_object(Bucket="documents", Key="web/hello.yml", Body=CHANGED["data"].encode())
    assert done(MODULE, params)["component"]["arn"].endswith("component/web/1.0.0/2")
    missing = run_module(MODULE, {**params, "uri": "s3://documents/other"})
    assert missing.failed and missing.writes == []


def test_an_invalid_document_is_refused_by_line_before_anything_is_written() -> None:
    bad = HELLO.replace("ExecuteBash", "ExecuteBahs")
    for check_mode in (True, False):
        outcome = run_module(MODULE, {**BASE, "data": bad}, check_mode=check_mode)
        assert outcome.failed and outcome.msg.startswith("Failed to change the component Web Server: ")
        assert "line 6" in outcome.msg and "ExecuteBahs" in outcome.msg
        assert outcome.writes == []
    assert outcome["problems"]


@pytest.mark.parametrize("version", ["1.0.x", "1.0", "one"])
def test_a_version_it_cannot_have_is_refused_in_check_mode_too(version: str) -> None:
    outcome = run_module(MODULE, {**BASE, "semantic_version": version}, check_mode=True)
    assert outcome.failed and f"semantic_version {version!r} is not valid. It must be three numbers" in outcome.msg


def test_a_new_one_names_what_it_needs() -> None:
    outcome = run_module(MODULE, {"name": "web"}, check_mode=True)
    assert outcome.failed and "a new component requires platform, and data or uri" in outcome.msg


def test_a_version_in_use_is_kept_and_named() -> None:
    done(MODULE, BASE)
    done(MODULE, CHANGED)
    done(
        "imagebuilder_image_recipe",
        {"name": "web", "parent_image": PARENT, "components": [{"component": "web-server"}]},
    )
    one = run_module(MODULE, {"name": "Web Server", "semantic_version": "1.0.0", "state": "absent"}, check_mode=True)
    assert one.failed and "used by image recipe web/1.0.0" in one.msg
    absent = {"name": "Web Server", "state": "absent"}
    told, gone = done(MODULE, absent, check_mode=True), done(MODULE, absent)
    assert told.writes == [] and told["removed"] == gone["removed"] == [f"{ROOT}/1.0.0/1"]
    assert gone["kept"] == [{"arn": f"{ROOT}/1.0.0/2", "reason": "used by image recipe web/1.0.0"}]
    again = done(MODULE, absent)
    assert not again.changed and again["kept"] == gone["kept"]


def test_one_build_alone_is_removed() -> None:
    done(MODULE, BASE)
    done(MODULE, CHANGED)
    gone = done(MODULE, {"name": "Web Server", "semantic_version": "1.0.0/1", "state": "absent"})
    assert gone["removed"] == [f"{ROOT}/1.0.0/1"] and builds() == [f"{ROOT}/1.0.0/2"]
