# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Hosts without a living agent, dying agents, bundles and scripts that cannot be used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.codedeploy_shop import APPSPEC, FILES, Shop, tarred, zipped

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults
from slipway_emulator.hosts import registry

NO_AGENT = "CodeDeploy agent was not able to receive the lifecycle event."


def deploy(shop: Shop, revision: object = None, **more: object) -> str:
    """One host, one deployment, run to its end."""
    if not shop.codedeploy.list_applications()["applications"]:
        shop.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    deployment_id = shop.deploy(revision or shop.bundle(), **more)
    shop.ended(deployment_id)
    return deployment_id


def failure(shop: Shop, deployment_id: str, host: str) -> tuple[str, dict[str, str]]:
    """The failed event of a host, and its diagnostics."""
    failed = {n: e for n, e in shop.events(deployment_id, host).items() if e["status"] == "Failed"}
    ((name, event),) = failed.items()
    return name, event["diagnostics"]


@pytest.mark.parametrize("state", ["absent", "stopped agent", "no profile", "stopped instance"])
def test_a_host_that_does_not_answer_fails_its_first_event_after_five_minutes(shop: Shop, state: str) -> None:
    (host,) = shop.hosts(1, agent=state != "absent")
    known = registry.get(host)
    if state == "stopped agent":
        known.agent_running = False
    if state == "no profile":
        known.instance_profile = None
    if state == "stopped instance":
        shop.ec2.stop_instances(InstanceIds=[host])
        known.state = "stopped"
    shop.group()
    revision = shop.bundle()
    deployment_id = shop.deploy(revision)
    clock.advance(250)
    assert shop.info(deployment_id)["status"] == "InProgress"
    assert set(shop.statuses(deployment_id, host)) == {"Pending"}
    info = shop.ended(deployment_id)
    assert 300 <= (info["completeTime"] - info["startTime"]).total_seconds() <= 320
    assert info["errorInformation"]["code"] == "HEALTH_CONSTRAINTS"
    name, told = failure(shop, deployment_id, host)
    assert name == "ApplicationStop"
    assert told["message"].startswith(NO_AGENT)
    assert shop.statuses(deployment_id, host) == ["Failed"] + ["Skipped"] * 6


def test_a_dead_minority_stays_hidden_behind_success_all_at_once(shop: Shop) -> None:
    shop.hosts(2)
    shop.hosts(1, agent=False)
    deployment_id = deploy(shop)
    info = shop.info(deployment_id)
    assert (info["status"], info["deploymentOverview"]["Failed"]) == ("Succeeded", 1)


def test_an_agent_that_comes_up_in_time_takes_the_event(shop: Shop) -> None:
    (host,) = shop.hosts(1, agent=False)
    clock.after(200, lambda: shop.put_host(host) and None)
    assert shop.info(deploy(shop))["status"] == "Succeeded"


def test_an_agent_that_stops_between_events(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    shop.group()
    deployment_id = shop.deploy(shop.bundle())
    while shop.info(deployment_id)["status"] == "Created" or shop.statuses(deployment_id, host)[3] != "Succeeded":
        clock.advance(1)
    registry.get(host).agent_running = False
    shop.ended(deployment_id)
    name, told = failure(shop, deployment_id, host)
    assert name == "AfterInstall"
    assert told["message"].startswith(NO_AGENT)


def test_an_agent_that_dies_in_an_event_costs_an_hour(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    faults.add({"kind": "agent-dies", "instance_id": host, "event": "BeforeInstall"})
    deployment_id = deploy(shop)
    event = shop.events(deployment_id, host)["BeforeInstall"]
    assert event["status"] == "Failed"
    assert (event["endTime"] - event["startTime"]).total_seconds() == pytest.approx(3600, abs=1)
    assert registry.get(host).agent == "stopped"


def test_an_agent_that_restarts_in_an_event_fails_it_at_once(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    faults.add({"kind": "agent-dies", "event": "BeforeInstall", "restart_after": 20, "times": 1})
    deployment_id = deploy(shop)
    event = shop.events(deployment_id, host)["BeforeInstall"]
    assert event["diagnostics"]["message"] == "Failed: Failing in-progress lifecycle event after an agent restart."
    assert (event["endTime"] - event["startTime"]).total_seconds() <= 31


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ({"key": "none.zip"}, "The specified key does not exist."),
        ({"bucket": "nobodys-bucket"}, "The specified bucket does not exist"),
        ({"eTag": "0123"}, "Expected deployment artifact bundle etag 0123 but was actually "),
        ({"version": "none"}, "The specified version does not exist."),
    ],
)
def test_a_bundle_that_cannot_be_fetched(shop: Shop, location: dict, message: str) -> None:
    (host,) = shop.hosts(1)
    revision = shop.bundle()
    revision["s3Location"].update(location)
    name, told = failure(shop, deploy(shop, revision), host)
    assert (name, told["errorCode"]) == ("DownloadBundle", "UnknownError")
    assert message in told["message"]


def test_a_bundle_that_is_no_archive(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    for kind, text in (("zip", "zip archive: 9"), ("tgz", "tar archive: 2"), ("tar", "tar archive: 2")):
        name, told = failure(shop, deploy(shop, shop.bundle(f"app.{kind}", data=b"not an archive")), host)
        assert (name, told["message"]) == ("DownloadBundle", f"Error extracting {text}")


def test_every_kind_of_archive_and_a_single_folder(shop: Shop) -> None:
    shop.hosts(1)
    nested = {f"app-1.0/{name}": text for name, text in FILES.items()}
    bundles = {
        "a.zip": zipped(FILES),
        "a.tar": tarred(FILES, "w:"),
        "a.tgz": tarred(FILES),
        "b.tgz": tarred({f"./{name}": text for name, text in FILES.items()}),
        "c.zip": zipped(nested),
    }
    for key, data in bundles.items():
        assert shop.info(deploy(shop, shop.bundle(key, data=data)))["status"] == "Succeeded", key


def test_the_named_version_is_deployed_not_the_newest(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    shop.bundle("other.zip")
    shop.s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})
    shop.bundle("app.zip")
    good = shop.s3.head_object(Bucket=shop.bucket, Key="app.zip")["VersionId"]
    shop.bundle("app.zip", data=b"broken")
    assert shop.info(deploy(shop, shop.at("app.zip", version=good)))["status"] == "Succeeded"
    assert failure(shop, deploy(shop, shop.at("app.zip")), host)[0] == "DownloadBundle"


@pytest.mark.parametrize(
    ("files", "event", "code", "message"),
    [
        pytest.param({"readme": ""}, "BeforeInstall", "UnknownError", "did not find an AppSpec file", id="none"),
        pytest.param({"appspec.yaml": APPSPEC}, "BeforeInstall", "UnknownError", 'path "appspec.yml"', id="yaml"),
        pytest.param(
            {"appspec.yml": "version: 1.0\nos: linux"}, "BeforeInstall", "UnknownError", "(1.0)", id="version"
        ),
        pytest.param(
            {"appspec.yml": 'version: "0.0"'}, "BeforeInstall", "UnknownError", "invalid version", id="quoted"
        ),
        pytest.param(
            {"appspec.yml": "version: 0.0\nos: windows"}, "BeforeInstall", "UnknownError", "(windows)", id="os"
        ),
        pytest.param({"appspec.yml": "a: [b"}, "BeforeInstall", "UnknownError", "at line", id="no-yaml"),
        pytest.param(
            {"appspec.yml": "version: 0.0\nos: linux\nfiles:\n- source: no\n  destination: /srv"},
            "Install",
            "UnknownError",
            "No such file or directory",
            id="source",
        ),
        pytest.param(
            {"appspec.yml": "version: 0.0\nos: linux\nhooks:\n  BeforeInstall:\n  - location: x/prepare.sh"},
            "BeforeInstall",
            "ScriptMissing",
            "Script does not exist at specified location: ",
            id="script",
        ),
    ],
)
def test_what_the_agent_refuses(shop: Shop, files: dict, event: str, code: str, message: str) -> None:
    (host,) = shop.hosts(1)
    name, told = failure(shop, deploy(shop, shop.bundle(files=files)), host)
    assert (name, told["errorCode"]) == (event, code)
    assert message in told["message"]


def test_a_slow_script_runs_into_its_own_timeout(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    faults.add({"kind": "hook-slow", "event": "AfterInstall", "seconds": 100, "times": 1})
    deployment_id = deploy(shop)
    name, told = failure(shop, deployment_id, host)
    assert (name, told["errorCode"]) == ("AfterInstall", "ScriptTimedOut")
    assert told["message"].endswith("scripts/configure.sh failed to complete in 30 seconds")
    event = shop.events(deployment_id, host)[name]
    assert (event["endTime"] - event["startTime"]).total_seconds() == pytest.approx(30)


def test_a_slow_script_within_its_timeout_only_takes_longer(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    faults.add({"kind": "hook-slow", "event": "ApplicationStart", "seconds": 500})
    event = shop.events(deploy(shop), host)["ApplicationStart"]
    assert event["status"] == "Succeeded"
    assert (event["endTime"] - event["startTime"]).total_seconds() == pytest.approx(504)


def test_an_event_of_more_than_an_hour_fails(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    two = {
        **FILES,
        "appspec.yml": APPSPEC.replace("- location: scripts/start.sh", "- location: scripts/start.sh\n" * 1)
        + "  ValidateService:\n    - location: scripts/start.sh\n    - location: scripts/stop.sh\n",
    }
    faults.add({"kind": "hook-slow", "event": "ValidateService", "seconds": 2000})
    deployment_id = deploy(shop, shop.bundle(files=two))
    event = shop.events(deployment_id, host)["ValidateService"]
    assert event["status"] == "Failed"
    assert (event["endTime"] - event["startTime"]).total_seconds() == pytest.approx(3600)


@pytest.mark.parametrize(
    ("rule", "event", "message"),
    [
        ({"kind": "download-denied"}, "DownloadBundle", "Access Denied"),
        ({"kind": "disk-full", "event": "DownloadBundle"}, "DownloadBundle", "No space left on device"),
        ({"kind": "disk-full", "event": "Install"}, "Install", "No space left on device"),
    ],
)
def test_faults_of_the_host(shop: Shop, rule: dict, event: str, message: str) -> None:
    (host,) = shop.hosts(1)
    faults.add({**rule, "instance_id": host})
    name, told = failure(shop, deploy(shop), host)
    assert (name, told["errorCode"]) == (event, "UnknownError")
    assert message in told["message"]


def test_application_stop_runs_from_the_last_install(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    renamed = {**FILES, "appspec.yml": APPSPEC.replace("stop.sh", "halt.sh"), "scripts/halt.sh": ""}
    assert shop.events(deploy(shop), host)["ApplicationStop"]["diagnostics"]["logTail"] == ""
    second = shop.events(deploy(shop, shop.bundle("app-2.zip", renamed)), host)
    assert "Script - scripts/stop.sh" in second["ApplicationStop"]["diagnostics"]["logTail"]
    third = shop.events(deploy(shop), host)
    assert "Script - scripts/halt.sh" in third["ApplicationStop"]["diagnostics"]["logTail"]


def test_a_broken_stop_script_blocks_until_it_is_ignored(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    missing = {name: text for name, text in FILES.items() if name != "scripts/stop.sh"}
    assert shop.info(deploy(shop, shop.bundle("bad.zip", missing)))["status"] == "Succeeded"
    name, told = failure(shop, deploy(shop), host)
    assert (name, told["errorCode"]) == ("ApplicationStop", "ScriptMissing")
    ignored = deploy(shop, ignoreApplicationStopFailures=True)
    assert shop.info(ignored)["status"] == "Succeeded"
    assert shop.statuses(ignored, host) == ["Failed"] + ["Succeeded"] * 6


@pytest.mark.parametrize(
    ("behavior", "status"), [(None, "Failed"), ("OVERWRITE", "Succeeded"), ("RETAIN", "Succeeded")]
)
def test_files_of_another_group_are_in_the_way(shop: Shop, behavior: str | None, status: str) -> None:
    (host,) = shop.hosts(1)
    shop.group("prod")
    shop.group("second")
    revision = shop.bundle()
    shop.deployed(revision)
    more = {"fileExistsBehavior": behavior} if behavior else {}
    deployment_id = shop.deploy(revision, group="second", **more)
    info = shop.ended(deployment_id)
    assert (info["status"], info["fileExistsBehavior"]) == (status, behavior or "DISALLOW")
    if status == "Failed":
        name, told = failure(shop, deployment_id, host)
        assert name == "Install"
        assert told["message"] == (
            "The deployment failed because a specified file already exists at this location: /srv/app/main.py"
        )


def test_files_that_came_with_the_image_are_in_the_way_until_they_are_overwritten(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    there = registry.get(host)
    there.change(replace(there.contents, files={"/srv/app/main.py": "baked"}))
    name, told = failure(shop, deploy(shop), host)
    assert (name, told["errorCode"]) == ("Install", "UnknownError")
    assert told["message"].endswith("a specified file already exists at this location: /srv/app/main.py")
    for behavior in ("OVERWRITE", "DISALLOW"):
        assert shop.info(deploy(shop, fileExistsBehavior=behavior))["status"] == "Succeeded"


def test_the_behavior_in_the_appspec_wins(shop: Shop) -> None:
    shop.hosts(1)
    shop.group("prod")
    shop.group("second")
    shop.deployed(shop.bundle())
    files = {**FILES, "appspec.yml": APPSPEC + "file_exists_behavior: OVERWRITE\n"}
    assert shop.deployed(shop.bundle("b.zip", files), group="second")["status"] == "Succeeded"


def test_what_is_installed_is_kept_on_the_host(shop: Shop) -> None:
    (host,) = shop.hosts(1)
    group_id = shop.group()
    revision = shop.bundle()
    info = shop.deployed(revision)
    kept = registry.get(host).installations[group_id]
    assert (kept.deployment_id, kept.revision, kept.succeeded) == (info["deploymentId"], revision, True)
    shop.fails(event="ApplicationStart", times=1)
    shop.deployed(shop.bundle("app-2.zip"))
    kept = registry.get(host).installations[group_id]
    assert (kept.revision["s3Location"]["key"], kept.succeeded) == ("app-2.zip", False)
