# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""iam_host_role_info against the emulator: the role that a profile gives to hosts, and the account."""

from __future__ import annotations

import json

import pytest
from support import compute
from support.imagebuilder import done
from support.modules import run_module
from support.nouns import TRUST

from slipway_emulator.faults import faults

MODULE = "iam_host_role_info"
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
pytestmark = pytest.mark.usefixtures("world")


def role(name: str, **more: str) -> None:
    tags = [{"Key": "Team", "Value": "shop"}]
    compute.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST), Tags=tags, Description="Hosts act in it", **more
    )


def profile(name: str, held: str | None = None) -> None:
    iam = compute.client("iam")
    iam.create_instance_profile(
        InstanceProfileName=name, Path="/teams/", Tags=[{"Key": "slipway:Kept", "Value": "yes"}]
    )
    if held:
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=held)


def test_the_role_of_a_profile_is_read_whatever_its_name() -> None:
    role("deployer", Path="/teams/")
    compute.client("iam").attach_role_policy(RoleName="deployer", PolicyArn=MANAGED)
    profile("hosts", "deployer")
    profile("others", "deployer")
    read = done(MODULE, {"instance_profile": "hosts", "role": "hosts"})
    assert not read.changed and (read["account_id"], read["partition"]) == ("123456789012", "aws")
    assert read["instance_profile"] == {
        "instance_profile_name": "hosts",
        "arn": "arn:aws:iam::123456789012:instance-profile/teams/hosts",
        "role_name": "deployer",
        "tags": {"slipway:Kept": "yes"},
    }
    assert read["role"] == {
        "role_name": "deployer",
        "arn": "arn:aws:iam::123456789012:role/teams/deployer",
        "path": "/teams/",
        "description": "Hosts act in it",
        "assume_role_policy_document": TRUST,
        "managed_policies": [MANAGED],
        "instance_profiles": ["hosts", "others"],
        "tags": {"Team": "shop"},
    }
    assert "GetCallerIdentity" not in [call.operation for call in read.calls]


@pytest.mark.parametrize("options", [{"instance_profile": "hosts", "role": "deployer"}, {"role": "deployer"}])
def test_without_a_role_in_the_profile_the_role_is_read_by_its_name(options: dict[str, str]) -> None:
    role("deployer")
    profile("hosts")
    read = done(MODULE, options)
    assert read["role"]["role_name"] == "deployer" and read["role"]["instance_profiles"] == []
    assert (read["instance_profile"] or {"role_name": None})["role_name"] is None
    assert (read["instance_profile"] is not None) == ("instance_profile" in options)


@pytest.mark.parametrize("options", [{"instance_profile": "hosts"}, {"role": "hosts"}])
def test_what_does_not_exist_is_null_and_the_account_is_asked_for(options: dict[str, str]) -> None:
    read = done(MODULE, options)
    assert (read["role"], read["instance_profile"]) == (None, None)
    assert (read["account_id"], read["partition"]) == ("123456789012", "aws")


@pytest.mark.parametrize(
    ("options", "operation", "said"),
    [
        ({"instance_profile": "hosts", "role": "deployer"}, "GetInstanceProfile", "the instance profile hosts"),
        ({"role": "deployer"}, "ListAttachedRolePolicies", "the role deployer"),
    ],
)
def test_what_may_not_be_read_is_an_error_and_not_nothing(options: dict[str, str], operation: str, said: str) -> None:
    role("deployer")
    profile("hosts", "deployer")
    faults.add({"kind": "denied", "operation": operation, "code": "AccessDenied"})
    failed = run_module(MODULE, options)
    assert failed.failed and f"Failed to read {said}" in failed["msg"]
