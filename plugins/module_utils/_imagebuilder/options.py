# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Options of Image Builder modules that are long or shared. Private to this collection."""

from __future__ import annotations

import typing as t

PARAMETERS: t.Dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "name": {"type": "str", "required": True},
        "value": {"type": "list", "elements": "str", "required": True},
    },
}
# How an image is built; for pipelines and for images that are built without one.
BUILD_OPTIONS: t.Dict[str, t.Any] = {
    "image_tests_configuration": {
        "type": "dict",
        "options": {"image_tests_enabled": {"type": "bool"}, "timeout_minutes": {"type": "int"}},
    },
    "enhanced_image_metadata_enabled": {"type": "bool"},
    "image_scanning_configuration": {
        "type": "dict",
        "options": {
            "image_scanning_enabled": {"type": "bool"},
            "image_scanning_types": {
                "type": "list",
                "elements": "str",
                "choices": ["TEST_INSTANCE_CVE", "ON_DEMAND_AMI_CVE"],
            },
            "scan_result_condition": {
                "type": "dict",
                "options": {
                    "maximum_severity_label": {
                        "type": "str",
                        "choices": ["INFORMATIONAL", "LOW", "MEDIUM", "HIGH"],
                        "required": True,
                    },
                    "fix_available": {"type": "bool"},
                },
            },
            "ecr_configuration": {
                "type": "dict",
                "options": {
                    "repository_name": {"type": "str"},
                    "container_tags": {"type": "list", "elements": "str"},
                },
            },
        },
    },
    "workflows": {
        "type": "list",
        "elements": "dict",
        "options": {
            "workflow_arn": {"type": "str", "required": True, "aliases": ["workflow"]},
            "parameters": PARAMETERS,
            "parallel_group": {"type": "str"},
            "on_failure": {"type": "str", "choices": ["CONTINUE", "ABORT"]},
        },
    },
    "execution_role": {"type": "str"},
}
RECIPE_OPTIONS: t.Dict[str, t.Any] = {
    "semantic_version": {"type": "str", "aliases": ["version"]},
    "components": {
        "type": "list",
        "elements": "dict",
        "options": {
            "component_arn": {"type": "str", "required": True, "aliases": ["component"]},
            "parameters": PARAMETERS,
        },
    },
    "working_directory": {"type": "str"},
    "repoint_pipelines": {"type": "bool", "default": True},
}
DEVICES: t.Dict[str, t.Any] = {
    "type": "list",
    "elements": "dict",
    "options": {
        "device_name": {"type": "str"},
        "virtual_name": {"type": "str"},
        "no_device": {"type": "bool"},
        "ebs": {
            "type": "dict",
            "options": {
                "encrypted": {"type": "bool"},
                "delete_on_termination": {"type": "bool"},
                "iops": {"type": "int"},
                "kms_key_id": {"type": "str"},
                "snapshot_id": {"type": "str"},
                "volume_size": {"type": "int"},
                "volume_type": {"type": "str", "choices": ["standard", "io1", "io2", "gp2", "gp3", "sc1", "st1"]},
                "throughput": {"type": "int"},
            },
        },
    },
}
GROUP = {"name": {"type": "str", "required": True}, "capacity_wait_timeout_seconds": {"type": "int"}}
INFRASTRUCTURE_OPTIONS: t.Dict[str, t.Any] = {
    "description": {"type": "str"},
    "instance_profile_name": {"type": "str"},
    "instance_types": {"type": "list", "elements": "str"},
    "subnet_id": {"type": "str"},
    "security_group_ids": {"type": "list", "elements": "str"},
    "logging": {
        "type": "dict",
        "options": {
            "s3_logs": {
                "type": "dict",
                "options": {"s3_bucket_name": {"type": "str"}, "s3_key_prefix": {"type": "str", "no_log": False}},
            }
        },
    },
    "key_pair": {"type": "str", "no_log": False},
    "terminate_instance_on_failure": {"type": "bool"},
    "terminate_instance_on_completion": {"type": "bool"},
    "sns_topic_arn": {"type": "str"},
    "resource_tags": {"type": "dict"},
    "instance_metadata_options": {
        "type": "dict",
        "options": {
            "http_tokens": {"type": "str", "choices": ["optional", "required"], "no_log": False},
            "http_put_response_hop_limit": {"type": "int"},
        },
    },
    "placement": {
        "type": "dict",
        "options": {
            "availability_zone": {"type": "str"},
            "tenancy": {"type": "str", "choices": ["default", "dedicated", "host"]},
            "host_id": {"type": "str"},
            "host_resource_group_arn": {"type": "str"},
        },
    },
    "parent_instance": {
        "type": "dict",
        "options": {"auto_scaling_group": {"type": "dict", "options": GROUP}},
    },
}
PIPELINE_OPTIONS: t.Dict[str, t.Any] = {
    "description": {"type": "str"},
    "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
    "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
    "infrastructure_configuration_arn": {"type": "str", "aliases": ["infrastructure_configuration"]},
    "distribution_configuration_arn": {"type": "str", "aliases": ["distribution_configuration"]},
    "schedule": {
        "type": "dict",
        "options": {
            "schedule_expression": {"type": "str"},
            "timezone": {"type": "str"},
            "pipeline_execution_start_condition": {
                "type": "str",
                "choices": ["EXPRESSION_MATCH_ONLY", "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"],
            },
            "auto_disable_policy": {"type": "dict", "options": {"failure_count": {"type": "int", "required": True}}},
        },
    },
    "status": {"type": "str", "choices": ["ENABLED", "DISABLED"]},
    "logging_configuration": {
        "type": "dict",
        "options": {"image_log_group_name": {"type": "str"}, "pipeline_log_group_name": {"type": "str"}},
    },
    "image_tags": {"type": "dict"},
    **BUILD_OPTIONS,
}
# How old, and what of it.
PERIOD: t.Dict[str, t.Any] = {
    "value": {"type": "int", "required": True},
    "unit": {"type": "str", "choices": ["DAYS", "WEEKS", "MONTHS", "YEARS"]},
}
EXCLUDED_AMIS: t.Dict[str, t.Any] = {
    "type": "dict",
    "options": {
        "is_public": {"type": "bool"},
        "regions": {"type": "list", "elements": "str"},
        "shared_accounts": {"type": "list", "elements": "str"},
        "last_launched": {
            "type": "dict",
            "options": {**PERIOD, "unit": {**PERIOD["unit"], "required": True}},
        },
        "tag_map": {"type": "dict"},
    },
}
LIFECYCLE_OPTIONS: t.Dict[str, t.Any] = {
    "description": {"type": "str"},
    "status": {"type": "str", "choices": ["ENABLED", "DISABLED"]},
    "execution_role": {"type": "str"},
    "resource_type": {"type": "str", "choices": ["AMI_IMAGE", "CONTAINER_IMAGE"]},
    "policy_details": {
        "type": "list",
        "elements": "dict",
        "options": {
            "action": {
                "type": "dict",
                "required": True,
                "options": {
                    "type": {"type": "str", "choices": ["DELETE", "DEPRECATE", "DISABLE"], "required": True},
                    "include_resources": {
                        "type": "dict",
                        "options": {name: {"type": "bool"} for name in ("amis", "snapshots", "containers")},
                    },
                },
            },
            "filter": {
                "type": "dict",
                "required": True,
                "options": {
                    "type": {"type": "str", "choices": ["AGE", "COUNT"], "required": True},
                    **PERIOD,
                    "retain_at_least": {"type": "int"},
                },
            },
            "exclusion_rules": {
                "type": "dict",
                "options": {"tag_map": {"type": "dict"}, "amis": EXCLUDED_AMIS},
            },
        },
    },
    "resource_selection": {
        "type": "dict",
        "options": {
            "recipes": {
                "type": "list",
                "elements": "dict",
                "options": {
                    "name": {"type": "str", "required": True},
                    "semantic_version": {"type": "str", "required": True, "aliases": ["version"]},
                },
            },
            "tag_map": {"type": "dict"},
        },
    },
}
