# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""External ids and user data: in no result, diff, message or ledger, whatever the verbosity."""

from __future__ import annotations

import base64
import importlib
import json
import typing as t
from pathlib import Path

import boto3
import pytest
from support.modules import CONNECTION, MODULES, run_module

from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from slipway_emulator.faults import faults
from slipway_emulator.ledger import ledger
from slipway_emulator.world import world

ROOT = Path(__file__).parents[4]
ROLE = {"assume_role_arn": "arn:aws:iam::210987654321:role/deployers", "assume_role_external_id": "between-us-4711"}
SECRETS = ("#!/bin/sh\necho hunter2 | passwd --stdin app\n", "#!/bin/sh\necho correct-horse >/etc/token\n")
PARENT = "arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x"
KEYS = {"aws_access_key_id": CONNECTION["access_key"], "aws_secret_access_key": CONNECTION["secret_key"]}


@pytest.fixture(autouse=True)
def here() -> t.Iterator[None]:
    with world():
        yield


def client(service: str) -> t.Any:
    return boto3.client(service, region_name="eu-west-1", **KEYS)


def told(outcome: t.Any) -> str:
    """All that a task can print of this run, and all that the ledger keeps."""
    return json.dumps(outcome.result) + json.dumps(ledger.as_json(), default=str)


def test_every_module_that_assumes_a_role_hides_the_external_id() -> None:
    assert ROLE_OPTIONS["assume_role_external_id"]["no_log"] is True
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        spec = getattr(importlib.import_module(f"{MODULES}.{path.stem}"), "ARGUMENT_SPEC", {})
        assert all(option["no_log"] is True for option in external_ids(spec)), path.name


def external_ids(spec: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """The option at any depth."""
    for name, option in spec.items():
        if name == "assume_role_external_id":
            yield option
        yield from external_ids(option.get("options") or {})


@pytest.mark.parametrize(
    "fault", [None, {"kind": "denied", "operation": "AssumeRole"}, {"kind": "denied", "operation": "CreateApplication"}]
)
def test_an_external_id_is_not_shown(fault: dict[str, str] | None) -> None:
    if fault:
        faults.add(fault)
    outcome = run_module("codedeploy_application", {"name": "web", **ROLE})
    assert outcome.failed is (fault is not None)
    assert [call.operation for call in outcome.calls][0] == "AssumeRole"
    assert "between-us-4711" not in told(outcome)


def recipe(user_data: str, encode: bool = False) -> t.Any:
    given = base64.b64encode(user_data.encode()).decode() if encode else user_data
    options = {
        "name": "web",
        "parent_image": PARENT,
        "additional_instance_configuration": {"user_data_override": given},
    }
    return run_module("imagebuilder_image_recipe", options)


@pytest.mark.parametrize("encode", [False, True])
def test_user_data_is_not_shown(encode: bool) -> None:
    outcomes = [recipe(SECRETS[0], encode), recipe(SECRETS[0], encode), recipe(SECRETS[1], encode)]
    assert [outcome.changed for outcome in outcomes] == [True, False, True]
    for outcome in outcomes:
        for secret in (*SECRETS, *(base64.b64encode(secret.encode()).decode() for secret in SECRETS)):
            assert secret not in told(outcome) and json.dumps(secret)[1:-1] not in told(outcome)
    first, again, second = (
        o["image_recipe"]["additional_instance_configuration"]["user_data_override"] for o in outcomes
    )
    assert first == again != second and first.startswith("hidden, sha256:")
    assert outcomes[2]["diff"]["before"] != outcomes[2]["diff"]["after"]


def test_no_module_takes_user_data_that_is_shown() -> None:
    found = []
    for path in sorted((ROOT / "plugins/modules").glob("*.py")):
        spec = importlib.import_module(f"{MODULES}.{path.stem}").ARGUMENT_SPEC
        found += [about.get("no_log") for name, about in _all(spec) if "user_data" in name]
    assert found and all(found)


def _all(options: dict[str, t.Any]) -> t.Iterator[tuple[str, dict[str, t.Any]]]:
    for name, about in options.items():
        yield name, about
        yield from _all(about.get("options") or {})


def test_the_ledger_keeps_no_secrets() -> None:
    ec2, sts = client("ec2"), client("sts")
    image = "ami-12c6146b"  # one of the public ones
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, UserData=SECRETS[0])
    data = base64.b64encode(SECRETS[0].encode()).decode()
    ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image, "UserData": data})
    sts.assume_role(
        RoleArn=ROLE["assume_role_arn"],
        RoleSessionName="me",
        ExternalId="between-us-4711",
        SerialNumber="arn:aws:iam::1:mfa/me",
        TokenCode="123456",
    )
    client("ssm").put_parameter(Name="/web/token", Value="hunter2", Type="SecureString")
    kept = json.dumps(ledger.as_json(), default=str)
    assert not [secret for secret in (data, "hunter2", "between-us-4711", "123456") if secret in kept]
    assert [call.parameters["RoleSessionName"] for call in ledger.calls("sts")] == ["me"]
    assert ledger.calls("sts")[0].parameters["ExternalId"] == "********"
