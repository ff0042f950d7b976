# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""imagebuilder_image against the emulator: builds cancelled and retried, images deprecated, disabled and brought back."""

from __future__ import annotations

import datetime
import typing as t

import pytest
from support.imagebuilder import client, distributions, done, ingredients
from support.modules import run_module

from ansible_collections.slipway.aws.plugins.module_utils._imagebuilder import clearing, image_states
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

MODULE = "imagebuilder_image"
RECIPE = {"image_recipe": "web", "wait_delay": 60}
DIRECT = {**RECIPE, "infrastructure_configuration": "web", "distribution_configuration": "web"}
ONE = {"image_build_version_arn": "web/1.0.0/1"}
WITH_AMIS = {**ONE, "include_resources": {"amis": True}, "execution_role": "image-builder"}


@pytest.fixture(autouse=True)
def _ingredients(world: None) -> None:
    ingredients()


def started() -> str:
    return str(done(MODULE, {**DIRECT, "wait": False})["image"]["arn"])


def built() -> str:
    """An image whose AMI is there, without looking on."""
    arn = started()
    clock.advance(3600)
    return arn


def ami(region: str = "eu-west-1") -> dict[str, t.Any]:
    return dict(client("ec2", region).describe_images(Owners=["self"])["Images"][-1])


def foretold(params: dict[str, t.Any]) -> t.Any:
    """What a run did after check mode had said the same; and a second run does nothing."""
    told, did = done(MODULE, params, check_mode=True), done(MODULE, params)
    assert told.writes == [] and (told.changed, told["diff"]) == (did.changed, did["diff"])
    again = done(MODULE, params)
    assert not again.changed and again.writes == []
    return did


def test_builds_in_progress_are_cancelled() -> None:
    arn = started()
    did = foretold({**RECIPE, "state": "cancelled"})
    assert did.changed and did["cancelled"] == [arn]
    assert did["image"]["state"]["status"] == "CANCELLED"
    assert did["diff"] == {"before": {"state": "PENDING"}, "after": {"state": "CANCELLED"}}


def test_there_is_nothing_to_cancel_of_a_finished_build() -> None:
    assert done(MODULE, {**RECIPE, "state": "cancelled"})["reason"].endswith("there is no image yet")
    built()
    outcome = done(MODULE, {**ONE, "state": "cancelled"})
    assert not outcome.changed and outcome["reason"] == "no build is in progress: web/1.0.0/1 is AVAILABLE"


def test_a_build_that_ends_before_it_is_cancelled_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    before = client().get_image(imageBuildVersionArn=started())["image"]
    clock.advance(3600)
    monkeypatch.setattr(image_states, "images_of", lambda _aws, _params: [before])
    outcome = run_module(MODULE, {**ONE, "state": "cancelled"})
    assert not outcome.failed and not outcome.changed and outcome["cancelled"] == []
    assert outcome["image"]["state"]["status"] == "AVAILABLE"


def test_a_failed_test_is_retried_on_the_same_ami() -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchTestInstance", "message": "no capacity", "times": 1})
    failed = run_module(MODULE, DIRECT)
    assert failed.failed and "no capacity" in failed.msg
    before = ami()["ImageId"]
    did = foretold({**RECIPE, "state": "retried"})
    assert did.changed and did["image"]["arn"] == failed["image"]["arn"]
    assert did["image"]["state"]["status"] == "AVAILABLE" and did["image_ids"] == {"eu-west-1": before}
    assert did["diff"] == {"before": {"state": "FAILED"}, "after": {"state": "AVAILABLE"}}


def test_a_retry_is_joined_and_followed() -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchTestInstance", "times": 1})
    assert run_module(MODULE, DIRECT).failed
    assert done(MODULE, {**ONE, "state": "retried", "wait": False}).changed
    slices = {"seconds": 60, "seen": ""}
    joined = done(MODULE, {**ONE, "state": "retried", "follow": slices})
    assert not joined.changed and joined.writes == [] and joined["followed"]["id"].endswith("web/1.0.0/1")
    follow = {**slices, "id": joined["followed"]["id"], "seconds": 3600, "seen": joined["followed"]["seen"]}
    assert done(MODULE, {**ONE, "state": "retried", "follow": follow})["followed"]["lines"] != []


def test_a_build_without_an_ami_is_not_retried() -> None:
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance", "times": 1})
    assert run_module(MODULE, DIRECT).failed
    outcome = run_module(MODULE, {**RECIPE, "state": "retried"}, check_mode=True)
    assert outcome.failed and "failed before its AMI was made (CREATING)" in outcome.msg
    assert "Build a new image with state=present" in outcome.msg


@pytest.mark.parametrize(("seconds", "ami_is_there"), [(0, False), (300, False), (900, True)])
def test_a_build_that_was_cancelled_is_retried_when_its_ami_is_there(seconds: int, ami_is_there: bool) -> None:
    started()
    clock.advance(seconds)
    done(MODULE, {**RECIPE, "state": "cancelled"})
    wish = {**RECIPE, "state": "retried"}
    if ami_is_there:
        assert foretold(wish)["image"]["state"]["status"] == "AVAILABLE"
        return
    for check in (True, False):
        outcome = run_module(MODULE, wish, check_mode=check)
        assert outcome.failed and outcome.writes == []
        assert "web/1.0.0/1 was cancelled before its AMI was made" in outcome.msg


def test_a_distribution_is_neither_cancelled_nor_retried_with_the_builds_of_its_recipe() -> None:
    built()
    far = {"name": "far", "distributions": distributions("us-east-1")}
    done("imagebuilder_distribution_configuration", far)
    wish = {"source_image": "web", "distribution_configuration": "far", "execution_role": "image-builder"}
    arn = done("imagebuilder_image_distribution", {**wish, "wait": False})["image"]["arn"]
    outcome = done(MODULE, {**RECIPE, "state": "cancelled"})
    assert not outcome.changed and outcome["reason"] == "no build is in progress: web/1.0.0/1 is AVAILABLE"
    assert done(MODULE, {**RECIPE, "state": "retried"})["image"]["arn"] != arn
    assert done(MODULE, {"image_build_version_arn": arn, "state": "cancelled"})["cancelled"] == [arn]


def test_an_image_is_deprecated_disabled_and_brought_back() -> None:
    built()
    for state, status in (("deprecated", "DEPRECATED"), ("disabled", "DISABLED"), ("available", "AVAILABLE")):
        did = foretold({**ONE, "state": state})
        assert did.changed and did["image"]["state"]["status"] == status
        assert ami()["State"] == "available" and "DeprecationTime" not in ami()


def test_amis_go_with_it_in_every_region() -> None:
    regions = distributions("eu-west-1", "us-east-1")
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": regions})
    built()
    done(MODULE, {**ONE, "state": "deprecated"})
    assert foretold({**WITH_AMIS, "state": "deprecated"}).changed, "the AMIs were not deprecated yet"
    assert all("DeprecationTime" in ami(region) for region in ("eu-west-1", "us-east-1"))
    assert foretold({**WITH_AMIS, "state": "disabled"}).changed
    assert {ami(region)["State"] for region in ("eu-west-1", "us-east-1")} == {"disabled"}
    assert foretold({**WITH_AMIS, "state": "available"}).changed
    assert ami()["State"] == "available" and "DeprecationTime" not in ami()


def test_a_deprecation_can_be_scheduled() -> None:
    built()
    moment = (clock.datetime() + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:00Z")
    did = foretold({**WITH_AMIS, "state": "deprecated", "update_at": moment})
    assert did.changed and did["image"]["state"]["status"] == "AVAILABLE"
    assert did["image"]["deprecation_time"].replace("+00:00", "Z") == moment
    assert foretold({**ONE, "state": "available"}).changed


def test_a_change_in_progress_is_waited_for() -> None:
    built()
    assert done(MODULE, {**WITH_AMIS, "state": "disabled", "wait": False}).changed
    joined = done(MODULE, {**WITH_AMIS, "state": "disabled"})
    assert not joined.changed and joined.writes == []
    assert joined["image"]["state"]["status"] == "DISABLED"


def test_a_change_that_fails_names_ami_region_and_reason() -> None:
    built()
    outcome = run_module(MODULE, {**WITH_AMIS, "execution_role": "nobody", "state": "disabled"})
    assert outcome.failed and outcome.msg.startswith(
        "Failed to disable the image web/1.0.0/1: the lifecycle execution lce-"
    )
    assert "in Region eu-west-1, account 123456789012: Failed to assume the execution role nobody." in outcome.msg
    assert outcome["resources"][0]["state"]["status"] == "FAILED"


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({**ONE, "state": "disabled"}, "there is no image web/1.0.0/1 in eu-west-1"),
        ({**ONE, "state": "retried"}, "there is no image web/1.0.0/1 in eu-west-1"),
        ({**RECIPE, "state": "retried"}, "there is no image whose build could be retried"),
        ({**RECIPE, "state": "disabled"}, "image_build_version_arn"),
        ({"image_build_version_arn": "web", "state": "disabled"}, "needs version and build number"),
        ({**ONE, "state": "disabled", "include_resources": {"amis": True}}, "require each other"),
        (
            {**ONE, "state": "disabled", "exclusion_rules": {"amis": {"is_public": True}}},
            "exclusion_rules requires include_resources.amis",
        ),
        ({**ONE, "state": "disabled", "update_at": "2026-12-24T18:00:00Z"}, "update_at requires state=deprecated"),
        ({**ONE, "state": "deprecated", "update_at": "tomorrow"}, "is not a time"),
        ({**ONE, "state": "deprecated", "update_at": "2026-12-24T18:00:00"}, "has no time zone"),
    ],
)
def test_what_makes_no_sense_is_refused(params: dict[str, t.Any], text: str) -> None:
    outcome = run_module(MODULE, params, check_mode=True)
    assert outcome.failed and text in outcome.msg


def test_an_image_that_is_being_built_or_failed_cannot_be_changed() -> None:
    started()
    outcome = run_module(MODULE, {**ONE, "state": "disabled"}, check_mode=True)
    assert outcome.failed and "cancel it with state=cancelled" in outcome.msg
    done(MODULE, {**ONE, "state": "cancelled"})
    outcome = run_module(MODULE, {**ONE, "state": "disabled"}, check_mode=True)
    assert outcome.failed and "is CANCELLED and cannot become DISABLED" in outcome.msg


def test_a_failure_has_the_end_of_the_log_and_a_remedy_that_is_known() -> None:
    why = "Step timed out while step is verifying the Systems Manager Agent availability on the target instance(s)"
    faults.add({"kind": "workflow-step-fails", "step": "LaunchBuildInstance", "message": why})
    failed = run_module(MODULE, DIRECT)
    assert failed.failed and failed["log_tail"].splitlines()[-1].startswith("FAILED") and why in failed["log_tail"]
    assert "NAT gateway or VPC endpoints" in failed.msg and "/aws/imagebuilder/web" in failed.msg
    faults.add({"kind": "denied", "service": "logs", "operation": "GetLogEvents"})
    assert run_module(MODULE, DIRECT)["log_tail"] == ""


def test_excluded_amis_stay_and_their_image_with_them() -> None:
    regions = distributions("eu-west-1", "us-east-1")
    done("imagebuilder_distribution_configuration", {"name": "web", "distributions": regions})
    built()
    here = {"exclusion_rules": {"amis": {"regions": ["eu-west-1"]}}}
    did = foretold({**WITH_AMIS, **here, "state": "deprecated"})
    assert did.changed and "DeprecationTime" in ami("us-east-1") and "DeprecationTime" not in ami()
    absent = {**ONE, "state": "absent", "delete_resources": True, "execution_role": "image-builder"}
    kept = done(MODULE, {**absent, **here})
    assert not kept.changed and kept["removed"] == [] and kept["diff"]["after"] == {"images": ["web/1.0.0/1"]}
    assert {one["reason"] for one in kept["left"]} == {"exclusion_rules apply to an AMI of the image"}
    assert ami()["State"] == "available"
    launched = {
        "exclusion_rules": {"amis": {"last_launched": {"value": 1, "unit": "DAYS"}, "tag_map": {"Keep": "yes"}}}
    }
    assert done(MODULE, {**absent, **launched}).changed and not done(MODULE, absent).changed


def test_a_removal_or_another_change_in_progress_is_waited_for() -> None:
    built()
    absent = {**ONE, "state": "absent", "delete_resources": True, "execution_role": "image-builder"}
    assert done(MODULE, {**WITH_AMIS, "state": "disabled", "wait": False}).changed
    began = done(MODULE, {**absent, "wait": False})
    assert [call.operation for call in began.writes] == ["StartResourceStateUpdate"]
    joined = done(MODULE, absent)
    assert joined["removed"] == ["arn:aws:imagebuilder:eu-west-1:123456789012:image/web/1.0.0/1"]
    assert joined.writes == [] and client("ec2").describe_images(Owners=["self"])["Images"] == []


def test_an_sdk_that_knows_no_removal_with_snapshots_removes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    monkeypatch.setattr(clearing, "WITH_SNAPSHOTS", "OfTheNextYear")
    outcome = run_module(MODULE, {**ONE, "state": "absent", "delete_resources": True})
    assert outcome.failed and "Install botocore 1.40.0 or newer, or set delete_resources to false" in outcome.msg
    assert outcome.writes == []


def test_snapshots_that_stay_when_their_ami_goes_are_told() -> None:
    built()
    faults.add({"kind": "denied", "operation": "DeleteSnapshot"})
    gone = done(MODULE, {**ONE, "state": "absent", "delete_resources": True})
    (said,) = gone["warnings"]
    assert said.startswith("The AMI ami-") and "did not delete its snapshots: snap-" in said
    assert said.endswith(" (missing-permissions). Delete them in EC2.")


def test_a_removal_that_fails_says_why() -> None:
    built()
    faults.add({"kind": "retiring-fails", "region": "eu-west-1", "message": "the AMI is protected"})
    absent = {**ONE, "state": "absent", "delete_resources": True, "execution_role": "image-builder"}
    outcome = run_module(MODULE, absent)
    assert outcome.failed and outcome.msg.startswith(
        "Failed to remove the images of web/1.0.0/1: the lifecycle execution"
    )
    assert "the AMI is protected. Fix the cause and run the task again" in outcome.msg
