#!/usr/bin/python
# Copyright (c) 2026 Slipway contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codedeploy_preflight
short_description: Check whether hosts are ready for an AWS CodeDeploy deployment
version_added: 1.0.0
description:
  - Check every host that a deployment group selects, or that your own selection would select, before anything is deployed. The task
    fails when a host is not ready, and names the host and the reason.
  - CodeDeploy has no API operation that returns whether the agent of a host is running. A deployment to a host without a running
    agent shows no progress for five minutes and then fails with a message about something else. With C(CodeDeployDefault.AllAtOnce)
    it may even succeed. Therefore this module queries the hosts by SSM Run Command, with a fixed script that changes nothing on
    them.
  - Other known causes of failed deployments are returned in RV(preflight.problems). These include an instance refresh in progress,
    more hosts than AWS accepts in one deployment, a deployment configuration that leaves no host to deploy to, and an alarm of the
    deployment group that is in the C(ALARM) state or does not exist.
  - Options of a deployment, such as O(revision) or O(override_alarm_configuration), determine what is checked. Set them to the same
    values as in the task that deploys with M(slipway.aws.codedeploy_deployment).
author:
  - Slipway contributors (@slipway-aws)
options:
  probe:
    description:
      - How to check the CodeDeploy agent of a host.
      - V(command) sends a command to the hosts. In check mode it does the same as V(inventory).
      - V(inventory) reads the SSM inventory, which is up to half an hour old and only shows that the agent was installed.
      - V(none) does not check the agent. A host without any other known problem is then V(unknown).
      - An on-premises instance is always V(unknown), because no AWS service tells whether its agent is running.
    type: str
    choices: [command, inventory, none]
    default: command
  fail_on:
    description:
      - When the task fails. V(not_ready) fails when a host is not ready or a problem of RV(preflight.problems) blocks.
      - V(unknown) also fails when the state of a host is unknown.
      - V(never) does not fail, and only returns the verdict.
    type: str
    choices: [never, not_ready, unknown]
    default: not_ready
  minimum_agent_version:
    description:
      - The oldest version of the CodeDeploy agent that is accepted. A host with an older agent is not ready. CodeDeploy supports
        V(1.6.0) and newer.
    type: str
    default: 1.6.0
  document_name:
    description:
      - Name of the SSM document that checks the agent of a Linux host. The document V(AWS-RunShellScript) runs the script of this
        module.
      - If you are not allowed to use that document, specify a document of your own. It is sent without parameters and must print
        one line, which consists of C(running), C(stopped) or C(absent), a space, and the version. The notes show the
        content of such a document.
    type: str
    default: AWS-RunShellScript
  windows_document_name:
    description:
      - Name of the SSM document that checks the agent of a Windows host. The document V(AWS-RunPowerShellScript) runs the script of
        this module.
      - If you are not allowed to use that document, specify a document of your own, as with O(document_name). If one document has a
        step for each platform, it can be set in both options. One command can then reach hosts of both platforms.
    type: str
    default: AWS-RunPowerShellScript
  probe_max_age:
    description:
      - Maximum age of the response to an earlier preflight, in seconds, for the host not to be queried again. SSM keeps the
        responses, so it does not matter where the earlier preflight ran. V(0) always queries every host.
      - Only a response that a sufficiently new version of the agent is running is used again. A host whose agent was absent,
        stopped or too old is always queried again.
      - A response is not used again if the instance was started after it, or if the SSM agent of the host contacted SSM after it,
        which happens after a reboot and otherwise every five minutes. Values above V(300) therefore make no difference.
    type: int
    default: 60
  wait_timeout:
    description:
      - Maximum time to wait for the responses of the hosts, in seconds. A host that has not responded by then is V(unknown).
    type: int
    default: 300
  wait_delay:
    description:
      - Maximum time between two status checks, in seconds.
    type: int
    default: 15
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - slipway.aws._fleet.selection
  - slipway.aws._deployment.foreseen
  - slipway.aws._options.follow
  - slipway.aws._options.role
  - slipway.aws._attributes.act
notes:
  - If O(revision) is in S3, its AppSpec file is read without downloading the bundle, which requires C(s3:GetObject). The
    permissions of the roles of the hosts are read from IAM, which requires C(iam:GetInstanceProfile) and
    C(iam:SimulatePrincipalPolicy). A tar archive is only read if it is at most 16 MiB in size. If a permission is missing, the
    bundle is not checked.
  - The check of the alarms of a deployment group requires C(cloudwatch:DescribeAlarms). The check of its Auto Scaling groups
    requires C(autoscaling:DescribeLifecycleHooks), C(autoscaling:DescribeWarmPool) and C(autoscaling:DescribeAutoScalingInstances).
    A warning says what could not be read.
  - For running hosts without a public IP address, the route tables and VPC endpoints of their VPC are read, which requires
    C(ec2:DescribeRouteTables) and C(ec2:DescribeVpcEndpoints). If hosts have no route to the internet and endpoints that their agents need
    are missing, a warning names these. It does not fail the task, because hosts can use a proxy. Without the permissions, this is not checked.
  - The task prints the problems of the deployment group and then one line for each host, at most 50, even when the task fails. The
    result that Ansible prints for a failed task is short. The notes of M(slipway.aws.codedeploy_deployment) say when it is
    complete.
  - In check mode no command is sent. A host whose agent is absent or too old according to the SSM inventory is then V(unknown), and
    the task does not fail because of it.
  - The module changes nothing, so it never reports C(changed). It is not an C(_info) module because it sends a command.
  - If SSM can target the selected hosts by tags and all of them have the same platform, one command is sent, regardless of the
    number of hosts. This applies to selections by one or several tags, each with up to five values, and to Auto Scaling groups. For
    other selections one command is sent for every 50 hosts of each platform.
  - "A document of your own for Linux has the type C(Command) and this content: C({'schemaVersion': '2.2', 'mainSteps': [{'action':
    'aws:runShellScript', 'name': 'probe', 'inputs': {'timeoutSeconds': '30', 'runCommand': [script]}}]}). The script is"
  - 'C(if ! [ -e /opt/codedeploy-agent ]; then echo "absent -"; exit 4; fi)'
  - 'C(version=$(cat /opt/codedeploy-agent/.version 2>/dev/null || echo unknown))'
  - 'C(if systemctl is-active --quiet codedeploy-agent; then echo "running $version"; exit 0; fi)'
  - 'C(echo "stopped $version"; exit 3)'
  - "A document of your own for Windows has the action C(aws:runPowerShellScript). The script is"
  - 'V($service = Get-Service -Name codedeployagent -ErrorAction SilentlyContinue)'
  - 'V(if (-not $service\) { Write-Output "absent -"; exit 4 })'
  - 'V($version = "unknown")'
  - 'V($file = Join-Path $env:ProgramData "Amazon\\CodeDeploy\\.version")'
  - 'V(if (Test-Path $file\) { $version = Get-Content $file -TotalCount 1 })'
  - 'V(if ($service.Status -eq "Running"\) { Write-Output "running $version"; exit 0 })'
  - 'V(Write-Output "stopped $version"; exit 3)'
seealso:
  - module: slipway.aws.codedeploy_fleet_info
  - module: slipway.aws.codedeploy_deployment
  - name: Troubleshoot EC2 deployments
    description: The AWS documentation about the errors that a missing agent causes.
    link: https://docs.aws.amazon.com/codedeploy/latest/userguide/troubleshooting-deployments.html
"""

EXAMPLES = r"""
- name: Check that every production host is ready for a deployment
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production

- name: Check whether a fix can be deployed to half of the hosts at a time while an alarm is active
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production
    deployment_config_name: CodeDeployDefault.HalfAtATime
    override_alarm_configuration:
      enabled: false

- name: Check the hosts without sending a command, and do not fail
  slipway.aws.codedeploy_preflight:
    application_name: storefront
    deployment_group_name: production
    probe: inventory
    fail_on: never
  register: checked

- name: Check the hosts of an Auto Scaling group with a custom SSM document
  slipway.aws.codedeploy_preflight:
    auto_scaling_groups: [storefront]
    document_name: CodeDeployAgentProbe
    minimum_agent_version: 1.8.0
    fail_on: unknown
"""

RETURN = r"""
preflight:
  description: The result of the checks.
  returned: when the selection could be read
  type: dict
  contains:
    verdict:
      description:
        - V(not_ready) when a host is not ready or a problem of RV(preflight.problems) blocks. Otherwise V(unknown) when the state
          of a host is unknown. Otherwise V(ready).
      type: str
      sample: not_ready
    ready:
      description: IDs of the hosts that are ready.
      type: list
      elements: str
      sample: [i-0123456789abcdef0]
    not_ready:
      description: The hosts that are not ready.
      type: list
      elements: dict
      contains:
        id:
          description: ID of the instance.
          type: str
          sample: i-0123456789abcdef1
        name:
          description: Value of the tag C(Name) of the instance.
          type: str
        private_ip_address:
          description: Private IP address of the instance.
          type: str
          sample: 10.0.0.5
        reason:
          description: Why the host is not ready.
          type: str
          sample: the CodeDeploy agent is not installed
        cause:
          description: Identifier of the reason.
          type: str
          sample: agent_absent
        remedy:
          description: How to fix the problem.
          type: str
          sample: Install the agent with slipway.aws.install_agent or bake it into the AMI.
    unknown:
      description: The hosts whose state is unknown, and the reasons, in the form of RV(preflight.not_ready).
      type: list
      elements: dict
    problems:
      description: Problems with the deployment as a whole. A problem that blocks makes the verdict V(not_ready).
      type: list
      elements: dict
      returned: always
      contains:
        cause:
          description: Identifier of the cause, such as V(no_host_left), V(instance_refresh) or V(alarm_on).
          type: str
          sample: no_host_left
        message:
          description: What is wrong, with the names of what is affected.
          type: str
          sample: 6 of 6 hosts must stay healthy, which leaves none to deploy to
        remedy:
          description: How to fix the problem.
          type: str
        blocks:
          description: Whether a deployment is known to fail because of the problem.
          type: bool
          sample: true
    instance_refreshes:
      description: The instance refreshes that are in progress in Auto Scaling groups of the hosts.
      type: list
      elements: dict
    probe:
      description: How the agents were actually checked, as a value of O(probe).
      type: str
      sample: command
    probes:
      description:
        - Number of read-only commands that were sent. It is 0 when every host had responded to an earlier preflight shortly before.
      type: int
      sample: 1
hosts:
  description: The hosts, in the form of RV(slipway.aws.codedeploy_fleet_info#module:hosts), each with a verdict.
  returned: when the selection could be read
  type: list
  elements: dict
  contains:
    agent:
      description: What is known about the CodeDeploy agent of the host.
      type: dict
      contains:
        status:
          description: V(running), V(stopped), V(absent) or V(installed). Null when it is not known.
          type: str
          sample: running
        version:
          description: Version of the agent.
          type: str
          sample: 1.8.1
        source:
          description: V(command) or V(inventory). Null when nothing is known.
          type: str
          sample: command
        captured_at:
          description:
            - When the inventory was collected, or when the host responded to an earlier preflight. Null when the host was queried
              by this task.
          type: str
        problem:
          description: Why nothing is known about the agent.
          type: str
    revision:
      description: The revision that the last deployments of the deployment group brought to the host. Null when none did.
      type: dict
      returned: when a deployment group is selected
    verdict:
      description: Result of the checks of the host, V(ready), V(not_ready) or V(unknown).
      type: str
      sample: ready
    reason:
      description: The reason for the verdict.
      type: str
      sample: the CodeDeploy agent 1.8.1 is running
    cause:
      description: Identifier of the reason. Null for a host that is ready.
      type: str
    remedy:
      description: How to fix the problem. Null for a host that is ready.
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.agent import MINIMUM
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.deployments.task import FORESEEN_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.preflight.task import LEVELS, PROBES, run
from ansible_collections.slipway.aws.plugins.module_utils._codedeploy.survey import SELECTION_OPTIONS, SELECTION_RULES
from ansible_collections.slipway.aws.plugins.module_utils._core.client import ROLE_OPTIONS
from ansible_collections.slipway.aws.plugins.module_utils._core.waiting import FOLLOW_OPTION
from ansible_collections.slipway.aws.plugins.module_utils._ssm.commands import POWERSHELL_DOCUMENT, SHELL_DOCUMENT

ARGUMENT_SPEC = {
    **SELECTION_OPTIONS,
    **FORESEEN_OPTIONS,
    "probe": {"type": "str", "choices": PROBES, "default": "command"},
    "fail_on": {"type": "str", "choices": LEVELS, "default": "not_ready"},
    "minimum_agent_version": {"type": "str", "default": MINIMUM},
    "document_name": {"type": "str", "default": SHELL_DOCUMENT},
    "windows_document_name": {"type": "str", "default": POWERSHELL_DOCUMENT},
    "probe_max_age": {"type": "int", "default": 60},
    "wait_timeout": {"type": "int", "default": 300},
    "wait_delay": {"type": "int", "default": 15},
    **FOLLOW_OPTION,
    **ROLE_OPTIONS,
}


def main() -> None:
    run(AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, **SELECTION_RULES))


if __name__ == "__main__":
    main()
