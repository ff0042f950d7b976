# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The rollout of a package, by ssm_package_fleet_info against the emulator: what nodes have, what they are to get, what proves it, what it costs."""

from __future__ import annotations

import collections
import typing as t

import pytest
from support import compute, packages
from support.imagebuilder import done
from support.mixed import launch
from support.modules import Outcome, run_module
from support.run_command import nodes

from ansible_collections.slipway.aws.plugins.module_utils._ssm import nodes as ssm_nodes
from ansible_collections.slipway.aws.plugins.module_utils._ssm.run_command import wishes
from slipway_emulator.clock import clock
from slipway_emulator.extensions.ssm import nodes as emulated_nodes
from slipway_emulator.faults import faults

MODULE = "ssm_package_fleet_info"
INSTALLER = "AWS-ConfigureAWSPackage"
NAME = "agent"
WEB = {"role": "web"}
pytestmark = pytest.mark.usefixtures("world")


def read(**options: t.Any) -> Outcome:
    selection = {} if "instance_ids" in options else {"tag_filters": WEB}
    return done(MODULE, {"name": NAME, **selection, **options})


def published(*targets: str, version: str = "1.0", **scripts: str) -> None:
    """A package with one file for each of these targets, or for all hosts; its scripts start and stop a service."""
    where: dict[str, t.Any] = {}
    for target in targets or ("_any/_any/_any", "windows/_any/_any"):
        platform, number, architecture = target.split("/")
        file = {"file": "windows.zip" if platform == "windows" else "linux.zip"}
        where.setdefault(platform, {}).setdefault(number, {})[architecture] = file
    shell = {"install": "systemctl start agent\n", "uninstall": "systemctl stop agent\n", **scripts}
    power = {"install.ps1": "Start-Service agent\n", "uninstall.ps1": "Stop-Service agent\n"}
    linux = packages.archive({**{f"{name}.sh": text for name, text in shell.items()}, "version": version})
    files = {"linux.zip": linux, "windows.zip": packages.archive({**power, "version": version})}
    make = packages.create if version == "1.0" else packages.update
    make(NAME, version, files, targets=where)
    packages.settle()


def command(ids: list[str], action: str = "Install", version: str = "1.0", **more: t.Any) -> Outcome:
    parameters = {"action": action, "name": NAME, "version": version or None}
    asked = {"document_name": INSTALLER, "parameters": parameters, "instance_ids": ids, "max_errors": "100%"}
    return run_module("ssm_run_command", {**asked, "max_concurrency": "100%", "wait_delay": 5, **more})


def checked(fleet: Outcome, key: str = "instance_ids") -> None:
    """Run the checks that the module tells."""
    for check in fleet["checks"]:
        asked = {"document_name": check["document_name"], "comment": check["comment"], "instance_ids": check[key]}
        script = {"parameters": {"commands": check["commands"]}, "max_errors": "100%", "wait_delay": 5}
        run_module("ssm_run_command", {**asked, **script})


def states(fleet: Outcome) -> dict[str, str]:
    return {node["instance_id"]: node["state"] for node in fleet["nodes"]}


def mixed(*systems: str) -> list[str]:
    """A host of each of these systems, all of them with the tag."""
    ids = [launch(compute.client, system, 1, role="web")[0] for system in systems]
    compute.boot()
    return ids


def test_what_is_known_before_anything_is_sent() -> None:
    published("amazon/2023/x86_64", "windows/_any/_any")
    x86, arm, windows, debian = mixed("amazon", "amazon-arm64", "windows", "debian")
    fleet = read()
    assert states(fleet) == {x86: "due", arm: "unmatched", windows: "due", debian: "unmatched"}
    assert (fleet["version"], fleet["canary"], fleet["rest"], fleet["gated"]) == ("1.0", [x86], [windows], True)
    reasons = {one["instance_id"]: one["reason"] for one in fleet["failed_nodes"]}
    assert reasons[arm] == "the package has no file for Amazon Linux 2023 (arm64)"
    assert reasons[debian] == "the package has no file for Debian GNU/Linux 12 (x86_64)"
    assert not fleet.writes


def test_architectures_are_asked_for_where_ids_select_nodes_and_files_depend_on_them() -> None:
    published("amazon/2023/x86_64", "ubuntu/_any/_any")
    x86, arm, ubuntu = mixed("amazon", "amazon-arm64", "ubuntu-arm64")
    fleet = read(instance_ids=[x86, arm, ubuntu])
    assert states(fleet) == {x86: "due", arm: "unmatched", ubuntu: "due"}
    operations = [call.operation for call in fleet.calls]
    assert operations.count("DescribeInstances") == 1
    published("_any/_any/_any", version="2.0")
    compute.client("ssm").update_document_default_version(Name=NAME, DocumentVersion="2")
    fleet = read(instance_ids=[x86, arm, ubuntu])
    assert "DescribeInstances" not in [call.operation for call in fleet.calls]


def test_a_manifest_is_held_against_nodes_before_it_is_published() -> None:
    amazon, debian = mixed("amazon", "debian")
    packages_of = {"amazon": {"_any": {"_any": {"file": "app.zip"}}}}
    fleet = read(manifest={"schemaVersion": "2.0", "version": "3.0", "packages": packages_of})
    assert states(fleet) == {amazon: "due", debian: "unmatched"} and fleet["version"] == "3.0"
    assert "DescribeDocument" not in [call.operation for call in fleet.calls]


def test_those_that_cannot_take_anything_are_told_apart() -> None:
    published()
    fine, lost, unmanaged, gone = nodes(4, **WEB)
    faults.add({"kind": "ssm-offline", "instance_id": lost})
    faults.add({"kind": "ssm-unmanaged", "instance_id": unmanaged})
    compute.client("ec2").terminate_instances(InstanceIds=[gone])
    fleet = read()
    assert states(fleet) == {fine: "due", lost: "unreachable", unmanaged: "missing"}
    named = read(instance_ids=[fine, gone])
    assert states(named) == {fine: "due", gone: "missing"}


def test_what_a_node_needs_is_told_before_anything_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Role, endpoints and proxy of those that SSM cannot reach, and an agent that takes packages."""
    published()
    lost, unmanaged = nodes(2, **WEB)
    faults.add({"kind": "ssm-offline", "instance_id": lost})
    faults.add({"kind": "ssm-unmanaged", "instance_id": unmanaged})
    hints = {one["instance_id"]: one["hint"] for one in read()["failed_nodes"]}
    for said in hints.values():
        assert "ssm, ssmmessages and ec2messages" in said and "NAT gateway, VPC endpoints, or a proxy" in said
    assert "AmazonSSMManagedInstanceCore" in hints[unmanaged]
    faults.remove()
    monkeypatch.setattr(emulated_nodes, "AGENT_VERSION", "2.3.68.0")
    fleet = read()
    assert fleet["states"] == {"outdated": 2} and fleet["canary"] == fleet["rest"] == []
    [failed, _other] = fleet["failed_nodes"]
    assert failed["reason"] == "its SSM agent 2.3.68.0 is older than 2.3.274.0, which packages need"
    assert "AWS-UpdateSSMAgent" in failed["hint"]
    assert read(removed=True)["states"] == {"proved": 2}


def test_a_download_that_fails_names_s3() -> None:
    published()
    [one] = nodes(1, **WEB)
    faults.add({"kind": "package-download-fails", "instance_id": one})
    command([one])
    [failed] = read()["failed_nodes"]
    assert "Let the node reach S3 in its Region (NAT gateway, VPC endpoint for S3, or a proxy" in failed["hint"]


def test_the_last_command_is_the_proof() -> None:
    published()
    ids = nodes(3, **WEB)
    command(ids)
    assert set(states(read()).values()) == {"proved"} and read()["failed_nodes"] == []
    command(ids[:1], "Uninstall")
    command(ids[1:2], version="")  # the default version, whatever it was then
    assert states(read()) == {ids[0]: "due", ids[1]: "proved", ids[2]: "proved"}
    assert read()["versions"] == {"1.0": 2}


@pytest.mark.parametrize(
    ("output", "state"),
    [
        (
            "Initiating arn:aws:ssm:eu-west-1:1:document/agent 1.0 install\nSuccessfully installed arn:aws:x/agent 1.0",
            "proved",
        ),
        ("agent 1.0 is already installed", "proved"),
        ("Successfully installed pip 1.0\nSuccessfully installed arn:aws:x/agent 2.0", "due"),
        ("Successfully installed arn:aws:x/agent 2.0", "due"),
        ("something else", "due"),
    ],
)
def test_the_agent_tells_which_version_the_default_one_was(output: str, state: str) -> None:
    published()
    [one] = nodes(1, **WEB)
    faults.add({"kind": "command-exits", "instance_id": one, "code": 0, "stdout": output})
    command([one], version="")
    assert states(read()) == {one: state}


def test_a_version_that_failed_is_due_again_with_its_reason() -> None:
    published()
    bad, good = nodes(2, **WEB)
    faults.add(
        {"kind": "command-exits", "instance_id": bad, "code": 1, "stderr": "no space left on device", "times": 1}
    )
    command([bad, good])
    fleet = read()
    assert states(fleet) == {bad: "due", good: "proved"}
    [failed] = fleet["failed_nodes"]
    assert failed["reason"].startswith("it failed with exit code 1")
    assert "no space left on device" in failed["output_tail"]
    assert failed["hint"] == "Free disk space on the node."
    assert [node["instance_id"] for node in fleet["nodes"] if node["failed_before"]] == [bad]
    assert (fleet["canary"], fleet["rest"], fleet["gated"]) == ([], [bad], False)


def test_the_script_that_failed_is_told_and_what_the_agent_brought_back_is_not_proved() -> None:
    published()
    published(version="2.0", install="exit 7\n")
    [one] = nodes(1, **WEB)
    command([one])
    command([one], version="2.0")
    [failed] = read(version="2.0")["failed_nodes"]
    assert (failed["state"], failed["reason"]) == ("due", "its install script failed with exit code 7")
    assert failed["output_tail"].endswith("install status Failed")
    assert states(read(version="1.0")) == {one: "due"}  # the agent only tells that it tried to roll back
    command([one])
    assert states(read(version="1.0")) == {one: "proved"}


def test_what_was_installed_before_a_version_was_published_again_proves_nothing() -> None:
    published()
    [one] = nodes(1, **WEB)
    command([one])
    compute.client("ssm").delete_document(Name=NAME)
    packages.settle()
    clock.advance(5)
    published()
    assert states(read()) == {one: "due"}
    command([one])
    assert states(read()) == {one: "proved"}


def test_what_is_not_published_yet_is_on_no_node() -> None:
    published()
    [one] = nodes(1, **WEB)
    command([one])
    manifest = {"version": "1.0", "packages": {"_any": {"_any": {"_any": {"file": "linux.zip"}}}}}
    assert states(read(manifest=manifest)) == {one: "proved"}
    compute.client("ssm").delete_document(Name=NAME)
    packages.settle()
    assert states(read(manifest=manifest)) == {one: "due"}


def test_to_uninstall_another_version_proves_nothing() -> None:
    published()
    published(version="2.0")
    [one] = nodes(1, **WEB)
    command([one])
    assert not command([one], "Uninstall", version="2.0").failed
    fleet = read(removed=True)
    assert states(fleet) == {one: "due"} and "was not uninstalled" in fleet["failed_nodes"][0]["reason"]
    command([one], "Uninstall", version="1.0")
    assert states(read(removed=True)) == {one: "proved"}


def test_a_new_version_is_due_everywhere_canaries_first() -> None:
    published()
    ids = nodes(10, **WEB)
    command(ids)
    published(version="2.0")
    fleet = read(version="2.0", canary="20%")
    assert (len(fleet["canary"]), len(fleet["rest"]), fleet["gated"]) == (2, 8, True)
    assert fleet["versions"] == {"1.0": 10} and fleet["nodes"][0]["reason"] == "it has version 1.0"
    command(fleet["canary"], version="2.0")
    assert read(version="2.0", canary="20%")["canary"] == []
    assert read(force=True)["states"] == {"due": 10}


def test_a_check_counts_only_after_the_installation() -> None:
    published()
    amazon, windows = mixed("amazon", "windows")
    script = {"check": ["systemctl is-active agent"], "windows_check": ["Get-Service agent"]}
    command([amazon, windows])
    fleet = read(**script)
    assert states(fleet) == {amazon: "unchecked", windows: "unchecked"} and fleet["gated"]
    assert [one["document_name"] for one in fleet["checks"]] == ["AWS-RunShellScript", "AWS-RunPowerShellScript"]
    faults.add({"kind": "command-exits", "instance_id": windows, "code": 3, "stdout": "Stopped", "times": 1})
    checked(fleet)
    fleet = read(**script)
    assert states(fleet) == {amazon: "proved", windows: "unchecked"} and not fleet["gated"]
    [failed] = fleet["failed_nodes"]
    assert failed["reason"] == "it has the package, and the check failed: it failed with exit code 3"
    assert failed["output_tail"].startswith("Stopped")
    checked(fleet)
    assert read(**script)["failed_nodes"] == []
    assert read(recheck=True, **script)["states"] == {"unchecked": 2}
    assert read(check=["another"], windows_check=["another"])["states"] == {"unchecked": 2}
    command([amazon])
    assert states(read(**script)) == {amazon: "unchecked", windows: "proved"}


def test_nodes_that_have_it_are_tried_before_others_get_it() -> None:
    """A canary whose check failed holds the others back, and no other canary takes its place."""
    published()
    first, *others = nodes(4, **WEB)
    command([first])
    fleet = read(check=["true"])
    assert (fleet["gated"], fleet["canary"], fleet["rest"]) == (True, [], others)
    assert [one["instance_ids"] for one in fleet["checks"]] == [[first]]


def test_a_command_in_progress_is_not_sent_twice() -> None:
    published()
    ids = nodes(2, **WEB)
    faults.add({"kind": "command-slow", "seconds": 300})
    command(ids, wait=False)
    clock.advance(5)
    fleet = read()
    assert fleet["states"] == {"in progress": 2} and fleet["canary"] == fleet["rest"] == []
    faults.add({"kind": "ssm-offline", "instance_id": ids[0]})
    assert read()["states"] == {"in progress": 1, "unreachable": 1}


def test_inventory_that_is_newer_proves_too() -> None:
    published()
    [one] = nodes(1, **WEB)
    host = compute.host(one)
    assert "GetInventory" not in [call.operation for call in read().calls]
    compute.client("ssm").create_association(
        Name="AWS-GatherSoftwareInventory", Targets=[{"Key": "InstanceIds", "Values": ["*"]}]
    )
    command([one], "Uninstall")
    host.change(type(host.contents)(packages={NAME: "1.0"}))
    assert read()["states"] == {"due": 1}  # it was gathered before
    clock.advance(1900)
    fleet = read()
    assert fleet["states"] == {"proved": 1} and fleet["nodes"][0]["version"] == "1.0"


def test_what_is_to_be_removed() -> None:
    published("amazon/_any/_any")
    installed, never, debian = mixed("amazon", "amazon", "debian")
    command([installed])
    fleet = read(removed=True)
    assert states(fleet) == {installed: "due", never: "due", debian: "proved"}
    assert (fleet["canary"], fleet["gated"], fleet["checks"]) == ([], False, [])
    command(fleet["rest"], "Uninstall", version="")
    assert read(removed=True)["states"] == {"proved": 3}


def test_a_package_of_aws_has_a_version() -> None:
    ids = nodes(1, **WEB)
    fleet = read(name="AmazonCloudWatchAgent")
    assert (fleet["version"], states(fleet)) == ("1.300064.0", {ids[0]: "due"})
    unknown = read(name="Nobodys-Agent")
    assert (unknown["version"], states(unknown)) == (None, {ids[0]: "due"})


def test_a_version_that_does_not_exist_is_refused() -> None:
    published()
    told = run_module(MODULE, {"name": NAME, "version": "9.9"})
    assert told.failed and told.msg == (
        "Failed to read the package agent on the nodes: it has no version 9.9. Correct version; there are: 1.0"
    )


def test_all_packages_with_the_versions_on_the_nodes() -> None:
    published()
    ids = nodes(3, **WEB)
    command(ids[:2])
    command(ids[2:], "Uninstall")
    parameters = {"action": "Install", "name": "AmazonCloudWatchAgent"}
    asked = {"document_name": INSTALLER, "parameters": parameters, "instance_ids": ids, "wait_delay": 5}
    done("ssm_run_command", asked)
    ours, theirs = done(MODULE, {})["packages"]
    assert ours == {
        "name": NAME,
        "published": True,
        "default_version": "1.0",
        "published_versions": ["1.0"],
        "installed_versions": {"1.0": 2},
        "installed_count": 2,
        "failed_count": 0,
    }
    assert (theirs["name"], theirs["published"], theirs["installed_versions"]) == (
        "AmazonCloudWatchAgent",
        False,
        {"1.300064.0": 3},
    )


def test_a_fleet_of_two_systems_is_verified_in_forty_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tenth of five hundred nodes, with pages of a tenth, a canary first, and one that the package is not for: as many calls."""
    for room in (ssm_nodes, wishes):
        monkeypatch.setattr(room, "PAGE", 5)
    published("amazon/_any/_any", "windows/_any/_any")
    for system, count in (("amazon", 31), ("windows", 18), ("debian", 1)):
        launch(compute.client, system, count, role="web")
    compute.boot()
    script = {"check": ["systemctl is-active agent"], "windows_check": ["Get-Service agent"]}
    first = read(**script)
    for wave in ("canary", "rest"):
        command(first[wave])
        checked(read(**script))
    second = read(**script)
    assert second["states"] == {"proved": 49, "unmatched": 1} and not second.writes
    assert len(second.calls) <= 40, collections.Counter(call.operation for call in second.calls)
