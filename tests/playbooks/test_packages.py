# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package on a fleet of several systems, from the first look to its removal: one story."""

from __future__ import annotations

import json
import textwrap
import typing as t

import pytest
import yaml
from support.awx import Awx
from support.distributor import SCRIPTS, sources
from support.mixed import launch
from support.plays import KEYS, REGION, ROOT, Emulator, Player

INSTALLER = "AWS-ConfigureAWSPackage"
GUIDE = (ROOT / "docs" / "docsite" / "rst" / "guide_packages.rst").read_text()
Fleet = dict[str, list[str]]


@pytest.fixture(scope="module")
def fleet(account: Emulator) -> Fleet:
    """Twelve hosts, of which one fails, one does not answer, and one has a system that the package is not for."""
    made = {
        system: launch(account.client, system, count, Application="storefront", Team="shop")
        for system, count in (("amazon", 6), ("ubuntu", 3), ("windows", 2), ("debian", 1))
    }
    account.control("clock", advance=120)
    return made


@pytest.fixture(scope="module")
def package(account: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, t.Any]:
    """The variables of the guide, as a survey gives them: all of them text."""
    folder = tmp_path_factory.mktemp("shop-agent")
    windows = {"install.ps1": "echo installed\n", "uninstall.ps1": "echo removed\n"}
    targets = {"amazon/2023/_any": SCRIPTS, "ubuntu/_any/_any": SCRIPTS, "windows/_any/_any": windows}
    sources(folder, targets)
    account.client("s3").create_bucket(Bucket="shop-packages", CreateBucketConfiguration={"LocationConstraint": REGION})
    texts = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in variables_of(GUIDE).items()
    }
    return {**texts, "slipway_package_src": str(folder), "distributor_package_wait_delay": "1"}


def variables_of(guide: str) -> dict[str, t.Any]:
    """Its first example in YAML."""
    example = guide.partition(".. code-block:: yaml\n")[2].partition(".. code-block::")[0]
    return dict(yaml.safe_load(textwrap.dedent(example)))


@pytest.fixture(scope="module")
def awx(play: Player, account: Emulator) -> Awx:
    """Its surveys give an empty text for what is left unanswered."""
    return Awx(play, {}, {**KEYS, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": account.address})


@pytest.fixture(scope="module")
def bad(account: Emulator, fleet: Fleet) -> dict[str, str]:
    """The three hosts that do not come to have it."""
    named = {"failing": fleet["ubuntu"][2], "lost": fleet["amazon"][5], "unmatched": fleet["debian"][0]}
    account.control("faults", kind="ssm-offline", instance_id=named["lost"])
    exits = {"code": 17, "stderr": "no space left on device\n", "action": "install"}
    account.control("faults", kind="package-exits", instance_id=named["failing"], **exits)
    return named


def sent(run: t.Any, document: str = INSTALLER) -> list[list[str]]:
    """The nodes of each command with a document."""
    calls = [call["parameters"] for call in run.calls if call["operation"] == "SendCommand"]
    return [call["InstanceIds"] for call in calls if call["DocumentName"] == document]


def test_the_first_look_needs_nothing(awx: Awx, fleet: Fleet) -> None:
    unanswered = dict.fromkeys(("slipway_package", "slipway_version", "slipway_node_tags", "slipway_instance_ids"), "")
    run = awx.run("slipway.aws.package_census", variables={"slipway_region": REGION, **unanswered})
    assert run.result("Show the census")["msg"] == {"packages": []} and run.writes == []
    assert any("slipway.aws.install_package" in said for said in run.messages)


def test_check_mode_names_the_nodes_and_writes_nothing(
    awx: Awx, fleet: Fleet, bad: dict[str, str], package: dict[str, t.Any]
) -> None:
    asked = {**package, "slipway_package_preset": "", "slipway_instance_ids": "", "slipway_resource_group": ""}
    run = awx.run("slipway.aws.install_package", "--check", "--diff", variables=asked)
    assert run.writes == []
    planned = run.result("Show the nodes that would get the package")["msg"]
    others = {one for ids in fleet.values() for one in ids} - {bad["lost"], bad["unmatched"]}
    assert len(planned["first"]) == 1 and {*planned["first"], *planned["then"]} == others
    assert len(run.result("Show the nodes that cannot take the package")["msg"]) == 2
    assert "the package has no file for Debian GNU/Linux 12" in run.output


def test_all_but_three_have_it_and_these_are_named(
    play: Player, fleet: Fleet, bad: dict[str, str], package: dict[str, t.Any]
) -> None:
    run = play("slipway.aws.install_package", package, code=2)
    report = run.published["slipway_report"]
    assert run.published["slipway_verdict"] == "failed" and run.published["slipway_package_version"] == "1.0.0"
    assert report["states"] == {"due": 1, "proved": 9, "unmatched": 1, "unreachable": 1}
    assert {one["instance_id"] for one in report["failed_nodes"]} == set(bad.values())
    canary, rest = sent(run)
    assert len(canary) == 1 and len(rest) == 9 and canary == report["canary"]
    end = run.output[run.output.index("on 3 of 12 nodes") :].partition("PLAY RECAP")[0]
    assert len(end.splitlines()) <= 30
    end = " ".join(end.split())  # as it was before it was wrapped
    assert all(instance in end for instance in bad.values()) and "no space left on device" in end
    assert "its install script failed with exit code 17" in end
    assert "its SSM agent does not answer" in end and "no file for Debian" in end
    assert run.failures == ["Failed to install the package shop-agent 1.0.0 on 3 of 12 nodes."]


def test_the_second_run_leaves_those_that_have_it_alone(
    play: Player, account: Emulator, bad: dict[str, str], package: dict[str, t.Any]
) -> None:
    run = play("slipway.aws.install_package", package, code=2)
    assert sent(run) == [[bad["failing"]]] == [run.published["slipway_report"]["retried"]]
    assert (
        sent(run, "AWS-RunShellScript") == sent(run, "AWS-RunPowerShellScript") == []
    )  # those that are proved are left alone
    assert run.writes == ["SendCommand"]
    account.control("faults", "DELETE")
    account.client("ec2").create_tags(Resources=[bad["unmatched"]], Tags=[{"Key": "Application", "Value": "legacy"}])
    run = play("slipway.aws.install_package", {**package, "distributor_package_force": "true"})
    again, everywhere = sent(run)  # uninstalled where it is, as the agent installs nothing there
    assert set(everywhere) - set(again) == {bad["failing"], bad["lost"]} and len(everywhere) == 11
    assert run.published["slipway_verdict"] == "installed"
    run = play("slipway.aws.install_package", package)
    assert (run.writes, run.changed, run.published["slipway_verdict"]) == ([], [], "already installed")


def test_the_census_tells_where_it_is(play: Player) -> None:
    run = play("slipway.aws.package_census", {"slipway_region": REGION})
    [told] = run.published["slipway_report"]["packages"]
    assert (told["name"], told["default_version"], told["installed_versions"]) == ("shop-agent", "1.0.0", {"1.0.0": 11})
    run = play("slipway.aws.package_census", {"slipway_region": REGION, "slipway_package": "shop-agent"})
    assert run.published["slipway_report"]["versions"] == {"1.0.0": 11}


def test_a_canary_that_fails_holds_the_new_version_back(
    play: Player, account: Emulator, fleet: Fleet, package: dict[str, t.Any]
) -> None:
    second = {**package, "slipway_version": "2.0.0"}
    account.control("faults", kind="command-exits", document="AWS-RunShellScript", code=3, stdout="inactive")
    run = play("slipway.aws.install_package", second, code=2)
    assert [len(ids) for ids in sent(run)] == [1] and "UpdateDocumentDefaultVersion" not in run.writes
    assert "inactive" in run.output and "(stopped after the first nodes failed) on 11 of 11 nodes" in run.output
    account.control("faults", "DELETE")
    run = play("slipway.aws.install_package", second)
    assert [len(ids) for ids in sent(run)] == [10] and "UpdateDocumentDefaultVersion" in run.writes
    assert run.published["slipway_report"]["versions"] == {"2.0.0": 11}


def test_an_earlier_version_is_rolled_back_to(play: Player, account: Emulator, package: dict[str, t.Any]) -> None:
    back = {name: value for name, value in package.items() if name not in ("slipway_package_src", "slipway_bucket")}
    tags = json.dumps({"Application": "storefront", "Team": None})
    run = play("slipway.aws.install_package", {**back, "slipway_node_tags": tags, "distributor_package_keep": "true"})
    assert [len(ids) for ids in sent(run)] == [1, 10]
    assert run.published["slipway_report"]["versions"] == {"1.0.0": 11}
    document = account.client("ssm").describe_document(Name="shop-agent")["Document"]
    assert document["VersionName"] == "1.0.0"
    [kept] = account.client("ssm").list_associations()["Associations"]
    assert kept["AssociationName"] == "slipway-shop-agent"
    targets = {one["Key"]: one["Values"] for one in kept["Targets"]}
    assert targets == {"tag:Application": ["storefront"], "tag-key": ["Team"]}


def test_removal_leaves_nothing(play: Player, awx: Awx, account: Emulator) -> None:
    wish = {"slipway_region": REGION, "slipway_package": "shop-agent", "distributor_package_wait_delay": "1"}
    unanswered = {
        "slipway_node_tags": "",
        "slipway_instance_ids": "",
        "slipway_resource_group": "",
        "slipway_version": "",
    }
    foretold = awx.run("slipway.aws.remove_package", "--check", "--diff", variables={**wish, **unanswered})
    planned = foretold.result("Show the nodes that would lose the package")["msg"]
    assert foretold.writes == [] and len(planned["first"] + planned["then"]) == 11
    run = play("slipway.aws.remove_package", wish)
    assert run.published["slipway_verdict"] == "removed"
    ssm = account.client("ssm")
    assert ssm.list_associations()["Associations"] == []
    assert ssm.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])["DocumentIdentifiers"] == []
    run = play("slipway.aws.remove_package", wish)
    assert (run.writes, run.changed, run.published["slipway_verdict"]) == ([], [], "absent")


def test_a_preset_goes_to_a_resource_group_and_comes_off_a_selection(
    play: Player, account: Emulator, fleet: Fleet
) -> None:
    """A package of AWS, kept by an association, with arguments that nothing shows; then removed from some of its nodes."""
    query = {"ResourceTypeFilters": ["AWS::EC2::Instance"], "TagFilters": [{"Key": "Team", "Values": ["shop"]}]}
    asked = {"Type": "TAG_FILTERS_1_0", "Query": json.dumps(query)}
    account.client("resource-groups").create_group(Name="shop", ResourceQuery=asked)
    wish = {
        "slipway_region": REGION,
        "slipway_package_preset": "cloudwatch-agent",
        "distributor_package_wait_delay": "1",
    }
    secret = {"distributor_package_arguments": {"SSM_TOKEN": "correct-horse-battery"}}
    grouped = {**wish, **secret, "slipway_resource_group": "shop", "distributor_package_keep": "true"}
    run = play("slipway.aws.install_package", grouped, ANSIBLE_VERBOSITY="3")
    assert run.published["slipway_report"]["states"] == {"proved": 12}
    assert "correct-horse" not in run.output and "correct-horse" not in json.dumps(run.events)
    [kept] = account.client("ssm").list_associations()["Associations"]
    assert kept["Targets"] == [{"Key": "resource-groups:Name", "Values": ["shop"]}]
    told = account.client("ssm").describe_association(AssociationId=kept["AssociationId"])["AssociationDescription"]
    assert json.loads(told["Parameters"]["additionalArguments"][0]) == secret["distributor_package_arguments"]
    run = play("slipway.aws.remove_package", {**wish, "slipway_instance_ids": json.dumps(fleet["ubuntu"])})
    assert sent(run) == [fleet["ubuntu"]] and run.published["slipway_report"]["states"] == {"proved": 3}
    left = play("slipway.aws.package_census", wish).published["slipway_report"]["packages"]
    assert ("AmazonCloudWatchAgent", 9) in [(one["name"], one["installed_count"]) for one in left]


def test_a_package_of_the_agent_is_not_fought_over(play: Player, account: Emulator) -> None:
    """AWS's own package would bring the agent 1.x back, again and again."""
    ssm = account.client("ssm")
    parameters = {"action": ["Install"], "name": ["AWSCodeDeployAgent"]}
    targets = [{"Key": "tag:Application", "Values": ["storefront"]}]
    made = ssm.create_association(Name=INSTALLER, Parameters=parameters, Targets=targets)["AssociationDescription"]
    wish = {
        "slipway_region": REGION,
        "slipway_package_preset": "codedeploy-agent-2",
        "slipway_version": "2.1.0",
        "slipway_bucket": "shop-packages",
        "slipway_node_tags": '{"Application": "storefront"}',
    }
    fought = play("slipway.aws.install_package", wish, check=True, code=2)
    assert made["AssociationId"] in fought.failures[0] and "installs AWSCodeDeployAgent on nodes" in fought.failures[0]
    looks = {"name": "slipway.aws.codedeploy_agent", "tasks_from": "conflicts"}
    warned = play([{"name": "Look", "ansible.builtin.include_role": looks}], {"codedeploy_agent_track": "2"})
    [warning] = warned.messages
    assert made["AssociationId"] in warning and '"values": ["storefront"]' in warning and "older than 2.0" in warning
    elsewhere = [{"Key": "tag:Application", "Values": ["legacy"]}]
    ssm.update_association(
        AssociationId=made["AssociationId"], Name=INSTALLER, Parameters=parameters, Targets=elsewhere
    )
    run = play("slipway.aws.install_package", wish, check=True)  # one for another fleet is in nobody's way
    assert run.published == {} and run.writes == []
    packages = run.result("Publish the package")["package"]["manifest"]["packages"]
    assert sorted(packages) == ["amazon", "debian", "ubuntu"]
