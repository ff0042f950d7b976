# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A package whose calls fail, each of them in each way: done or one clear sentence, and the next run gets there."""

from __future__ import annotations

import itertools
import json
import typing as t
from pathlib import Path
from types import SimpleNamespace

import boto3
import pytest
from support.distributor import KEYS, SCRIPTS, Shelf, client, sources
from support.modules import CONNECTION, run_module

from ansible_collections.slipway.aws.plugins.module_utils._core import waiting
from ansible_collections.slipway.aws.plugins.module_utils._core.client import Connection
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages import publishing
from ansible_collections.slipway.aws.plugins.module_utils._ssm.packages.regions import converge, refuse, results
from ansible_collections.slipway.aws.plugins.modules.ssm_distributor_package import ARGUMENT_SPEC
from slipway_emulator.clock import clock
from slipway_emulator.extensions.ssm import document_versions
from slipway_emulator.faults import faults
from slipway_emulator.ledger import ledger
from slipway_emulator.world import world as emulated_world

FAULTS: dict[str, dict[str, t.Any]] = {
    "throttled": {"kind": "throttle", "times": 2},
    "outage": {"kind": "server-error", "times": 20},
    "lost reply": {"kind": "lost-reply", "times": 1},
    "no reply": {"kind": "no-reply", "times": 1},
    "denied": {"kind": "denied", "times": 1},
    "expired": {"kind": "denied", "times": 1, "code": "ExpiredTokenException", "message": "The security token expired"},
}
# Before anything is written, so that a run that fails there leaves all as it was.
READS = (
    "ListAssociations",  # only while there is something to prune, so it is the first
    "DescribeDocument",
    "ListDocumentVersions",
    "GetDocument",
    "ListTagsForResource",
    "DescribeDocumentPermission",
)
OTHERS = (
    "HeadBucket",
    "HeadObject",
    "PutObject",
    "UpdateDocument",
    "UpdateDocumentDefaultVersion",
    "AddTagsToResource",
    "ModifyDocumentPermission",
    "DeleteDocument",
)
NOT_NEEDED = ("HeadBucket", "HeadObject")  # the write itself tells


@pytest.fixture(scope="module")
def aws() -> t.Iterator[Connection]:
    with emulated_world(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "time", SimpleNamespace(sleep=clock.advance, monotonic=clock.now))
        patch.setattr("time.sleep", clock.advance)
        patch.setattr(document_versions, "SETTLE_SECONDS", 0.5)  # one look finds that a version is still being made
        yield Connection(boto3.session.Session(**KEYS), CONNECTION["region"], "123456789012")


@pytest.fixture(scope="module")
def numbers() -> t.Iterator[int]:
    return itertools.count(1)


@pytest.fixture
def number(numbers: t.Iterator[int]) -> int:
    return next(numbers)


@pytest.fixture
def shelf(aws: Connection, number: int, tmp_path: Path) -> t.Iterator[Shelf]:
    made = Shelf(f"agent{number}", f"packages{number}", sources(tmp_path / "agent", {"amazon/2023/x86_64": SCRIPTS}))
    client("s3").create_bucket(
        Bucket=made.bucket, CreateBucketConfiguration={"LocationConstraint": CONNECTION["region"]}
    )
    yield made
    faults.remove()


def run(aws: Connection, shelf: Shelf, version: str | None, **options: t.Any) -> dict[str, t.Any]:
    """The module without Ansible, over one connection: what it returns."""
    built = {"version": version, "src": str(shelf.src), "bucket": shelf.bucket} if version else {}
    params = {name: option.get("default") for name, option in ARGUMENT_SPEC.items()}
    outcome = converge(aws, {**params, "name": shelf.name, **built, **options}, check=False, with_diff=True)
    failed = refuse(outcome, f"Failed to publish the package {shelf.name}", ARGUMENT_SPEC)
    return {**results(outcome), "failed": failed is not None, **(failed or {})}


def wanted(aws: Connection, shelf: Shelf, version: str, team: str = "") -> dict[str, t.Any]:
    """Everything that a task can ask for, so that each call is made."""
    accounts = [f"2109876543{len(team)}{team[-1:] or 0}"]
    options = {"default_version": "latest", "keep_versions": 1, "tags": {"Team": team}, "shared_accounts": accounts}
    return run(aws, shelf, version, **options, purge_shared_accounts=True)


def attempt(aws: Connection, shelf: Shelf, fault: str, operation: str, version: str) -> dict[str, t.Any]:
    """A run in which a call fails: it is done, or says so in one clear sentence."""
    faults.add({**FAULTS[fault], "operation": operation})
    before = len(ledger)
    told = wanted(aws, shelf, version, version[0])
    assert operation in [call.operation for call in list(ledger)[before:]], f"{operation} was not called"
    if told["failed"]:
        assert told["msg"].startswith(f"Failed to publish the package {shelf.name}: "), operation
        assert "\n" not in told["msg"], operation
    else:
        assert fault not in ("denied", "expired") or operation in NOT_NEEDED, operation
    faults.remove()
    return told


def assert_converges(aws: Connection, shelf: Shelf, version: str, operation: str) -> None:
    """The next run gets there."""
    second = wanted(aws, shelf, version, version[0])
    assert not second["failed"], f"{operation}: {second['msg']}"
    assert_is_done(shelf, version, operation)


def assert_is_done(shelf: Shelf, version: str, operation: str) -> None:
    assert shelf.versions() == [version], operation
    assert shelf.default() == version, operation


@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_that_writes_fails_once(aws: Connection, shelf: Shelf, fault: str) -> None:
    wanted(aws, shelf, "0.0")
    for number, operation in enumerate(OTHERS, 1):
        version = f"{number}.0"
        if attempt(aws, shelf, fault, operation, version)["failed"]:
            assert_converges(aws, shelf, version, operation)
        else:
            assert_is_done(shelf, version, operation)
    before = len(ledger)
    assert wanted(aws, shelf, version, version[0])["changed"] is False
    assert [call.operation for call in list(ledger)[before:] if call.write] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_that_reads_fails_once(aws: Connection, shelf: Shelf, fault: str) -> None:
    wanted(aws, shelf, "0.0")
    for operation in READS:
        before = len(ledger)
        if attempt(aws, shelf, fault, operation, "1.0")["failed"]:
            assert [call.operation for call in list(ledger)[before:] if call.write] == [], operation
        else:
            assert_is_done(shelf, "1.0", operation)
    assert_converges(aws, shelf, "1.0", operation)


@pytest.mark.parametrize("fault", ["lost reply", "no reply"])
def test_what_may_have_happened_is_looked_at_and_not_repeated(aws: Connection, shelf: Shelf, fault: str) -> None:
    faults.add({**FAULTS[fault], "operation": "CreateDocument"})
    assert run(aws, shelf, "1.0.0")["failed"] is False
    faults.add({**FAULTS[fault], "operation": "UpdateDocument"})
    assert run(aws, shelf, "2.0.0")["failed"] is False
    assert shelf.versions() == ["2.0.0", "1.0.0"]
    faults.add({**FAULTS[fault], "operation": "DeleteDocument"})
    assert run(aws, shelf, None, state="absent")["failed"] is False
    assert run(aws, shelf, None, state="absent")["changed"] is False


def test_somebody_else_publishes_other_content_first(
    aws: Connection, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = publishing.begin

    def late(*args: t.Any) -> None:
        monkeypatch.setattr(publishing, "begin", begin)
        (shelf.src / "amazon/2023/x86_64/install.sh").write_text("echo theirs\n")
        run(aws, shelf, "1.0.0")
        begin(*args)

    monkeypatch.setattr(publishing, "begin", late)
    refused = run(aws, shelf, "1.0.0")
    assert refused["failed"]
    assert "someone else published version 1.0.0 with other content while the task ran" in refused["msg"]


def test_secrets_and_what_aws_says_are_shown_safely(shelf: Shelf) -> None:
    faults.add({"kind": "denied", "operation": "CreateDocument", "message": "no \x1b[2J way"})
    refused = shelf.run(assume_role_arn=None)
    assert "no \\x1b[2J way" in refused.msg
    assert json.dumps(refused.result).count("emulated-secret") == 0
    assert run_module("ssm_distributor_package_info", {"names": [shelf.name]})["packages"] == []
