# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles on resources that somebody else made, every setting off its default: what nobody asked for stays as it was."""

from __future__ import annotations

import base64
import shutil
import typing as t
from pathlib import Path

import pytest
from support.awx import Awx
from support.codedeploy_shop import ROLE
from support.plays import KEYS, REGION, Emulator, Player, roles

Release = t.Callable[[str], str]
PROFILE, TOPIC = "legacy-host", "arn:aws:sns:eu-west-1:123456789012:releases"
AGENT = """#!/bin/bash
cd /tmp
curl -fsSo install https://aws-codedeploy-eu-west-1.s3.eu-west-1.amazonaws.com/latest/install
chmod +x install
./install auto
systemctl enable --now codedeploy-agent
"""
OF_DEPLOYMENTS = ("targetRevision", "lastSuccessfulDeployment", "lastAttemptedDeployment")
SETTINGS: dict[str, t.Any] = {
    "serviceRoleArn": ROLE,
    "deploymentConfigName": "CodeDeployDefault.OneAtATime",
    "ec2TagFilters": [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    "onPremisesInstanceTagFilters": [{"Key": "role", "Value": "web", "Type": "KEY_AND_VALUE"}],
    "autoRollbackConfiguration": {"enabled": True, "events": ["DEPLOYMENT_STOP_ON_REQUEST"]},
    "alarmConfiguration": {"enabled": True, "ignorePollAlarmFailure": True, "alarms": [{"name": "errors"}]},
    "outdatedInstancesStrategy": "IGNORE",
    "triggerConfigurations": [
        {"triggerName": "tell", "triggerTargetArn": TOPIC, "triggerEvents": ["DeploymentFailure"]}
    ],
    "ec2DeploymentOptions": {"autoScalingGroupProcessesToSuspend": ["AZRebalance"]},
    "terminationHookEnabled": True,
}


@pytest.fixture(scope="module", autouse=True)
def _profile(account: Emulator) -> None:
    account.client("iam").create_instance_profile(InstanceProfileName=PROFILE)


@pytest.fixture(scope="module")
def legacy(account: Emulator, release: Release) -> dict[str, t.Any]:
    """Two hosts, and a group of them that CodeDeploy's console might have made."""
    account.client("ec2").run_instances(
        ImageId="ami-04681a1dbd79675a5",
        MinCount=2,
        MaxCount=2,
        UserData=AGENT,
        IamInstanceProfile={"Name": PROFILE},
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "role", "Value": "web"}]}],
    )
    account.client("sns").create_topic(Name="releases")
    account.client("cloudwatch").put_metric_alarm(
        AlarmName="errors", Namespace="shop", MetricName="errors", Statistic="Sum", Period=60, EvaluationPeriods=1,
        Threshold=1.0, ComparisonOperator="GreaterThanThreshold",
    )  # fmt: skip
    tags = [{"Key": "CostCenter", "Value": "12"}]
    codedeploy = account.client("codedeploy")
    codedeploy.create_application(applicationName="legacy", tags=tags)
    codedeploy.create_deployment_group(applicationName="legacy", deploymentGroupName="prod", tags=tags, **SETTINGS)
    account.client("s3").create_bucket(Bucket="legacy", CreateBucketConfiguration={"LocationConstraint": REGION})
    account.control("clock", advance=300)
    return {
        "slipway_region": REGION,
        "slipway_application": "legacy",
        "slipway_deployment_group": "prod",
        "slipway_bundle": release("1.0.0"),
        "slipway_bucket": "legacy",
        "app_deployment_wait_delay": 1,
    }


def group(account: Emulator) -> dict[str, t.Any]:
    """Everything that can be set of the group and its application, tags included."""
    codedeploy = account.client("codedeploy")
    names = {"applicationName": "legacy", "deploymentGroupName": "prod"}
    info = codedeploy.get_deployment_group(**names)["deploymentGroupInfo"]
    arns = [
        f"arn:aws:codedeploy:{REGION}:123456789012:{what}"
        for what in ("application:legacy", "deploymentgroup:legacy/prod")
    ]
    tags = [codedeploy.list_tags_for_resource(ResourceArn=arn)["Tags"] for arn in arns]
    return {**{name: value for name, value in info.items() if name not in OF_DEPLOYMENTS}, "tags": tags}


def deployed(account: Emulator, deployment_id: str) -> dict[str, t.Any]:
    return dict(account.client("codedeploy").get_deployment(deploymentId=deployment_id)["deploymentInfo"])


@pytest.mark.parametrize(("manage_group", "version"), [(False, "1.0.0"), (True, "2.0.0")])
def test_a_deployment_overrides_nothing_of_a_group(
    play: Player, account: Emulator, legacy: dict[str, t.Any], release: Release, manage_group: bool, version: str
) -> None:
    before = group(account)
    release(version)
    run = play("slipway.aws.deploy", {**legacy, "app_deployment_manage_group": manage_group})
    assert run.published["slipway_verdict"] == "deployed"
    assert group(account) == before
    asked = deployed(account, run.published["slipway_deployment_id"])
    for name in ("deploymentConfigName", "autoRollbackConfiguration"):
        assert asked[name] == SETTINGS[name]
    assert "overrideAlarmConfiguration" not in asked
    (sent,) = [call["parameters"] for call in run.calls if call["operation"] == "CreateDeployment"]
    assert set(sent) == {"applicationName", "deploymentGroupName", "revision", "description"}


def test_answers_of_a_survey_and_a_relative_bundle(
    play: Player, account: Emulator, legacy: dict[str, t.Any], release: Release
) -> None:
    """As AWX runs it: every answer is text, and a wrapper in the project names the playbook."""
    before, folder = group(account), release("3.0.0")
    answers = {
        **legacy,
        "slipway_bundle": "my releases/Größe",
        "app_deployment_manage_group": "false",
        "app_deployment_config_name": "",
        "app_deployment_rollback": "false",
        "app_deployment_exclude": '[".git", "*.pyc"]',
        "app_deployment_wait_delay": "1",
        "app_deployment_log_tail": "true",
        "app_deployment_options": '{"ignore_application_stop_failures": "true"}',
        "slipway_tags": '{"Team": "shop"}',
    }
    awx = Awx(play, answers, {**KEYS, "AWS_DEFAULT_REGION": REGION, "AWS_ENDPOINT_URL": account.address})
    shutil.copytree(folder, awx.project / "my releases" / "Größe")
    (awx.project / "deploy.yml").write_text("- ansible.builtin.import_playbook: slipway.aws.deploy\n")
    check = awx.run("deploy.yml", "--check")
    assert check.writes == []
    assert check.changed[:1] == ["Push the bundle"]
    run = awx.run("deploy.yml")
    assert group(account) == before
    (sent,) = [call["parameters"] for call in run.calls if call["operation"] == "CreateDeployment"]
    assert sent["autoRollbackConfiguration"] == {"enabled": False, "events": []}
    assert sent["ignoreApplicationStopFailures"] is True
    assert "deploymentConfigName" not in sent


@pytest.fixture(scope="module")
def fleet(account: Emulator) -> dict[str, t.Any]:
    """An Auto Scaling group whose template is called otherwise, and has drafts that the group does not launch."""
    ec2, scaling = account.client("ec2"), account.client("autoscaling")
    subnet = ec2.describe_subnets()["Subnets"][0]
    wall = ec2.create_security_group(GroupName="legacy", Description="legacy", VpcId=subnet["VpcId"])["GroupId"]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    template = ec2.create_launch_template(
        LaunchTemplateName="made-in-2019", LaunchTemplateData={**TEMPLATE, "ImageId": image, "SecurityGroupIds": [wall]}
    )
    template_id = template["LaunchTemplate"]["LaunchTemplateId"]
    ec2.create_launch_template_version(LaunchTemplateId=template_id, LaunchTemplateData={"InstanceType": "m5.large"})
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="legacy",
        LaunchTemplate={"LaunchTemplateId": template_id, "Version": "1"},
        Tags=[{"Key": "CostCenter", "Value": "12", "PropagateAtLaunch": False}],
        VPCZoneIdentifier=subnet["SubnetId"],
        **SCALING,
    )
    scaling.suspend_processes(AutoScalingGroupName="legacy", ScalingProcesses=["AlarmNotification"])
    scaling.enable_metrics_collection(AutoScalingGroupName="legacy", Metrics=["GroupMinSize"], Granularity="1Minute")
    account.control("clock", advance=300)
    return {"slipway_region": REGION, "slipway_fleet": "legacy", "autoscaling_fleet_wait_delay": 1}


SCALING: dict[str, t.Any] = {
    "MinSize": 1,
    "MaxSize": 7,
    "DesiredCapacity": 2,
    "HealthCheckType": "ELB",
    "HealthCheckGracePeriod": 77,
    "DefaultCooldown": 33,
    "TerminationPolicies": ["OldestInstance"],
    "NewInstancesProtectedFromScaleIn": False,
}
TEMPLATE: dict[str, t.Any] = {
    "InstanceType": "c5.xlarge",
    "IamInstanceProfile": {"Name": PROFILE},
    "UserData": base64.b64encode(b"#!/bin/bash\necho legacy\n").decode(),
    "MetadataOptions": {"HttpTokens": "optional", "HttpPutResponseHopLimit": 3, "InstanceMetadataTags": "enabled"},
    "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3"}}],
    "Monitoring": {"Enabled": True},
}


def scaled(account: Emulator) -> dict[str, t.Any]:
    """Everything that can be set of the group, and what hosts it launches."""
    (group,) = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["legacy"])[
        "AutoScalingGroups"
    ]
    return {name: value for name, value in group.items() if name not in ("Instances", "LaunchTemplate")}


def launched(account: Emulator) -> dict[str, t.Any]:
    """The version that the group launches: its number and what is in it."""
    (group,) = account.client("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=["legacy"])[
        "AutoScalingGroups"
    ]
    asked = {
        "LaunchTemplateId": group["LaunchTemplate"]["LaunchTemplateId"],
        "Versions": [group["LaunchTemplate"]["Version"]],
    }
    (version,) = account.client("ec2").describe_launch_template_versions(**asked)["LaunchTemplateVersions"]
    return {
        **version["LaunchTemplateData"],
        "number": version["VersionNumber"],
        "template": version["LaunchTemplateName"],
    }


def test_a_fleet_of_others_is_left_as_it_is(play: Player, account: Emulator, fleet: dict[str, t.Any]) -> None:
    before = (scaled(account), launched(account))
    run = play(roles("autoscaling_fleet"), fleet)
    assert (scaled(account), launched(account)) == before
    assert run.writes == run.changed == []


def test_of_a_fleet_of_others_only_what_is_asked_for_changes(
    play: Player, account: Emulator, fleet: dict[str, t.Any]
) -> None:
    group, template, hosts = scaled(account), launched(account), {host["instance_id"] for host in account.hosts()}
    wish = {
        **fleet,
        "autoscaling_fleet_max_size": "9",
        "autoscaling_fleet_http_put_response_hop_limit": "2",
        "slipway_tags": '{"Team": "shop"}',
    }
    foretold = play(roles("autoscaling_fleet"), wish, check=True)
    assert foretold.writes == []
    assert "Would change the Auto Scaling group legacy: max_size, tags." in foretold.messages
    run = play(roles("autoscaling_fleet"), wish)
    team = {
        "Key": "Team",
        "Value": "shop",
        "PropagateAtLaunch": True,
        "ResourceId": "legacy",
        "ResourceType": "auto-scaling-group",
    }
    assert scaled(account) == {**group, "MaxSize": 9, "Tags": [*group["Tags"], team]}
    metadata = {**template["MetadataOptions"], "HttpPutResponseHopLimit": 2}
    assert launched(account)["number"] == 3
    assert {**launched(account), "MetadataOptions": {**launched(account)["MetadataOptions"], **metadata}} == launched(
        account
    )
    kept = ("MetadataOptions", "number")
    assert {k: v for k, v in launched(account).items() if k not in kept} == {
        k: v for k, v in template.items() if k not in kept
    }
    (sent,) = [call["parameters"] for call in run.calls if call["operation"] == "UpdateAutoScalingGroup"]
    for name in (
        "DefaultCooldown",
        "TerminationPolicies",
        "HealthCheckGracePeriod",
        "HealthCheckType",
        "MinSize",
        "DesiredCapacity",
    ):
        assert sent[name] == SCALING[name]
    (refresh,) = [call["parameters"] for call in run.calls if call["operation"] == "StartInstanceRefresh"]
    assert refresh["Preferences"] == {"SkipMatching": True}
    assert hosts.isdisjoint(host["instance_id"] for host in account.hosts() if host["image_id"] == template["ImageId"])
    again = play(roles("autoscaling_fleet"), wish)
    assert again.writes == again.changed == []


@pytest.fixture(scope="module")
def pipeline(account: Emulator) -> dict[str, t.Any]:
    """A pipeline whose recipe and configurations are called otherwise, with nothing of it as the role would have it."""
    builder = account.client("imagebuilder")
    component = builder.create_component(
        name="theirs", semanticVersion="1.0.0", platform="Linux", data=DOCUMENT, clientToken="c"
    )["componentBuildVersionArn"]
    recipe = builder.create_image_recipe(
        name="web-recipe", semanticVersion="2.3.4", parentImage="ami-04681a1dbd79675a5", clientToken="r",
        components=[{"componentArn": component}], amiTags={"CostCenter": "12"}, workingDirectory="/var/tmp",
    )["imageRecipeArn"]  # fmt: skip
    infrastructure = builder.create_infrastructure_configuration(
        name="shared", instanceProfileName=PROFILE, instanceTypes=["c5.large"], clientToken="i",
        instanceMetadataOptions={"httpTokens": "optional", "httpPutResponseHopLimit": 2}, terminateInstanceOnFailure=False,
    )["infrastructureConfigurationArn"]  # fmt: skip
    distribution = builder.create_distribution_configuration(
        name="everywhere", distributions=[DISTRIBUTION], clientToken="d"
    )["distributionConfigurationArn"]
    builder.create_image_pipeline(
        name="web", imageRecipeArn=recipe, infrastructureConfigurationArn=infrastructure, clientToken="p",
        distributionConfigurationArn=distribution, status="DISABLED", tags={"CostCenter": "12"},
        imageTestsConfiguration={"imageTestsEnabled": False, "timeoutMinutes": 61},
        schedule={"scheduleExpression": "rate(9 days)", "timezone": "Europe/Berlin"},
    )  # fmt: skip
    return {"slipway_region": REGION, "slipway_image_name": "web", "golden_image_build": "false"}


DOCUMENT = """
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Write
        action: ExecuteBash
        inputs:
          commands: ["true"]
"""
DISTRIBUTION: dict[str, t.Any] = {
    "region": REGION,
    "amiDistributionConfiguration": {
        "name": "web {{ imagebuilder:buildDate }}",
        "amiTags": {"CostCenter": "12"},
        "launchPermission": {"userIds": ["210987654321"]},
    },
}


def built(account: Emulator) -> dict[str, t.Any]:
    """Everything of the pipeline and of what it refers to, but for the dates of changes."""
    builder = account.client("imagebuilder")
    (pipeline,) = builder.list_image_pipelines()["imagePipelineList"]
    read: dict[str, t.Any] = {
        "pipeline": pipeline,
        "recipe": builder.get_image_recipe(imageRecipeArn=pipeline["imageRecipeArn"])["imageRecipe"],
    }
    for kind in ("infrastructure", "distribution"):
        name = f"{kind}Configuration"
        arn = {f"{name}Arn": pipeline[f"{name}Arn"]}
        read[kind] = getattr(builder, f"get_{kind}_configuration")(**arn)[name]
    counts = {
        "recipes": len(builder.list_image_recipes(owner="Self")["imageRecipeSummaryList"]),
        "infrastructures": len(builder.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"]),
        "distributions": len(builder.list_distribution_configurations()["distributionConfigurationSummaryList"]),
        "components": len(builder.list_components(owner="Self")["componentVersionList"]),
    }
    return {
        **{kind: {k: v for k, v in one.items() if not k.startswith("date")} for kind, one in read.items()},
        **counts,
    }


def test_a_pipeline_of_others_is_left_as_it_is(play: Player, account: Emulator, pipeline: dict[str, t.Any]) -> None:
    before = built(account)
    run = play("slipway.aws.bake", pipeline)
    assert built(account) == before
    assert run.writes == run.changed == []


def test_of_a_pipeline_of_others_only_what_is_asked_for_changes(
    play: Player, account: Emulator, pipeline: dict[str, t.Any], tmp_path: Path
) -> None:
    (tmp_path / "motd.yml").write_text(DOCUMENT)
    before = built(account)
    wish = {
        **pipeline,
        "slipway_regions": '["us-east-2"]',
        "golden_image_documents": {"motd": str(tmp_path / "motd.yml")},
        "golden_image_schedule": "rate(3 days)",
        "golden_image_instance_types": "m5.large",
        "slipway_tags": {"Team": "shop"},
    }
    run = play("slipway.aws.bake", wish)
    after = built(account)
    new, old = after["recipe"], before["recipe"]
    assert [one["componentArn"].split("/")[1] for one in new["components"]] == ["theirs", "motd"]
    kept = ("parentImage", "amiTags", "workingDirectory", "name")
    assert {name: new[name] for name in kept} == {name: old[name] for name in kept}
    assert after["pipeline"]["schedule"]["scheduleExpression"] == "rate(3 days)"
    changed = ("schedule", "imageRecipeArn", "tags")
    assert {k: v for k, v in after["pipeline"].items() if k not in changed} == {
        k: v for k, v in before["pipeline"].items() if k not in changed
    }
    assert after["pipeline"]["schedule"]["timezone"] == "Europe/Berlin"
    assert after["pipeline"]["tags"] == {"CostCenter": "12", "Team": "shop"}
    assert after["infrastructure"] == {
        **before["infrastructure"],
        "instanceTypes": ["m5.large"],
        "tags": {"Team": "shop"},
    }
    here, there = after["distribution"]["distributions"]
    assert here == DISTRIBUTION
    assert there["region"] == "us-east-2"
    again = play("slipway.aws.bake", wish)
    assert again.writes == again.changed == []
    assert run.writes.count("CreateImageRecipe") == 1
