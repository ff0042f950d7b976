# Copyright (c) 2026 Slipway contributors
# SPDX-License-Identifier: GPL-3.0-or-later

"""usage: leftovers.py PREFIX: what is in the account and Region of the environment under names that integration targets gave."""

from __future__ import annotations

import os
import sys
from typing import Any

import boto3

# Service, operation, where the names are in its answer, and what else it is asked.
LOOKS: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("autoscaling", "describe_auto_scaling_groups", "AutoScalingGroups[].AutoScalingGroupName", {}),
    ("codedeploy", "list_applications", "applications[]", {}),
    ("codedeploy", "list_deployment_configs", "deploymentConfigsList[]", {}),
    ("ec2", "describe_images", "Images[].Name", {"Owners": ["self"]}),
    ("ec2", "describe_instances", "Reservations[].Instances[?State.Name!='terminated'][].Tags[].Value", {}),
    ("ec2", "describe_launch_templates", "LaunchTemplates[].LaunchTemplateName", {}),
    ("ec2", "describe_snapshots", "Snapshots[].Tags[].Value", {"OwnerIds": ["self"]}),
    ("ecs", "list_task_definitions", "taskDefinitionArns[]", {"status": "ACTIVE"}),
    ("elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerName", {}),
    ("elbv2", "describe_target_groups", "TargetGroups[].TargetGroupName", {}),
    ("iam", "list_instance_profiles", "InstanceProfiles[].InstanceProfileName", {}),
    ("iam", "list_roles", "Roles[].RoleName", {}),
    ("imagebuilder", "list_components", "componentVersionList[].name", {}),
    ("imagebuilder", "list_distribution_configurations", "distributionConfigurationSummaryList[].name", {}),
    ("imagebuilder", "list_image_pipelines", "imagePipelineList[].name", {}),
    ("imagebuilder", "list_image_recipes", "imageRecipeSummaryList[].name", {}),
    ("imagebuilder", "list_images", "imageVersionList[].name", {}),
    ("imagebuilder", "list_infrastructure_configurations", "infrastructureConfigurationSummaryList[].name", {}),
    ("lambda", "list_functions", "Functions[].FunctionName", {}),
    ("logs", "describe_log_groups", "logGroups[].logGroupName", {"logGroupNamePrefix": "/aws/imagebuilder/"}),
    ("s3", "list_buckets", "Buckets[].Name", {}),
)


def leftovers(prefix: str, **connection: str) -> list[str]:
    """Each by the operation that shows it, and its name."""
    found = []
    session: Any = boto3.Session()  # its stubs know no service by a variable
    for service, operation, path, question in LOOKS:
        pages = session.client(service, **connection).get_paginator(operation)
        names = {str(name) for name in pages.paginate(**question).search(path) if name}
        found += [f"{service} {operation}: {name}" for name in sorted(names) if prefix in name]
    return found


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not arguments[0]:
        print(__doc__, file=sys.stderr)
        return 2
    found = leftovers(arguments[0], region_name=os.environ["AWS_DEFAULT_REGION"])
    print("\n".join(found) or f"There is nothing with {arguments[0]} in its name.")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
