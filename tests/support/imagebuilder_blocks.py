# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The variants of every block of options of the nouns of Image Builder."""

from __future__ import annotations

from support.blocks import Row
from support.imagebuilder import PARENT, distributions

PIPELINE = {"image_recipe": "web", "infrastructure_configuration": "web"}
PROFILE = {"instance_profile_name": "image-builder"}
AMI = {"name": "web {{ imagebuilder:buildDate }}"}
WHOLE_AMI = {
    **AMI,
    "description": "Web",
    "target_account_ids": ["210987654321"],
    "ami_tags": {"cost_center": "7"},
    "kms_key_id": "alias/images",
    "launch_permission": {
        "user_ids": ["210987654321"],
        "organization_arns": ["arn:aws:organizations::123456789012:organization/o-0123456789"],
        "organizational_unit_arns": ["arn:aws:organizations::123456789012:ou/o-0123456789/ou-0123-01234567"],
    },
}
TEMPLATE = "lt-0123456789abcdef0"
OLD = {"type": "AGE", "value": 2, "unit": "WEEKS"}
RETIRED = {"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 3}}
RECIPES = [{"name": "web", "semantic_version": "1.x.x"}, {"name": "api", "semantic_version": "x.x.x"}]
POLICY = {
    "execution_role": "deployer",
    "resource_type": "AMI_IMAGE",
    "policy_details": [RETIRED],
    "resource_selection": {"recipes": RECIPES},
}

CONTAINER = {
    "parent_image": "amazonlinux:2023",
    "dockerfile_template_data": "FROM {{{ imagebuilder:parentImage }}}",
    "target_repository": {"service": "ECR", "repository_name": "web"},
}

COMPONENTS = [
    [{"component_arn": "web"}],
    [{"component_arn": "sized", "parameters": [{"name": "Size", "value": ["1"]}]}],
    [{"component_arn": "sized"}, {"component_arn": "web"}],
    [],
]
DEVICES = [
    [{"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "volume_type": "gp3", "throughput": 200}}],
    [
        {
            "device_name": "/dev/xvda",
            "ebs": {
                "volume_type": "io2",
                "iops": 200,
                "encrypted": True,
                "delete_on_termination": False,
                "kms_key_id": "alias/images",
                "snapshot_id": "snap-0123456789abcdef0",
            },
        }
    ],
    [
        {"device_name": "/dev/xvdb", "no_device": True},
        {"device_name": "/dev/sdc", "virtual_name": "ephemeral0"},
    ],
    [],
]

ROWS = [
    Row("imagebuilder_container_recipe", "components", COMPONENTS, CONTAINER),
    Row(
        "imagebuilder_container_recipe",
        "target_repository",
        [{"service": "ECR", "repository_name": "web"}, {"service": "ECR", "repository_name": "team/api"}],
        CONTAINER,
    ),
    Row(
        "imagebuilder_container_recipe",
        "instance_configuration",
        [
            {"image": "ssm:/images/docker"},
            *({"block_device_mappings": devices} for devices in DEVICES),
            {},
        ],
        CONTAINER,
        kept=1,
    ),
    Row(
        "imagebuilder_lifecycle_policy",
        "policy_details",
        [
            [RETIRED],
            [
                {"action": {"type": "DISABLE", "include_resources": {"amis": True}}, "filter": OLD},
                {"action": {"type": "DELETE"}, "filter": {**OLD, "retain_at_least": 2}},
            ],
            [
                {
                    "action": {"type": "DELETE", "include_resources": {"amis": True, "snapshots": True}},
                    "filter": {**OLD, "value": 3},
                    "exclusion_rules": {
                        "tag_map": {"keep": "yes"},
                        "amis": {
                            "is_public": True,
                            "regions": ["us-east-1", "eu-west-1"],
                            "shared_accounts": ["210987654321"],
                            "last_launched": {"value": 3, "unit": "MONTHS"},
                            "tag_map": {"cost_center": 7},
                        },
                    },
                },
            ],
        ],
        POLICY,
    ),
    Row(
        "imagebuilder_lifecycle_policy",
        "policy_details",
        [
            [{"action": {"type": "DELETE", "include_resources": {"containers": with_them}}, "filter": OLD}]
            for with_them in (True, False)
        ],
        {**POLICY, "resource_type": "CONTAINER_IMAGE"},
    ),
    Row(
        "imagebuilder_lifecycle_policy",
        "resource_selection",
        [{"recipes": RECIPES}, {"recipes": RECIPES[:1]}, {"tag_map": {"team": "shop"}}],
        POLICY,
    ),
    Row(
        "imagebuilder_infrastructure_configuration",
        "logging",
        [
            {"s3_logs": {"s3_bucket_name": "logs", "s3_key_prefix": "web"}},
            {"s3_logs": {"s3_bucket_name": "other"}},
            {},
        ],
        PROFILE,
        kept=2,
    ),
    Row(
        "imagebuilder_infrastructure_configuration",
        "instance_metadata_options",
        [
            {"http_tokens": "optional", "http_put_response_hop_limit": 2},
            {"http_tokens": "required", "http_put_response_hop_limit": 1},
            {"http_tokens": "required"},
        ],
        PROFILE,
        kept=1,
    ),
    Row(
        "imagebuilder_infrastructure_configuration",
        "placement",
        [
            {"tenancy": "host", "host_id": "h-0123456789abcdef0"},
            {
                "tenancy": "host",
                "host_resource_group_arn": "arn:aws:resource-groups:eu-west-1:123456789012:group/hosts",
            },
            {"availability_zone": "eu-west-1a"},
            {"tenancy": "dedicated"},
            {},
        ],
        PROFILE,
    ),
    Row(
        "imagebuilder_infrastructure_configuration",
        "parent_instance",
        [
            {"auto_scaling_group": {"name": "one", "capacity_wait_timeout_seconds": 60}},
            {"auto_scaling_group": {"name": "two"}},
            {},
        ],
        PROFILE,
        kept=2,
    ),
    Row(
        "imagebuilder_image_pipeline",
        "image_tests_configuration",
        [{"image_tests_enabled": False}, {"image_tests_enabled": True, "timeout_minutes": 90}, {}],
        PIPELINE,
        kept=1,
    ),
    Row(
        "imagebuilder_image_pipeline",
        "image_scanning_configuration",
        [
            {
                "image_scanning_enabled": True,
                "image_scanning_types": ["ON_DEMAND_AMI_CVE"],
                "scan_result_condition": {"maximum_severity_label": "HIGH", "fix_available": False},
            },
            {
                "image_scanning_enabled": True,
                "image_scanning_types": ["ON_DEMAND_AMI_CVE"],
                "scan_result_condition": {"maximum_severity_label": "HIGH"},
            },
            {
                "image_scanning_enabled": True,
                "ecr_configuration": {"repository_name": "scans", "container_tags": ["a"]},
            },
            {},
        ],
        PIPELINE,
    ),
    Row(
        "imagebuilder_image_pipeline",
        "workflows",
        [
            [{"workflow_arn": "aws:build/build-image"}],
            [
                {"workflow_arn": "aws:build/build-image"},
                {"workflow_arn": "aws:test/test-image", "parallel_group": "one", "on_failure": "CONTINUE"},
            ],
            [{"workflow_arn": "test/sized", "parameters": [{"name": "size", "value": ["1"]}]}],
            [],
        ],
        {**PIPELINE, "execution_role": "builder"},
    ),
    Row(
        "imagebuilder_image_pipeline",
        "schedule",
        [
            {
                "schedule_expression": "rate(1 day)",
                "timezone": "Europe/Paris",
                "pipeline_execution_start_condition": "EXPRESSION_MATCH_ONLY",
            },
            {"schedule_expression": "rate(2 days)", "auto_disable_policy": {"failure_count": 3}},
            {},
        ],
        PIPELINE,
        kept=2,
    ),
    Row(
        "imagebuilder_image_pipeline",
        "logging_configuration",
        [
            {"image_log_group_name": "/aws/imagebuilder/a"},
            {"pipeline_log_group_name": "/aws/imagebuilder/b"},
            {},
        ],
        PIPELINE,
        kept=1,
    ),
    Row(
        "imagebuilder_distribution_configuration",
        "distributions",
        [
            distributions("eu-west-1"),
            [
                {
                    "region": "eu-west-1",
                    "ami_distribution_configuration": WHOLE_AMI,
                    "launch_template_configurations": [
                        {"launch_template_id": TEMPLATE, "account_id": "210987654321", "set_default_version": False}
                    ],
                    "ssm_parameter_configurations": [
                        {
                            "parameter_name": "/imagebuilder/web",
                            "ami_account_id": "210987654321",
                            "data_type": "aws:ec2:image",
                        }
                    ],
                    "fast_launch_configurations": [
                        {
                            "enabled": True,
                            "account_id": "210987654321",
                            "max_parallel_launches": 6,
                            "launch_template": {"launch_template_id": TEMPLATE, "launch_template_version": "1"},
                            "snapshot_configuration": {"target_resource_count": 5},
                        }
                    ],
                }
            ],
            [
                {
                    "region": "eu-west-1",
                    "ami_distribution_configuration": {**AMI, "launch_permission": {"user_groups": ["all"]}},
                    "launch_template_configurations": [{"launch_template_id": TEMPLATE}],
                    "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/web"}],
                    "fast_launch_configurations": [
                        {"enabled": True, "launch_template": {"launch_template_name": "web"}}
                    ],
                }
            ],
            [
                {
                    "region": "us-east-1",
                    "container_distribution_configuration": {
                        "description": "Web",
                        "container_tags": ["a"],
                        "target_repository": {"service": "ECR", "repository_name": "web"},
                    },
                    "license_configuration_arns": [
                        "arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-"
                        "0123456789abcdef0123456789abcdef"
                    ],
                    "s3_export_configuration": {
                        "role_name": "export",
                        "disk_image_format": "RAW",
                        "s3_bucket": "images",
                        "s3_prefix": "web",
                    },
                }
            ],
        ],
        {},
    ),
    Row(
        "imagebuilder_image_recipe",
        "components",
        COMPONENTS,
        {"parent_image": PARENT},
    ),
    Row(
        "imagebuilder_image_recipe",
        "block_device_mappings",
        DEVICES,
        {"parent_image": PARENT},
    ),
    Row(
        "imagebuilder_image_recipe",
        "additional_instance_configuration",
        [
            {"systems_manager_agent": {"uninstall_after_build": True}, "user_data_override": "ZWNobyBvbmU="},
            {"user_data_override": "ZWNobyB0d28="},
            {"systems_manager_agent": {"uninstall_after_build": False}},
            {},
        ],
        {"parent_image": PARENT},
        kept=1,
    ),
]
