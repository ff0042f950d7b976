# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Packages on nodes: AWS-ConfigureAWSPackage and what the SSM agent makes of it."""

from __future__ import annotations

import json

import pytest
from support import compute, packages
from support.packages import UBUNTU, WINDOWS, configure, node, published, said

from slipway_emulator import console
from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
ARN = f"arn:aws:ssm:{compute.REGION}:123456789012:document/agent"


def state(instance_id: str, arn: str = ARN) -> tuple[str, str, str] | None:
    kept = compute.host(instance_id).contents.distributed.get(arn)
    return (kept.state, kept.version, kept.installed) if kept else None


def test_a_package_is_installed_once() -> None:
    published({"install.sh": 'echo "hello from $BWS_PLATFORM_NAME $BWS_ACTION_NAME"\n'})
    instance_id = node()
    done = configure(instance_id)
    assert (done["Status"], done["ResponseCode"], done["PluginName"]) == ("Success", 0, "configurePackage")
    lines = done["StandardOutputContent"].splitlines()
    assert lines[0] == f"Initiating {ARN} 1.0 install" and lines[-1] == f"Successfully installed {ARN} 1.0"
    assert "install output: hello from amazon install" in lines
    assert state(instance_id) == ("Installed", "1.0", "1.0")
    again = configure(instance_id)
    assert f"{ARN} 1.0 is already installed" in said(again) and "install output" not in said(again)


def test_a_script_changes_the_host() -> None:
    """The CodeDeploy agent 2 comes by a package of one's own."""
    published(
        {
            "install.sh": "yum install -y ./codedeploy-agent-2.1.0.noarch.rpm\n",
            "uninstall.sh": "yum erase -y codedeploy-agent\n",
        }
    )
    instance_id = node()
    assert compute.host(instance_id).agent == "absent"
    configure(instance_id)
    assert (compute.host(instance_id).agent, compute.host(instance_id).contents.agent_version) == ("running", "2.1.0")
    configure(instance_id, action="Uninstall")
    assert compute.host(instance_id).agent == "absent" and state(instance_id) is None


def test_a_script_starts_others_of_its_zip() -> None:
    published({"install.sh": "sh ./setup.sh\n", "setup.sh": "systemctl stop codedeploy-agent\n"})
    instance_id = node("1.8.1")
    configure(instance_id)
    assert compute.host(instance_id).agent == "stopped"


def test_windows_runs_powershell() -> None:
    scripts = {"install.ps1": 'Write-Output "on $env:BWS_PLATFORM_VERSION"\n', "uninstall.ps1": "exit 0\n"}
    packages.create(files={"app.zip": packages.archive(scripts)})
    packages.settle()
    instance_id = node(**WINDOWS)
    done = configure(instance_id)
    assert "install output: on 10.0.20348" in said(done) and "Plugin aws:runPowerShellScript" in said(done)
    assert configure(instance_id, action="Uninstall")["Status"] == "Success"
    assert "aws:runPowerShellScript is not supported on amazon" in said(configure(node()))


def test_arguments_are_environment_variables() -> None:
    published({"install.sh": 'echo "token $SSM_TOKEN"\n'})
    instance_id = node()
    done = configure(instance_id, additionalArguments=json.dumps({"SSM_TOKEN": "x1"}))
    assert "install output: token x1" in said(done)
    again = configure(instance_id, additionalArguments=json.dumps({"SSM_TOKEN": "x2"}))
    assert "already installed" in said(again) and "x2" not in said(again)


@pytest.mark.parametrize("arguments", ['{"TOKEN": "x"}', '{"SSM_": "x"}', '{"SSM_A": 1}', "[]", "{"])
def test_arguments_that_are_refused(arguments: str) -> None:
    published()
    done = configure(node(), additionalArguments=arguments)
    assert done["Status"] == "Failed" and "invalid input" in done["StandardErrorContent"]


def test_the_default_version_is_installed_and_names_choose_others() -> None:
    published()
    packages.update(version="2.0")
    packages.settle()
    instance_id = node()
    configure(instance_id)
    assert state(instance_id) == ("Installed", "1.0", "1.0")
    configure(instance_id, version="2.0")
    assert state(instance_id) == ("Installed", "2.0", "2.0")
    configure(instance_id, version="latest")
    assert state(instance_id) == ("Installed", "1.0", "1.0")
    done = configure(instance_id, version="2")
    assert done["Status"] == "Failed" and "InvalidDocumentVersion" in said(done)


def test_another_version_comes_after_the_old_one_is_gone() -> None:
    published({"uninstall.sh": "echo goodbye one\n"})
    instance_id = node()
    configure(instance_id)
    published({"install.sh": "echo hello two\n"}, "2.0")
    text = said(configure(instance_id))
    assert text.index("uninstall output: goodbye one") < text.index("install output: hello two")


def test_an_update_in_place_runs_only_its_script() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    published({"update.sh": "echo updated\n"}, "2.0")
    text = said(configure(instance_id, installationType="In-place update"))
    assert "update output: updated" in text and "uninstall" not in text
    assert state(instance_id) == ("Installed", "2.0", "2.0")
    other = node()
    assert "install output: installed" in said(configure(other, installationType="In-place update"))


def test_an_update_in_place_without_its_script_fails_and_nothing_is_rolled_back() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    published(version="2.0")
    done = configure(instance_id, installationType="In-place update")
    assert done["Status"] == "Failed" and "missing update script" in said(done) and "rollback" not in said(done)
    assert state(instance_id) == ("Failed", "2.0", "1.0")


def test_a_failed_install_is_rolled_back_and_failed_all_the_same() -> None:
    published({"install.sh": "echo hello one\n"})
    instance_id = node()
    configure(instance_id)
    published({"install.sh": "echo broken\nexit 7\n"}, "2.0")
    done = configure(instance_id)
    assert (done["Status"], done["ResponseCode"]) == ("Failed", 1)
    assert "exit status 7" in said(done) and "install output: hello one" in said(done)
    assert done["StandardErrorContent"].endswith("Failed to install package; install status Failed\n")
    assert state(instance_id) == ("Installed", "1.0", "1.0")


def test_what_a_rollback_brings_back_can_be_proved() -> None:
    scripts = {
        "install.sh": "cp ./version /opt/agent/version\nsystemctl start agent\n",
        "uninstall.sh": "rm -rf /opt/agent\n",
    }
    published(scripts)
    instance_id = node()
    proof = '[ "$(cat /opt/agent/version)" = 1.0 ] && systemctl is-active agent'
    assert console.run(compute.host(instance_id), proof).code != 0
    configure(instance_id)
    assert console.run(compute.host(instance_id), proof).code == 0
    published({**scripts, "install.sh": "cp ./version /opt/agent/version\nexit 1\n"}, "2.0")
    assert configure(instance_id)["Status"] == "Failed"
    assert console.run(compute.host(instance_id), proof).code == 0


def test_a_first_install_that_fails_leaves_a_failed_package() -> None:
    published({"install.sh": "exit 1\n"})
    instance_id = node()
    assert configure(instance_id)["Status"] == "Failed"
    assert state(instance_id) == ("Failed", "1.0", "")
    removed = configure(instance_id, action="Uninstall")
    assert removed["Status"] == "Success" and "is not installed" in said(removed)


def test_a_new_document_version_of_the_same_manifest_version_is_installed_again() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    files = {"app.zip": packages.archive({**packages.SCRIPTS, "install.sh": "echo fixed\n"})}
    number = packages.update(version="1.0", files=files, VersionName="1.0-fixed")["DocumentVersion"]
    packages.settle()
    compute.client("ssm").update_document_default_version(Name="agent", DocumentVersion=number)
    text = said(configure(instance_id))
    assert "uninstall output: removed" in text and "install output: fixed" in text


def test_validate_decides_whether_what_is_installed_will_do() -> None:
    published(
        {"validate.sh": "systemctl is-active codedeploy-agent\n", "install.sh": "systemctl start codedeploy-agent\n"}
    )
    instance_id = node("1.8.1")
    configure(instance_id)
    assert "already installed" in said(configure(instance_id))
    compute.host(instance_id).agent_running = False
    text = said(configure(instance_id))
    assert "install output" in text and "uninstall" not in text and compute.host(instance_id).agent == "running"


def test_uninstall() -> None:
    published()
    instance_id = node()
    assert "is not installed" in said(configure(instance_id, action="Uninstall"))
    configure(instance_id)
    packages.update(version="2.0")
    packages.settle()
    other = configure(instance_id, action="Uninstall", version="2.0")
    assert other["Status"] == "Success" and "is not installed" in said(other)
    assert "uninstall output: removed" in said(configure(instance_id, action="Uninstall"))
    assert state(instance_id) is None


def test_uninstall_needs_the_document() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    compute.client("ssm").delete_document(Name="agent")
    done = configure(instance_id, action="Uninstall")
    assert done["Status"] == "Failed" and "InvalidDocument" in said(done)


def test_an_install_that_asks_for_a_reboot_is_done_after_it() -> None:
    published({"install.sh": "echo once\nexit 194\n"})
    instance_id = node()
    sent = packages.send([instance_id])
    clock.advance(25)
    assert not compute.host(instance_id).online()  # it starts again
    assert packages.invocation(sent, instance_id)["Status"] == "InProgress"
    clock.advance(60)
    done = packages.invocation(sent, instance_id)
    assert done["Status"] == "Success" and said(done).count("once") == 1
    assert "ResultStatus SuccessAndReboot" in said(done)


def test_an_uninstall_that_asks_for_a_reboot_runs_again() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    faults.add({"kind": "package-exits", "action": "uninstall", "code": 194, "times": 1})
    assert said(configure(instance_id, action="Uninstall", seconds=120)).count("uninstall output: removed") == 2


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"app/install.sh": "", "app/uninstall.sh": ""}, "package is missing install action"),
        ({"install.sh": ""}, "Package is incomplete"),
        ({"install.sh": "", "install.ps1": "", "uninstall.sh": ""}, "more than one implementation"),
        ({"uninstall.sh": "", "readme": ""}, "package is missing install action"),
        ({**packages.SCRIPTS, "manifest.json": '{"schemaVersion": "2.0", "version": "1.0"}'}, "empty package name"),
        ({**packages.SCRIPTS, "manifest.json": "{"}, "Package manifest is invalid"),
        ({**packages.SCRIPTS, "manifest.json": '{"name": "agent", "version": "2.0"}'}, "Package manifest is invalid"),
    ],
)
def test_zips_that_are_not_packages(files: dict[str, str], told: str) -> None:
    packages.create(files={"app.zip": packages.archive(files)})
    packages.settle()
    instance_id = node()
    done = configure(instance_id)
    assert done["Status"] == "Failed" and told in done["StandardErrorContent"]
    assert state(instance_id) is None


def test_a_file_that_is_no_zip() -> None:
    packages.create(files={"app.zip": b"no zip"})
    packages.settle()
    assert "failed to extract" in said(configure(node()))


def test_a_checksum_that_is_wrong_fails_the_install() -> None:
    packages.create(Attachments=packages.stored({"app.zip": packages.archive(packages.SCRIPTS | {"x": ""})}, "other"))
    packages.settle()
    assert "the checksum does not match" in said(configure(node()))


@pytest.mark.parametrize(("sums", "status"), [({}, "Success"), ({"sha256": ""}, "Success"), ({"crc": "1"}, "Failed")])
def test_sums_that_tell_nothing(sums: dict[str, str], status: str) -> None:
    wanted = packages.request("agent", "1.0", None)
    manifest = json.loads(wanted["Content"])
    manifest["files"]["app.zip"]["checksums"] = sums
    wanted["Content"] = json.dumps(manifest)
    compute.client("ssm").create_document(**wanted, DocumentType="Package")
    packages.settle()
    assert configure(node())["Status"] == status


def test_a_platform_without_a_file() -> None:
    published(targets={"amazon": {"_any": {"_any": {"file": "app.zip"}}}})
    done = configure(node(**UBUNTU))
    assert "no manifest found for platform: ubuntu, version 22.04, architecture x86_64" in said(done)
    assert configure(node())["Status"] == "Success"


def test_windows_takes_its_build_for_the_version() -> None:
    published(targets={"windows": {"10.0.*": {"_any": {"file": "app.zip"}}}})
    done = configure(node(**WINDOWS))
    assert "aws:runShellScript is not supported on windows" in said(done)  # its zip has the scripts of Linux


def test_one_works_on_a_package_at_a_time() -> None:
    published()
    instance_id = node()
    faults.add({"kind": "package-slow", "seconds": 300, "times": 1})
    first = packages.send([instance_id])
    clock.advance(30)
    done = configure(instance_id, action="Uninstall", seconds=30)
    assert f'Package "{ARN}" is already in the process of action "Install"' in said(done)
    clock.advance(300)
    assert packages.invocation(first, instance_id)["Status"] == "Success"
    assert configure(instance_id, action="Uninstall")["Status"] == "Success"


def test_cancelling_does_not_reach_a_script_that_runs() -> None:
    published()
    instance_id = node()
    faults.add({"kind": "package-slow", "seconds": 300, "times": 1})
    sent = packages.send([instance_id])
    clock.advance(30)
    compute.client("ssm").cancel_command(CommandId=sent)
    clock.advance(300)
    assert packages.invocation(sent, instance_id)["Status"] == "Cancelled"
    assert state(instance_id) == ("Installed", "1.0", "1.0")


@pytest.mark.parametrize("script", ["sleep 4000\n", "true\n"])
def test_a_script_that_runs_for_more_than_an_hour_is_ended(script: str) -> None:
    published({"install.sh": script})
    instance_id = node()
    if "sleep" not in script:
        faults.add({"kind": "package-slow", "action": "install", "seconds": 4000})
    done = configure(instance_id, seconds=3700)
    assert done["Status"] == "Failed" and "exit status 137" in said(done)


def test_faults_of_nodes() -> None:
    published()
    instance_id = node()
    faults.add({"kind": "package-download-fails", "times": 1})
    assert "failed to download installation package reliably" in said(configure(instance_id))
    faults.add({"kind": "package-exits", "package": "agent", "code": 3, "stderr": "no space left\n", "times": 1})
    done = configure(instance_id)
    assert "no space left" in said(done) and "exit status 3" in said(done)
    faults.add({"kind": "package-busy", "package": "agent", "action": "Uninstall"})
    assert 'in the process of action "Uninstall"' in said(configure(instance_id))


def test_a_node_that_goes_offline_meanwhile_goes_on_later() -> None:
    published()
    instance_id = node()
    sent = packages.send([instance_id])
    clock.advance(3)
    rule = faults.add({"kind": "ssm-offline"})
    clock.advance(100)
    assert packages.invocation(sent, instance_id)["Status"] == "InProgress"
    faults.remove(rule["id"])
    clock.advance(60)
    assert packages.invocation(sent, instance_id)["Status"] == "Success"


def test_a_package_goes_along_into_an_image() -> None:
    published()
    instance_id = node()
    configure(instance_id)
    image = compute.client("ec2").create_image(InstanceId=instance_id, Name="baked")["ImageId"]
    [baked] = compute.run(image)
    compute.boot()
    assert "already installed" in said(configure(baked))
