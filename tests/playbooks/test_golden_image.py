# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the role golden_image adds to an image: applications and Ansible content, scans, an approval, a lifecycle policy."""

from __future__ import annotations

from support.plays import REGION, ROOT, Emulator, Player, roles

SITE = ROOT / "tests/integration/targets/imagebuilder_application_component/files/site"
POLICY = {
    "execution_role": "image-lifecycle",
    "policy_details": [{"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 5}}],
}
WISH = {
    "slipway_region": REGION,
    "slipway_image_name": "Base Image_1",
    "golden_image_codedeploy_agent": False,
    "golden_image_create_instance_profile": True,
    "golden_image_bucket": "bundles",
    "golden_image_applications": {"store front": str(ROOT / "examples" / "storefront")},
    "golden_image_ansible": {"Notes": {"src": str(SITE), "roles": ["note"], "ansible_core_version": "2.15.13"}},
    "golden_image_build": False,
    "golden_image_scan_findings": {"fail_on": "CRITICAL"},
    "golden_image_approval": True,
    "golden_image_approval_topic_arn": f"arn:aws:sns:{REGION}:123456789012:images",
    "golden_image_pipeline_options": {"execution_role": "image-builder"},
    "golden_image_lifecycle_options": POLICY,
}


def test_what_belongs_to_an_image_is_made_once_and_removed(play: Player, account: Emulator) -> None:
    account.client("s3").create_bucket(Bucket="bundles", CreateBucketConfiguration={"LocationConstraint": REGION})
    play(roles("golden_image"), WISH)
    builder = account.client("imagebuilder")
    (recipe,) = builder.list_image_recipes()["imageRecipeSummaryList"]
    baked = builder.get_image_recipe(imageRecipeArn=recipe["arn"])["imageRecipe"]["components"]
    assert [one["componentArn"].split(":component/")[1] for one in baked] == ["notes/x.x.x", "store-front/x.x.x"]
    policy_name = {"RoleName": "Base-Image_1-imagebuilder", "PolicyName": "Base-Image_1-bundles"}
    (reads,) = account.client("iam").get_role_policy(**policy_name)["PolicyDocument"]["Statement"]
    assert reads["Resource"] == ["arn:aws:s3:::bundles/notes/*", "arn:aws:s3:::bundles/store-front/*"]
    (pipeline,) = builder.list_image_pipelines()["imagePipelineList"]
    assert pipeline["imageScanningConfiguration"] == {"imageScanningEnabled": True}
    names = [each["workflowArn"].split(":workflow/")[1] for each in pipeline["workflows"]]
    assert names == [
        "build/build-image/x.x.x",
        "test/test-image/x.x.x",
        "test/base-image-1-approval/x.x.x",
        "distribution/distribute-image/x.x.x",
    ]
    (policy,) = builder.list_lifecycle_policies()["lifecyclePolicySummaryList"]
    selected = builder.get_lifecycle_policy(lifecyclePolicyArn=policy["arn"])["lifecyclePolicy"]["resourceSelection"]
    assert selected == {"recipes": [{"name": "Base Image_1", "semanticVersion": "x.x.x"}]}
    again = play(roles("golden_image"), WISH)
    assert again.writes == again.changed == []
    play(roles("golden_image"), {**WISH, "golden_image_state": "absent"})
    assert builder.list_workflows()["workflowVersionList"] == []
    assert builder.list_components()["componentVersionList"] == []
    assert builder.list_lifecycle_policies()["lifecyclePolicySummaryList"] == []


def test_a_build_host_that_may_not_read_the_bundles_is_told_before_the_build(play: Player, account: Emulator) -> None:
    iam = account.client("iam")
    iam.create_role(RoleName="builders", AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName="build-hosts")
    iam.add_role_to_instance_profile(InstanceProfileName="build-hosts", RoleName="builders")
    theirs = {"golden_image_create_instance_profile": False, "golden_image_instance_profile_name": "build-hosts"}
    run = play(roles("golden_image"), {**WISH, **theirs}, check=True)
    warned = "No policy of the role builders allows s3:GetObject for bundles/notes/*, bundles/store-front/*."
    assert any(warned in said for said in run.messages) and run.writes == []
