# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: Apache-2.0

"""What a deployment of a Lambda function may be asked for: revisions, options, AppSpec files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import yaml
from botocore.exceptions import ClientError
from support.lambda_shop import LambdaShop, content


@pytest.fixture
def grouped(functions: LambdaShop) -> LambdaShop:
    functions.lambda_group()
    return functions


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def stored(functions: LambdaShop, key: str, text: str) -> dict[str, Any]:
    """An AppSpec file in S3."""
    functions.bundle(key, data=text.encode())
    kind = "JSON" if key.endswith("json") else "YAML"
    return {"revisionType": "S3", "s3Location": {"bucket": functions.bucket, "key": key, "bundleType": kind}}


def test_revisions_of_every_type(grouped: LambdaShop) -> None:
    text = grouped.appspec()
    as_yaml = yaml.safe_dump(json.loads(text))
    for revision in (
        content(text),
        content(as_yaml),
        {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}},
        {"revisionType": "String", "string": {"content": text, "sha256": sha256(text)}},
        stored(grouped, "a.json", text),
        stored(grouped, "a.yaml", as_yaml),
    ):
        assert grouped.deployed(revision)["status"] == "Succeeded", revision
        grouped.functions.update_alias(FunctionName="fn", Name="live", FunctionVersion="1")


def test_the_content_is_never_given_back(grouped: LambdaShop) -> None:
    text = grouped.appspec()
    info = grouped.deployed({"revisionType": "AppSpecContent", "appSpecContent": {"content": text}})
    bare = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256(text)}}
    assert info["revision"] == bare
    assert grouped.group_info()["targetRevision"] == bare
    ask = grouped.codedeploy
    got = ask.get_application_revision(applicationName="app", revision=bare)
    assert (got["revision"], got["revisionInfo"]["deploymentGroups"]) == (bare, ["prod"])
    assert ask.list_application_revisions(applicationName="app")["revisions"] == [bare]
    [found] = ask.batch_get_application_revisions(applicationName="app", revisions=[bare])["revisions"]
    assert found["revisionLocation"] == bare


def test_a_registered_revision_is_deployed_by_its_sum(grouped: LambdaShop) -> None:
    text = grouped.appspec()
    bare: Any = {"revisionType": "AppSpecContent", "appSpecContent": {"sha256": sha256(text)}}
    with pytest.raises(grouped.codedeploy.exceptions.RevisionDoesNotExistException):
        grouped.deploy(bare)
    grouped.codedeploy.register_application_revision(applicationName="app", revision=content(text))
    assert grouped.deployed(bare)["status"] == "Succeeded"


WRONG_SUM = {"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}", "sha256": "0" * 64}}


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"revision": WRONG_SUM}, "InvalidRevisionException"),
        ({"revision": {"revisionType": "AppSpecContent", "appSpecContent": {}}}, "InvalidRevisionException"),
        (
            {"revision": {"revisionType": "GitHub", "gitHubLocation": {"repository": "a/b", "commitId": "0" * 40}}},
            "InvalidRevisionException",
        ),
        (
            {"revision": {"revisionType": "S3", "s3Location": {"bucket": "b", "key": "k", "bundleType": "zip"}}},
            "InvalidRevisionException",
        ),
        ({"updateOutdatedInstancesOnly": True}, "InvalidUpdateOutdatedInstancesOnlyValueException"),
        ({"ignoreApplicationStopFailures": True}, "InvalidIgnoreApplicationStopFailuresValueException"),
        ({"fileExistsBehavior": "RETAIN"}, "InvalidInputException"),
        (
            {"ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["Terminate"]}},
            "InvalidInputException",
        ),
        ({"targetInstances": {"autoScalingGroups": ["x"]}}, "InvalidTargetInstancesException"),
        ({"deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce"}, "InvalidDeploymentConfigNameException"),
        ({"deploymentConfigName": "CodeDeployDefault.AllAtOnce"}, "InvalidDeploymentConfigNameException"),
    ],
)
def test_refused_deployments(grouped: LambdaShop, options: dict[str, Any], code: str) -> None:
    wish = {"applicationName": "app", "deploymentGroupName": "prod", "revision": content(grouped.appspec()), **options}
    with pytest.raises(ClientError) as refused:
        grouped.codedeploy.create_deployment(**wish)
    assert refused.value.response["Error"]["Code"] == code
    assert grouped.codedeploy.list_deployments()["deployments"] == []


PROPERTIES = {"Name": "fn", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"}
FUNCTION = {"Type": "AWS::Lambda::Function", "Properties": PROPERTIES}


def appspec(resource: Any = None, **more: Any) -> str:
    return yaml.safe_dump({"version": 0.0, "Resources": [{"fn": resource or FUNCTION}], **more})


def properties(**more: Any) -> str:
    return appspec({**FUNCTION, "Properties": {**PROPERTIES, **more}})


@pytest.mark.parametrize(
    "text",
    [
        appspec(),
        appspec(version="0.0"),
        appspec(version=0),
        appspec(Hooks=None),
        appspec(Hooks=[]),
        properties(CurrentVersion=1, TargetVersion=2),
        "{version: 0.0, Resources: [{fn: {Type: 'AWS::Lambda::Function', Properties: {Name: fn, Alias: live, CurrentVersion: 1, TargetVersion: 2}}}]}",
        "version: 0.0\nresources:\n- fn:\n    type: AWS::Lambda::Function\n    properties: {name: fn, alias: live, currentVersion: 1, targetVersion: 2}\n",
        "\ufeff" + appspec(),
    ],
)
def test_what_is_understood(grouped: LambdaShop, text: str) -> None:
    assert grouped.deployed(stored(grouped, "a.yaml", text))["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a mapping"),
        ("- a", "not a mapping"),
        ("{", "neither YAML nor JSON"),
        ("a: [", "neither YAML nor JSON"),
        ("[" * 5000, "neither YAML nor JSON"),
        ('{"Resources": [' + '{"a":' * 2000 + "1" + "}" * 2000 + "]}", "The AppSpec file is invalid"),
        (appspec({"Type": "x" * 5000}), "needs a name, a Type and Properties"),
        (appspec(version="x" * 5000), "version must be 0.0"),
        (appspec(version=1), "version must be 0.0"),
        (yaml.safe_dump({"Resources": [{"fn": FUNCTION}]}), "version must be 0.0"),
        (appspec(Resources=None), "exactly one resource"),
        (appspec(Resources={"fn": FUNCTION}), "exactly one resource"),
        (appspec(Resources=[{"fn": FUNCTION}, {"other": FUNCTION}]), "exactly one resource"),
        (appspec(Resources=[{"fn": FUNCTION, "other": FUNCTION}]), "needs a name, a Type and Properties"),
        (appspec({"Type": "AWS::Lambda::Function"}), "needs a name, a Type and Properties"),
        (appspec({**FUNCTION, "Type": "AWS::ECS::Service"}), "must be AWS::Lambda::Function"),
        (properties(Alias=None), "Alias of the resource fn is missing"),
        (properties(TargetVersion="$LATEST"), "TargetVersion must be the number"),
        (properties(CurrentVersion="0"), "CurrentVersion must be the number"),
        (properties(Name=["fn"]), "Name must be a string"),
        (appspec(Hooks={"BeforeAllowTraffic": "check"}), "Hooks must be a list"),
        (appspec(Hooks=[{"BeforeInstall": "check"}]), "no event BeforeInstall"),
        (appspec(Hooks=[{"AllowTraffic": "check"}]), "no event AllowTraffic"),
        (appspec(Hooks=[{"BeforeAllowTraffic": None}]), "needs the name or ARN"),
        (appspec(Hooks=[{"BeforeAllowTraffic": "a"}, {"BeforeAllowTraffic": "b"}]), "needs the name or ARN"),
    ],
)
def test_what_is_not(grouped: LambdaShop, text: str, said: str) -> None:
    info = grouped.deployed(stored(grouped, "a.yaml", text))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", "INVALID_REVISION")
    assert said in info["errorInformation"]["message"]
    assert len(info["errorInformation"]["message"]) <= 1000
    assert grouped.routing() == {"1": 1.0}


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"Name": "nosuch"}, "INVALID_LAMBDA_FUNCTION"),
        ({"Alias": "nosuch"}, "INVALID_LAMBDA_FUNCTION"),
        ({"CurrentVersion": "9"}, "INVALID_LAMBDA_FUNCTION"),
        ({"TargetVersion": "9"}, "INVALID_LAMBDA_FUNCTION"),
        ({"TargetVersion": "1"}, "INVALID_LAMBDA_CONFIGURATION"),
        ({"CurrentVersion": "2", "TargetVersion": "1"}, "INVALID_LAMBDA_CONFIGURATION"),
    ],
)
def test_what_does_not_fit_the_function(grouped: LambdaShop, more: dict[str, str], code: str) -> None:
    info = grouped.deployed(content(properties(**more)))
    assert (info["status"], info["errorInformation"]["code"]) == ("Failed", code)
    assert grouped.routing() == {"1": 1.0}


def test_an_appspec_file_that_is_gone_from_s3(grouped: LambdaShop) -> None:
    revision = stored(grouped, "a.yaml", appspec())
    grouped.s3.delete_object(Bucket=grouped.bucket, Key="a.yaml")
    assert grouped.deployed(revision)["errorInformation"]["code"] == "REVISION_MISSING"
    grouped.bundle("a.yaml", data=b"\xff\xfe")
    assert grouped.deployed(revision)["errorInformation"]["code"] == "INVALID_REVISION"
