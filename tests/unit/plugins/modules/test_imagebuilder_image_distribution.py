# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image_distribution against the emulator: what is there goes elsewhere once, is joined, and is retried."""

from __future__ import annotations

import itertools
import typing as t
from types import SimpleNamespace

import pytest
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.imagebuilder import client, done, ingredients
from support.modules import CONNECTION, run_module

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

MODULE = "imagebuilder_image_distribution"
HOME, FAR, NEW = CONNECTION["region"], "us-east-1", "eu-central-1"
DIRECT = {"image_recipe": "web", "infrastructure_configuration": "web", "distribution_configuration": "web"}
NUMBERS = itertools.count(1)
IDS: dict[str, str] = {}


@pytest.fixture(scope="module", autouse=True)
def _image() -> t.Iterator[None]:
    """One image for all tests here, built for one Region; each test has a configuration of its own."""
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "time", SimpleNamespace(sleep=clock.advance, monotonic=clock.now))
        ingredients()
        built = done("imagebuilder_image", {**DIRECT, "wait": False})
        clock.advance(3600)
        made = client().get_image(imageBuildVersionArn=built["image"]["arn"])["image"]["outputResources"]["amis"]
        IDS[HOME] = str(made[0]["image"])
        yield


@pytest.fixture(autouse=True)
def _no_faults() -> t.Iterator[None]:
    yield
    faults.remove()


def image_count() -> int:
    return len(client().list_image_build_versions()["imageSummaryList"])


def promotion(*regions: str, **more: t.Any) -> dict[str, t.Any]:
    """A wish with a configuration that no other has."""
    name = f"far{next(NUMBERS)}"
    goes_to(name, *regions or (HOME, FAR))
    wish = {"source_image": "web", "distribution_configuration": name, "execution_role": "image-builder"}
    return {**wish, "wait_delay": 60, **more}


def goes_to(name: str, *regions: str, **ami: t.Any) -> None:
    wish = [{"region": region, "ami_distribution_configuration": {"description": name, **ami}} for region in regions]
    done("imagebuilder_distribution_configuration", {"name": name, "distributions": wish})


def operations(outcome: t.Any) -> list[str]:
    return [call.operation for call in outcome.calls if call.service == "imagebuilder"]


def test_an_image_goes_to_a_region_once() -> None:
    wish = promotion(HOME, NEW)
    told, did = done(MODULE, wish, check_mode=True), done(MODULE, wish)
    missing = {"region": NEW, "account_id": "123456789012", "image_id": None}
    assert told.writes == [] and told.changed and told["diff"] == did["diff"]
    assert told["reason"] == f"web is not in {NEW} of account 123456789012"
    assert told["places"] == [missing, {**missing, "region": HOME, "image_id": IDS[HOME]}]
    assert did["image"]["state"]["status"] == "AVAILABLE" and sorted(did["image_ids"]) == [NEW, HOME]
    assert did["image_ids"][HOME] == IDS[HOME]
    again = done(MODULE, wish)
    assert not again.changed and again.writes == [] and again["image"]["arn"] == did["image"]["arn"]
    assert again["places"][0]["image_id"] == did["image_ids"][NEW]
    assert again["diff"]["before"] == again["diff"]["after"] == did["diff"]["after"]
    assert len(operations(again)) == 3


def test_what_was_built_so_is_not_distributed() -> None:
    outcome = done(MODULE, promotion(distribution_configuration="web"))
    assert not outcome.changed and outcome["reason"] == "web/1.0.0/1 has been distributed so"


@pytest.mark.parametrize("form", ["ami", "ssm", "build"])
def test_the_same_image_by_another_name_is_the_same(form: str) -> None:
    client("ssm").put_parameter(Name="/golden/web", Value=IDS[HOME], Type="String", Overwrite=True)
    named = {"ami": IDS[HOME], "ssm": "ssm:/golden/web", "build": "web/1.0.0/1"}[form]
    wish = promotion(source_image=named, tags={"Stage": 4})
    first = done(MODULE, wish)
    assert first.changed and first["image"]["tags"]["Stage"] == "4"
    assert not done(MODULE, {**wish, "source_image": "web"}).changed


def test_a_changed_configuration_is_a_reason_and_force_another() -> None:
    wish = promotion()
    done(MODULE, wish)
    name = wish["distribution_configuration"]
    goes_to(name, HOME, FAR, launch_permission={"user_ids": ["210987654321"]})
    told = done(MODULE, wish, check_mode=True)
    assert told.changed and told["reason"] == f"web has not been distributed by {name} as it is now"
    assert done(MODULE, wish).changed and not done(MODULE, wish).changed
    assert done(MODULE, {**wish, "force": True}, check_mode=True)["reason"] == "force is set"


def test_a_distribution_is_joined_and_followed() -> None:
    wish = promotion()
    started = done(MODULE, {**wish, "wait": False})
    assert started["image"]["state"]["status"] == "PENDING"
    slices = {"seconds": 60, "seen": ""}
    joined = done(MODULE, {**wish, "follow": slices})
    assert joined["joined"] and joined.writes == [] and joined["image"]["arn"] == started["image"]["arn"]
    follow = {**slices, "id": joined["followed"]["id"], "seconds": 3600, "seen": joined["followed"]["seen"]}
    lines = done(MODULE, {**wish, "follow": follow})["followed"]["lines"]
    assert any("DISTRIBUTING: distribute-image, " in line for line in lines)
    clock.advance(3600)


def test_a_region_that_failed_is_named_and_retried() -> None:
    faults.add({"kind": "distribution-fails", "region": FAR, "message": "snapshot limit exceeded", "times": 1})
    wish = promotion()
    failed = run_module(MODULE, wish)
    assert failed.failed and f"Region {FAR}, account 123456789012, copy FAILED: snapshot limit exceeded" in failed.msg
    told = done(MODULE, wish, check_mode=True)
    assert told["reason"].endswith("is FAILED, so its distribution is retried")
    did = done(MODULE, wish)
    assert did.changed and did["image"]["arn"] == failed["image"]["arn"] and FAR in did["image_ids"]
    assert [call.operation for call in did.writes] == ["RetryImage"]


def test_a_distribution_is_no_build() -> None:
    """Nothing tells from what a distributed image was built, so it must not make a pipeline bake again."""
    done(MODULE, promotion())
    again = done("imagebuilder_image", DIRECT, check_mode=True)
    assert not again.changed and again["image_ids"] == {HOME: IDS[HOME]}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"source_image": "none"}, "there is no image none/x.x.x in eu-west-1"),
        ({"source_image": "ami-0123456789abcdef0"}, "source_image: the AMI ami-0123456789abcdef0 is not in eu-west-1"),
        ({"source_image": "ssm:/none"}, "source_image: there is no SSM parameter /none in eu-west-1"),
        ({"distribution_configuration": "none"}, "there is no distribution configuration none in eu-west-1"),
    ],
)
def test_what_is_not_there_is_named(options: dict[str, str], why: str) -> None:
    outcome = run_module(MODULE, promotion(**options))
    assert outcome.failed and outcome.msg.startswith("Failed to distribute the image ") and why in outcome.msg
    assert outcome.writes == []


def test_check_mode_bears_what_earlier_tasks_would_create() -> None:
    told = done(MODULE, promotion(distribution_configuration="none"), check_mode=True)
    assert told.changed and told["image_ids"] == {} and "no distribution configuration none" in told["reason"]
    assert told["source"]["arn"].endswith(":image/web/1.0.0/1")
    assert done(MODULE, promotion(source_image="none"), check_mode=True)["source"] == {}


def test_an_image_that_has_not_passed_is_refused() -> None:
    wish = promotion(required_tags={"Approved": True})
    for source in ("web", IDS[HOME]):
        outcome = run_module(MODULE, {**wish, "source_image": source})
        assert outcome.failed and outcome.writes == []
        assert "does not have the required tags Approved. Tag the image when it has passed" in outcome.msg
    arn = done(MODULE, {**wish, "required_tags": {}}, check_mode=True)["source"]["arn"]
    client().tag_resource(resourceArn=arn, tags={"Approved": "True"})
    assert done(MODULE, wish, check_mode=True).changed


def test_an_image_that_is_not_available_is_refused() -> None:
    one = {"image_build_version_arn": "web/1.0.0/1"}
    done("imagebuilder_image", {**one, "state": "disabled"})
    outcome = run_module(MODULE, promotion(source_image="web/1.0.0/1"), check_mode=True)
    assert outcome.failed and "web/1.0.0/1 is DISABLED, and AWS distributes only available images" in outcome.msg
    done("imagebuilder_image", {**one, "state": "available"})


@pytest.mark.parametrize("fault", FAULTS)
def test_the_start_in_every_fault(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right or one sentence; the next run joins or finishes, and there is one distribution in the end."""
    monkeypatch.setattr("time.sleep", clock.advance)
    wish, before = promotion(), image_count()
    faults.add({**FAULTS[fault], "operation": "DistributeImage"})
    outcome = run_module(MODULE, wish)
    faults.remove()
    assert outcome.failed == (fault not in PASSES)
    if outcome.failed:
        is_a_sentence(outcome.msg, "Failed to distribute the image web: ")
    done(MODULE, wish)
    assert image_count() == before + 1


@pytest.mark.parametrize("operation", ["ListImageBuildVersions", "GetDistributionConfiguration", "GetImage"])
def test_a_read_that_is_denied_is_one_sentence(operation: str) -> None:
    wish = promotion()
    faults.add({**FAULTS["denied"], "operation": operation})
    outcome = run_module(MODULE, wish)
    assert outcome.failed
    is_a_sentence(outcome.msg, "Failed to distribute the image web: ")
