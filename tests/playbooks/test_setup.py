# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The set-up's own bucket and roles: created, hardened by others meanwhile, changed, and removed: one story."""

from __future__ import annotations

import json
import typing as t

from support import holdings
from support.plays import REGION, Emulator, Player, roles

ACCOUNT, READER = "123456789012", "210987654321"
BUCKET, SERVICE, HOSTS = f"shop-a-bundles-{ACCOUNT}-{REGION}", "shop-a-codedeploy", "shop-a-host"
SID = "shopafae3eb"  # a Sid takes no hyphen, and shopa is another application
MAKER = {"slipway:made-by": "slipway.aws.codedeploy_setup/shop-a"}
WISH: dict[str, t.Any] = {
    "slipway_region": REGION,
    "slipway_regions": ["us-east-2"],
    "slipway_application": "shop-a",
    "slipway_tags": {"Team": "shop", "cost_center": 7},
    "codedeploy_setup_create_iam": True,
}
MORE: dict[str, t.Any] = {
    **WISH,
    "slipway_tags": {"Team": "web"},
    "codedeploy_setup_launch_template_rights": True,
    "codedeploy_setup_private_network": True,
    "codedeploy_setup_reader_accounts": [READER],
}
THEIRS = {"Sid": "Theirs", "Effect": "Deny", "Action": "s3:DeleteObject*", "Resource": "*"}
ON_BUCKET = {**THEIRS, "Principal": "*", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}


def statements(*found: dict[str, t.Any]) -> list[dict[str, t.Any]]:
    return [one for policy in found for one in policy["Statement"]]


def holds(account: Emulator) -> dict[str, t.Any]:
    iam = account.client("iam")
    return {
        "bucket": holdings.bucket(account.client("s3"), BUCKET),
        "service": holdings.role(iam, SERVICE),
        "hosts": holdings.role(iam, HOSTS),
        "profile": holdings.profile(iam, HOSTS),
    }


def test_an_empty_account_is_foretold(play: Player) -> None:
    run = play(roles("codedeploy_setup"), WISH, check=True)
    assert run.writes == []
    assert run.changed == [
        "Show that the bucket would be created",
        "Ensure the policy of the bucket has the statements",
        "Create the role",
        "Ensure the policies of the role have the statements",
        "Ensure the instance profile exists and has the role",
        "Create the role",
        "Ensure the policies of the role have the statements",
    ]
    assert '"Sid": "DenyPlainHttp"' in run.output


def test_what_is_created_is_narrow_and_tagged(play: Player, account: Emulator) -> None:
    run = play([*roles("codedeploy_setup"), *roles("codedeploy_setup")], WISH)
    assert len(run.changed) == 7 - 1  # the trust policy of the service role comes with the role
    assert len(run.writes) == 14
    now = holds(account)
    tags = {"Team": "shop", "cost_center": "7", **MAKER}
    assert holdings.tags(now["bucket"]["tagging"]["TagSet"]) == tags
    assert all(holdings.tags(now[one]["role"]["Tags"]) == tags for one in ("service", "hosts"))
    assert holdings.tags(now["profile"]["Tags"]) == tags
    (http,) = now["bucket"]["policy"]["Statement"]
    assert (http["Effect"], http["Principal"], http["Action"]) == ("Deny", "*", "s3:*")
    assert http["Resource"] == [f"arn:aws:s3:::{BUCKET}", f"arn:aws:s3:::{BUCKET}/*"]
    (trust,) = now["service"]["role"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
        "ArnLike": {"aws:SourceArn": f"arn:aws:codedeploy:*:{ACCOUNT}:deploymentgroup:shop-a/*"},
    }
    assert now["service"]["inline"] == {}
    bundles, installer = now["hosts"]["inline"]["codedeploy-host"]["Statement"]
    assert bundles["Resource"] == f"arn:aws:s3:::{BUCKET}/shop-a/*"
    assert installer["Resource"] == [f"arn:aws:s3:::aws-codedeploy-{one}/*" for one in (REGION, "us-east-2")]


def _harden(account: Emulator) -> None:
    """What other people did to our bucket and roles since."""
    s3, iam = account.client("s3"), account.client("iam")
    policy = json.loads(s3.get_bucket_policy(Bucket=BUCKET)["Policy"])
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({**policy, "Statement": [ON_BUCKET, *policy["Statement"]]}))
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_tagging(
        Bucket=BUCKET, Tagging={"TagSet": _with_theirs(s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"])}
    )
    trust = iam.get_role(RoleName=SERVICE)["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Condition"]["StringEquals"].update(ORGANIZATION["StringEquals"])
    iam.update_assume_role_policy(RoleName=SERVICE, PolicyDocument=json.dumps(trust))
    document = {"Version": "2012-10-17", "Statement": [THEIRS]}
    deny = iam.create_policy(PolicyName="never", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    for name in (SERVICE, HOSTS):
        iam.attach_role_policy(RoleName=name, PolicyArn=deny)
        iam.update_role(RoleName=name, MaxSessionDuration=7200)
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=deny)
        iam.tag_role(RoleName=name, Tags=_with_theirs([]))
    rights = iam.get_role_policy(RoleName=HOSTS, PolicyName="codedeploy-host")["PolicyDocument"]
    rights["Statement"].insert(0, THEIRS)
    iam.put_role_policy(RoleName=HOSTS, PolicyName="codedeploy-host", PolicyDocument=json.dumps(rights))


def _with_theirs(tags: list[dict[str, str]]) -> list[dict[str, str]]:
    return [*tags, {"Key": "Owner", "Value": "platform"}]


def test_only_what_is_ours_is_changed(play: Player, account: Emulator) -> None:
    _harden(account)
    before = holds(account)
    foretold = play(roles("codedeploy_setup"), MORE, check=True)
    assert foretold.writes == []
    assert holds(account) == before
    for sid in ("ReadersOf", "TalkToTheSecureEndpointFor", "LaunchFromTemplatesFor", "PassRoleFor"):
        assert f'"Sid": "{sid}{SID}"' in foretold.output
    run = play([*roles("codedeploy_setup"), *roles("codedeploy_setup")], MORE)
    say, do = "Show which tags would be added to the bucket", "Ensure the bucket has its tags"
    assert run.changed == [do if task == say else task for task in foretold.changed]
    assert sorted(set(run.writes)) == [
        "PutBucketPolicy", "PutBucketTagging", "PutRolePolicy", "TagInstanceProfile", "TagRole",
    ]  # fmt: skip
    assert len(run.writes) == 7
    now = holds(account)
    _compare_and_take_out(now, before)
    assert now == before


def _compare_and_take_out(now: dict[str, t.Any], before: dict[str, t.Any]) -> None:
    """What was asked for is there; without it, all is as it was."""
    rights, readers = now["service"]["inline"].pop("launch-templates"), now["bucket"]["policy"]["Statement"].pop()
    launch, tag, hand_over = rights["Statement"]
    assert "ec2:LaunchTemplate" in launch["Condition"]["ArnLike"]
    assert tag["Condition"] == {"StringEquals": {"ec2:CreateAction": "RunInstances"}}
    assert hand_over["Resource"] == now["hosts"]["role"]["Arn"]
    assert hand_over["Condition"] == {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    assert readers["Resource"] == f"arn:aws:s3:::{BUCKET}/shop-a/*"
    assert now["hosts"]["inline"]["codedeploy-host"]["Statement"].pop()["Sid"] == f"TalkToTheSecureEndpointFor{SID}"
    for one in (now, before):
        tags = [one["bucket"]["tagging"]["TagSet"], one["profile"]["Tags"]]
        tags += [one[name]["role"]["Tags"] for name in ("service", "hosts")]
        team = "web" if one is now else "shop"
        for found in tags:
            found.remove({"Key": "Team", "Value": team})
            found.sort(key=lambda tag: tag["Key"])


def test_what_is_no_longer_asked_for_goes_without_the_rest(play: Player, account: Emulator) -> None:
    play(roles("codedeploy_setup"), {**WISH, "slipway_tags": {}})
    now = holds(account)
    assert now["bucket"]["policy"]["Statement"][0] == ON_BUCKET
    assert [one["Sid"] for one in now["bucket"]["policy"]["Statement"]] == ["Theirs", "DenyPlainHttp"]
    assert now["service"]["inline"] == {}
    rights = now["hosts"]["inline"]["codedeploy-host"]["Statement"]
    assert [one["Sid"] for one in rights] == ["Theirs", f"ReadBundlesOf{SID}", f"ReadTheInstallerFor{SID}"]
    assert holdings.tags(now["bucket"]["tagging"]["TagSet"])["Team"] == "web"


def test_a_role_that_others_use_is_kept(play: Player, account: Emulator) -> None:
    iam = account.client("iam")
    iam.create_instance_profile(InstanceProfileName="theirs")
    iam.add_role_to_instance_profile(InstanceProfileName="theirs", RoleName=SERVICE)
    run = play(roles("codedeploy_setup"), {**WISH, "codedeploy_setup_state": "absent"})
    assert run.changed == ["Remove the bucket", "Remove the instance profile", "Remove the role"]
    assert [one["RoleName"] for one in iam.list_roles()["Roles"]] == [SERVICE]
    assert holdings.profile(iam, "theirs")["Roles"] == [SERVICE]
    assert any(f"The role {SERVICE} is kept" in said and "theirs" in said for said in run.messages)
