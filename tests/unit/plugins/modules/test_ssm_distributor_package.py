# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Publishing a package, against the emulator: what a run says, what it writes, and what it costs."""

from __future__ import annotations

import io
import json
import typing as t
import zipfile
from pathlib import Path

import pytest
from support.distributor import SCRIPTS, Shelf, client, write
from support.modules import CONNECTION, Outcome, run_module

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

HERE = CONNECTION["region"]
MODULE = "ssm_distributor_package"


def operations(outcome: Outcome) -> list[str]:
    return [call.operation for call in outcome.calls]


def test_check_publish_check_again_publish_again(shelf: Shelf) -> None:
    foretold, done, again, last = (shelf.run(check_mode=check) for check in (True, False, True, False))
    assert [one.failed for one in (foretold, done, again, last)] == [False] * 4, foretold.msg + done.msg
    assert [one.changed for one in (foretold, done, again, last)] == [True, True, False, False]
    assert foretold.writes == []
    assert foretold["diff"] == done["diff"]
    assert foretold["package"]["manifest"] == done["package"]["manifest"] == last["package"]["manifest"]
    assert done["package"]["default_version"] == foretold["package"]["default_version"] == "1.0.0"
    assert done["package"]["status"] == "Active"
    assert operations(last) == ["DescribeDocument", "ListDocumentVersions", "GetDocument"]
    assert last["diff"]["before"] == last["diff"]["after"]


def test_the_zips_hold_the_sources_and_an_inventory_manifest(shelf: Shelf) -> None:
    done = shelf.done(publisher="Example")
    manifest = done["package"]["manifest"]
    name = manifest["packages"]["amazon"]["2023"]["x86_64"]["file"]
    body = client("s3").get_object(Bucket=shelf.bucket, Key=f"{shelf.name}/{name}")["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert sorted(archive.namelist()) == ["install.sh", "manifest.json", "uninstall.sh"]
        assert json.loads(archive.read("manifest.json")) == {
            "name": shelf.name, "version": "1.0.0", "platform": "amazon", "architecture": "x86_64",
            "apppublisher": "Example",
        }  # fmt: skip
    assert manifest["publisher"] == "Example"
    kept = client("ssm").get_document(Name=shelf.name)
    assert json.loads(kept["Content"]) == manifest
    assert {one["Name"]: one["Hash"] for one in kept["AttachmentsContent"]} == {
        one: manifest["files"][one]["checksums"]["sha256"] for one in manifest["files"]
    }


def test_equal_content_is_stored_once(shelf: Shelf) -> None:
    first = shelf.done()
    other = Shelf(f"{shelf.name}-b", shelf.bucket, shelf.src)
    again = shelf.done("1.0.0", regions=["us-east-1"])
    assert len(first["uploaded"]) == 3
    assert (again.changed, again["uploaded"]) == (True, [])
    assert len(other.done()["uploaded"]) == 3  # the inventory manifest names the package


def test_a_new_version_leaves_the_default_one(shelf: Shelf) -> None:
    shelf.done()
    write(shelf.src / "amazon/2023/x86_64", {"install.sh": "echo two\n"})
    done = shelf.done("2.0.0")
    assert (done.changed, shelf.default(), shelf.versions()) == (True, "1.0.0", ["2.0.0", "1.0.0"])
    assert done["diff"]["before"]["manifest"]["version"] == "1.0.0"
    assert done["diff"]["after"]["manifest"]["version"] == "2.0.0"
    moved = shelf.done("2.0.0", default_version="latest")
    assert (moved.changed, shelf.default()) == (True, "2.0.0")
    assert [call.operation for call in moved.writes] == ["UpdateDocumentDefaultVersion"]
    assert shelf.done("2.0.0", default_version="latest").changed is False
    assert shelf.done("2.0.0", default_version="keep").changed is False


def test_roll_back_by_the_name_of_a_version(shelf: Shelf) -> None:
    shelf.done()
    shelf.done("2.0.0", default_version="latest")
    foretold = shelf.run(None, default_version="1.0.0", check_mode=True)
    assert (foretold.changed, foretold.writes) == (True, [])
    assert foretold["package"]["default_version"] == "1.0.0"
    assert shelf.done(None, default_version="1.0.0").changed
    assert shelf.default() == "1.0.0"
    refused = shelf.run(None, default_version="3.0.0")
    assert "default_version 3.0.0 does not exist. Choose one of its versions: 2.0.0, 1.0.0" in refused.msg


def test_a_published_version_cannot_get_other_content(shelf: Shelf) -> None:
    shelf.done()
    write(shelf.src / "ubuntu/_any/_any", {"install.sh": "echo other\n"})
    refused = shelf.run()
    assert refused.failed
    assert refused.writes == []
    assert refused.msg == (
        f"Failed to publish the package {shelf.name}: version 1.0.0 is published already with other content: "
        "ubuntu _any _any differ. A published version cannot be changed. Set another version, or restore the files"
    )


def test_zips_are_taken_as_they_are(shelf: Shelf, tmp_path: Path) -> None:
    path = tmp_path / "own.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in SCRIPTS.items():
            archive.writestr(name, text)
    targets = [
        {"platform": "amazon", "src": str(path)},
        {"platform": "redhat", "platform_version": "9.*", "src": str(path)},
    ]
    options = {"src": None, "packages": targets, "inventory_manifest": False}
    done = shelf.done(**options)
    (name,) = done["package"]["manifest"]["files"]
    assert client("s3").get_object(Bucket=shelf.bucket, Key=f"{shelf.name}/{name}")["Body"].read() == path.read_bytes()
    assert shelf.done(**options).changed is False
    with_inventory = shelf.done("2.0.0", **{**options, "inventory_manifest": True})
    (name,) = with_inventory["package"]["manifest"]["files"]
    body = client("s3").get_object(Bucket=shelf.bucket, Key=f"{shelf.name}/{name}")["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("manifest.json"))["platform"] == "_any"


def test_a_version_that_others_published_with_the_same_files_is_taken(shelf: Shelf, tmp_path: Path) -> None:
    """AWS's console names the files as it likes; the sums tell that they are the same."""
    path = tmp_path / "own.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in SCRIPTS.items():
            archive.writestr(name, text)
    options = {"src": None, "packages": [{"platform": "amazon", "src": str(path)}], "inventory_manifest": False}
    mine = shelf.done(**options, check_mode=True)["package"]["manifest"]
    (name,) = mine["files"]
    text = json.dumps(mine, indent=3).replace(name, "app.zip")
    client("s3").put_object(Bucket=shelf.bucket, Key="app.zip", Body=path.read_bytes())
    attached = [{"Key": "S3FileUrl", "Values": [f"s3://{shelf.bucket}/app.zip"], "Name": "app.zip"}]
    client("ssm").create_document(
        Name=shelf.name, VersionName="1.0.0", DocumentType="Package", Content=text, Attachments=attached
    )
    clock.advance(10)
    assert shelf.done(**options).changed is False


def test_sharing_and_tags_have_their_own_difference(shelf: Shelf) -> None:
    accounts = [f"{n:012}" for n in range(1, 46)]
    done = shelf.done(shared_accounts=accounts, tags={"Team": "a", "Cost": 7})
    assert operations(done).count("ModifyDocumentPermission") == 3
    assert done["package"]["shared_accounts"] == accounts
    assert done["package"]["tags"] == {"Team": "a", "Cost": "7"}
    assert shelf.done(shared_accounts=accounts, tags={"Team": "a", "Cost": 7}).changed is False
    fewer = shelf.done(shared_accounts=accounts[:1])
    assert fewer.changed is False
    purged = shelf.run(
        None, shared_accounts=accounts[:1], purge_shared_accounts=True, tags={"Team": "b"}, check_mode=True
    )
    assert (purged.changed, purged.writes) == (True, [])
    real = shelf.done(None, shared_accounts=accounts[:1], purge_shared_accounts=True, tags={"Team": "b"})
    assert real["diff"] == purged["diff"]
    assert (real["package"]["shared_accounts"], real["package"]["tags"]) == (accounts[:1], {"Team": "b"})
    assert shelf.done(None, shared_accounts=[], purge_shared_accounts=True, tags={}, purge_tags=False)["package"][
        "tags"
    ] == {"Team": "b"}
    assert "shared_accounts" not in shelf.done()["package"]


def test_pruning_spares_the_default_version_and_pinned_ones(shelf: Shelf) -> None:
    for number in range(1, 7):
        shelf.done(f"{number}.0.0")
    shelf.pin("2.0.0")
    foretold = shelf.run("6.0.0", keep_versions=3, check_mode=True)
    assert (foretold.changed, foretold.writes) == (True, [])
    done = shelf.done("6.0.0", keep_versions=3)
    assert done.changed
    assert [call.operation for call in done.writes] == ["DeleteDocument"] * 3
    assert done["regions"][0]["pruned"] == foretold["regions"][0]["pruned"] == ["5.0.0", "4.0.0", "3.0.0"]
    assert shelf.versions() == ["6.0.0", "2.0.0", "1.0.0"]
    assert shelf.done("6.0.0", keep_versions=3).changed is False
    assert shelf.done("7.0.0", keep_versions=3)["regions"][0]["pruned"] == ["6.0.0"]


def test_versions_of_a_shared_package_are_pruned(shelf: Shelf) -> None:
    """AWS deletes nothing of a document that is shared. With whom, and which version, is put back as it was."""
    for number in range(1, 4):
        shelf.done(f"{number}.0.0")
    ssm, account = client("ssm"), "210987654321"
    ssm.modify_document_permission(
        Name=shelf.name, PermissionType="Share", AccountIdsToAdd=[account], SharedDocumentVersion="$ALL"
    )
    done = shelf.done(None, keep_versions=2)
    assert (done.changed, shelf.versions()) == (True, ["3.0.0", "1.0.0"])
    shared = ssm.describe_document_permission(Name=shelf.name, PermissionType="Share")["AccountSharingInfoList"]
    assert shared == [{"AccountId": account, "SharedDocumentVersion": "$ALL"}]


def test_one_region_that_fails_keeps_no_other_from_sharing_and_pruning(shelf: Shelf) -> None:
    regions, shared = [HERE, "us-east-1", "eu-central-1"], ["210987654321"]
    for number in range(1, 6):
        shelf.done(f"{number}.0.0", regions=regions)
    shelf.pin("2.0.0")  # here only
    faults.add({"kind": "attachment-missing", "region": "us-east-1", "document_name": shelf.name})
    failed = shelf.run("6.0.0", regions=regions, keep_versions=3, shared_accounts=shared)
    assert failed.failed and "us-east-1: AWS could not make version 6.0.0" in failed.msg
    assert f"Done: {HERE}, eu-central-1." in failed.msg
    assert shelf.versions() == ["6.0.0", "2.0.0", "1.0.0"]
    assert shelf.versions("eu-central-1") == ["6.0.0", "5.0.0", "1.0.0"]
    for region in (HERE, "eu-central-1"):
        found = client("ssm", region).describe_document_permission(Name=shelf.name, PermissionType="Share")
        assert found["AccountIds"] == shared
    faults.remove()
    shelf.done("6.0.0", regions=regions, keep_versions=3, shared_accounts=shared, replace_failed=True)
    assert shelf.versions("us-east-1") == ["6.0.0", "5.0.0", "1.0.0"]


def test_a_full_package_gets_room_first(shelf: Shelf) -> None:
    kept = shelf.done("0.0")["package"]
    ssm, text = client("ssm"), json.dumps(kept["manifest"])
    urls = [f"s3://{shelf.bucket}/{shelf.name}/{one['name']}" for one in kept["files"]]
    attached = [{"Key": "S3FileUrl", "Values": [url]} for url in urls]
    for number in range(1, 25):
        content = text.replace('"0.0"', f'"{number}.0"')
        ssm.update_document(
            Name=shelf.name, Content=content, VersionName=f"{number}.0", DocumentVersion="$LATEST", Attachments=attached
        )
        clock.advance(10)
    assert "DocumentVersionLimitExceeded" in shelf.run("25.0").msg
    shelf.done("25.0", keep_versions=5)
    assert shelf.versions() == ["25.0", "24.0", "23.0", "22.0", "0.0"]


def test_regions_are_independent_of_each_other(shelf: Shelf) -> None:
    regions = [HERE, "us-east-1", "eu-central-1"]
    faults.add({"kind": "attachment-missing", "region": "us-east-1", "document_name": shelf.name})
    failed = shelf.run(regions=regions)
    assert failed.failed
    assert failed.changed
    assert "us-east-1: AWS could not make version 1.0.0: The specified S3 object doesn't exist." in failed.msg
    assert f"Done: {HERE}, eu-central-1." in failed.msg
    assert [(one["region"], one["failed"]) for one in failed["regions"]] == [
        (HERE, False), ("us-east-1", True), ("eu-central-1", False),
    ]  # fmt: skip
    assert shelf.versions("eu-central-1") == ["1.0.0"]
    faults.remove()
    healed = shelf.done(regions=regions, replace_failed=True)
    assert [one["changed"] for one in healed["regions"]] == [False, True, False]
    assert shelf.done(regions=regions).changed is False
    gone = shelf.done(None, regions=regions, state="absent")
    assert [one["changed"] for one in gone["regions"]] == [True] * 3


def test_a_first_version_that_failed(shelf: Shelf) -> None:
    faults.add({"kind": "attachment-missing", "document_name": shelf.name})
    failed = shelf.run()
    assert "AWS could not make version 1.0.0: The specified S3 object doesn't exist." in failed.msg
    assert failed.changed
    faults.remove()
    again = shelf.run()
    assert (again.failed, again.writes) == (True, [])
    assert "run the task with replace_failed=true" in again.msg
    assert shelf.done(replace_failed=True).changed
    assert shelf.versions() == ["1.0.0"]


def test_a_later_version_that_failed(shelf: Shelf) -> None:
    shelf.done(tags={"Team": "a"})
    faults.add({"kind": "attachment-missing", "document_name": shelf.name, "document_version": "2"})
    assert shelf.run("2.0.0", default_version="latest").failed
    assert shelf.default() == "1.0.0"
    faults.remove()
    done = shelf.done("2.0.0", replace_failed=True, default_version="latest", tags={"Team": "a"})
    assert (shelf.default(), shelf.versions()) == ("2.0.0", ["2.0.0", "1.0.0"])
    assert done["package"]["tags"] == {"Team": "a"}


def test_a_version_in_the_making_is_waited_for(shelf: Shelf) -> None:
    started = shelf.done(wait=False)
    assert (started.changed, started["package"]["status"]) == (True, "Creating")
    joined = shelf.done()
    assert (joined.changed, joined["package"]["status"]) == (False, "Active")
    faults.add({"kind": "document-slow", "document_name": shelf.name})
    late = shelf.run("2.0.0", wait_timeout=60)
    assert "version 2.0.0 is still Updating after 60 seconds. Run the task again to wait for it" in late.msg
    assert shelf.done("2.0.0").changed is False


def test_absent_is_refused_while_associations_install_it(shelf: Shelf) -> None:
    shelf.done(shared_accounts=["210987654321"])
    shelf.pin()
    refused = shelf.run(None, state="absent")
    assert f"associations install it on nodes: install-{shelf.name}. Uninstall it there first" in refused.msg
    foretold = shelf.run(None, state="absent", delete_associations=True, check_mode=True)
    assert (foretold.changed, foretold.writes) == (True, [])
    done = shelf.done(None, state="absent", delete_associations=True)
    assert [call.operation for call in done.writes] == [
        "DeleteAssociation", "ModifyDocumentPermission", "DeleteDocument",
    ]  # fmt: skip
    assert done["diff"] == foretold["diff"]
    assert done["package"] == {}
    last = shelf.done(None, state="absent")
    assert (last.changed, operations(last)) == (False, ["DescribeDocument"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "awsome"}, "names that begin with aws, amazon, amzn are reserved"),
        ({"name": "FalconSensor-Linux"}, "AWS offers a package of this name"),
        ({"name": "a b"}, "name must have 3 to 128 letters"),
        ({"version": "1 0"}, "version is the text"),
        ({"src": "/no/such/folder"}, "src /no/such/folder is not a directory"),
        ({"keep_versions": 0}, "keep_versions must be at least 1"),
        ({"shared_accounts": ["12"]}, "shared_accounts must be account ids of 12 digits, or all: 12"),
    ],
)
def test_what_is_refused_before_anything_is_written(shelf: Shelf, options: dict[str, t.Any], said: str) -> None:
    for check in (True, False):
        refused = shelf.run(**{**options, "check_mode": check})
        assert (refused.failed, refused.writes) == (True, [])
        assert said in refused.msg


def test_a_missing_bucket_is_only_warned_of_in_check_mode(shelf: Shelf) -> None:
    """A task before may be going to create it."""
    foretold, done = (shelf.run(bucket="no-such-bucket-here", check_mode=check) for check in (True, False))
    said = "Bucket no-such-bucket-here does not exist. Create it first, or correct the option bucket."
    assert (foretold.failed, foretold["warnings"]) == (False, [said])
    assert (done.failed, done.changed, done.writes) == (True, False, [])
    assert said in done.msg


def test_a_document_of_another_type_is_left_alone(shelf: Shelf) -> None:
    content = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "x", "inputs": {}}]}
    client("ssm").create_document(Name=shelf.name, DocumentType="Command", Content=json.dumps(content))
    for state in ("present", "absent"):
        assert "is a document of the type Command, not Package. Choose another name" in shelf.run(state=state).msg


def test_a_package_that_is_not_there_cannot_be_managed(shelf: Shelf) -> None:
    refused = shelf.run(None, default_version="latest")
    assert "it does not exist. Set src or packages, with version and bucket, to publish it" in refused.msg


def test_an_object_that_somebody_put_into_the_bucket_is_replaced(shelf: Shelf) -> None:
    foretold = shelf.done(check_mode=True)
    name = foretold["package"]["files"][0]["name"]
    client("s3").put_object(Bucket=shelf.bucket, Key=f"{shelf.name}/{name}", Body=b"evil")
    done = shelf.done()
    assert name in done["uploaded"]
    assert [one["sha256"] for one in foretold["package"]["files"]] == [
        one["sha256"] for one in done["package"]["files"]
    ]


def test_what_aws_says_of_a_failure_steers_no_terminal(shelf: Shelf) -> None:
    faults.add({"kind": "attachment-missing", "document_name": shelf.name, "message": "\x1b[2J\nok: [localhost]"})
    failed = shelf.run()
    assert r"\x1b[2J\nok: [localhost]" in failed.msg
    told = run_module(f"{MODULE}_info", {"names": [shelf.name]})["packages"][0]["versions"][0]
    assert told["status_information"] == "\\x1b[2J\nok: [localhost]"


def test_latest_is_never_a_version_that_failed(shelf: Shelf) -> None:
    shelf.done()
    shelf.done("2.0.0")
    faults.add({"kind": "attachment-missing", "document_name": shelf.name})
    assert shelf.run("3.0.0").failed
    assert shelf.done(None, default_version="latest")["package"]["default_version"] == "2.0.0"


@pytest.mark.parametrize(
    ("operation", "not_covered"),
    [
        # One is for AppConfig alone; no node and no console shows the other two of a package.
        ("CreateDocument", {"Requires", "DisplayName", "TargetType"}),
        ("UpdateDocument", {"DisplayName", "TargetType"}),
        ("ModifyDocumentPermission", {"SharedDocumentVersion"}),  # AWS's default, and kept where it is another one
    ],
)
def test_what_of_the_api_has_no_option(operation: str, not_covered: set[str]) -> None:
    by_options = {
        "Name", "Content", "Attachments", "VersionName", "Tags", "AccountIdsToAdd", "AccountIdsToRemove",
    }  # fmt: skip
    always_the_same = {"DocumentType", "DocumentFormat", "DocumentVersion", "PermissionType"}
    members = set(client("ssm").meta.service_model.operation_model(operation).input_shape.members)
    assert members - by_options - always_the_same == not_covered
