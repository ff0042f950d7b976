# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""A small world for the CodeDeploy emulation: hosts with a running agent, bundles, an application with a group."""

from __future__ import annotations

import importlib
import io
import tarfile
import zipfile
from typing import Any

import boto3

from slipway_emulator.clock import clock
from slipway_emulator.contents import Contents
from slipway_emulator.faults import faults
from slipway_emulator.hosts import Host, registry

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/CodeDeployServiceRole"
REGION = "eu-west-1"
EVENTS = [
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
]
APPSPEC = """
version: 0.0
os: linux
files:
  - source: /app
    destination: /srv/app
hooks:
  ApplicationStop:
    - location: scripts/stop.sh
  AfterInstall:
    - location: scripts/configure.sh
      timeout: 30
      runas: root
  ApplicationStart:
    - location: scripts/start.sh
"""
FILES = {
    "appspec.yml": APPSPEC,
    "app/main.py": "print()",
    "scripts/stop.sh": "#!/bin/sh\n",
    "scripts/configure.sh": "#!/bin/sh\n",
    "scripts/start.sh": "#!/bin/sh\n",
}


def zipped(files: dict[str, str]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)  # without the time, by which the same files would differ
    return held.getvalue()


def tarred(files: dict[str, str], mode: str = "w:gz") -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode=mode) as archive:  # type: ignore[call-overload]
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    return held.getvalue()


class Shop:
    """What a test talks to: clients, and short names for what it arranges and asserts."""

    def __init__(self, region: str = REGION) -> None:
        self.region = region
        self.codedeploy = boto3.client("codedeploy", region)
        self.ec2 = boto3.client("ec2", region)
        self.s3 = boto3.client("s3", region)
        self.bucket = "bundles"

    def hosts(self, count: int, agent: bool = True, **tags: str) -> list[str]:
        """Booted instances with these tags (default role=web)."""
        tagged = [{"Key": k, "Value": v} for k, v in (tags or {"role": "web"}).items()]
        made = self.ec2.run_instances(
            ImageId="ami-12c6146b",
            MinCount=count,
            MaxCount=count,
            TagSpecifications=[{"ResourceType": "instance", "Tags": tagged}],
        )
        ids = [instance["InstanceId"] for instance in made["Instances"]]
        for instance_id in ids:
            self.put_host(instance_id, agent)
        return ids

    def put_host(self, instance_id: str, agent: bool = True, launched_at: float | None = None) -> Host:
        host = Host(
            instance_id=instance_id,
            account_id=ACCOUNT,
            region=self.region,
            image_id="ami-12c6146b",
            contents=Contents(agent_version="1.8.1", agent_enabled=True) if agent else Contents(),
            launched_at=clock.now() - 60 if launched_at is None else launched_at,
            instance_profile="web",
            agent_running=agent,
        )
        registry.add(host)
        return host

    def bundle(self, key: str = "app-1.zip", files: dict[str, str] | None = None, data: bytes | None = None) -> Any:
        """Upload a bundle; gives its revision location, pinned by eTag."""
        location = {"LocationConstraint": self.region}
        if self.bucket not in [b["Name"] for b in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=self.bucket, CreateBucketConfiguration=location)
        body = zipped(FILES if files is None else files) if data is None else data
        put = self.s3.put_object(Bucket=self.bucket, Key=key, Body=body)
        return self.at(key, eTag=put["ETag"].strip('"'))

    def at(self, key: str, **more: str) -> Any:
        kind = key.rpartition(".")[2]
        return {"revisionType": "S3", "s3Location": {"bucket": self.bucket, "key": key, "bundleType": kind, **more}}

    def group(self, name: str = "prod", application: str = "app", **settings: Any) -> str:
        """A group of the hosts with role=web; the application is made where it is not there."""
        if application not in self.codedeploy.list_applications()["applications"]:
            self.codedeploy.create_application(applicationName=application)
        settings.setdefault("ec2TagFilters", [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}])
        made = self.codedeploy.create_deployment_group(
            applicationName=application, deploymentGroupName=name, serviceRoleArn=ROLE, **settings
        )
        return made["deploymentGroupId"]

    def config(self, name: str, kind: str, value: int) -> str:
        self.codedeploy.create_deployment_config(
            deploymentConfigName=name, minimumHealthyHosts={"type": kind, "value": value}
        )
        return name

    def deploy(self, revision: Any, group: str = "prod", application: str = "app", **more: Any) -> str:
        made = self.codedeploy.create_deployment(
            applicationName=application, deploymentGroupName=group, revision=revision, **more
        )
        return made["deploymentId"]

    def info(self, deployment_id: str) -> dict[str, Any]:
        return self.codedeploy.get_deployment(deploymentId=deployment_id)["deploymentInfo"]

    def group_info(self, group: str = "prod", application: str = "app") -> dict[str, Any]:
        answer = self.codedeploy.get_deployment_group(applicationName=application, deploymentGroupName=group)
        return answer["deploymentGroupInfo"]

    def ended(self, deployment_id: str) -> dict[str, Any]:
        """Let the deployment run to its end."""
        clock.run_until(lambda: self.record(deployment_id).ended)
        return self.info(deployment_id)

    def record(self, deployment_id: str) -> Any:
        """The backend's own record: a look that costs no request, for tests that look very often."""
        backends = importlib.import_module("moto.codedeploy.models").codedeploy_backends
        return backends[ACCOUNT][self.region].deployments[deployment_id]

    def deployed(self, revision: Any, **more: Any) -> dict[str, Any]:
        return self.ended(self.deploy(revision, **more))

    def targets(self, deployment_id: str) -> dict[str, dict[str, Any]]:
        ids = self.codedeploy.list_deployment_targets(deploymentId=deployment_id)["targetIds"]
        found = self.codedeploy.batch_get_deployment_targets(deploymentId=deployment_id, targetIds=ids)
        return {t["instanceTarget"]["targetId"]: t["instanceTarget"] for t in found["deploymentTargets"]}

    def events(self, deployment_id: str, target_id: str) -> dict[str, dict[str, Any]]:
        return {e["lifecycleEventName"]: e for e in self.targets(deployment_id)[target_id]["lifecycleEvents"]}

    def statuses(self, deployment_id: str, target_id: str) -> list[str]:
        return [event["status"] for event in self.events(deployment_id, target_id).values()]

    def fails(self, **rule: Any) -> None:
        """A hook that fails: on which host, in which event, for which revision."""
        faults.add({"kind": "hook-fails", **rule})
