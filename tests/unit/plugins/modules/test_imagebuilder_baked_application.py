# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From the folder of an application to a host that is launched from an image with it, by the modules."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

import pytest
import yaml
from jinja2 import Template
from support.imagebuilder import client, instance_profile
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import Host, registry

EXAMPLES = Path(__file__).resolve().parents[4] / "examples"
STOREFRONT = EXAMPLES / "storefront"
VARIABLES = {
    "application": "storefront",
    "src": str(STOREFRONT),
    "bucket": "releases",
    "build_role": "image-builder",
    "build_profile": "image-builder",
}
Steps = dict[str, Outcome]

pytestmark = pytest.mark.usefixtures("shared_world")


@pytest.fixture(scope="module", autouse=True)
def surroundings(shared_world: None) -> None:
    location = {"LocationConstraint": CONNECTION["region"]}
    client("s3").create_bucket(Bucket="releases", CreateBucketConfiguration=location)
    instance_profile()


def played(**variables: str) -> Steps:
    """The tasks of the example up to the one that fails, with what they come to, by their modules."""
    (play,) = yaml.safe_load((EXAMPLES / "application_image.yml").read_text())
    done: Steps = {}
    for task in play["tasks"]:
        module = next(key for key in task if "." in key).removeprefix("slipway.aws.")
        if not module.startswith("ansible."):
            options = json.loads(Template(json.dumps(task[f"slipway.aws.{module}"])).render({**VARIABLES, **variables}))
            done[module] = run_module(module, options)
            if done[module].failed:
                break
    return done


def launched(image: str) -> Host:
    found = client("ec2").run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    clock.advance(60)
    host = registry.get(found)
    assert host is not None
    return host


def test_a_host_of_the_image_has_the_application_and_runs_it() -> None:
    tasks = played()
    image, component = tasks["imagebuilder_image"], tasks["imagebuilder_application_component"]
    assert not image.failed, image.msg
    told = launched(image["image"]["output_resources"]["amis"][0]["image"])
    assert told.as_json()["bundles"] == {"/opt/slipway/storefront": f"s3://releases/{component['bundle']['key']}"}
    assert told.as_json()["services"] == {"slipway-storefront": True, "storefront": True}
    assert told.contents.files["/opt/storefront/VERSION"] == (STOREFRONT / "VERSION").read_text()
    again = played()
    assert not any(task.changed for task in again.values()) and not any(task.writes for task in again.values())


@pytest.mark.parametrize(
    ("name", "phase", "step"),
    [("one", "test", "ValidateService"), ("two", "build", "Install"), ("three", "build", "UnpackBundle")],
)
def test_an_image_that_fails_names_the_step(name: str, phase: str, step: str) -> None:
    faults.add({"kind": "step-fails", "component": name, "phase": phase, "step": step})
    image = played(application=name)["imagebuilder_image"]
    faults.remove()
    assert image.failed and all(word in image.msg for word in (name, phase, step)), image.msg


def test_a_build_instance_that_may_not_read_the_bundle() -> None:
    denied = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    client("iam").put_role_policy(RoleName="image-builder", PolicyName="no", PolicyDocument=json.dumps(denied))
    image = played(application="denied")["imagebuilder_image"]
    client("iam").delete_role_policy(RoleName="image-builder", PolicyName="no")
    assert image.failed and "DownloadBundle" in image.msg and "AccessDenied" in image.msg
    assert "Allow s3:GetObject for the object to the role of the instance profile" in image.msg


def test_a_script_and_an_owner_that_cannot_be_on_the_build_instance(tmp_path: Path) -> None:
    (tmp_path / "my file").write_text("1")
    (tmp_path / "x.sh").write_text("#!/bin/sh\n")
    spec: dict[str, t.Any] = {
        "version": 0.0,
        "os": "linux",
        "files": [{"source": "my file", "destination": "/srv/my app"}],
    }
    for more, said in (
        ({"permissions": [{"object": "/srv/my app", "owner": "nobody-knows"}]}, "invalid user"),
        ({"hooks": {"BeforeInstall": [{"location": "x.sh", "runas": "nobody-knows"}]}}, "nobody-knows does not exist"),
    ):
        (tmp_path / "appspec.yml").write_text(yaml.safe_dump({**spec, **more}))
        image = played(application="shop", src=str(tmp_path))["imagebuilder_image"]
        assert image.failed and said in image.msg, image.msg
