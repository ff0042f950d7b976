# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws ssm` as a user goes about Distributor: a package in a bucket, its versions, hosts that get it, and what can go wrong."""

from __future__ import annotations

import hashlib
import zipfile
from typing import Any

import urllib3
from deploying import instance_profile, launch
from terminal import Terminal

REGION = "eu-central-1"
BUCKET = "packages-123456789012"
NAME = ("--name", "our-agent")
DOCUMENT = f"arn:aws:ssm:{REGION}:123456789012:document/our-agent"
QUERY = ("--query", "Document.[Status,DocumentVersion,DefaultVersion]")


def scenario(at: Terminal) -> None:
    at.text("s3", "mb", f"s3://{BUCKET}")
    create(at)
    update(at)
    listing(at)
    sharing(at)
    document_refusals(at)
    instance_profile(at, "web")
    ids = launch(at, 2, "web", "#!/bin/sh\ntrue\n")
    install(at, ids)
    amazons(at, ids)
    removal(at, ids)


def manifest(at: Terminal, version: str, script: str = "echo installed") -> str:
    """A zip in the bucket and its manifest."""
    place = at.folder / "agent.zip"
    with zipfile.ZipFile(place, "w") as made:
        for name, text in {"install.sh": f"{script}\n", "uninstall.sh": "echo removed\n", "version": version}.items():
            made.writestr(zipfile.ZipInfo(name), text)
    at.text("s3", "cp", "agent.zip", f"s3://{BUCKET}/{version}/agent.zip")
    content = {
        "schemaVersion": "2.0",
        "version": version,
        "packages": {"amazon": {"_any": {"_any": {"file": "agent.zip"}}}},
        "files": {"agent.zip": {"checksums": {"sha256": hashlib.sha256(place.read_bytes()).hexdigest()}}},
    }
    return at.file(f"manifest-{version}.json", content)


def source(version: str) -> tuple[str, str]:
    return "--attachments", f"Key=SourceUrl,Values=s3://{BUCKET}/{version}"


def described(at: Terminal, *words: str) -> list[str]:
    found: list[str] = at.json("ssm", "describe-document", *NAME, *QUERY, *words)
    return found


def create(at: Terminal) -> None:
    content = manifest(at, "1.0")
    made = at.json(
        "ssm", "create-document", *NAME, "--document-type", "Package", "--content", content, "--version-name", "1.0",
        *source("1.0"), "--tags", "Key=team,Value=web",
    )["DocumentDescription"]  # fmt: skip
    at.same("a package is being created", (made["Status"], made["DocumentVersion"]), ("Creating", "1"))
    at.advance(10)
    at.same("it becomes active", described(at), ["Active", "1", "1"])
    [kept] = at.json("ssm", "get-document", *NAME)["AttachmentsContent"]
    data = (at.folder / "agent.zip").read_bytes()
    at.same("with the hash of the file", kept["Hash"], hashlib.sha256(data).hexdigest())
    at.same("which can be fetched", urllib3.request("GET", kept["Url"]).data, data)


def update(at: Terminal) -> None:
    content = manifest(at, "2.0", "yum install -y ./codedeploy-agent-2.1.0.noarch.rpm")
    changed = ("ssm", "update-document", *NAME, "--document-version", "$LATEST", "--content", content)
    at.refuses("the files must be sent again", "InvalidParameterValueException", "AttachmentsSource", *changed)
    made = at.json(*changed, "--version-name", "2.0", *source("2.0"))["DocumentDescription"]
    at.same("a version is being made", (made["Status"], made["DocumentVersion"]), ("Updating", "2"))
    at.advance(10)
    at.same("the default version stays", described(at), ["Active", "1", "1"])
    at.refuses(
        "a name of a version is used once", "DuplicateDocumentVersionName", "",
        *changed, "--version-name", "1.0", *source("2.0"),
    )  # fmt: skip
    at.refuses(
        "content is used once", "DuplicateDocumentContent", "", *changed, "--version-name", "3.0", *source("2.0")
    )


def listing(at: Terminal) -> None:
    versions = at.json("ssm", "list-document-versions", *NAME)["DocumentVersions"]
    seen = [(v["DocumentVersion"], v["VersionName"], v["IsDefaultVersion"]) for v in versions]
    at.same("both versions are listed", seen, [("2", "2.0", False), ("1", "1.0", True)])
    filters = ("Key=Owner,Values=Self", "Key=Name,Values=our-", "Key=tag:team,Values=web,db")
    found = at.json("ssm", "list-documents", "--filters", *filters)["DocumentIdentifiers"]
    at.same("it is found by owner, name and tag", [d["Name"] for d in found], ["our-agent"])
    packages = ("Key=Owner,Values=Amazon", "Key=DocumentType,Values=Package")
    found = at.json("ssm", "list-documents", "--filters", *packages)["DocumentIdentifiers"]
    at.check("AWS has packages, too", "AWSCodeDeployAgent" in [d["Name"] for d in found], found)


def sharing(at: Terminal) -> None:
    share = ("ssm", "modify-document-permission", *NAME, "--permission-type", "Share")
    at.text(*share, "--account-ids-to-add", "111122223333")
    told = at.json("ssm", "describe-document-permission", *NAME, "--permission-type", "Share")
    at.same("it is shared", told["AccountIds"], ["111122223333"])
    at.refuses("and not deleted", "InvalidDocumentOperation", "", "ssm", "delete-document", *NAME)
    at.text(*share, "--account-ids-to-remove", "111122223333")


def document_refusals(at: Terminal) -> None:
    at.refuses("an unknown document", "InvalidDocument", "", "ssm", "describe-document", "--name", "other")
    at.refuses(
        "an unknown version", "InvalidDocumentVersion", "", "ssm", "get-document", *NAME, "--document-version", "9"
    )
    at.refuses(
        "the default version alone", "InvalidDocumentOperation", "Default version",
        "ssm", "delete-document", *NAME, "--document-version", "1",
    )  # fmt: skip
    at.refuses(
        "a name that is AWS's", "ValidationException", "reserved",
        "ssm", "create-document", "--name", "AWS-our-agent", "--document-type", "Package", "--content", "{}",
    )  # fmt: skip
    at.json(
        "ssm", "create-document", "--name", "broken", "--document-type", "Package", "--content", "file://manifest-1.0.json",
        "--attachments", "Key=SourceUrl,Values=s3://nowhere/1.0",
    )  # fmt: skip
    at.advance(10)
    told = at.json("ssm", "describe-document", "--name", "broken")["Document"]
    at.same("a bucket that is missing fails it later", told["Status"], "Failed")
    at.check("and is named as the reason", "bucket doesn't exist" in told["StatusInformation"], told)


def configure(at: Terminal, ids: list[str], action: str, name: str = "our-agent", **more: str) -> list[dict[str, Any]]:
    """Run AWS-ConfigureAWSPackage; how it went on each host."""
    parameters = {"action": action, "name": name, **more}
    sent = at.json(
        "ssm", "send-command", "--document-name", "AWS-ConfigureAWSPackage", "--instance-ids", *ids,
        "--parameters", ",".join(f"{key}={value}" for key, value in parameters.items()), "--max-errors", "100%",
    )["Command"]["CommandId"]  # fmt: skip
    at.advance(60)
    found = at.json("ssm", "list-command-invocations", "--command-id", sent, "--details")
    runs: list[dict[str, Any]] = found["CommandInvocations"]
    return runs


def printed(run: dict[str, Any]) -> str:
    return "".join(plugin["Output"] for plugin in run["CommandPlugins"])


def install(at: Terminal, ids: list[str]) -> None:
    runs = configure(at, ids, "Install")
    at.same("the default version is installed", [run["Status"] for run in runs], ["Success"] * 2)
    done = f"Successfully installed {DOCUMENT} 1.0"
    at.check("and says so", all(done in printed(run) for run in runs), [printed(run) for run in runs])
    at.same("by the step configurePackage", runs[0]["CommandPlugins"][0]["Name"], "configurePackage")
    runs = configure(at, ids, "Install")
    at.check("again it has nothing to do", all("already installed" in printed(run) for run in runs), runs)
    at.text("ssm", "update-document-default-version", *NAME, "--document-version", "2")
    configure(at, ids, "Install")
    agents = {host["instance_id"]: host["agent"] for host in at.control("hosts")["hosts"]}
    running = {"status": "running", "version": "2.1.0"}
    at.same("the new default version brings the agent", agents, dict.fromkeys(ids, running))


def amazons(at: Terminal, ids: list[str]) -> None:
    at.control("faults", {"kind": "package-exits", "instance_id": ids[0], "code": 3, "stderr": "no space left\n"})
    runs = {run["InstanceId"]: run for run in configure(at, ids, "Install", "AWSCodeDeployAgent", version="1.7.1")}
    seen = [runs[instance]["Status"] for instance in ids]
    at.same("AWS's package is installed where its script works", seen, ["Failed", "Success"])
    at.check("the other tells why", "no space left" in printed(runs[ids[0]]), printed(runs[ids[0]]))


def removal(at: Terminal, ids: list[str]) -> None:
    runs = configure(at, ids, "Uninstall")
    at.check("it is removed from the sound host", "Successfully uninstalled" in printed(runs[1]), runs)
    at.text("ssm", "delete-document", *NAME)
    at.same("the document is being deleted", described(at)[0], "Deleting")
    at.advance(10)
    at.refuses("and is gone", "InvalidDocument", "", "ssm", "get-document", *NAME)
    runs = configure(at, ids, "Uninstall")
    at.same("without it nothing is removed", {run["Status"] for run in runs}, {"Failed"})
