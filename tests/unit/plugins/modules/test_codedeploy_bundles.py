# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A bundle that no host could install is told by preflight, check run and real run, and nothing is created."""

from __future__ import annotations

import typing as t

import boto3
import pytest
from support.codedeploy_shop import APPSPEC, FILES, Shop, tarred
from support.fleets import GROUP, Fleet
from support.modules import Outcome, run_module

from slipway_emulator.contents import Contents, images
from slipway_emulator.faults import faults

WINDOWS = APPSPEC.replace("os: linux", "os: windows").replace("      runas: root\n", "")
Harm = t.Callable[[Fleet, dict[str, t.Any]], None]


@pytest.fixture
def fleet(world: None) -> Fleet:
    found = Fleet()
    found.linux = found.launch(2)
    found.group(deploymentConfigName="CodeDeployDefault.AllAtOnce")
    return found


def windows_hosts(fleet: Fleet, count: int) -> list[str]:
    filters = [{"Name": "name", "Values": ["Windows_Server-2016-English-Full*"]}]
    image = fleet.ec2.describe_images(Filters=filters)["Images"][0]["ImageId"]
    system = {"platform_name": "Microsoft Windows Server 2016", "platform_version": "10.0"}
    images.record(image, Contents(agent_version="1.8.1", agent_enabled=True, **system))
    return fleet.launch(count, image)


def three_ways(revision: dict[str, t.Any], **options: t.Any) -> tuple[Outcome, Outcome, Outcome]:
    asked = {**GROUP, "revision": revision, **options}
    return (
        run_module("codedeploy_preflight", {**asked, "probe": "none"}),
        run_module("codedeploy_deployment", asked, check_mode=True),
        run_module("codedeploy_deployment", asked),
    )


def problems(outcome: Outcome) -> dict[str, dict[str, t.Any]]:
    held = outcome.result.get("preflight") or outcome.result.get("plan") or outcome.result
    return {one["cause"]: one for one in held.get("problems", [])}


def assert_refused(outcomes: tuple[Outcome, ...], cause: str, *words: str) -> None:
    for outcome in outcomes:
        assert outcome.failed and not outcome.writes and list(problems(outcome)) == [cause]
        assert problems(outcome)[cause]["blocks"]
        assert all(one in problems(outcome)[cause]["message"] for one in words), problems(outcome)[cause]["message"]


def packed(fleet: Fleet, files: dict[str, str], kind: str = "zip") -> dict[str, t.Any]:
    if kind == "zip":
        return fleet.revision(f"app-{len(fleet.revisions)}.zip", files)
    key = f"app.{kind}"
    e_tag = Shop.bundle(fleet, key, data=tarred(files, "w:gz" if kind == "tgz" else "w:"))["s3Location"]["eTag"]
    s3 = {"bucket": fleet.bucket, "key": key, "bundle_type": kind, "e_tag": e_tag}
    return {"revision_type": "S3", "s3_location": s3}


@pytest.mark.parametrize("kind", ["zip", "tgz", "tar"])
def test_an_appspec_for_another_system_names_every_host(fleet: Fleet, kind: str) -> None:
    outcomes = three_ways(packed(fleet, {**FILES, "appspec.yml": WINDOWS}, kind))
    assert_refused(outcomes, "platform_mismatch", "for windows", "2 of 2 hosts", *fleet.linux)
    not_ready = outcomes[0]["preflight"]["not_ready"]
    assert {one["id"]: one["cause"] for one in not_ready} == dict.fromkeys(fleet.linux, "platform_mismatch")
    assert all(
        one["reason"] == "the host runs linux, and the AppSpec of the revision is for windows" for one in not_ready
    )


def test_of_a_mixed_fleet_the_hosts_that_do_not_fit_are_named(fleet: Fleet) -> None:
    others = windows_hosts(fleet, 2)
    outcomes = three_ways(fleet.revision())
    assert_refused(outcomes, "platform_mismatch", "for linux", "2 of 4 hosts", *others)
    assert sorted(one["id"] for one in outcomes[0]["preflight"]["not_ready"]) == sorted(others)
    assert sorted(one["id"] for one in outcomes[0]["preflight"]["unknown"]) == sorted(fleet.linux)
    ignoring = three_ways(fleet.revision(), ignore_problems=["platform_mismatch"])
    assert not any(one.failed for one in ignoring) and ignoring[2].changed
    assert not problems(ignoring[0])["platform_mismatch"]["blocks"]


def test_windows_takes_no_tar(fleet: Fleet) -> None:
    fleet.ec2.terminate_instances(InstanceIds=fleet.linux)
    hosts = windows_hosts(fleet, 1)
    outcomes = three_ways(packed(fleet, {**FILES, "appspec.yml": WINDOWS}, "tgz"))
    assert_refused(outcomes, "bundle_type_unsupported", "tgz", *hosts)
    assert not three_ways(packed(fleet, {**FILES, "appspec.yml": WINDOWS}))[0].failed


def overwrite(fleet: Fleet, revision: dict[str, t.Any]) -> None:
    fleet.s3.put_object(Bucket=fleet.bucket, Key=revision["s3_location"]["key"], Body=b"something else")


def remove(fleet: Fleet, revision: dict[str, t.Any]) -> None:
    fleet.s3.delete_object(Bucket=fleet.bucket, Key=revision["s3_location"]["key"])


def other_version(_fleet: Fleet, revision: dict[str, t.Any]) -> None:
    revision["s3_location"]["version"] = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY.MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo"


def no_bucket(_fleet: Fleet, revision: dict[str, t.Any]) -> None:
    revision["s3_location"]["bucket"] = "gone"


def elsewhere(_fleet: Fleet, revision: dict[str, t.Any]) -> None:
    away = {"LocationConstraint": "us-west-2"}
    boto3.client("s3", "us-west-2").create_bucket(Bucket="far-away", CreateBucketConfiguration=away)
    revision["s3_location"]["bucket"] = "far-away"


def unpinned(fleet: Fleet, revision: dict[str, t.Any], body: bytes) -> None:
    del revision["s3_location"]["e_tag"]
    fleet.s3.put_object(Bucket=fleet.bucket, Key=revision["s3_location"]["key"], Body=body)


@pytest.mark.parametrize(
    ("harm", "cause", "words"),
    [
        (overwrite, "bundle_changed", "another ETag"),
        (remove, "bundle_missing", "there is no object"),
        (other_version, "bundle_missing", "version"),
        (no_bucket, "bundle_missing", "no such bucket"),
        (elsewhere, "bucket_region", "another Region than eu-west-1"),
        (
            lambda fleet, revision: unpinned(fleet, revision, b"<html>"),
            "bundle_unreadable",
            "cannot be unpacked as zip",
        ),
        (lambda fleet, revision: unpinned(fleet, revision, b""), "bundle_unreadable", ""),
    ],
)
def test_a_bundle_that_is_not_what_was_pushed_is_told(fleet: Fleet, harm: Harm, cause: str, words: str) -> None:
    revision = fleet.revision()
    harm(fleet, revision)
    assert_refused(three_ways(revision), cause, words)


@pytest.mark.parametrize(
    ("files", "cause", "words"),
    [
        ({"app/main.py": "print()"}, "appspec_missing", "no appspec.yml in its root"),
        ({"appspec.yaml": APPSPEC}, "appspec_missing", "no appspec.yml in its root"),
        ({**FILES, "appspec.yml": "os: linux\n"}, "appspec_invalid", "version"),
        ({**FILES, "appspec.yml": "version: 0.0\nos: [\n"}, "appspec_invalid", "YAML"),
        ({"appspec.yml": APPSPEC, "app/main.py": ""}, "appspec_invalid", "scripts/stop.sh"),
    ],
)
def test_an_appspec_that_every_host_would_refuse_is_told(
    fleet: Fleet, files: dict[str, str], cause: str, words: str
) -> None:
    assert_refused(three_ways(packed(fleet, files)), cause, words)


def test_who_may_not_read_the_bundle_gets_no_verdict_on_it(fleet: Fleet) -> None:
    revision = packed(fleet, {**FILES, "appspec.yml": WINDOWS})
    faults.add({"kind": "denied", "service": "s3", "code": "AccessDenied"})
    preflight, foretold, done = three_ways(revision)
    assert not preflight.failed and not foretold.failed and done.changed
    assert problems(preflight) == problems(foretold) == {}


def test_a_check_run_may_come_before_the_push(fleet: Fleet) -> None:
    revision = fleet.revision()
    del revision["s3_location"]["e_tag"]
    revision["s3_location"]["key"] = "to-come.zip"
    preflight, foretold, done = three_ways(revision)
    assert_refused((preflight, done), "bundle_missing", "to-come.zip")
    assert not foretold.failed and foretold["plan"]["problems"] == []
    asked = {**GROUP, "revision": revision, "probe": "none"}
    assert not run_module("codedeploy_preflight", asked, check_mode=True).failed


def test_a_revision_on_github_is_not_looked_into(fleet: Fleet) -> None:
    commit = {"repository": "example/storefront", "commit_id": "a" * 40}
    outcome = run_module(
        "codedeploy_preflight",
        {**GROUP, "probe": "none", "revision": {"revision_type": "GitHub", "git_hub_location": commit}},
    )
    assert not outcome.failed and not [call for call in outcome.calls if call.service == "s3"]


def test_looking_costs_one_read_of_a_small_bundle_and_none_when_nothing_is_due(fleet: Fleet) -> None:
    outcomes = three_ways(fleet.revision())
    assert [[call.operation for call in one.calls if call.service == "s3"] for one in outcomes] == [["GetObject"]] * 3
    again = run_module("codedeploy_deployment", {**GROUP, "revision": fleet.revision()})
    assert not again.changed and not [call for call in again.calls if call.service == "s3"]
