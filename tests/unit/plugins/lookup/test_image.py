# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""slipway.aws.image against the emulator: the newest image in a Region, however it is named."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleLookupError
from support.every_fault import FAULTS, PASSES, is_a_sentence
from support.imagebuilder import client, distributions, done, ingredients
from support.lookups import look_up
from support.modules import CONNECTION

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.world import world as emulated_world

HOME, FAR = CONNECTION["region"], "us-east-1"
BUILD = {"image_recipe": "web", "infrastructure_configuration": "web", "force": True}
IDS: dict[str, str] = {}


def image(**options: t.Any) -> dict[str, t.Any]:
    return dict(look_up("slipway.aws.image", **CONNECTION, **options))


def built(tag: str, **build: t.Any) -> None:
    made = done("imagebuilder_image", {**build, "tags": {"Stage": tag}, "wait": False, "force": True})["image"]
    clock.advance(86_500)
    IDS[tag] = client().get_image(imageBuildVersionArn=made["arn"])["image"]["outputResources"]["amis"][0]["image"]


@pytest.fixture(scope="module", autouse=True)
def images() -> t.Iterator[None]:
    """An older and a newer image, of which the older one was distributed last."""
    with emulated_world():
        ingredients()
        pipeline = {"name": "web", "image_recipe": "web", "infrastructure_configuration": "web"}
        done("imagebuilder_image_pipeline", pipeline)
        built("old", image_pipeline="web")
        built("new", **BUILD)
        done("imagebuilder_distribution_configuration", {"name": "far", "distributions": distributions(FAR)})
        far = {"source_image": "web/1.0.0/1", "distribution_configuration": "far", "execution_role": "image-builder"}
        done("imagebuilder_image_distribution", {**far, "wait": False})
        clock.advance(86_500)
        client("ssm", FAR).put_parameter(
            Name="/golden", Value=image(tags={"Stage": "old"}, image_region=FAR)["image_id"], Type="String"
        )
        yield


def test_the_newest_of_a_recipe() -> None:
    found = image(image_recipe="web")
    assert (found["image_id"], found["version"], found["age_days"], found["region"]) == (IDS["new"], "1.0.0/2", 2, HOME)
    assert len(found["digest"]) == 64 and found["tags"]["Stage"] == "new"


@pytest.mark.parametrize("options", [{"image_pipeline": "web"}, {"tags": {"Stage": "old"}}])
def test_by_pipeline_and_by_tags(options: dict[str, t.Any]) -> None:
    assert image(**options)["image_id"] == IDS["old"]


def test_a_distribution_is_as_old_as_what_it_is_of() -> None:
    found = image(image_recipe="web", image_region=FAR)
    assert (found["version"], found["age_days"], found["region"]) == ("1.0.0/3", 3, FAR)
    assert found["digest"] == image(tags={"Stage": "old"})["digest"]
    assert image(ssm_parameter="/golden", image_region=FAR) == found


def test_an_ami_that_image_builder_did_not_make() -> None:
    ami = client("ec2").describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    client("ssm").put_parameter(Name="/other", Value=ami, Type="String")
    found = image(ssm_parameter="/other")
    assert (found["image_id"], found["arn"], found["age_days"], found["digest"]) == (ami, None, None, None)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"image_recipe": "none"}, "there is no available image in eu-west-1 of image_recipe none. Bake it"),
        ({"ssm_parameter": "/none"}, "ssm_parameter: there is no SSM parameter /none in eu-west-1"),
        ({}, "exactly one of image_pipeline, image_recipe, tags, ssm_parameter is required, and 0 are given"),
        ({"image_recipe": "web", "tags": {"Stage": "old"}}, "and 2 are given"),
    ],
)
def test_what_is_not_there_is_named(options: dict[str, t.Any], why: str) -> None:
    with pytest.raises(AnsibleLookupError) as caught:
        image(**options)
    assert "Failed to look up the image: " in str(caught.value) and why in str(caught.value)


def test_a_term_is_refused() -> None:
    with pytest.raises(AnsibleLookupError, match="takes no terms. Set image_pipeline"):
        look_up("slipway.aws.image", "web", **CONNECTION)


@pytest.mark.parametrize("operation", ["ListImageBuildVersions", "ListImagePipelineImages", "GetCallerIdentity"])
def test_every_call_in_every_fault(operation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", clock.advance)
    right = image(image_pipeline="web")["image_id"]
    for name, fault in FAULTS.items():
        faults.add({**fault, "operation": operation})
        try:
            assert image(image_pipeline="web")["image_id"] == right and name in PASSES
        except AnsibleLookupError as problem:
            assert name not in PASSES
            is_a_sentence(str(problem.message), "Failed to look up the image: ")
        finally:
            faults.remove()
