# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""Documents of any type: listing, sharing, tags."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from support import compute, packages

pytestmark = pytest.mark.usefixtures("world")
COMMAND = {"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["true"]}}]}  # fmt: skip
OTHER = "111122223333"


def make(name: str, ssm: Any = None, **asked: Any) -> None:
    wanted = {"Content": json.dumps(COMMAND), "DocumentType": "Command", **asked}
    (ssm or compute.client("ssm")).create_document(Name=name, **wanted)


def names(**filters: list[str]) -> list[str]:
    asked = [{"Key": key.replace("__", ":"), "Values": values} for key, values in filters.items()]
    return [d["Name"] for d in compute.client("ssm").list_documents(Filters=asked)["DocumentIdentifiers"]]


def elsewhere() -> Any:
    """SSM in another account."""
    compute.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument="{}")
    keys = compute.client("sts").assume_role(RoleArn=f"arn:aws:iam::{OTHER}:role/other", RoleSessionName="test")[
        "Credentials"
    ]
    return boto3.client(
        "ssm",
        region_name=compute.REGION,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


def test_filters() -> None:
    make("web-probe", Tags=[{"Key": "team", "Value": "web"}])
    make("web-stop", TargetType="/AWS::EC2::Instance")
    make("db-probe", Tags=[{"Key": "team", "Value": "db"}])
    packages.create(name="web-agent", Tags=[{"Key": "team", "Value": "web"}])
    assert names(Owner=["Self"]) == ["db-probe", "web-agent", "web-probe", "web-stop"]
    assert names(Name=["web-"], Owner=["Self"]) == ["web-agent", "web-probe", "web-stop"]
    assert names(Name=["web-p", "db"]) == ["db-probe", "web-probe"]
    assert names(DocumentType=["Package"], Owner=["Self"]) == ["web-agent"]
    assert names(tag__team=["web"]) == ["web-agent", "web-probe"]
    assert names(tag__team=["web", "db"], DocumentType=["Command"]) == ["db-probe", "web-probe"]
    assert names(PlatformTypes=["Windows"], Owner=["Self"]) == ["web-agent"]
    assert names(TargetType=["/AWS::EC2::Instance"]) == ["web-stop"]
    assert names(SearchKeyword=["PROBE"]) == ["db-probe", "web-probe"]
    assert set(names(Owner=["Amazon"])) >= {"AWS-RunShellScript", "AWS-RunPowerShellScript"}
    assert names(Owner=["Private"]) == names(Owner=["ThirdParty"]) == []


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ([{"Key": "Status", "Values": ["Active"]}], "InvalidFilterKey"),
        ([{"Key": "Owner", "Values": ["Self", "Amazon"]}], "ValidationException"),
        ([{"Key": "tag:a", "Values": ["1"]}, {"Key": "tag:b", "Values": ["1"]}], "ValidationException"),
        ([{"Key": "Name", "Values": ["a"]}] * 7, "ValidationException"),
    ],
)
def test_filters_that_are_refused(filters: list[dict[str, Any]], code: str) -> None:
    assert packages.refused("list_documents", Filters=filters)[0] == code


def test_pages() -> None:
    for number in range(5):
        make(f"probe-{number}")
    paginator = compute.client("ssm").get_paginator("list_documents")
    asked = {"Filters": [{"Key": "Owner", "Values": ["Self"]}], "PaginationConfig": {"PageSize": 2}}
    assert [len(page["DocumentIdentifiers"]) for page in paginator.paginate(**asked)] == [2, 2, 1]


def test_a_shared_document_is_found_by_its_arn() -> None:
    packages.create()
    packages.settle()
    ssm, other = compute.client("ssm"), elsewhere()
    arn = f"arn:aws:ssm:{compute.REGION}:123456789012:document/agent"
    for name in ("agent", arn):
        with pytest.raises(other.exceptions.InvalidDocument):
            other.get_document(Name=name)
    ssm.modify_document_permission(Name="agent", PermissionType="Share", AccountIdsToAdd=[OTHER])
    assert other.get_document(Name=arn)["Name"] == other.describe_document(Name=arn)["Document"]["Name"] == arn
    with pytest.raises(other.exceptions.InvalidDocument):
        other.get_document(Name="agent")
    private = [{"Key": "Owner", "Values": ["Private"]}]
    [listed] = other.list_documents(Filters=private)["DocumentIdentifiers"]
    assert (listed["Name"], listed["Owner"]) == (arn, "123456789012")
    assert packages.refused("delete_document", Name="agent")[0] == "InvalidDocumentOperation"
    ssm.modify_document_permission(Name="agent", PermissionType="Share", AccountIdsToRemove=[OTHER])
    assert other.list_documents(Filters=private)["DocumentIdentifiers"] == []
    ssm.delete_document(Name="agent")


@pytest.mark.parametrize(("shared", "seen"), [("$DEFAULT", ["1"]), ("$LATEST", ["2"]), ("$ALL", ["2", "1"])])
def test_an_account_sees_the_version_that_is_shared(shared: str, seen: list[str]) -> None:
    packages.create()
    packages.settle()
    packages.update()
    packages.settle()
    compute.client("ssm").modify_document_permission(
        Name="agent", PermissionType="Share", AccountIdsToAdd=[OTHER], SharedDocumentVersion=shared
    )
    arn = f"arn:aws:ssm:{compute.REGION}:123456789012:document/agent"
    listed = elsewhere().list_document_versions(Name=arn)["DocumentVersions"]
    assert [version["DocumentVersion"] for version in listed] == seen


def test_documents_of_newer_types() -> None:
    make("quick", DocumentType="QuickSetup")
    assert names(DocumentType=["QuickSetup"]) == ["quick"]


def test_text_is_not_built() -> None:
    with pytest.raises(ClientError, match="format TEXT is not built in this emulator") as refused:
        make("plain", DocumentFormat="TEXT")
    assert refused.value.response["Error"]["Code"] == "UnsupportedOperation"


def test_permissions_are_limited_and_paged() -> None:
    make("probe")
    ssm = compute.client("ssm")
    accounts = [f"{number:012}" for number in range(1, 61)]
    for begin in range(0, 60, 20):
        ssm.modify_document_permission(
            Name="probe",
            PermissionType="Share",
            AccountIdsToAdd=accounts[begin : begin + 20],
            SharedDocumentVersion="$ALL",
        )
    told = ssm.describe_document_permission(Name="probe", PermissionType="Share")
    assert told["AccountIds"] == accounts[:20] and told["AccountSharingInfoList"][0]["SharedDocumentVersion"] == "$ALL"
    rest = ssm.describe_document_permission(
        Name="probe", PermissionType="Share", NextToken=told["NextToken"], MaxResults=200
    )
    assert rest["AccountIds"] == accounts[20:] and "NextToken" not in rest
    wrong = {"Name": "probe", "PermissionType": "Share"}
    assert (
        packages.refused("modify_document_permission", **wrong, AccountIdsToAdd=accounts[:21])[0]
        == "ValidationException"
    )
    assert (
        packages.refused("modify_document_permission", **wrong, AccountIdsToAdd=["12345"])[0] == "ValidationException"
    )
    both = {"AccountIdsToAdd": ["999999999999"], "AccountIdsToRemove": ["999999999999"]}
    ssm.modify_document_permission(**wrong, **both)
    assert "999999999999" not in ssm.describe_document_permission(**wrong, MaxResults=200)["AccountIds"]


def test_five_documents_can_be_public() -> None:
    ssm = compute.client("ssm")
    for number in range(6):
        make(f"probe-{number}")
        asked = {"Name": f"probe-{number}", "PermissionType": "Share", "AccountIdsToAdd": ["all"]}
        if number < 5:
            ssm.modify_document_permission(**asked)
        else:
            assert packages.refused("modify_document_permission", **asked)[0] == "DocumentPermissionLimit"


def test_tags_are_changed_and_limited() -> None:
    packages.create(Tags=[{"Key": "a", "Value": "1"}])
    ssm, about = compute.client("ssm"), {"ResourceType": "Document", "ResourceId": "agent"}
    ssm.add_tags_to_resource(**about, Tags=[{"Key": "b", "Value": "2"}])
    ssm.remove_tags_from_resource(**about, TagKeys=["a"])
    assert ssm.list_tags_for_resource(**about)["TagList"] == [{"Key": "b", "Value": "2"}]
    many = [{"Key": f"k{number}", "Value": ""} for number in range(50)]
    assert packages.refused("add_tags_to_resource", **about, Tags=many)[0] == "TooManyTagsError"
    assert packages.refused("list_tags_for_resource", **{**about, "ResourceId": "other"})[0] == "InvalidResourceId"


def test_a_command_document_is_active_at_once_and_keeps_what_an_update_does_not_give() -> None:
    make("probe", DisplayName="Probe", TargetType="/AWS::EC2::Instance")
    ssm = compute.client("ssm")
    assert ssm.describe_document(Name="probe")["Document"]["Status"] == "Active"
    changed = json.dumps({**COMMAND, "description": "better"})
    told = ssm.update_document(Name="probe", Content=changed)["DocumentDescription"]
    assert (told["DocumentVersion"], told["Status"]) == ("2", "Active")
    assert (told["DisplayName"], told["TargetType"]) == ("Probe", "/AWS::EC2::Instance")
    assert told["PlatformTypes"] == ["Linux", "MacOS"]
    ssm.delete_document(Name="probe")
    assert packages.refused("get_document", Name="probe")[0] == "InvalidDocument"
