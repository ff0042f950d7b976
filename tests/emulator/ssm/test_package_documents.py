# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Documents of type Package: attachments, statuses, versions, what is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import requests
from support import compute, packages

from slipway_emulator.clock import clock
from slipway_emulator.faults import faults

pytestmark = pytest.mark.usefixtures("world")
ARN = f"arn:aws:ssm:{compute.REGION}:123456789012:document/agent"


def describe(**asked: Any) -> dict[str, Any]:
    return compute.client("ssm").describe_document(**{"Name": "agent", **asked})["Document"]


def get(**asked: Any) -> dict[str, Any]:
    return compute.client("ssm").get_document(**{"Name": "agent", **asked})


def numbers() -> list[tuple[str, str]]:
    listed = compute.client("ssm").list_document_versions(Name="agent")["DocumentVersions"]
    return [(v["DocumentVersion"], v["Status"]) for v in listed]


def test_a_package_is_creating_until_its_files_are_read() -> None:
    created = packages.create(Tags=[{"Key": "team", "Value": "web"}], DisplayName="Our agent")
    assert (created["Status"], created["DocumentVersion"], created["DocumentType"]) == ("Creating", "1", "Package")
    assert "AttachmentsInformation" not in describe() and "AttachmentsContent" not in get()
    packages.settle()
    told = describe()
    assert told["Status"] == "Active" and "StatusInformation" not in told
    assert (told["LatestVersion"], told["DefaultVersion"], told["VersionName"]) == ("1", "1", "1.0")
    assert told["AttachmentsInformation"] == [{"Name": "app.zip"}]
    assert (told["Tags"], told["DisplayName"]) == ([{"Key": "team", "Value": "web"}], "Our agent")
    assert told["PlatformTypes"] == ["Windows", "Linux"]
    assert told["CreatedDate"].timestamp() == pytest.approx(clock.now() - packages.SETTLED, abs=1)


def test_attachments_have_the_hash_and_size_of_the_file_and_can_be_fetched() -> None:
    data = packages.archive(packages.SCRIPTS)
    packages.create(files={"app.zip": data})
    packages.settle()
    compute.client("s3").delete_object(Bucket=packages.BUCKET, Key="agent/1.0/app.zip")  # the service has its own copy
    [kept] = get()["AttachmentsContent"]
    assert (kept["Name"], kept["Size"], kept["HashType"]) == ("app.zip", len(data), "Sha256")
    assert kept["Hash"] == hashlib.sha256(data).hexdigest()
    assert requests.get(kept["Url"], timeout=5).content == data


@pytest.mark.parametrize(
    "address", ["s3://{0}/{1}", "https://s3.amazonaws.com/{0}/{1}", "https://{0}.s3.eu-west-1.amazonaws.com/{1}/"]
)
def test_the_files_of_a_folder(address: str) -> None:
    files = {name: packages.archive({**packages.SCRIPTS, "for": name}) for name in ("linux.zip", "windows.zip")}
    packages.stored(files, "folder")
    url = address.format(packages.BUCKET, "folder")
    targets = {
        "windows": {"_any": {"_any": {"file": "windows.zip"}}},
        "amazon": {"_any": {"_any": {"file": "linux.zip"}}},
    }
    packages.create(files=files, targets=targets, Attachments=[{"Key": "SourceUrl", "Values": [url]}])
    packages.settle()
    assert [kept["Name"] for kept in get()["AttachmentsContent"]] == ["linux.zip", "windows.zip"]


def test_an_attachment_of_another_version_is_used_again() -> None:
    data = packages.archive(packages.SCRIPTS)
    packages.create(files={"app.zip": data})
    packages.settle()
    for version, reference in (("2.0", "agent/1/app.zip"), ("3.0", f"{ARN}/2/app.zip")):
        again = [{"Key": "AttachmentReference", "Values": [reference], "Name": "app.zip"}]
        packages.update(version=version, files={"app.zip": data}, Attachments=again)
        packages.settle()
        assert get(VersionName=version)["AttachmentsContent"][0]["Hash"] == hashlib.sha256(data).hexdigest()
    bad = [{"Key": "AttachmentReference", "Values": ["agent/9/app.zip"], "Name": "app.zip"}]
    packages.update(version="4.0", files={"app.zip": data}, Attachments=bad)
    packages.settle()
    assert "agent/9/app.zip" in describe(DocumentVersion="4")["StatusInformation"]


@pytest.mark.parametrize(
    ("bucket", "told"),
    [("nowhere", "The specified S3 bucket doesn't exist."), (packages.BUCKET, "other.zip doesn't exist in the bucket")],
)
def test_a_file_that_cannot_be_read_fails_the_version_later(bucket: str, told: str) -> None:
    packages.put("agent/app.zip", b"")
    source = {"Key": "S3FileUrl", "Values": [f"s3://{bucket}/other.zip"], "Name": "app.zip"}
    assert packages.create(Attachments=[source])["Status"] == "Creating"
    packages.settle()
    assert describe()["Status"] == "Failed" and told in describe()["StatusInformation"]
    assert packages.refused("create_document", **packages.request("agent", "1.0", None))[0] == "DocumentAlreadyExists"


def test_a_new_version_leaves_the_default_one() -> None:
    packages.create()
    packages.settle()
    updated = packages.update()
    assert (updated["Status"], updated["DocumentVersion"]) == ("Updating", "2")
    assert (updated["LatestVersion"], updated["DefaultVersion"]) == ("2", "1")
    assert describe()["Status"] == "Active" and describe(DocumentVersion="$LATEST")["Status"] == "Updating"
    wanted = {"Name": "agent", "DocumentVersion": "2"}
    assert packages.refused("update_document_default_version", **wanted)[0] == "InvalidDocumentVersion"
    packages.settle()
    told = compute.client("ssm").update_document_default_version(**wanted)["Description"]
    assert told == {"Name": "agent", "DefaultVersion": "2", "DefaultVersionName": "2.0"}
    assert get(DocumentVersion="$DEFAULT")["VersionName"] == get()["VersionName"] == "2.0"


def test_attachments_must_be_sent_with_every_update() -> None:
    packages.create()
    packages.settle()
    code, text = packages.refused(
        "update_document", **packages.request("agent", "2.0", None, Attachments=[], DocumentVersion="1")
    )
    assert code == "InvalidParameterValueException" and text.startswith("AttachmentsSource not provided")


def test_a_version_is_made_of_new_content_with_a_new_name() -> None:
    packages.create()
    packages.settle()
    for version, more, code in (
        ("1.0", {}, "DuplicateDocumentVersionName"),
        ("1.0", {"VersionName": "other"}, "DuplicateDocumentContent"),
        ("2.0", {"DocumentVersion": "7"}, "InvalidDocumentVersion"),
    ):
        assert packages.refused("update_document", **packages.request("agent", version, None, **more))[0] == code
    packages.update()
    code, text = packages.refused("update_document", **packages.request("agent", "3.0", None))
    assert code == "InvalidDocumentOperation" and "Updating" in text


def test_numbers_are_never_used_again_and_are_no_texts() -> None:
    packages.create()
    packages.settle()
    for number in range(2, 13):
        packages.update(version=f"{number}.0")
        packages.settle()
    ssm = compute.client("ssm")
    ssm.delete_document(Name="agent", DocumentVersion="12")
    assert numbers()[0] == ("12", "Deleting")
    packages.settle()
    assert describe()["LatestVersion"] == "11"
    ssm.delete_document(Name="agent", VersionName="5.0")
    packages.settle()
    assert packages.update(version="13.0")["DocumentVersion"] == "13"
    assert [number for number, _status in numbers()] == [str(n) for n in range(13, 0, -1) if n not in (12, 5)]


def test_a_package_has_25_versions_at_most() -> None:
    packages.create()
    packages.settle()
    for number in range(2, 26):
        packages.update(version=f"{number}.0")
        packages.settle()
    wanted = packages.request("agent", "26.0", None)
    assert packages.refused("update_document", **wanted)[0] == "DocumentVersionLimitExceeded"


def test_deleting_takes_a_while_and_spares_the_default_version() -> None:
    packages.create()
    packages.settle()
    packages.update()
    packages.settle()
    ssm = compute.client("ssm")
    for wrong in ({"DocumentVersion": "1"}, {"VersionName": "1.0"}, {"DocumentVersion": "$DEFAULT"}):
        assert packages.refused("delete_document", Name="agent", **wrong)[0] == "InvalidDocumentOperation"
    assert packages.refused("delete_document", Name="agent", DocumentVersion="9")[0] == "InvalidDocumentVersion"
    ssm.delete_document(Name="agent")
    assert describe()["Status"] == "Deleting"
    packages.settle()
    assert packages.refused("describe_document", Name="agent")[0] == "InvalidDocument"
    assert packages.create()["DocumentVersion"] == "1"


def test_a_document_deleted_while_it_is_made() -> None:
    packages.create()
    compute.client("ssm").delete_document(Name="agent")
    packages.settle()
    assert packages.refused("get_document", Name="agent")[0] == "InvalidDocument"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"Name": "AWS-agent"}, "ValidationException"),
        ({"Name": "amzn-agent"}, "ValidationException"),
        ({"Name": "a b c"}, "ValidationException"),
        ({"VersionName": "1.0 beta"}, "ValidationException"),
        ({"Attachments": []}, "InvalidParameterValueException"),
        ({"Attachments": [{"Key": "SourceUrl", "Values": ["s3://a/b"]}] * 21}, "ValidationException"),
        ({"Content": "{"}, "InvalidDocumentContent"),
        ({"Content": "[]"}, "InvalidDocumentContent"),
        ({"Content": "[" * 60000}, "InvalidDocumentContent"),
        ({"Content": "{}"}, "InvalidDocumentContent"),
        ({"Content": " " * 65536 + "{}"}, "MaxDocumentSizeExceeded"),
    ],
)  # fmt: skip
def test_what_is_refused_at_once(change: dict[str, Any], code: str) -> None:
    wanted = {**packages.request("agent", "1.0", None), "DocumentType": "Package", **change}
    assert packages.refused("create_document", **wanted)[0] == code


@pytest.mark.parametrize(
    ("change", "code", "told"),
    [
        ({"schemaVersion": "9.9"}, "InvalidDocumentSchemaVersion", "9.9"),
        ({"version": ""}, "InvalidDocumentContent", "version"),
        ({"files": {}}, "InvalidDocumentContent", "files"),
        ({"packages": {}}, "InvalidDocumentContent", "packages"),
        ({"packages": {"_any": {"_any": {"_any": {"file": "no.zip"}}}}}, "InvalidDocumentContent", "no.zip"),
        ({"files": {"app.zip": {}, "more.zip": {}}}, "InvalidDocumentContent", "more.zip has no attachment"),
        ({"files": {"app.zip": "sum"}}, "InvalidDocumentContent", "app.zip of files must be a map"),
        ({"files": {"app.zip": {"checksums": ["sum"]}}}, "InvalidDocumentContent", "app.zip of files must be a map"),
        ({"packages": {"_any": {"_any": {"_any": {"file": ["app.zip"]}}}}}, "InvalidDocumentContent", "app.zip"),
        ({"packages": {"_any": "app.zip"}}, "InvalidDocumentContent", "not in files"),
    ],
)
def test_a_manifest_that_is_not_one(change: dict[str, Any], code: str, told: str) -> None:
    wanted = packages.request("agent", "1.0", None)
    wanted["Content"] = json.dumps({**json.loads(wanted["Content"]), **change})
    found, text = packages.refused("create_document", **wanted, DocumentType="Package")
    assert found == code and told in text


def test_unknown_versions_and_names_are_told_apart() -> None:
    packages.create()
    packages.settle()
    for operation in ("get_document", "describe_document"):
        assert packages.refused(operation, Name="other")[0] == "InvalidDocument"
        assert packages.refused(operation, Name="agent", DocumentVersion="2")[0] == "InvalidDocumentVersion"
        assert packages.refused(operation, Name="agent", VersionName="2.0")[0] == "InvalidDocumentVersion"
    assert packages.refused("list_document_versions", Name="other")[0] == "InvalidDocument"
    assert describe(Name=ARN)["Name"] == get(Name=ARN)["Name"] == "agent"
    assert packages.refused("get_document", Name=ARN.replace("123456789012", "999999999999"))[0] == "InvalidDocument"


def test_pages_of_versions() -> None:
    packages.create()
    packages.settle()
    packages.update()
    packages.settle()
    pages = (
        compute.client("ssm")
        .get_paginator("list_document_versions")
        .paginate(Name="agent", PaginationConfig={"PageSize": 1})
    )
    listed = [
        [(v["DocumentVersion"], v["VersionName"], v["IsDefaultVersion"]) for v in page["DocumentVersions"]]
        for page in pages
    ]
    assert listed == [[("2", "2.0", False)], [("1", "1.0", True)]]


def test_faults_of_documents() -> None:
    faults.add({"kind": "attachment-missing", "document_name": "agent", "document_version": "1", "times": 1})
    packages.create()
    packages.settle()
    assert describe()["StatusInformation"].startswith("The specified S3 object doesn't exist.")
    faults.add({"kind": "document-slow", "seconds": 60, "times": 1})
    packages.update()
    packages.settle()
    assert describe(DocumentVersion="2")["Status"] == "Updating"
    clock.advance(60)
    assert describe(DocumentVersion="2")["Status"] == "Active"


def test_checksums_are_compared_only_when_asked_to() -> None:
    other = packages.stored({"app.zip": b"other bytes"}, "other")
    packages.create(Attachments=other)
    packages.settle()
    assert describe()["Status"] == "Active"
    faults.add({"kind": "document-checks-sums"})
    packages.update(Attachments=other)
    packages.settle()
    assert "app.zip does not match" in describe(DocumentVersion="2")["StatusInformation"]
