# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""`aws imagebuilder` as a user goes about it: from a component to an image in two Regions, and what can go wrong."""

from __future__ import annotations

import re
from typing import Any

from deploying import instance_profile
from terminal import Terminal

REGION = "eu-west-1"
OTHER = "us-east-1"
ARN = f"arn:aws:imagebuilder:{REGION}:123456789012"
PARENT = f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
AGENT = f"arn:aws:imagebuilder:{REGION}:aws:component/aws-codedeploy-agent-linux/x.x.x"
DOCUMENT = """\
name: motd
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Greet
        action: ExecuteBash
        inputs:
          commands:
            - echo 'Hello {{ imagebuilder:buildDate }}' > /etc/motd
"""


def scenario(at: Terminal) -> None:
    instance_profile(at, "builder")
    component = components(at)
    recipe(at, component)
    configurations(at)
    pipeline(at)
    image = built(at)
    executions(at, image)
    available(at, image)
    containers(at)
    scheduled(at, image)
    tags(at, component)
    refusals(at)
    removal(at, component)


def components(at: Terminal) -> str:
    """A component; its build version's ARN."""
    given = ("imagebuilder", "create-component", "--name", "Motd Text", "--platform", "Linux")
    data = ("--data", at.file("motd.yml", DOCUMENT))
    dry = at.refused(*given, "--semantic-version", "1.0.0", *data, "--dry-run")
    at.same("a dry run says that it would have gone", dry.code, "DryRunOperationException")
    made = at.json(*given, "--semantic-version", "1.0.0", *data, "--tags", "team=platform")
    arn = str(made["componentBuildVersionArn"])
    at.same("the name becomes that of the ARN", arn, f"{ARN}:component/motd-text/1.0.0/1")
    same = at.refused(*given, "--semantic-version", "1.0.0", *data)
    at.same("the same content is refused", same.code, "ResourceAlreadyExistsException")
    other = ("--data", at.file("motd-2.yml", DOCUMENT.replace("Hello", "Welcome")))
    newer = at.json(*given, "--semantic-version", "1.1.0", *other)["componentBuildVersionArn"]
    got = at.json("imagebuilder", "get-component", "--component-build-version-arn", arn)["component"]
    seen = (got["name"], got["data"], got["tags"])
    at.same("get-component gives name, document and tags", seen, ("Motd Text", DOCUMENT, {"team": "platform"}))
    wild = f"{ARN}:component/motd-text/1.x.x"
    found = at.json("imagebuilder", "get-component", "--component-build-version-arn", wild)["component"]
    at.same("a wildcard finds the newest", found["arn"], newer)
    filters = ("--owner", "Self", "--filters", "name=name,values=Motd*")
    listed = at.json("imagebuilder", "list-components", *filters)["componentVersionList"]
    at.same("a name is found by a pattern", sorted(c["version"] for c in listed), ["1.0.0", "1.1.0"])
    managed = ("--owner", "Amazon", "--filters", "name=name,values=aws-codedeploy-agent-linux")
    listed = at.json("imagebuilder", "list-components", *managed)["componentVersionList"]
    at.check("Amazon's agent component is there", listed and all(c["owner"] == "Amazon" for c in listed), listed)
    builds = ("imagebuilder", "list-component-build-versions", "--component-version-arn")
    summaries = at.json(*builds, f"{ARN}:component/motd-text/1.0.0")["componentSummaryList"]
    at.same("builds of a version are listed", [s["arn"] for s in summaries], [arn])
    return arn


def recipe(at: Terminal, component: str) -> None:
    made = at.json(
        "imagebuilder", "create-image-recipe", "--name", "golden", "--semantic-version", "1.0.0",
        "--parent-image", PARENT, "--components", f"componentArn={component}", f"componentArn={AGENT}",
    )  # fmt: skip
    at.same("a recipe has its ARN", made["imageRecipeArn"], f"{ARN}:image-recipe/golden/1.0.0")
    wild = f"{ARN}:image-recipe/golden/x.x.x"
    got = at.json("imagebuilder", "get-image-recipe", "--image-recipe-arn", wild)["imageRecipe"]
    at.same("its components come in order", [c["componentArn"] for c in got["components"]], [component, AGENT])


def configurations(at: Terminal) -> None:
    made = at.json(
        "imagebuilder", "create-infrastructure-configuration", "--name", "small",
        "--instance-profile-name", "builder", "--instance-types", "t3.small", "t3.medium",
        "--instance-metadata-options", "httpTokens=required,httpPutResponseHopLimit=1",
    )  # fmt: skip
    arn = ("--infrastructure-configuration-arn", made["infrastructureConfigurationArn"])
    at.same("an infrastructure has its ARN", arn[1], f"{ARN}:infrastructure-configuration/small")
    got = at.json("imagebuilder", "get-infrastructure-configuration", *arn)["infrastructureConfiguration"]
    at.same("its types come in order", got["instanceTypes"], ["t3.small", "t3.medium"])
    at.json("imagebuilder", "update-infrastructure-configuration", *arn, "--instance-profile-name", "builder")
    got = at.json("imagebuilder", "get-infrastructure-configuration", *arn)["infrastructureConfiguration"]
    at.check("an update replaces it whole", not got.get("instanceTypes"), got)
    name = {"name": "golden {{ imagebuilder:buildDate }}", "amiTags": {"stage": "live"}}
    wanted = [{"region": region, "amiDistributionConfiguration": name} for region in (REGION, OTHER)]
    distributions = ("--distributions", at.file("distributions.json", wanted))
    made = at.json("imagebuilder", "create-distribution-configuration", "--name", "both", *distributions)
    arn = ("--distribution-configuration-arn", made["distributionConfigurationArn"])
    got = at.json("imagebuilder", "get-distribution-configuration", *arn)["distributionConfiguration"]
    at.same("a distribution has its Regions", sorted(d["region"] for d in got["distributions"]), [REGION, OTHER])


def pipeline(at: Terminal) -> None:
    made = at.json(
        "imagebuilder", "create-image-pipeline", "--name", "golden",
        "--image-recipe-arn", f"{ARN}:image-recipe/golden/1.0.0",
        "--infrastructure-configuration-arn", f"{ARN}:infrastructure-configuration/small",
        "--distribution-configuration-arn", f"{ARN}:distribution-configuration/both",
    )  # fmt: skip
    at.same("a pipeline has its ARN", made["imagePipelineArn"], f"{ARN}:image-pipeline/golden")
    filters = ("--filters", "name=name,values=golden")
    listed = at.json("imagebuilder", "list-image-pipelines", *filters)["imagePipelineList"]
    at.same("it is listed, and enabled", [p["status"] for p in listed], ["ENABLED"])


def state(at: Terminal, image: str) -> dict[str, Any]:
    got: dict[str, Any] = at.json("imagebuilder", "get-image", "--image-build-version-arn", image)["image"]
    return got


def built(at: Terminal) -> str:
    """Start the pipeline; the ARN of the image that is under way."""
    arn = ("--image-pipeline-arn", f"{ARN}:image-pipeline/golden")
    started = at.json("imagebuilder", "start-image-pipeline-execution", *arn)
    image = str(started["imageBuildVersionArn"])
    at.same("the image has the recipe's name and version", image, f"{ARN}:image/golden/1.0.0/1")
    at.advance(120)
    status = state(at, image)["state"]["status"]
    at.check("it is under way", status in ("PENDING", "CREATING", "BUILDING"), status)
    return image


def executions(at: Terminal, image: str) -> None:
    which = ("--image-build-version-arn", image)
    flows = at.json("imagebuilder", "list-workflow-executions", *which)["workflowExecutions"]
    running = {flow["type"]: flow["workflowExecutionId"] for flow in flows}
    at.check("the build's workflow is there", "BUILD" in running, flows)
    execution = ("--workflow-execution-id", running.get("BUILD", ""))
    at.check("it has an id of its form", re.fullmatch(r"wf-[0-9a-f-]{36}", execution[1]), execution)
    steps = at.json("imagebuilder", "list-workflow-step-executions", *execution)["steps"]
    at.check("its steps are told", "LaunchBuildInstance" in [s["name"] for s in steps], steps)
    got = at.json("imagebuilder", "get-workflow-execution", *execution)
    at.same("and so is the workflow", (got["imageBuildVersionArn"], got["type"]), (image, "BUILD"))


def available(at: Terminal, image: str) -> None:
    at.advance(4 * 3600)
    done = state(at, image)
    amis = {ami["region"]: ami["image"] for ami in done["outputResources"]["amis"]}
    at.same(
        "the image is there, in both Regions", (done["state"]["status"], sorted(amis)), ("AVAILABLE", [REGION, OTHER])
    )
    found = at.json("ec2", "describe-images", "--region", OTHER, "--image-ids", amis[OTHER])["Images"]
    tags = {tag["Key"]: tag["Value"] for tag in found[0].get("Tags", [])}
    at.same("EC2 has it, with its tags", (found[0]["State"], tags.get("stage")), ("available", "live"))
    images = at.json("imagebuilder", "list-images", "--filters", "name=name,values=golden")["imageVersionList"]
    at.same("the image is listed", [i["version"] for i in images], ["1.0.0"])
    of = ("--image-pipeline-arn", f"{ARN}:image-pipeline/golden")
    mine = at.json("imagebuilder", "list-image-pipeline-images", *of)["imageSummaryList"]
    at.same("and listed with its pipeline", [i["arn"] for i in mine], [image])


def containers(at: Terminal) -> None:
    """A container image that is scanned, and what was found in it."""
    at.control("faults", {"kind": "image-finding", "severity": "CRITICAL", "fixed_in": "6.1.9"})
    uri = at.json("ecr", "create-repository", "--repository-name", "web")["repository"]["repositoryUri"]
    made = at.json(
        "imagebuilder", "create-container-recipe", "--name", "web", "--semantic-version", "1.0.0",
        "--container-type", "DOCKER", "--parent-image", "amazonlinux:2023",
        "--target-repository", "service=ECR,repositoryName=web", "--components", f"componentArn={ARN}:component/motd-text/x.x.x",
        "--dockerfile-template-data", "FROM {{{ imagebuilder:parentImage }}}",
    )  # fmt: skip
    image = at.json(
        "imagebuilder", "create-image", "--container-recipe-arn", made["containerRecipeArn"],
        "--infrastructure-configuration-arn", f"{ARN}:infrastructure-configuration/small",
        "--image-scanning-configuration", "imageScanningEnabled=true",
    )["imageBuildVersionArn"]  # fmt: skip
    at.advance(2 * 3600)
    done = state(at, image)
    seen = (done["type"], done["scanState"]["status"], done["outputResources"]["containers"])
    wanted = ("DOCKER", "COMPLETED", [{"region": REGION, "imageUris": [f"{uri}:1.0.0-1"]}])
    at.same("a container image is scanned and in its repository", seen, wanted)
    of_image = f"name=imageBuildVersionArn,values={image}"
    findings = at.json("imagebuilder", "list-image-scan-findings", "--filters", of_image)["findings"]
    at.same("its findings are told", [(f["severity"], f["fixAvailable"]) for f in findings], [("CRITICAL", "YES")])
    counted = at.json("imagebuilder", "list-image-scan-finding-aggregations", "--filter", of_image)["responses"]
    counts = {"all": 1, "critical": 1, "high": 0, "medium": 0}
    at.same("and counted", counted[0]["imageAggregation"]["severityCounts"], counts)


def scheduled(at: Terminal, image: str) -> None:
    """A pipeline that builds every night from now on."""
    given = (
        "imagebuilder", "update-image-pipeline", "--image-pipeline-arn", f"{ARN}:image-pipeline/golden",
        "--image-recipe-arn", f"{ARN}:image-recipe/golden/1.0.0",
        "--infrastructure-configuration-arn", f"{ARN}:infrastructure-configuration/small", "--schedule",
    )  # fmt: skip
    at.refuses(
        "a schedule that is none", "InvalidParameterValueException", "scheduleExpression must be",
        *given, "scheduleExpression='every night'",
    )  # fmt: skip
    nightly = "scheduleExpression='cron(0 2 * * ? *)',timezone=Europe/Dublin"
    at.json(*given, f"{nightly},pipelineExecutionStartCondition=EXPRESSION_MATCH_ONLY")
    at.advance(86_400 + 2 * 3600)
    of = ("--image-pipeline-arn", f"{ARN}:image-pipeline/golden")
    mine = at.json("imagebuilder", "list-image-pipeline-images", *of)["imageSummaryList"]
    types = [i["buildType"] for i in mine if i["arn"] != image]
    at.check("it runs by itself", types and set(types) == {"SCHEDULED"}, mine)
    got = at.json("imagebuilder", "get-image-pipeline", *of)["imagePipeline"]
    at.check("and tells its runs", got["dateNextRun"] > got["dateLastRun"], got)


def tags(at: Terminal, component: str) -> None:
    """ARNs with slashes in the path of the request: the program percent-encodes them."""
    which = ("--resource-arn", component)
    at.text("imagebuilder", "tag-resource", *which, "--tags", '{"stage": "live", "cost center": "a/b"}')
    at.text("imagebuilder", "untag-resource", *which, "--tag-keys", "team", "stage")
    found = at.json("imagebuilder", "list-tags-for-resource", *which)["tags"]
    at.same("tags are put and taken away", found, {"cost center": "a/b"})


def refusals(at: Terminal) -> None:
    at.refuses(
        "an unknown component", "ResourceNotFoundException", "nothing",
        "imagebuilder", "get-component", "--component-build-version-arn", f"{ARN}:component/nothing/1.0.0/1",
    )  # fmt: skip
    at.refuses(
        "a version that is none", "InvalidParameterValueException", "semanticVersion must match pattern",
        "imagebuilder", "create-component", "--name", "other", "--semantic-version", "1.0",
        "--platform", "Linux", "--data", "file://motd.yml",
    )  # fmt: skip
    bad = at.refused(
        "imagebuilder", "create-component", "--name", "other", "--semantic-version", "1.0.0",
        "--platform", "Linux", "--data", at.file("bad.yml", "phases: [what]\n"),
    )  # fmt: skip
    at.check("a document that is none", bad.code.startswith("Invalid"), bad)
    at.refuses(
        "what a pipeline uses is not deleted", "ResourceDependencyException",
        f"The resource ARN '{ARN}:image-recipe/golden/1.0.0' has other resources depended on it",
        "imagebuilder", "delete-image-recipe", "--image-recipe-arn", f"{ARN}:image-recipe/golden/1.0.0",
    )  # fmt: skip


def removal(at: Terminal, component: str) -> None:
    at.refuses(
        "what a recipe uses is not deleted", "ResourceDependencyException", "depended on it",
        "imagebuilder", "delete-component", "--component-build-version-arn", component,
    )  # fmt: skip
    at.json("imagebuilder", "delete-image-pipeline", "--image-pipeline-arn", f"{ARN}:image-pipeline/golden")
    at.json("imagebuilder", "delete-image-recipe", "--image-recipe-arn", f"{ARN}:image-recipe/golden/1.0.0")
    gone = at.json("imagebuilder", "delete-component", "--component-build-version-arn", component)
    at.same("in order, all can be deleted", gone["componentBuildVersionArn"], component)
