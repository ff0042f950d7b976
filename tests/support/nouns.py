# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One of each noun, and what has to be there before."""

from __future__ import annotations

import typing as t

from support.imagebuilder import APPROVED, HELLO, PARENT, distributions

ROLE = "arn:aws:iam::123456789012:role/deployer"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "codedeploy.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}
RETIREMENT: dict[str, t.Any] = {
    "action": {"type": "DELETE", "include_resources": {"amis": True, "snapshots": True}},
    "filter": {"type": "COUNT", "value": 3},
}
DOCKERFILE = (
    "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
)
NOUNS: dict[str, dict[str, t.Any]] = {
    "codedeploy_application": {"name": "web", "compute_platform": "Server"},
    "codedeploy_deployment_config": {"name": "most", "minimum_healthy_hosts": {"type": "FLEET_PERCENT", "value": 75}},
    "codedeploy_deployment_group": {
        "application_name": "shop",
        "name": "production",
        "service_role_arn": ROLE,
        "deployment_config_name": "CodeDeployDefault.HalfAtATime",
        "ec2_tag_filters": [{"key": "App", "value": "web"}],
        "auto_rollback_configuration": {"events": ["DEPLOYMENT_FAILURE"]},
    },
    "codedeploy_on_premises_instance": {
        "name": "web-1",
        "iam_user_arn": "arn:aws:iam::123456789012:user/web-1",
        "tags": {"role": "web"},
    },
    "imagebuilder_component": {"name": "other", "platform": "Linux", "data": HELLO},
    "imagebuilder_image_recipe": {
        "name": "other",
        "parent_image": PARENT,
        "components": [{"component_arn": "web"}, {"component_arn": "aws:update-linux"}],
    },
    "imagebuilder_infrastructure_configuration": {"name": "other", "instance_profile_name": "image-builder"},
    "imagebuilder_distribution_configuration": {
        "name": "other",
        "distributions": distributions("eu-west-1", "us-east-1"),
    },
    "imagebuilder_image_pipeline": {
        "name": "other",
        "image_recipe": "web",
        "infrastructure_configuration": "web",
        "distribution_configuration": "web",
    },
    "imagebuilder_lifecycle_policy": {
        "name": "other",
        "execution_role": "deployer",
        "resource_type": "AMI_IMAGE",
        "policy_details": [RETIREMENT],
        "resource_selection": {"recipes": [{"name": "web", "semantic_version": "1.x.x"}]},
    },
    "imagebuilder_container_recipe": {
        "name": "other",
        "parent_image": "amazonlinux:2023",
        "components": [{"component_arn": "web"}],
        "dockerfile_template_data": DOCKERFILE,
        "target_repository": {"service": "ECR", "repository_name": "web"},
    },
    "imagebuilder_workflow": {"name": "other", "type": "TEST", "data": APPROVED},
    "ssm_association": {
        "name": "other",
        "document_name": "AWS-RunShellScript",
        "parameters": {"commands": ["uptime"]},
        "targets": [{"key": "tag:Role", "values": ["web"]}],
        "schedule_expression": "cron(0 2 ? * SUN *)",
        "apply_only_at_cron_interval": True,
    },
}
UNTAGGED = {"codedeploy_deployment_config"}  # AWS tags everything but these
