# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Roles that an earlier version of the set-up created, a bucket of another account, the build host's profile of others."""

from __future__ import annotations

import json
import typing as t

import boto3
from support import holdings
from support.plays import REGION, Emulator, Player

ACCOUNT, THEIRS = "123456789012", "210987654321"
BUCKET, BUILDER = "bundles-of-another-account", "base-imagebuilder"
CODEDEPLOY, EC2 = (
    {"Effect": "Allow", "Principal": {"Service": f"{name}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for name in ("codedeploy", "ec2")
)
READ_ALL = {
    "Sid": "ReadBundlesAndTheInstaller",
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
    "Resource": [f"arn:aws:s3:::{BUCKET}/*", "arn:aws:s3:::aws-codedeploy-*/*"],
}
LAUNCH_ALL = {
    "Sid": "LaunchFromTemplates",
    "Effect": "Allow",
    "Action": ["ec2:RunInstances", "ec2:CreateTags"],
    "Resource": "*",
}
HAND_OVER = {"Sid": "GiveTheHostsTheirRole", "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}
MANAGED = {"shop-codedeploy": "service-role/AWSCodeDeployRole", "shop-host": "AmazonSSMManagedInstanceCore"}
WISH = {
    "slipway_region": REGION,
    "slipway_application": "shop",
    "slipway_bucket": BUCKET,
    "codedeploy_setup_create_iam": True,
    "codedeploy_setup_launch_template_rights": True,
}
SETUP = {"ansible.builtin.include_role": {"name": "slipway.aws.codedeploy_setup"}}
PROFILE = {
    "ansible.builtin.include_role": {"name": "slipway.aws.golden_image", "tasks_from": "profile"},
    "vars": {"golden_image_name": "base", "__golden_image_profile": BUILDER},
}
EXTENDED = {**PROFILE, "vars": {**PROFILE["vars"], "golden_image_extend_existing": True}}


def document(*statements: dict[str, t.Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def a_role(iam: t.Any, name: str, trust: dict[str, t.Any], description: str, profile: bool = True) -> None:
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(trust), Description=description)
    if profile:
        iam.create_instance_profile(InstanceProfileName=name)
        iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)


def earlier(iam: t.Any) -> None:
    a_role(iam, "shop-codedeploy", CODEDEPLOY, "CodeDeploy acts in this role for shop", profile=False)
    a_role(iam, "shop-host", EC2, "Hosts of shop act in this role")
    for name, policy in MANAGED.items():
        iam.attach_role_policy(RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
    launch, read = document(LAUNCH_ALL, HAND_OVER), document(READ_ALL)
    iam.put_role_policy(RoleName="shop-codedeploy", PolicyName="launch-templates", PolicyDocument=launch)
    iam.put_role_policy(RoleName="shop-host", PolicyName="codedeploy-host", PolicyDocument=read)


def another_account(account: Emulator) -> t.Any:
    """An S3 client there, and its bucket."""
    role = f"arn:aws:iam::{THEIRS}:role/owner"
    given = account.client("sts").assume_role(RoleArn=role, RoleSessionName="make")["Credentials"]
    keys = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), list(given.values())[:3]))
    s3 = boto3.client("s3", region_name=REGION, endpoint_url=account.address, **keys)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    return s3


def test_each_is_treated_as_whose_it_is(play: Player, account: Emulator) -> None:
    iam, s3 = account.client("iam"), another_account(account)
    earlier(iam)
    a_role(iam, BUILDER, EC2, "theirs")
    before = holdings.bucket(s3, BUCKET), holdings.role(iam, BUILDER), holdings.profile(iam, BUILDER)
    tasks = [{"name": f"Part {n}", **task} for n, task in enumerate((SETUP, SETUP, PROFILE))]
    run = play(tasks, WISH)
    assert (holdings.bucket(s3, BUCKET), holdings.role(iam, BUILDER), holdings.profile(iam, BUILDER)) == before
    assert any(f"The bucket {BUCKET} belongs to another account" in said for said in run.messages)
    assert any(f"The role {BUILDER} was not created by" in said and "ImageBuilder" in said for said in run.messages)
    assert (
        len(run.writes) == 9
    )  # of the first part alone: the tags of three, two trust policies, statements added and removed
    _converged(iam)


def _converged(iam: t.Any) -> None:
    service, hosts = holdings.role(iam, "shop-codedeploy"), holdings.role(iam, "shop-host")
    (trust,) = service["role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    launch = [one["Sid"] for one in service["inline"]["launch-templates"]["Statement"]]
    assert launch == ["LaunchFromTemplatesForshop", "TagWhatIsLaunchedForshop", "PassRoleForshop"]
    read = [one["Sid"] for one in hosts["inline"]["codedeploy-host"]["Statement"]]
    assert read == ["ReadBundlesOfshop", "ReadTheInstallerForshop"]
    profile = holdings.profile(iam, "shop-host")
    maker = {"slipway:made-by": "slipway.aws.codedeploy_setup/shop"}
    assert all(holdings.tags(one["Tags"]) == maker for one in (service["role"], hosts["role"], profile))


def test_the_build_host_gets_what_is_missing_when_asked(play: Player, account: Emulator) -> None:
    iam = account.client("iam")
    before = holdings.role(iam, BUILDER)
    tasks = [{"name": f"Part {n}", **task} for n, task in enumerate((EXTENDED, EXTENDED))]
    run = play(tasks)
    assert run.writes == ["AttachRolePolicy"] * 2
    attached = ["AmazonSSMManagedInstanceCore", "EC2InstanceProfileForImageBuilder"]
    assert holdings.role(iam, BUILDER) == {**before, "attached": attached}
