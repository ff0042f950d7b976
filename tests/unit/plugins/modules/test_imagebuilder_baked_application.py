# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the folder of an application to a host that is launched from an image with it, by the modules."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
from support.imagebuilder import PARENT, client, done, instance_profile
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import Host, registry

STOREFRONT = Path(__file__).resolve().parents[4] / "examples" / "storefront"
READING = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::releases/storefront/*"}

pytestmark = pytest.mark.usefixtures("shared_world")


@pytest.fixture(scope="module", autouse=True)
def ingredients(shared_world: None) -> None:
    location = {"LocationConstraint": CONNECTION["region"]}
    client("s3").create_bucket(Bucket="releases", CreateBucketConfiguration=location)
    instance_profile()
    params = {"name": "storefront", "src": str(STOREFRONT), "bucket": "releases"}
    done("imagebuilder_application_component", params)
    recipe = {"name": "storefront", "parent_image": PARENT, "components": [{"component": "storefront"}]}
    done("imagebuilder_image_recipe", recipe)
    done("imagebuilder_infrastructure_configuration", {"name": "small", "instance_profile_name": "image-builder"})


def built(**rights: t.Any) -> Outcome:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**READING, **rights}]})
    client("iam").put_role_policy(RoleName="image-builder", PolicyName="bundles", PolicyDocument=policy)
    image = {"image_recipe": "storefront", "infrastructure_configuration": "small", "force": True}
    return run_module("imagebuilder_image", image)


def launched(image: str) -> Host:
    found = client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    clock.advance(60)
    host = registry.get(found)
    assert host is not None
    return host


def test_a_host_of_the_image_has_the_application_and_runs_it() -> None:
    bundle = done(
        "imagebuilder_application_component", {"name": "storefront", "src": str(STOREFRONT), "bucket": "releases"}
    )
    image = built()
    assert not image.failed, image.msg
    host = launched(image["image"]["output_resources"]["amis"][0]["image"])
    told = host.as_json()
    key = bundle["bundle"]["key"]
    assert told["bundles"] == {"/opt/slipway/storefront": f"s3://releases/{key}"}
    assert told["services"] == {"slipway-storefront": True, "storefront": True}
    assert host.contents.files["/opt/storefront/VERSION"] == (STOREFRONT / "VERSION").read_text()


@pytest.mark.parametrize(
    ("fault", "rights", "said"),
    [
        ({}, {"Action": "s3:PutObject"}, ("build", "DownloadBundle", "AccessDenied")),
        ({"phase": "test", "step": "ValidateService"}, {}, ("test", "ValidateService", "exit status 1")),
        ({"phase": "build", "step": "Install"}, {}, ("build", "Install", "exit status 1")),
    ],
)
def test_an_image_that_fails_names_the_step(
    fault: dict[str, str], rights: dict[str, str], said: tuple[str, ...]
) -> None:
    if fault:
        faults.add({"kind": "step-fails", "component": "storefront", **fault})
    image = built(**rights)
    faults.remove()
    assert image.failed and all(word in image.msg for word in ("storefront", *said)), image.msg
