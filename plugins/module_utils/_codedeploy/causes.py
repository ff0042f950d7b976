# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why a group or a host cannot take a deployment: one identifier for a cause, and one remedy for it. Pure. Private.

A remedy is found by its cause and never by the words of a message: words of two causes may be alike.
"""

from __future__ import annotations

import typing as t

from ansible_collections.slipway.aws.plugins.module_utils._core.shapes import Shape
from ansible_collections.slipway.aws.plugins.module_utils._ssm import needs

# About single hosts and so about the group too.
BUNDLE_REMEDIES = {
    "platform_mismatch": "Deploy a revision for the operating system of these hosts, or remove them from the deployment group.",
    "bundle_type_unsupported": "Push the bundle as a zip.",
    "bundle_denied": "Allow the role of the instance profile s3:GetObject on the bundle (s3:GetObjectVersion for a version), and "
    "kms:Decrypt on its key. If the bucket is in another account, the policies of the bucket and the key must allow it as well.",
}
# About one host.
HOST_REMEDIES = {
    **BUNDLE_REMEDIES,
    "instance_missing": "Correct instance_ids or region.",
    "instance_stopped": "Start the instance, terminate it, or remove it from the deployment group.",
    "instance_pending": "Wait until the instance is running.",
    "instance_warm": "Select the Auto Scaling group in auto_scaling_groups instead of its instances by tags. A deployment then "
    "skips the warm pool.",
    "instance_terminated": "Deploy again: a terminated instance is no longer selected. To prevent Auto Scaling from terminating hosts "
    "during the deployment, suspend the process Terminate with ec2_deployment_options.",
    "no_instance_profile": "Attach an instance profile to the instance.",
    "ssm_unmanaged": f"Attach {needs.ROLE} to the role of the instance profile and let the SSM agent of the host reach {needs.ENDPOINTS}, "
    "or set probe to none.",
    "ssm_unreachable": f"Check that the host and its SSM agent run and that the agent reaches {needs.ENDPOINTS}; reboot the host if it hangs.",
    "agent_absent": "Install the agent with slipway.aws.install_agent or bake it into the AMI.",
    "agent_stopped": "Start the agent: systemctl enable --now codedeploy-agent (Windows: Start-Service codedeployagent).",
    "agent_old": "Update the agent with slipway.aws.install_agent or a new AMI.",
    "agent_unknown": "Check on the host whether the agent runs.",
    "on_premises": "Check on the host whether the agent runs: systemctl status codedeploy-agent (Windows: Get-Service codedeployagent).",
    "probe_none": "Set probe to command to query the hosts.",
    "probe_denied": "Allow the caller ssm:SendCommand, or set probe to inventory.",
    "probe_refused": "Check that the SSM agent of the host is registered in this account and Region.",
    "probe_silent": "Run the preflight again, and if the host still does not respond, check its SSM agent.",
    "probe_missing": "Run the preflight again.",
    "probe_unsupported": "Check on the host whether the agent runs.",
    "inventory_denied": "Allow the caller ssm:GetInventory, or set probe to command.",
    "inventory_only": "Run it without check mode to query the host itself.",
    "inventory_missing": "Configure SSM to collect inventory from the host (AWS-GatherSoftwareInventory), or set probe to command.",
}
# About what traffic is moved on.
SHIFTING_REMEDIES = {
    "alias_weighted": "Every deployment fails until the alias is on one version. Set repair_alias to true to send all traffic to the "
    "version that the alias names, and to deploy after that.",
    "version_unpublished": "Publish a version with slipway.aws.lambda_version, and let the alias point at a published version.",
    "current_version_wrong": "Correct CurrentVersion, or set lambda instead of revision, which reads it from the alias.",
    "version_missing": "Publish the version with slipway.aws.lambda_version, or correct target_version.",
    "primary_not_behind_listener": "CodeDeploy cannot start. Let the production listener forward to this target group again.",
    "task_definition_unfit": "Register a revision whose requiresCompatibilities has FARGATE, with the network mode awsvpc, cpu and memory.",
    "container_missing": "Correct container_name or container_port, or the task definition.",
    "service_missing": "Create the cluster and the service, or correct cluster, service or region.",
    "controller_wrong": "Deploy to it with what its deployment controller names.",
    "service_unreadable": "Allow the caller ecs:DescribeServices.",
    "primary_missing": "Wait until ECS has created the task set of the service.",
    "listener_missing": "Create the listener, or correct its ARN.",
    "listeners_apart": "CodeDeploy takes two listeners of one load balancer. Set a test listener of the same load balancer, or none.",
    "target_group_missing": "Create the target group, or correct its name.",
    "target_type_wrong": "Tasks with a network interface of their own need target groups of the type ip. Create the target group with that type.",
    "config_unfit": "A Network Load Balancer moves all traffic at once. Set deployment_config_name to CodeDeployDefault.ECSAllAtOnce.",
    "target_group_of_others": "Set the target group of the service and the one that is free.",
    "service_role_missing": "Create the role with the managed policy AWSCodeDeployRoleForECS, or correct its ARN.",
    "service_role_untrusting": "Let the trust policy of the role allow codedeploy.amazonaws.com sts:AssumeRole.",
    "pass_role_denied": "Allow the role iam:PassRole on it, with iam:PassedToService set to ecs-tasks.amazonaws.com; the managed policy "
    "AWSCodeDeployRoleForECS does.",
    "image_missing": "Push the image, or correct its name.",
    "scaling_active": "A deployment waits while the service scales, and fails when traffic moves at that time. Suspend scaling for the "
    "deployment: aws application-autoscaling register-scalable-target with --suspended-state.",
    "hook_missing": "Create the function in the Region of the deployment group, or correct the hook.",
}
# About the group as a whole.
GROUP_REMEDIES = {
    **BUNDLE_REMEDIES,
    "endpoints_missing": "Create these VPC endpoints, or a NAT gateway, unless the agents use a proxy. With the endpoint "
    "codedeploy-commands-secure, the agents need enable_auth_policy in their configuration (codedeploy_agent_private_network: true).",
    "no_instance_role": "Add a role to the instance profile that may read the bundle.",
    "group_missing": "Create it with slipway.aws.codedeploy_application and slipway.aws.codedeploy_deployment_group.",
    "no_instances": "Correct its tag filters or Auto Scaling groups, or launch instances; slipway.aws.codedeploy_fleet_info "
    "shows what it selects.",
    "no_host_left": "Set deployment_config_name to a configuration that allows at least one host to be deployed to, such as "
    "CodeDeployDefault.OneAtATime, which also works with a single host.",
    "too_many_hosts": "Split the group, or ask AWS to raise the quota and add too_many_hosts to ignore_problems.",
    "auto_scaling_group_missing": "Create the Auto Scaling group, or remove it from the deployment group.",
    "auto_scaling_group_recreated": "Run slipway.aws.codedeploy_deployment_group with repair_launch_hooks: true, then deploy to the "
    "instances that were launched without a revision.",
    "launch_hook_missing": "No revision is deployed to new instances. Run slipway.aws.codedeploy_deployment_group with repair_launch_hooks: true.",
    "termination_hook_missing": "Instances are terminated without a termination deployment. Run slipway.aws.codedeploy_deployment_group with "
    "repair_launch_hooks: true.",
    "process_suspended": "Resume the processes when they no longer need to be suspended: aws autoscaling resume-processes.",
    "warm_pool": "Nothing to do while the launch hook exists: each host gets the revision of the group when it is put in service.",
    "bundle_missing": "Push the bundle with slipway.aws.codedeploy_revision and deploy the revision that it returns.",
    "bundle_changed": "Push the bundle again and deploy the revision that slipway.aws.codedeploy_revision returns.",
    "bundle_unreadable": "Push the bundle again, and check bundle_type.",
    "bucket_region": "Push the bundle to a bucket in the Region of the hosts.",
    "appspec_missing": "Add a file with exactly the name appspec.yml to the root of the bundle, and push it again.",
    "appspec_invalid": "Correct appspec.yml and push the bundle again.",
    "alarm_on": "Wait until the alarm leaves this state, or set override_alarm_configuration with enabled: false to deploy a fix.",
    "alarm_missing": "Correct the name in the alarm configuration of the group (an alarm has to be in the Region of the group), "
    "create the alarm, or set ignore_poll_alarm_failure.",
    "alarm_unreadable": "Allow the caller cloudwatch:DescribeAlarms; the service role of the group needs it too.",
    **SHIFTING_REMEDIES,
    "instance_refresh": "It would replace hosts during the deployment, and the new hosts would get the old revision. Wait until "
    "it has finished or cancel it, or suspend the process InstanceRefresh with ec2_deployment_options.",
}
# Causes that block and that the user may know better about.
IGNORABLE = (
    "too_many_hosts",
    "no_host_left",
    "alarm_on",
    "alarm_missing",
    "auto_scaling_group_missing",
    "platform_mismatch",
    "bundle_type_unsupported",
    "bundle_denied",
    "bundle_missing",
    "bundle_changed",
    "bundle_unreadable",
    "bucket_region",
    "appspec_missing",
    "appspec_invalid",
    "hook_missing",
)


def problem(cause: str, message: str, blocks: bool = False) -> Shape:
    """Something about the group as a whole; `blocks` when a deployment is known to fail by it."""
    return {"cause": cause, "message": message, "remedy": GROUP_REMEDIES[cause], "blocks": blocks}


def ignoring(problems: t.Iterable[Shape], ignored: t.Iterable[str] | None) -> list[Shape]:
    """Problems of which those that the user knows better about do not block."""
    known = set(ignored or [])
    return [{**one, "blocks": one["blocks"] and one["cause"] not in known} for one in problems]


def blocking(problems: t.Iterable[Shape]) -> list[Shape]:
    return [one for one in problems if one["blocks"]]


def way_through(problems: t.Iterable[Shape]) -> str:
    """How to go on where what is known here is wrong; empty when one of the problems leaves no way."""
    causes = list(dict.fromkeys(one["cause"] for one in problems))
    if not set(causes) <= set(IGNORABLE):
        return ""
    return f"To ignore this, set ignore_problems: [{', '.join(causes)}]."


def in_words(problems: t.Sequence[Shape]) -> list[str]:
    """Sentences: every message, then each different remedy once."""
    return [*messages(problems), *dict.fromkeys(one["remedy"] for one in problems)]


def messages(problems: t.Iterable[Shape]) -> list[str]:
    """A sentence for each problem."""
    said = (f"{one['message'].rstrip('.')}." for one in problems)
    return [text[0].upper() + text[1:] for text in said]
