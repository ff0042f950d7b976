# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What AWS publishes: its packages, and the document that installs them."""

from __future__ import annotations

import pytest
from support import compute, packages
from support.packages import UBUNTU, WINDOWS, configure, node, published, said
from support.run_command import finish, invocations, nodes, send

from slipway_emulator.ledger import ledger

pytestmark = pytest.mark.usefixtures("world")


def test_the_agent_of_codedeploy_by_aws_package() -> None:
    for about in ({}, UBUNTU, WINDOWS):
        instance_id = node(**about)
        done = configure(instance_id, "AWSCodeDeployAgent")
        assert "Successfully installed arn:aws:ssm:::package/AWSCodeDeployAgent 1.8.1" in said(done)
        assert (compute.host(instance_id).agent, compute.host(instance_id).contents.agent_version) == (
            "running",
            "1.8.1",
        )
        assert "already installed" in said(configure(instance_id, "AWSCodeDeployAgent"))
        configure(instance_id, "AWSCodeDeployAgent", version="1.7.1")
        assert compute.host(instance_id).contents.agent_version == "1.7.1"
        configure(instance_id, "AWSCodeDeployAgent", "Uninstall")
        assert compute.host(instance_id).agent == "absent"


def test_aws_packages_have_no_agent_2_and_no_updates_in_place() -> None:
    instance_id = node()
    assert configure(instance_id, "AWSCodeDeployAgent", version="2.1.0")["Status"] == "Failed"
    configure(instance_id, "AWSCodeDeployAgent", version="1.7.1")
    done = configure(instance_id, "AWSCodeDeployAgent", installationType="In-place update")
    assert "missing update script" in said(done)
    assert "no manifest found for platform" in said(configure(instance_id, "AWSPVDriver"))


def test_aws_packages_are_listed() -> None:
    wanted = [{"Key": "Owner", "Values": ["Amazon"]}, {"Key": "DocumentType", "Values": ["Package"]}]
    names = [d["Name"] for d in compute.client("ssm").list_documents(Filters=wanted)["DocumentIdentifiers"]]
    assert {"AWSCodeDeployAgent", "AmazonCloudWatchAgent", "AWSEC2Launch-Agent"} <= set(names)
    told = compute.client("ssm").describe_document(Name="AWSCodeDeployAgent")["Document"]
    assert (told["Owner"], told["VersionName"], told["Status"]) == ("Amazon", "1.8.1", "Active")


def test_what_the_command_refuses() -> None:
    instance_id = node()
    wrong: list[dict[str, list[str]]] = [
        {"name": ["agent"]},
        {"name": ["agent"], "action": ["Reinstall"]},
        {"name": ["a b"], "action": ["Install"]},
        {"name": ["agent"], "action": ["Install"], "additionalArguments": ["x" * 4097]},
    ]
    for parameters in wrong:
        asked = {"DocumentName": "AWS-ConfigureAWSPackage", "InstanceIds": [instance_id], "Parameters": parameters}
        assert packages.refused("send_command", **asked)[0] == "InvalidParameters"


def test_a_package_is_no_probe() -> None:
    published()
    packages.send([node()])
    [call] = [call for call in ledger.calls() if call.operation == "SendCommand"]
    assert not call.probe


def test_the_cloudwatch_agent_comes_without_a_configuration_and_does_not_run() -> None:
    [one] = nodes(1)
    configure(one, "AmazonCloudWatchAgent")
    folder = "/opt/aws/amazon-cloudwatch-agent"
    asked = {
        f"test -x {folder}/bin/amazon-cloudwatch-agent-ctl": "Success",
        f"test -s {folder}/etc/amazon-cloudwatch-agent.toml": "Failed",
        "systemctl is-active amazon-cloudwatch-agent": "Failed",
        f"echo x > {folder}/etc/amazon-cloudwatch-agent.toml": "Success",
        f"[ -s {folder}/etc/amazon-cloudwatch-agent.toml ]": "Success",
    }
    for script, status in asked.items():
        sent = send([script], InstanceIds=[one])
        finish()
        assert [row["Status"] for row in invocations(sent)] == [status], script
