# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fleet on an AMI without the agent: stopped before a deployment, healed by user data."""

from __future__ import annotations

import typing as t

import pytest
from support.plays import REGION, Emulator, Player, roles

Release = t.Callable[[str], str]
AMAZON_LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
ALL = roles("codedeploy_setup", "autoscaling_fleet", "app_deployment")


@pytest.fixture(scope="module")
def fleet(account: Emulator, release: Release) -> dict[str, t.Any]:
    """On an image that nobody has baked anything into."""
    bare = account.client("ssm").get_parameter(Name=AMAZON_LINUX)["Parameter"]["Value"]
    return {
        "slipway_region": REGION,
        "slipway_application": "storefront",
        "slipway_deployment_group": "production",
        "slipway_fleet": "storefront",
        "slipway_bundle": release("1.0.0"),
        "codedeploy_setup_create_iam": True,
        "autoscaling_fleet_image_id": bare,
        "autoscaling_fleet_size": 2,
        "autoscaling_fleet_wait_delay": 2,
        "app_deployment_wait_delay": 2,
    }


def test_the_preflight_names_the_hosts_before_anything_is_deployed(
    play: Player, account: Emulator, fleet: dict[str, t.Any]
) -> None:
    run = play(ALL, fleet, code=2)
    (said,) = run.failures
    assert "The preflight of storefront/production failed" in said
    for host in account.hosts():
        assert host["instance_id"] in run.output
    assert "the CodeDeploy agent is not installed" in " ".join(run.output.split())
    assert "CreateDeployment" not in [call["operation"] for call in run.calls]
    looked = play("slipway.aws.preflight", {**fleet, "slipway_fail_on": "never"})
    assert looked.published["slipway_verdict"] == "not_ready"
    named = {host["id"] for host in looked.published["slipway_report"]["not_ready"]}
    assert named == {host["instance_id"] for host in account.hosts()}


def test_user_data_with_the_agent_heals_it(play: Player, account: Emulator, fleet: dict[str, t.Any]) -> None:
    before = {host["instance_id"] for host in account.hosts()}
    published = {
        "slipway_bucket": f"storefront-bundles-123456789012-{REGION}",
        "slipway_instance_profile_name": "storefront-host",
        "slipway_service_role_arn": "arn:aws:iam::123456789012:role/storefront-codedeploy",
    }
    run = play(
        roles("autoscaling_fleet", "app_deployment"), {**fleet, **published, "autoscaling_fleet_install_agent": True}
    )
    assert run.published["slipway_verdict"] == "deployed"
    after = {host["instance_id"] for host in account.hosts() if host["agent"]["status"] == "running"}
    assert len(after) == 2
    assert not after & before


def test_an_agent_that_is_stopped_is_started_when_asked_for(
    play: Player, account: Emulator, fleet: dict[str, t.Any], release: Release
) -> None:
    ids = [host["instance_id"] for host in account.hosts() if host["agent"]["status"] == "running"]
    stop = {"commands": ["systemctl stop codedeploy-agent"]}
    account.client("ssm").send_command(DocumentName="AWS-RunShellScript", InstanceIds=ids[:1], Parameters=stop)
    account.control("clock", advance=30)
    assert [host["agent"]["status"] for host in account.hosts() if host["instance_id"] == ids[0]] == ["stopped"]
    second = {**fleet, "slipway_bundle": release("2.0.0"), "app_deployment_start_agents": True}
    second |= {"slipway_bucket": f"storefront-bundles-123456789012-{REGION}", "app_deployment_manage_group": False}
    run = play(roles("app_deployment"), second)
    assert run.published["slipway_verdict"] == "deployed"
    sent = [call["parameters"] for call in run.calls if call["operation"] == "SendCommand"]
    assert [one["InstanceIds"] for one in sent if one["Comment"].startswith("slipway:")] == [ids[:1]]
    assert {host["agent"]["status"] for host in account.hosts() if host["instance_id"] in ids} == {"running"}
