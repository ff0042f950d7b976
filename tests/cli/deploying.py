# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws deploy` as a user goes about it: hosts, a bucket, an application, a push, a deployment, and what can go wrong."""

from __future__ import annotations

import re
from typing import Any

from terminal import ROOT, Broken, Terminal

REGION = "eu-central-1"
STOREFRONT = ROOT / "examples" / "storefront"
ROLE = "arn:aws:iam::123456789012:role/CodeDeployServiceRole"
GROUP = ("--application-name", "storefront", "--deployment-group-name", "production")
AGENT = """\
#!/bin/bash
dnf install -y ruby wget
cd /home/ec2-user
wget https://aws-codedeploy-eu-central-1.s3.eu-central-1.amazonaws.com/latest/install
chmod +x ./install
./install auto
"""


def scenario(at: Terminal) -> None:
    ids = hosts(at)
    application(at)
    revision = push(at)
    group(at)
    first = deployed(at, ids, revision)
    stopped(at, revision, first)
    configurations(at)
    tags(at)
    refusals(at, first)
    removal(at)


def trust(at: Terminal, service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return at.file(f"trust-{service}.json", {"Version": "2012-10-17", "Statement": [statement]})


def instance_profile(at: Terminal, name: str) -> None:
    """A role for hosts and its instance profile."""
    document = trust(at, "ec2.amazonaws.com")
    at.json("iam", "create-role", "--role-name", name, "--assume-role-policy-document", document)
    at.json("iam", "create-instance-profile", "--instance-profile-name", name)
    at.json("iam", "add-role-to-instance-profile", "--instance-profile-name", name, "--role-name", name)


def launch(at: Terminal, count: int, name: str, script: str = AGENT) -> list[str]:
    """Instances with the profile, the tag Name and user data, booted."""
    made = at.json(
        "ec2", "run-instances", "--count", str(count), "--instance-type", "t3.micro",
        "--image-id", "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "--iam-instance-profile", f"Name={name}", "--user-data", at.file("user-data.sh", script),
        "--tag-specifications", f"ResourceType=instance,Tags=[{{Key=Name,Value={name}}}]",
    )  # fmt: skip
    at.advance(120)
    return sorted(instance["InstanceId"] for instance in made["Instances"])


def hosts(at: Terminal) -> list[str]:
    instance_profile(at, "web")
    role = at.json(
        "iam", "create-role", "--role-name", "CodeDeployServiceRole",
        "--assume-role-policy-document", trust(at, "codedeploy.amazonaws.com"),
    )  # fmt: skip
    at.same("create-role gives the ARN", role["Role"]["Arn"], ROLE)
    ids = launch(at, 2, "web")
    found = at.json("ec2", "describe-instances", "--filters", "Name=tag:Name,Values=web")
    running = [
        i["InstanceId"] for r in found["Reservations"] for i in r["Instances"] if i["State"]["Name"] == "running"
    ]
    at.same("the hosts run and are found by their tag", sorted(running), ids)
    agents = {host["instance_id"]: host["agent"]["status"] for host in at.control("hosts")["hosts"]}
    at.same("user data installed the agent", agents, dict.fromkeys(ids, "running"))
    return ids


def application(at: Terminal) -> None:
    made = at.json(
        "deploy", "create-application", "--application-name", "storefront", "--tags", "Key=team,Value=shop"
    )  # fmt: skip
    at.check("create-application gives an id", re.fullmatch(r"[0-9a-f-]{36}", made["applicationId"]), made)
    got = at.json("deploy", "get-application", "--application-name", "storefront")["application"]
    at.same("get-application tells the platform", got["computePlatform"], "Server")
    at.same("its id is the one given", got["applicationId"], made["applicationId"])


def push(at: Terminal) -> str:
    """Push the example; the revision in the shorthand that create-deployment takes."""
    made = at.text("s3", "mb", "s3://bundles-of-the-shop")
    at.check("s3 mb makes the bucket", "make_bucket: bundles-of-the-shop" in made, made)
    said = at.text(
        "deploy", "push", "--application-name", "storefront", "--description", "first",
        "--s3-location", "s3://bundles-of-the-shop/storefront.zip", "--source", str(STOREFRONT),
    )  # fmt: skip
    found = re.search(r"--s3-location (bucket=bundles-of-the-shop,key=storefront.zip,bundleType=zip,eTag=\S+)", said)
    at.check("push tells how to deploy what it pushed", found, said)
    if not found:
        raise Broken(said)
    revisions = at.json("deploy", "list-application-revisions", "--application-name", "storefront")["revisions"]
    at.same("the revision is registered", [r["s3Location"]["key"] for r in revisions], ["storefront.zip"])
    got = at.json(
        "deploy", "get-application-revision", "--application-name", "storefront", "--s3-location", found[1]
    )  # fmt: skip
    at.same("and is found with its description", got["revisionInfo"]["description"], "first")
    return found[1]


def group(at: Terminal) -> None:
    made = at.json(
        "deploy", "create-deployment-group", *GROUP, "--service-role-arn", ROLE,
        "--ec2-tag-filters", "Key=Name,Value=web,Type=KEY_AND_VALUE",
        "--deployment-config-name", "CodeDeployDefault.OneAtATime",
        "--auto-rollback-configuration", "enabled=true,events=DEPLOYMENT_FAILURE",
    )  # fmt: skip
    got = at.json("deploy", "get-deployment-group", *GROUP)["deploymentGroupInfo"]
    at.same("the group has the id given", got["deploymentGroupId"], made["deploymentGroupId"])
    at.same("and its filters", [f["Value"] for f in got["ec2TagFilters"]], ["web"])
    changed = at.json(
        "deploy", "update-deployment-group", "--application-name", "storefront",
        "--current-deployment-group-name", "production", "--deployment-config-name", "CodeDeployDefault.HalfAtATime",
    )  # fmt: skip
    at.same("no hook is left over by an update", (changed or {}).get("hooksNotCleanedUp", []), [])
    names = at.json("deploy", "list-deployment-groups", "--application-name", "storefront")["deploymentGroups"]
    at.same("the group is listed", names, ["production"])


def create(at: Terminal, revision: str, *more: str) -> str:
    return str(at.json("deploy", "create-deployment", *GROUP, "--s3-location", revision, *more)["deploymentId"])


def deployed(at: Terminal, ids: list[str], revision: str) -> str:
    deployment = create(at, revision, "--description", "release 1")
    at.check("a deployment has an id of its form", re.fullmatch(r"d-[A-Z0-9]{9}", deployment), deployment)
    waiting = at.start("deploy", "wait", "deployment-successful", "--deployment-id", deployment)
    refused = at.refused("deploy", "create-deployment", *GROUP, "--s3-location", revision)
    at.same("a second one is refused", refused.code, "DeploymentLimitExceededException")
    at.check("and the text names the first", deployment in refused.text, refused.text)
    at.advance(20)
    going = at.json("deploy", "get-deployment", "--deployment-id", deployment)["deploymentInfo"]
    at.same("it is under way", going["status"], "InProgress")
    at.same("it counts its targets", sum(going["deploymentOverview"].values()), 2)
    at.control("clock", {"speed": 60})
    status, _said, errors = at.finish(waiting)
    at.control("clock", {"speed": 0})
    at.same("wait deployment-successful ends well", (status, errors), (0, ""))
    details(at, ids, deployment)
    return deployment


def details(at: Terminal, ids: list[str], deployment: str) -> None:
    """What the deployment did, read by the calls there are for it, the deprecated ones too."""
    which = ("--deployment-id", deployment)
    done = at.json("deploy", "get-deployment", *which)["deploymentInfo"]
    seen = (done["status"], done["deploymentOverview"]["Succeeded"], done["description"], done["creator"])
    at.same("it succeeded on both hosts", seen, ("Succeeded", 2, "release 1", "user"))
    listed = at.json("deploy", "list-deployment-targets", *which)["targetIds"]
    at.same("its targets are the hosts", sorted(listed), ids)
    target = at.json("deploy", "get-deployment-target", *which, "--target-id", ids[0])["deploymentTarget"]
    events = [event["lifecycleEventName"] for event in target["instanceTarget"]["lifecycleEvents"]]
    order = ["ApplicationStop", "DownloadBundle", "BeforeInstall", "Install"]
    order += ["AfterInstall", "ApplicationStart", "ValidateService"]
    at.same("a target has its events in order", events, order)
    both = at.json("deploy", "batch-get-deployment-targets", *which, "--target-ids", *ids)["deploymentTargets"]
    at.same("both targets succeeded", [t["instanceTarget"]["status"] for t in both], ["Succeeded"] * 2)
    old = at.json("deploy", "list-deployment-instances", *which)["instancesList"]
    at.same("the deprecated list has them too", sorted(old), ids)
    summary = at.json("deploy", "get-deployment-instance", *which, "--instance-id", ids[0])["instanceSummary"]
    at.same("and so has the deprecated get", summary["status"], "Succeeded")
    among = ("--include-only-statuses", "Succeeded")
    at.same(
        "list-deployments filters", at.json("deploy", "list-deployments", *GROUP, *among)["deployments"], [deployment]
    )
    batch = at.json("deploy", "batch-get-deployments", "--deployment-ids", deployment)["deploymentsInfo"]
    at.same("batch-get-deployments finds it", [d["deploymentId"] for d in batch], [deployment])


def stopped(at: Terminal, revision: str, over: str) -> None:
    deployment = create(at, revision, "--file-exists-behavior", "OVERWRITE")
    at.advance(10)
    answer = at.json("deploy", "stop-deployment", "--deployment-id", deployment)
    at.check("stop-deployment is taken", answer["status"] in ("Pending", "Succeeded"), answer)
    at.advance(3600)
    info = at.json("deploy", "get-deployment", "--deployment-id", deployment)["deploymentInfo"]
    at.same("the deployment is stopped", info["status"], "Stopped")
    again = at.json("deploy", "stop-deployment", "--deployment-id", deployment)
    at.same("asked again, it says that it is done", again["status"], "Succeeded")
    code = at.refused("deploy", "stop-deployment", "--deployment-id", over).code
    at.same("what has succeeded cannot be stopped", code, "DeploymentAlreadyCompletedException")


def configurations(at: Terminal) -> None:
    name = ("--deployment-config-name", "three-quarters")
    healthy = ("--minimum-healthy-hosts", "type=FLEET_PERCENT,value=75")
    at.json("deploy", "create-deployment-config", *name, *healthy)
    info = at.json("deploy", "get-deployment-config", *name)["deploymentConfigInfo"]
    at.same("a configuration is kept", info["minimumHealthyHosts"], {"type": "FLEET_PERCENT", "value": 75})
    listed = at.json("deploy", "list-deployment-configs")["deploymentConfigsList"]
    at.check(
        "it is listed beside the predefined", {"three-quarters", "CodeDeployDefault.AllAtOnce"} <= set(listed), listed
    )
    twice = at.refused("deploy", "create-deployment-config", *name, *healthy)
    at.same("it is made once", twice.code, "DeploymentConfigAlreadyExistsException")
    at.text("deploy", "delete-deployment-config", *name)
    gone = at.refused("deploy", "get-deployment-config", *name)
    at.same("and gone when deleted", gone.code, "DeploymentConfigDoesNotExistException")


def tags(at: Terminal) -> None:
    arn = f"arn:aws:codedeploy:{REGION}:123456789012:application:storefront"
    at.text("deploy", "tag-resource", "--resource-arn", arn, "--tags", "Key=stage,Value=live")
    at.text("deploy", "untag-resource", "--resource-arn", arn, "--tag-keys", "team")
    found: list[dict[str, Any]] = at.json("deploy", "list-tags-for-resource", "--resource-arn", arn)["Tags"]
    at.same("tags are put and taken away", found, [{"Key": "stage", "Value": "live"}])


def refusals(at: Terminal, deployment: str) -> None:
    at.refuses(
        "an unknown application", "ApplicationDoesNotExistException", "No application found for name: nothing",
        "deploy", "get-application", "--application-name", "nothing",
    )  # fmt: skip
    at.refuses(
        "a name that is none", "InvalidApplicationNameException", "",
        "deploy", "create-application", "--application-name", "not a name",
    )  # fmt: skip
    at.refuses(
        "an unknown group", "DeploymentGroupDoesNotExistException", "",
        "deploy", "get-deployment-group", "--application-name", "storefront", "--deployment-group-name", "nothing",
    )  # fmt: skip
    at.refuses(
        "an unknown deployment", "DeploymentDoesNotExistException", "d-000000000",
        "deploy", "get-deployment", "--deployment-id", "d-000000000",
    )  # fmt: skip
    at.refuses(
        "an unknown target", "DeploymentTargetDoesNotExistException", "",
        "deploy", "get-deployment-target", "--deployment-id", deployment, "--target-id", "i-00000000000000000",
    )  # fmt: skip
    at.refuses(
        "a platform that is not run yet is refused, not promised", "InvalidDeploymentConfigNameException", "",
        "deploy", "create-deployment", *GROUP, "--s3-location", "bucket=b,key=k,bundleType=zip",
        "--deployment-config-name", "CodeDeployDefault.LambdaAllAtOnce",
    )  # fmt: skip


def removal(at: Terminal) -> None:
    at.json("deploy", "delete-deployment-group", *GROUP)
    at.text("deploy", "delete-application", "--application-name", "storefront")
    at.same("nothing is left", at.json("deploy", "list-applications")["applications"], [])
    at.text("deploy", "delete-application", "--application-name", "storefront")
    at.check("what is gone is deleted again in peace", True)
